"""Making a plan keep its rules: parcels that must stay apart, largest area, number, spare land.

All kernels; each leaves sites that are one piece and at least ``low`` large.
"""

import numpy as np
from numba import njit

from landplan.optimize.partition.problem import FloatArray, IntArray
from landplan.optimize.partition.state import (
    NONE,
    Fabric,
    Sites,
    attach,
    detach,
    kernel,
    move,
    removable,
    tolerated,
)


@kernel
def part_foes(fabric: Fabric, sites: Sites, low: int) -> int:
    """Part atoms that must not share a site; return how many sites had to be given up.

    One of the two moves to a neighbouring site or out of all; where neither can, the site ends.
    """
    ended = 0
    for v in range(len(fabric.area)):
        site = sites.label[v]
        if site == NONE or tolerated(fabric, sites, v, site, NONE):
            continue
        if _send_away(fabric, sites, v, low):
            continue
        for k in range(fabric.foe_start[v], fabric.foe_start[v + 1]):
            u = fabric.foe[k]
            if sites.label[u] == site:
                _send_away(fabric, sites, u, low)
        if not tolerated(fabric, sites, v, site, NONE):
            end_site(fabric, sites, site)
            ended += 1
    return ended


@kernel
def _send_away(fabric: Fabric, sites: Sites, v: int, low: int) -> bool:
    """Move an atom to a site beside it, or out of all, if its own can do without it."""
    site = sites.label[v]
    if sites.area[site] - fabric.area[v] < low or not removable(fabric, sites, v):
        return False
    for k in range(fabric.start[v], fabric.start[v + 1]):
        other = sites.label[fabric.to[k]]
        if other not in (site, NONE) and tolerated(fabric, sites, v, other, NONE):
            move(fabric, sites, v, other)
            return True
    detach(fabric, sites, v)
    return True


@kernel
def end_site(fabric: Fabric, sites: Sites, site: int) -> None:
    """Let all atoms of a site be in none; the last site gets its number."""
    while sites.head[site] != NONE:
        detach(fabric, sites, sites.head[site])
    last = sites.total[0] - 1
    while site != last and sites.head[last] != NONE:
        move(fabric, sites, sites.head[last], site)
    sites.total[0] = last


@kernel
def absorb(fabric: Fabric, sites: Sites, high: int) -> int:
    """Let land in no site join the smallest site beside it that can take it; return how much."""
    joined = 0
    changed = True
    while changed:
        changed = False
        for v in range(len(fabric.area)):
            if sites.label[v] != NONE:
                continue
            best, least = NONE, high - fabric.area[v] + 1
            for k in range(fabric.start[v], fabric.start[v + 1]):
                site = sites.label[fabric.to[k]]
                if (
                    site != NONE
                    and sites.area[site] < least
                    and tolerated(fabric, sites, v, site, NONE)
                ):
                    best, least = site, sites.area[site]
            if best != NONE:
                attach(fabric, sites, v, best)
                joined += 1
                changed = True
    return joined


@kernel
def trim(fabric: Fabric, sites: Sites, low: int, high: int) -> int:
    """Bring every site down to ``high``; return how many sites had to be given up.

    The largest atom that can leave goes to a neighbour with room, else out of all sites.
    """
    ended = 0
    site = sites.total[0] - 1
    while site >= 0:
        while sites.area[site] > high:
            v = _largest_spare(fabric, sites, site, low)
            if v == NONE:
                break
            _place(fabric, sites, v, high)
        if sites.area[site] > high:
            end_site(fabric, sites, site)
            ended += 1
        site -= 1
    return ended


@kernel
def _largest_spare(fabric: Fabric, sites: Sites, site: int, low: int) -> int:
    """Find the largest atom that a site can do without, or -1."""
    best, chosen = 0, NONE
    v = sites.head[site]
    while v != NONE:
        if best < fabric.area[v] <= sites.area[site] - low and removable(fabric, sites, v):
            best, chosen = fabric.area[v], v
        v = sites.after[v]
    return chosen


@kernel
def _place(fabric: Fabric, sites: Sites, v: int, high: int) -> None:
    site = sites.label[v]
    for k in range(fabric.start[v], fabric.start[v + 1]):
        other = sites.label[fabric.to[k]]
        if (
            other not in (site, NONE)
            and sites.area[other] + fabric.area[v] <= high
            and tolerated(fabric, sites, v, other, NONE)
        ):
            move(fabric, sites, v, other)
            return
    detach(fabric, sites, v)


@kernel
def reduce_to(fabric: Fabric, sites: Sites, most: int, high: int) -> None:
    """Dissolve the smallest sites into their neighbours until there are ``most``."""
    while sites.total[0] > most:
        smallest = 0
        for site in range(1, sites.total[0]):
            if sites.area[site] < sites.area[smallest]:
                smallest = site
        changed = True
        while changed:
            changed = False
            v = sites.head[smallest]
            while v != NONE:
                after = sites.after[v]
                other = _smallest_beside(fabric, sites, v, high)
                if other != NONE:
                    move(fabric, sites, v, other)
                    changed = True
                v = after
        end_site(fabric, sites, smallest)


@kernel
def _smallest_beside(fabric: Fabric, sites: Sites, v: int, high: int) -> int:
    """Find the smallest other site beside an atom that can take it, or -1."""
    best, least = NONE, high - fabric.area[v] + 1
    for k in range(fabric.start[v], fabric.start[v + 1]):
        other = sites.label[fabric.to[k]]
        if (
            other not in (sites.label[v], NONE)
            and sites.area[other] < least
            and tolerated(fabric, sites, v, other, NONE)
        ):
            best, least = other, sites.area[other]
    return best


@kernel
def first_moments(fabric: Fabric, sites: Sites, xy: FloatArray, first: FloatArray) -> None:
    """Fill ``first`` [sites, 2] with the sum of area times place of every site."""
    first[:] = 0
    for v in range(len(fabric.area)):
        if sites.label[v] != NONE:
            for axis in range(2):
                first[sites.label[v], axis] += fabric.area[v] * xy[v, axis]


@njit(cache=True)
def free_roots(fabric: Fabric, sites: Sites, low: int) -> IntArray:
    """Return one atom of every connected piece of land in no site that is ``low`` large."""
    roots = np.empty(len(fabric.area), np.int64)
    count = 0
    sites.stamp[0] += 2
    mark, stamp, stack = sites.mark, sites.stamp[0], sites.stack
    for root in range(len(fabric.area)):
        if sites.label[root] != NONE or mark[root] == stamp:
            continue
        total, top = 0, 1
        stack[0] = root
        mark[root] = stamp
        while top > 0:
            top -= 1
            v = stack[top]
            total += fabric.area[v]
            for k in range(fabric.start[v], fabric.start[v + 1]):
                u = fabric.to[k]
                if sites.label[u] == NONE and mark[u] != stamp:
                    mark[u] = stamp
                    stack[top] = u
                    top += 1
        if total >= low:
            roots[count] = root
            count += 1
    return roots[:count]
