"""A plan that is being worked on: parcels by site as linked lists, and the moves that keep it one.

Sites are numbered 0 … in `Sites.area`; a parcel in no site has the label -1. All kernels share
these primitives; none of them allocates.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from landplan.optimize.partition.problem import IntArray

NONE = -1

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def kernel(function: Kernel) -> Kernel:
    """Compile a function that makes no arrays.

    Otherwise numba would count references to every array of the tuples below whenever one kernel
    calls another, which takes ten times as long as the calls themselves.
    """
    # an option that numba's types leave out
    options: dict[str, Any] = {"cache": True, "_nrt": False}
    return cast(Kernel, njit(**options)(function))


class Fabric(NamedTuple):
    """Atoms (parcels, or groups that stay together) as a graph.

    Neighbours of atom v are ``to[start[v]:start[v + 1]]``, atoms that must not share a site with it
    ``foe[foe_start[v]:foe_start[v + 1]]``; ``area`` [n] dm².
    """

    start: IntArray
    to: IntArray
    area: IntArray
    foe_start: IntArray
    foe: IntArray


class Sites(NamedTuple):
    """Who is in which site, with work arrays.

    ``label`` [n]; ``area`` and ``size`` by site; ``head`` the first atom of a site, ``after`` and
    ``before`` the links of its list; ``total`` [1] the number of sites; ``mark`` [n] with ``stamp``
    [1] for visits; ``stack`` [n]; ``dice`` [1] the state of the random numbers.
    """

    label: IntArray
    area: IntArray
    size: IntArray
    head: IntArray
    after: IntArray
    before: IntArray
    total: IntArray
    mark: IntArray
    stamp: IntArray
    stack: IntArray
    dice: NDArray[np.uint64]


def new_sites(n: int, most: int, seed: int) -> Sites:
    """Return a plan without sites over n atoms, for at most ``most`` sites."""
    return Sites(
        np.full(n, NONE, np.int64),
        np.zeros(most, np.int64),
        np.zeros(most, np.int64),
        np.full(most, NONE, np.int64),
        np.full(n, NONE, np.int64),
        np.full(n, NONE, np.int64),
        np.zeros(1, np.int64),
        np.zeros(n, np.int64),
        np.zeros(1, np.int64),
        np.empty(n + 1, np.int64),
        np.array([seed * 2_654_435_769 + 88_172_645_463_325_252], np.uint64),
    )


@kernel
def roll(dice: NDArray[np.uint64]) -> np.uint64:
    """Return the next random number (xorshift64*, Vigna 2016)."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return np.uint64(x * np.uint64(2_685_821_657_736_338_717))


@kernel
def below(dice: NDArray[np.uint64], k: int) -> int:
    """Return a random whole number in [0, k), k < 2³²; a product is faster than a remainder."""
    scaled = (roll(dice) >> np.uint64(32)) * np.uint64(k)
    # numba's int() would keep it unsigned
    return np.int64(scaled >> np.uint64(32))  # type: ignore[return-value]


@kernel
def chance(dice: NDArray[np.uint64]) -> float:
    """Return a random number in [0, 1)."""
    return float(roll(dice) >> np.uint64(11)) / 9_007_199_254_740_992.0


@kernel
def attach(fabric: Fabric, sites: Sites, v: int, site: int) -> None:
    """Put an atom that is in no site into one."""
    first = sites.head[site]
    sites.label[v] = site
    sites.after[v] = first
    sites.before[v] = NONE
    if first >= 0:
        sites.before[first] = v
    sites.head[site] = v
    sites.area[site] += fabric.area[v]
    sites.size[site] += 1


@kernel
def detach(fabric: Fabric, sites: Sites, v: int) -> None:
    """Take an atom out of its site."""
    site, after, before = sites.label[v], sites.after[v], sites.before[v]
    if before >= 0:
        sites.after[before] = after
    else:
        sites.head[site] = after
    if after >= 0:
        sites.before[after] = before
    sites.label[v] = NONE
    sites.area[site] -= fabric.area[v]
    sites.size[site] -= 1


@kernel
def move(fabric: Fabric, sites: Sites, v: int, site: int) -> None:
    """Move an atom from its site to another."""
    detach(fabric, sites, v)
    attach(fabric, sites, v, site)


@kernel
def touches(fabric: Fabric, sites: Sites, v: int, site: int, but: int) -> bool:
    """Whether an atom has a neighbour in a site, other than ``but``."""
    for k in range(fabric.start[v], fabric.start[v + 1]):
        u = fabric.to[k]
        if sites.label[u] == site and u != but:
            return True
    return False


@kernel
def tolerated(fabric: Fabric, sites: Sites, v: int, site: int, but: int) -> bool:
    """Whether a site holds nothing that must stay apart from an atom, ``but`` not counted."""
    for k in range(fabric.foe_start[v], fabric.foe_start[v + 1]):
        u = fabric.foe[k]
        if sites.label[u] == site and u != but:
            return False
    return True


@kernel
def removable(fabric: Fabric, sites: Sites, v: int) -> bool:
    """Whether the rest of an atom's site is not empty and still one piece without it."""
    site = sites.label[v]
    sites.stamp[0] += 2
    wanted, seen = sites.stamp[0], sites.stamp[0] + 1
    missing, first = 0, NONE
    for k in range(fabric.start[v], fabric.start[v + 1]):
        u = fabric.to[k]
        if sites.label[u] == site and u != v and sites.mark[u] != wanted:
            sites.mark[u] = wanted
            missing += 1
            first = u
    if missing <= 1:
        return missing == 1
    stack, mark = sites.stack, sites.mark
    stack[0] = first
    mark[first] = seen
    mark[v] = seen
    missing -= 1
    top = 1
    while top > 0:
        top -= 1
        u = stack[top]
        for k in range(fabric.start[u], fabric.start[u + 1]):
            w = fabric.to[k]
            if sites.label[w] != site or mark[w] == seen:
                continue
            if mark[w] == wanted:
                missing -= 1
                if missing == 0:
                    return True
            mark[w] = seen
            stack[top] = w
            top += 1
    return False
