"""Finding good sites: greedy growth from a root, then simulated annealing (numba kernels).

Both keep the root and all forced parcels, stay within its radius, below the largest area and within
the limit on bridges; what they return is a site, but for a possible want of area or parcels that
growth reports.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray


class Sketch(NamedTuple):
    """Work arrays of growth and annealing; ``inside`` and ``mark`` [n] are zero between uses."""

    inside: BoolArray
    mark: IntArray
    members: IntArray
    stack: IntArray
    frontier: IntArray


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

    Fills ``sketch.members`` and returns their number and their cost, inf where they are no site
    yet.
    """
    inside, mark, members, frontier = sketch.inside, sketch.mark, sketch.members, sketch.frontier
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
        cost += site.cost[members[i]]
    fits = fits and area <= site.area_max
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
        missing = site.area_min - area
        best = -1
        best_score = np.inf
        for i in range(n_frontier):
            v = frontier[i]
            if inside[v] or area + site.area[v] > site.area_max:
                continue
            if mark[v] == 2 and used >= site.max_bridges:
                continue
            score = guide[v] / min(site.area[v], missing) if missing > 0.0 else guide[v]
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
        cost += site.cost[best]
    for i in range(count):
        inside[members[i]] = False
    for i in range(n_frontier):
        mark[frontier[i]] = 0
    complete = fits and area >= site.area_min and count >= site.min_parcels
    return count, cost if complete else np.inf


@njit(cache=True)
def grow_everywhere(site: SiteModel, roots: IntArray) -> FloatArray:
    """Return the cost of the site grown from each root, inf where growth fails."""
    sketch = new_sketch(site)
    costs = np.empty(len(roots))
    for i in range(len(roots)):
        _, costs[i] = grow(site, roots[i], site.cost, sketch)
    return costs


@njit(cache=True)
def _random_neighbour(site: SiteModel, u: int, random: np.random.Generator) -> int:
    """Return a random neighbour of ``u`` by border or bridge, −1 if it has none."""
    borders = site.border_start[u + 1] - site.border_start[u]
    bridges = site.bridge_start[u + 1] - site.bridge_start[u]
    if borders + bridges == 0:
        return -1
    k = int(random.random() * (borders + bridges))
    if k < borders:
        return int(site.border_to[site.border_start[u] + k])
    return int(site.bridge_to[site.bridge_start[u] + k - borders])


@njit(cache=True)
def anneal(
    site: SiteModel,
    root: int,
    start: IntArray,
    trials: int,
    random: np.random.Generator,
) -> tuple[IntArray, float]:
    """Improve a set of parcels by adding, dropping and swapping at a falling temperature.

    ``start`` is joined, holds root and forced parcels and lies within the limits but may be short
    of land or parcels. Returns the best site met and its cost, inf where none was met.
    """
    n = len(site.cost)
    inside = np.zeros(n, np.bool_)
    seen = np.zeros(n, np.bool_)
    members = np.empty(n + 1, np.int64)
    stack = np.empty(n + 1, np.int64)
    count = len(start)
    area = 0.0
    cost = 0.0
    for i in range(count):
        members[i] = start[i]
        inside[start[i]] = True
        area += site.area[start[i]]
        cost += site.cost[start[i]]
    area_fee = 1.5 * max(cost, 1.0) / area
    count_fee = 1.5 * max(cost, 1.0) / count
    best = np.empty(0, np.int64)
    best_cost = np.inf
    if area >= site.area_min and count >= site.min_parcels and area <= site.area_max:
        best, best_cost = start.copy(), cost
    level = cost + area_fee * max(0.0, site.area_min - area)
    level += count_fee * max(0, site.min_parcels - count)
    hot = 0.3 * max(cost, 1.0) / count
    temperature = hot
    cooling = (1e-4) ** (1.0 / max(1, trials))
    for _ in range(trials):
        temperature *= cooling
        kind = int(random.random() * 5)  # 0, 1 add; 2, 3 drop; 4 swap
        gain = -1
        lose = -1
        if kind == 4 or kind < 2:
            gain = _random_neighbour(site, members[int(random.random() * count)], random)
            if gain < 0 or inside[gain] or not admissible(site, root, gain):
                continue
        if kind >= 2:
            at = int(random.random() * count)
            lose = members[at]
            if lose == root or site.forced[lose]:
                continue
        new_area = area
        new_cost = cost
        new_count = count
        if gain >= 0:
            new_area += site.area[gain]
            new_cost += site.cost[gain]
            new_count += 1
        if lose >= 0:
            new_area -= site.area[lose]
            new_cost -= site.cost[lose]
            new_count -= 1
        if new_area > site.area_max:
            continue
        new_level = new_cost + area_fee * max(0.0, site.area_min - new_area)
        new_level += count_fee * max(0, site.min_parcels - new_count)
        if new_level > level and random.random() >= np.exp((level - new_level) / temperature):
            continue
        if gain >= 0:
            members[count] = gain
            inside[gain] = True
        if lose >= 0:
            inside[lose] = False
        total = count + 1 if gain >= 0 else count
        if lose >= 0 or site.max_bridges > 0:
            needed = bridges_needed(site, members, total, inside, seen, stack)
            if needed < 0 or needed > site.max_bridges:
                if gain >= 0:
                    inside[gain] = False
                if lose >= 0:
                    inside[lose] = True
                continue
        if lose >= 0:
            members[at] = members[total - 1]
        area, cost, count, level = new_area, new_cost, new_count, new_level
        if cost < best_cost and area >= site.area_min and count >= site.min_parcels:
            best_cost = cost
            best = members[:count].copy()
    return best, best_cost


@njit(cache=True)
def improve_from(
    site: SiteModel, root: int, guide: FloatArray, trials: int, random: np.random.Generator
) -> tuple[IntArray, float]:
    """Grow a site from ``root`` along ``guide`` and anneal it; cost inf where none was found."""
    sketch = new_sketch(site)
    count, _ = grow(site, root, guide, sketch)
    start = sketch.members[:count].copy()
    inside = sketch.inside
    area = 0.0
    for i in range(count):
        inside[start[i]] = True
        area += site.area[start[i]]
    seen = np.zeros(len(inside), np.bool_)
    used = bridges_needed(site, start, count, inside, seen, sketch.stack)
    if used < 0 or used > site.max_bridges or area > site.area_max:
        return start[:0].copy(), np.inf
    return anneal(site, root, start, trials, random)
