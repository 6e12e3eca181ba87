"""Finding sites by greedy growth from a root, and what holds them together (numba kernels).

Growth keeps the root and all forced parcels, stays within its radius, below the largest area and
within the limit on bridges; what it returns is a site, but for a possible want of area, parcels or
linear rules.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray
from landplan.optimize.assembly.scan import weight_of
from landplan.optimize.assembly.tally import (
    Tally,
    add_parcel,
    clear,
    new_owner_fee,
    new_tally,
)


class Sketch(NamedTuple):
    """Work arrays of growth and annealing; ``inside`` and ``mark`` [n] are zero between uses."""

    inside: BoolArray
    mark: IntArray
    members: IntArray
    stack: IntArray
    frontier: IntArray
    tally: Tally


@njit(cache=True)
def new_sketch(site: SiteModel) -> Sketch:
    """Return work arrays for one site model."""
    n = len(site.cost)
    return Sketch(
        np.zeros(n, np.bool_),
        np.zeros(n, np.int64),
        np.empty(n + 1, np.int64),
        np.empty(n + 1, np.int64),
        np.empty(n + 1, np.int64),
        new_tally(site),
    )


@njit(cache=True)
def admissible(site: SiteModel, root: int, v: int) -> bool:
    """Whether a site around ``root`` may hold ``v``."""
    dx = site.xy[v, 0] - site.xy[root, 0]
    dy = site.xy[v, 1] - site.xy[root, 1]
    if site.rank[v] < site.rank[root]:
        return False
    return bool(dx * dx + dy * dy <= site.radius_sq)


@njit(cache=True)
def _visit(
    site: SiteModel,
    first: int,
    inside: BoolArray,
    with_bridges: bool,
    seen: BoolArray,
    stack: IntArray,
) -> int:
    """Mark all inside parcels joined to ``first``; return how many."""
    stack[0] = first
    seen[first] = True
    top = 1
    count = 0
    while top > 0:
        top -= 1
        u = stack[top]
        count += 1
        for k in range(site.border_start[u], site.border_start[u + 1]):
            v = site.border_to[k]
            if inside[v] and not seen[v]:
                seen[v] = True
                stack[top] = v
                top += 1
        if with_bridges:
            for k in range(site.bridge_start[u], site.bridge_start[u + 1]):
                v = site.bridge_to[k]
                if inside[v] and not seen[v]:
                    seen[v] = True
                    stack[top] = v
                    top += 1
    return count


@njit(cache=True)
def bridges_needed(
    site: SiteModel,
    members: IntArray,
    count: int,
    inside: BoolArray,
    seen: BoolArray,
    stack: IntArray,
) -> int:
    """Return pieces − 1 of the inside parcels, or −1 where even bridges do not join them."""
    n_pieces = 0
    for i in range(count):
        if inside[members[i]] and not seen[members[i]]:
            n_pieces += 1
            _visit(site, members[i], inside, False, seen, stack)
    total = 0
    first = -1
    for i in range(count):
        seen[members[i]] = False
        if inside[members[i]]:
            total += 1
            first = members[i]
    if n_pieces <= 1:
        return n_pieces - 1
    joined = site.max_bridges > 0 and _visit(site, first, inside, True, seen, stack) == total
    for i in range(count):
        seen[members[i]] = False
    return n_pieces - 1 if joined else -1


@njit(cache=True)
def bridges_cost(
    site: SiteModel, members: IntArray, count: int, inside: BoolArray, needed: int, stack: IntArray
) -> float:
    """Return what the ``needed`` cheapest bridges that join the inside parcels cost.

    A minimum spanning tree of the pieces (Prim 1957, doi 10.1002/j.1538-7305.1957.tb01515.x).
    """
    if needed <= 0 or site.same_price:
        return needed * site.bridge_price
    label = np.full(len(inside), -1, np.int64)
    n_pieces = 0
    for i in range(count):
        first = members[i]
        if not inside[first] or label[first] >= 0:
            continue
        label[first] = n_pieces
        stack[0] = first
        top = 1
        while top > 0:
            top -= 1
            u = stack[top]
            for k in range(site.border_start[u], site.border_start[u + 1]):
                v = site.border_to[k]
                if inside[v] and label[v] < 0:
                    label[v] = n_pieces
                    stack[top] = v
                    top += 1
        n_pieces += 1
    between = np.full((n_pieces, n_pieces), np.inf)
    for i in range(count):
        u = members[i]
        if not inside[u]:
            continue
        for k in range(site.bridge_start[u], site.bridge_start[u + 1]):
            v = site.bridge_to[k]
            if inside[v]:
                cost = site.bridge_cost[k]
                between[label[u], label[v]] = min(between[label[u], label[v]], cost)
    away = between[0].copy()
    away[0] = -1.0
    total = 0.0
    for _ in range(n_pieces - 1):
        nearest = -1
        for piece in range(n_pieces):
            if away[piece] >= 0.0 and (nearest < 0 or away[piece] < away[nearest]):
                nearest = piece
        total += away[nearest]
        away[nearest] = -1.0
        for piece in range(n_pieces):
            if away[piece] >= 0.0:
                away[piece] = min(away[piece], between[nearest, piece])
    return total


@njit(cache=True)
def _join_forced(site: SiteModel, root: int, guide: FloatArray, inside: BoolArray) -> bool:
    """Join forced parcels to the root along cheapest paths; False: one is out of reach."""
    n = len(site.cost)
    inside[root] = True
    bridge_fee = 4.0 * guide.sum() / n
    for goal in site.must:
        if inside[goal]:
            continue
        dist = np.full(n, np.inf)
        origin = np.full(n, -1, np.int64)
        heap = [(0.0, root)]
        dist[root] = 0.0
        while len(heap) > 0:
            length, u = heapq.heappop(heap)
            if length > dist[u]:
                continue
            if u == goal:
                break
            for kind in range(2):
                start = site.border_start if kind == 0 else site.bridge_start
                to = site.border_to if kind == 0 else site.bridge_to
                for k in range(start[u], start[u + 1]):
                    v = to[k]
                    if not admissible(site, root, v):
                        continue
                    total = length + (0.0 if inside[v] else guide[v] + kind * bridge_fee)
                    if total < dist[v]:
                        dist[v] = total
                        origin[v] = u
                        heapq.heappush(heap, (total, v))
        if dist[goal] == np.inf:
            return False
        v = goal
        while v >= 0:
            inside[v] = True
            v = origin[v]
    return True


@njit(cache=True)
def grow(site: SiteModel, root: int, guide: FloatArray, sketch: Sketch) -> tuple[int, float]:
    """Grow a site from ``root`` by the parcel of least ``guide`` per area that still counts.

    Fills ``sketch.members`` and returns their number and what they cost, inf where they are no site
    yet. Linear rules are left to annealing.
    """
    inside, mark, members, frontier = sketch.inside, sketch.mark, sketch.members, sketch.frontier
    tally = sketch.tally
    clear(tally)
    n_frontier = 0
    count = 0
    area = 0.0
    cost = 0.0
    used = 0
    fits = True
    if len(site.must) > 0:
        fits = _join_forced(site, root, guide, inside)
        for v in range(len(inside)):
            if inside[v]:
                members[count] = v
                count += 1
        seen = np.zeros(len(inside), np.bool_)
        used = bridges_needed(site, members, count, inside, seen, sketch.stack)
        fits = fits and 0 <= used <= site.max_bridges
    else:
        inside[root] = True
        members[0] = root
        count = 1
    for i in range(count):
        area += site.area[members[i]]
        cost += weight_of(site, root, members[i]) + add_parcel(site, tally, members[i])
    fits = fits and area <= site.area_max
    toll = np.empty(len(inside) if site.max_bridges > 0 else 0)
    expanded = 0
    while fits and (area < site.area_min or count < site.min_parcels):
        while expanded < count:
            u = members[expanded]
            expanded += 1
            for k in range(site.border_start[u], site.border_start[u + 1]):
                v = site.border_to[k]
                if not inside[v] and mark[v] != 1 and admissible(site, root, v):
                    if mark[v] == 0:
                        frontier[n_frontier] = v
                        n_frontier += 1
                    mark[v] = 1
            for k in range(site.bridge_start[u], site.bridge_start[u + 1]):
                v = site.bridge_to[k]
                if not inside[v] and mark[v] == 0 and admissible(site, root, v):
                    frontier[n_frontier] = v
                    n_frontier += 1
                    mark[v] = 2
                    toll[v] = site.bridge_cost[k]
                elif mark[v] == 2:
                    toll[v] = min(toll[v], site.bridge_cost[k])
        missing = site.area_min - area
        best = -1
        best_score = np.inf
        for i in range(n_frontier):
            v = frontier[i]
            if inside[v] or area + site.area[v] > site.area_max:
                continue
            if mark[v] == 2 and used >= site.max_bridges:
                continue
            score = guide[v] + new_owner_fee(site, tally, v)
            if site.moment_price > 0.0:
                score += weight_of(site, root, v) - site.cost[v]
            if mark[v] == 2:
                score += toll[v]
            if missing > 0.0:
                score /= min(site.area[v], missing)
            if score < best_score:
                best_score = score
                best = v
        if best < 0:
            break
        if mark[best] == 2:
            used += 1
        inside[best] = True
        members[count] = best
        count += 1
        area += site.area[best]
        cost += weight_of(site, root, best) + add_parcel(site, tally, best)
    complete = fits and area >= site.area_min and count >= site.min_parcels
    if complete and used > 0:
        if not site.same_price:  # parcels that joined two pieces made a bridge needless
            used = bridges_needed(
                site, members, count, inside, np.zeros(len(inside), np.bool_), sketch.stack
            )
        cost += bridges_cost(site, members, count, inside, used, sketch.stack)
    for i in range(count):
        inside[members[i]] = False
    for i in range(n_frontier):
        mark[frontier[i]] = 0
    return count, cost if complete else np.inf


@njit(cache=True)
def grow_everywhere(site: SiteModel, roots: IntArray) -> FloatArray:
    """Return the cost of the site grown from each root, inf where growth fails."""
    sketch = new_sketch(site)
    costs = np.empty(len(roots))
    for i in range(len(roots)):
        _, costs[i] = grow(site, roots[i], site.cost, sketch)
    return costs
