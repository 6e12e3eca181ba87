"""Making sites more alike inside, or more compact, at a fixed number (kernels).

Simulated annealing: a move gives a parcel at a border to the site beside it, or swaps two parcels;
it keeps the range of areas, contiguity, and what must stay apart. Heterogeneity is the sum over
pairs of absolute differences; compactness the moment of area about the centroid, kept by sums, so
that a move costs no more in a large site than in a small one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from landplan.optimize.partition.problem import FloatArray, IntArray
from landplan.optimize.partition.state import (
    NONE,
    Fabric,
    Sites,
    below,
    chance,
    kernel,
    move,
    removable,
    tolerated,
    touches,
)

WINDOW, STAY = 4_000, 16_000
"""Atoms among which moves are drawn for a while, and for how many moves: what fits into a cache."""
IntTable = NDArray[np.int64]


class Likeness(NamedTuple):
    """What a site should be like.

    ``attribute`` [n, d] by atom (its mean), ``weight`` [n] its number of parcels; without a column
    the moment counts, from ``xy`` [n, 2] and the sums ``first`` [sites, 2] of area times place.
    """

    attribute: IntTable
    weight: IntArray
    xy: FloatArray
    first: FloatArray


@kernel
def _pairs(likeness: Likeness, sites: Sites, v: int, site: int, but: int) -> float:
    """Return what an atom differs from all of a site, ``but`` and itself left out."""
    attribute, weight = likeness.attribute, likeness.weight
    columns = attribute.shape[1]
    total = 0
    u = sites.head[site]
    while u != NONE:
        if u != v and u != but:
            apart = 0
            for d in range(columns):
                apart += abs(attribute[u, d] - attribute[v, d])
            total += apart * weight[u]
        u = sites.after[u]
    return float(total * weight[v])


@kernel
def _saved(area: float, x: float, y: float) -> float:
    """Return the part of the moment that its centroid saves: |first moment|² / area."""
    return (x * x + y * y) / area if area > 0 else 0.0


@kernel
def _moment_change(
    likeness: Likeness, fabric: Fabric, sites: Sites, v: int, u: int, a: int, b: int
) -> float:
    """Return the change of the moment when v goes from a to b and u (if any) back."""
    first, xy = likeness.first, likeness.xy
    shift = float(fabric.area[v])
    dx, dy = shift * xy[v, 0], shift * xy[v, 1]
    if u != NONE:
        shift -= float(fabric.area[u])
        dx -= fabric.area[u] * xy[u, 0]
        dy -= fabric.area[u] * xy[u, 1]
    area_a, area_b = float(sites.area[a]), float(sites.area[b])
    before = _saved(area_a, first[a, 0], first[a, 1]) + _saved(area_b, first[b, 0], first[b, 1])
    after = _saved(area_a - shift, first[a, 0] - dx, first[a, 1] - dy)
    after += _saved(area_b + shift, first[b, 0] + dx, first[b, 1] + dy)
    return before - after


@kernel
def _change(
    likeness: Likeness, fabric: Fabric, sites: Sites, v: int, u: int, a: int, b: int
) -> float:
    """Return by how much the plan gets worse when v goes from a to b and u (if any) back."""
    if likeness.attribute.shape[1] == 0:
        return _moment_change(likeness, fabric, sites, v, u, a, b)
    worse = _pairs(likeness, sites, v, b, u) - _pairs(likeness, sites, v, a, u)
    if u != NONE:
        worse += _pairs(likeness, sites, u, a, v) - _pairs(likeness, sites, u, b, v)
    return worse


@kernel
def _propose(
    fabric: Fabric, sites: Sites, low: int, high: int, first: int, window: int
) -> tuple[int, int, int]:
    """Draw a move that keeps the range of areas: parcel, parcel in return (or -1), site.

    The parcel is one of ``window`` from ``first`` on.
    """
    dice = sites.dice
    v = first + below(dice, window)
    if v >= len(fabric.area):
        v -= len(fabric.area)
    a = sites.label[v]
    ways = fabric.start[v + 1] - fabric.start[v]
    if a == NONE or ways == 0 or sites.size[a] == 1:
        return NONE, NONE, NONE
    u = fabric.to[fabric.start[v] + below(dice, ways)]
    b = sites.label[u]
    if b < 0 or b == a:
        return NONE, NONE, NONE
    area_a, area_b = sites.area[a] - fabric.area[v], sites.area[b] + fabric.area[v]
    if area_a >= low and area_b <= high:
        return v, NONE, b
    if below(dice, 2):
        u = fabric.to[fabric.start[u] + below(dice, fabric.start[u + 1] - fabric.start[u])]
    if sites.label[u] != b or sites.size[b] == 1:
        return NONE, NONE, NONE
    area_a, area_b = area_a + fabric.area[u], area_b - fabric.area[u]
    if low <= area_a <= high and low <= area_b <= high:
        return v, u, b
    return NONE, NONE, NONE


@kernel
def _keeps_whole(fabric: Fabric, sites: Sites, v: int, u: int, b: int) -> bool:
    """Whether both sites stay one piece and tolerate what they get."""
    a = sites.label[v]
    if not tolerated(fabric, sites, v, b, u) or not removable(fabric, sites, v):
        return False
    if u == NONE:
        return True
    return (
        touches(fabric, sites, v, b, u)
        and touches(fabric, sites, u, a, v)
        and tolerated(fabric, sites, u, a, v)
        and removable(fabric, sites, u)
    )


@kernel
def _make(likeness: Likeness, fabric: Fabric, sites: Sites, v: int, u: int, b: int) -> None:
    a = sites.label[v]
    first, xy, area = likeness.first, likeness.xy, fabric.area
    for axis in range(2):
        shift = area[v] * xy[v, axis]
        if u != NONE:
            shift -= area[u] * xy[u, axis]
        first[a, axis] -= shift
        first[b, axis] += shift
    move(fabric, sites, v, b)
    if u != NONE:
        move(fabric, sites, u, a)


@kernel
def typical_change(
    likeness: Likeness, fabric: Fabric, sites: Sites, low: int, high: int, trials: int
) -> float:
    """Return the mean size of the change that a possible move makes; 0 where none was drawn."""
    total, count = 0.0, 0
    for _ in range(trials):
        v, u, b = _propose(fabric, sites, low, high, 0, len(fabric.area))
        if v != NONE:
            total += abs(_change(likeness, fabric, sites, v, u, sites.label[v], b))
            count += 1
    return total / count if count else 0.0


@kernel
def anneal(
    likeness: Likeness,
    fabric: Fabric,
    sites: Sites,
    low: int,
    high: int,
    trials: int,
    heat: float,
    cold: float,
) -> int:
    """Try moves while the temperature falls from ``heat`` to ``cold``; return how many are made."""
    made = 0
    ratio = cold / heat if heat > 0 else 1.0
    temperature = heat
    window = min(len(fabric.area), WINDOW)
    first = 0
    for trial in range(trials):
        if trial % 256 == 0:
            temperature = heat * ratio ** (trial / trials)
        if trial % STAY == 0:
            first = below(sites.dice, len(fabric.area))
        v, u, b = _propose(fabric, sites, low, high, first, window)
        if v == NONE:
            continue
        worse = _change(likeness, fabric, sites, v, u, sites.label[v], b)
        if worse > 0 and (temperature <= 0 or chance(sites.dice) >= np.exp(-worse / temperature)):
            continue
        if _keeps_whole(fabric, sites, v, u, b):
            _make(likeness, fabric, sites, v, u, b)
            made += 1
    return made
