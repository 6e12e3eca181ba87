"""Cutting spanning trees: a first plan for all land, and dividing one site into two (kernels).

A tree cut bottom-up as soon as a branch has the area of a site gives the most sites that this tree
can give (Kundu & Misra 1977, *A linear tree partitioning algorithm*, SIAM J. Comput. 6(1)).
"""

import numpy as np
from numba import njit

from landplan.optimize.partition.problem import IntArray
from landplan.optimize.partition.state import NONE, Fabric, Sites, attach, below, kernel, move


@kernel
def _deepest_first(
    fabric: Fabric, sites: Sites, root: int, order: IntArray, parent: IntArray, path: IntArray
) -> int:
    """Walk all land of no site that hangs together with the root, depth first; return how much.

    The next atom is the one with the fewest ways on (Warnsdorff's rule), ties at random: branches
    become long and thin, and few atoms are left over in corners. ``order`` and ``parent`` are
    filled; visited atoms carry the current stamp in ``mark``.
    """
    mark, stamp = sites.mark, sites.stamp[0]
    count, depth = 0, 0
    path[0] = root
    mark[root] = stamp
    parent[root] = NONE
    order[0] = root
    count, depth = 1, 1
    while depth > 0:
        v = path[depth - 1]
        best, fewest = NONE, 1 << 40
        for k in range(fabric.start[v], fabric.start[v + 1]):
            u = fabric.to[k]
            if mark[u] == stamp or sites.label[u] != NONE:
                continue
            ways = 0
            for j in range(fabric.start[u], fabric.start[u + 1]):
                w = fabric.to[j]
                if mark[w] != stamp and sites.label[w] == NONE:
                    ways += 1
            rank = ways * 16 + below(sites.dice, 16)
            if rank < fewest:
                best, fewest = u, rank
        if best == NONE:
            depth -= 1
            continue
        mark[best] = stamp
        parent[best] = v
        order[count] = best
        count += 1
        path[depth] = best
        depth += 1
    return count


@njit(cache=True)
def cut_trees(fabric: Fabric, sites: Sites, roots: IntArray, low: int) -> None:
    """Divide the land that hangs together with each root into sites of at least ``low``.

    What is left around a root joins the smallest site beside it; land that gives no site at all
    stays in none.
    """
    n = len(fabric.area)
    order, parent = np.empty(n, np.int64), np.empty(n, np.int64)
    path, held = np.empty(n + 1, np.int64), np.zeros(n, np.int64)
    for root in roots:
        sites.stamp[0] += 2
        count = _deepest_first(fabric, sites, root, order, parent, path)
        for i in range(count):
            held[order[i]] = fabric.area[order[i]]
        for i in range(count - 1, 0, -1):
            v = order[i]
            if held[v] < low:
                held[parent[v]] += held[v]
        spare = 0
        for i in range(count):
            v = order[i]
            if held[v] >= low:
                attach(fabric, sites, v, sites.total[0])
                sites.total[0] += 1
            elif i > 0 and sites.label[parent[v]] != NONE:
                attach(fabric, sites, v, sites.label[parent[v]])
            else:
                path[spare] = v
                spare += 1
        _give_to_smallest(fabric, sites, path, spare)


@kernel
def _give_to_smallest(fabric: Fabric, sites: Sites, atoms: IntArray, count: int) -> None:
    """Let connected left-over atoms join the smallest site beside them, if there is any."""
    best, least = NONE, np.int64(1) << np.int64(62)
    for i in range(count):
        for k in range(fabric.start[atoms[i]], fabric.start[atoms[i] + 1]):
            site = sites.label[fabric.to[k]]
            if site != NONE and sites.area[site] < least:
                best, least = site, sites.area[site]
    if best != NONE:
        for i in range(count):
            attach(fabric, sites, atoms[i], best)


@kernel
def split(fabric: Fabric, sites: Sites, site: int, low: int, tries: int, work: IntArray) -> bool:
    """Divide a site into two of at least ``low`` each by cutting random trees.

    The new site gets the next number. ``work`` is [4, n]; returns whether a cut was found.
    """
    total, size = sites.area[site], sites.size[site]
    if total < 2 * low or size < 2:
        return False
    order, parent, held, place = work[0], work[1], work[2], work[3]
    v = sites.head[site]
    for i in range(size):
        place[i] = v
        v = sites.after[v]
    for _ in range(tries):
        _random_tree(fabric, sites, site, place[below(sites.dice, size)], order, parent)
        for i in range(size):
            held[order[i]] = fabric.area[order[i]]
        for i in range(size - 1, 0, -1):
            branch = held[order[i]]
            if low <= branch <= total - low:
                _cut_off(fabric, sites, order, parent, i, size)
                return True
            held[parent[order[i]]] += branch
    return False


@kernel
def _random_tree(
    fabric: Fabric, sites: Sites, site: int, root: int, order: IntArray, parent: IntArray
) -> None:
    """Grow a random tree over a site: half of the time onwards, half of the time anywhere."""
    sites.stamp[0] += 2
    mark, stamp, open_ = sites.mark, sites.stamp[0], sites.stack
    mark[root] = stamp
    parent[root] = NONE
    order[0] = root
    open_[0] = root
    count, top = 1, 1
    while top > 0:
        at = top - 1 if below(sites.dice, 4) else below(sites.dice, top)
        v = open_[at]
        best, ways = NONE, 0
        for k in range(fabric.start[v], fabric.start[v + 1]):
            u = fabric.to[k]
            if sites.label[u] == site and mark[u] != stamp:
                ways += 1
                if below(sites.dice, ways) == 0:
                    best = u
        if ways <= 1:
            top -= 1
            open_[at] = open_[top]
        if best != NONE:
            mark[best] = stamp
            parent[best] = v
            order[count] = best
            count += 1
            open_[top] = best
            top += 1


@kernel
def _cut_off(
    fabric: Fabric, sites: Sites, order: IntArray, parent: IntArray, first: int, size: int
) -> None:
    """Make the branch under ``order[first]`` a site of its own."""
    fresh = sites.total[0]
    sites.total[0] += 1
    move(fabric, sites, order[first], fresh)
    for i in range(first + 1, size):
        v = order[i]
        if sites.label[parent[v]] == fresh:
            move(fabric, sites, v, fresh)
