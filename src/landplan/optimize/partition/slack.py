"""Moving surplus land through chains of sites until there is enough of it for one more site.

A site that has more than ``area_min`` has slack. Land flows from site to site towards a chosen one:
each gives away a parcel, or swaps a larger for a smaller one, as long as it keeps ``area_min``
(kernels). Where enough has come together, the chosen site is cut in two.
"""

import numpy as np
from numba import njit

from landplan.optimize.partition.problem import IntArray
from landplan.optimize.partition.state import (
    NONE,
    Fabric,
    Sites,
    below,
    kernel,
    move,
    removable,
    tolerated,
    touches,
)
from landplan.optimize.partition.trees import split


@kernel
def pour(fabric: Fabric, sites: Sites, giver: int, taker: int, low: int, work: IntArray) -> int:
    """Let one site give another beside it as much as it can spare; return how much, dm².

    The largest possible step is made first: a parcel given, or two parcels swapped.
    """
    poured = 0
    while sites.area[giver] > low:
        spare = sites.area[giver] - low
        mine = _border(fabric, sites, giver, taker, work[4])
        gain, v, u = _largest_gift(fabric, sites, taker, mine, spare, work[4])
        if gain < spare:
            theirs = _border(fabric, sites, taker, giver, work[5])
            gain, v, u = _largest_swap(
                fabric, sites, giver, taker, (mine, theirs), (spare, gain, v), work
            )
        if v == NONE:
            break
        move(fabric, sites, v, taker)
        if u != NONE:
            move(fabric, sites, u, giver)
        poured += gain
    return poured


@kernel
def _border(fabric: Fabric, sites: Sites, site: int, other: int, found: IntArray) -> int:
    """List the atoms of a site that touch another; return how many."""
    count = 0
    v = sites.head[site]
    while v != NONE:
        if touches(fabric, sites, v, other, NONE):
            found[count] = v
            count += 1
        v = sites.after[v]
    return count


@kernel
def _largest_gift(
    fabric: Fabric, sites: Sites, taker: int, mine: int, spare: int, border: IntArray
) -> tuple[int, int, int]:
    """Find the largest atom that can be given whole: area, atom, -1."""
    best, chosen = 0, NONE
    for i in range(mine):
        v = border[i]
        if (
            best < fabric.area[v] <= spare
            and tolerated(fabric, sites, v, taker, NONE)
            and removable(fabric, sites, v)
        ):
            best, chosen = fabric.area[v], v
    return best, chosen, NONE


@kernel
def _largest_swap(
    fabric: Fabric,
    sites: Sites,
    giver: int,
    taker: int,
    counts: tuple[int, int],
    so_far: tuple[int, int, int],
    work: IntArray,
) -> tuple[int, int, int]:
    """Find the swap that gives most, if it gives more than what is known so far."""
    mine, theirs = counts
    spare, best, chosen = so_far
    back = NONE
    state = work[6]
    for j in range(theirs):
        state[j] = -1
    for i in range(mine):
        v = work[4][i]
        may_leave = -1
        for j in range(theirs):
            u = work[5][j]
            gain = fabric.area[v] - fabric.area[u]
            if gain <= best or gain > spare or state[j] == 0:
                continue
            if may_leave < 0:
                may_leave = int(removable(fabric, sites, v))
            if may_leave == 0:
                break
            if state[j] < 0:
                state[j] = int(removable(fabric, sites, u))
            if (
                state[j] == 1
                and touches(fabric, sites, v, taker, u)
                and touches(fabric, sites, u, giver, v)
                and tolerated(fabric, sites, v, taker, u)
                and tolerated(fabric, sites, u, giver, v)
            ):
                best, chosen, back = gain, v, u
    return best, chosen, back


@kernel
def _gather(
    fabric: Fabric, sites: Sites, root: int, wanted: int, low: int, most: int, work: IntArray
) -> tuple[int, int]:
    """List sites around one, near ones first, until their slack is ``wanted``; also who led there.

    Returns how many sites, and their slack. ``work[0]`` holds the sites, ``work[1]`` the site that
    each was reached from; ``work[7]`` marks sites that were seen.
    """
    order, parent, seen = work[0], work[1], work[7]
    sites.stamp[0] += 2
    stamp = sites.stamp[0]
    order[0] = root
    parent[0] = NONE
    seen[root] = stamp
    count, at, slack = 1, 0, sites.area[root] - low
    while at < count and slack < wanted and count < most:
        site = order[at]
        v = sites.head[site]
        while v != NONE and slack < wanted and count < most:
            for k in range(fabric.start[v], fabric.start[v + 1]):
                other = sites.label[fabric.to[k]]
                if other != NONE and seen[other] != stamp:
                    seen[other] = stamp
                    order[count] = other
                    parent[count] = site
                    count += 1
                    slack += sites.area[other] - low
                    if slack >= wanted or count >= most:
                        break
            v = sites.after[v]
        at += 1
    return count, slack


@njit(cache=True)
def concentrate(
    fabric: Fabric, sites: Sites, low: int, attempts: int, most: int, tries: int, target: int
) -> tuple[int, int]:
    """Gather slack around random sites and cut one more site wherever it suffices.

    Parameters
    ----------
    fabric, sites, low
        The plan, which is changed, and the least area of a site.
    attempts, most, tries
        How often to gather, from how many sites at most, and how many trees to cut in one site.
    target
        Stop at this number of sites.

    Returns
    -------
    tuple
        Number of sites gained, and number of attempts made.
    """
    n = max(len(fabric.area), len(sites.area))
    work = np.zeros((8, n + 1), np.int64)
    gained, made = 0, 0
    while made < attempts and sites.total[0] < target and sites.total[0] > 0:
        made += 1
        root = _pick(sites)
        margin = low + low // 50
        count, slack = _gather(fabric, sites, root, margin, low, most, work)
        if slack < low:
            continue
        for i in range(count - 1, 0, -1):
            pour(fabric, sites, work[0][i], work[1][i], low, work)
        if split(fabric, sites, root, low, tries, work):
            gained += 1
    return gained, made


@kernel
def _pick(sites: Sites) -> int:
    """Pick the site with most slack of a few random ones."""
    best = below(sites.dice, sites.total[0])
    for _ in range(3):
        other = below(sites.dice, sites.total[0])
        if sites.area[other] > sites.area[best]:
            best = other
    return best
