"""Improving sites by simulated annealing (numba kernels).

The root and all forced parcels stay, and so do radius, largest area and limit on bridges; area,
number of parcels and linear rules may be short on the way, at a fee.
"""

import numpy as np
from numba import njit

from landplan.optimize.assembly.growth import (
    admissible,
    bridges_cost,
    bridges_needed,
    grow,
    new_sketch,
)
from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import FloatArray, IntArray
from landplan.optimize.assembly.scan import weight_of
from landplan.optimize.assembly.tally import (
    add_parcel,
    drop_parcel,
    is_plain,
    missing_fee,
    new_tally,
    set_fees,
)


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
    tally = new_tally(site)
    plain = is_plain(site)
    for i in range(count):
        members[i] = start[i]
        inside[start[i]] = True
        area += site.area[start[i]]
        cost += weight_of(site, root, start[i]) + add_parcel(site, tally, start[i])
    tolls = 0.0
    if site.bridge_price > 0.0:
        used = bridges_needed(site, members, count, inside, seen, stack)
        tolls = bridges_cost(site, members, count, inside, used, stack)
        cost += tolls
    area_fee = 1.5 * max(cost, 1.0) / area
    count_fee = 1.5 * max(cost, 1.0) / count
    set_fees(site, tally, cost)
    short = missing_fee(site, tally)
    best = np.empty(0, np.int64)
    best_cost = np.inf
    enough = site.area_min <= area <= site.area_max and count >= site.min_parcels
    if enough and short == 0.0:
        best, best_cost = start.copy(), cost
    level = cost + short + area_fee * max(0.0, site.area_min - area)
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
        new_short = 0.0
        if gain >= 0:
            new_area += site.area[gain]
            new_cost += weight_of(site, root, gain)
            new_count += 1
        if lose >= 0:
            new_area -= site.area[lose]
            new_cost -= weight_of(site, root, lose)
            new_count -= 1
        if new_area > site.area_max:
            continue
        if not plain:
            if gain >= 0:
                new_cost += add_parcel(site, tally, gain)
            if lose >= 0:
                new_cost -= drop_parcel(site, tally, lose)
            new_short = missing_fee(site, tally)
        new_level = new_cost + new_short + area_fee * max(0.0, site.area_min - new_area)
        new_level += count_fee * max(0, site.min_parcels - new_count)
        least = level
        if new_level > level or site.bridge_price > 0.0:
            least -= temperature * np.log(max(random.random(), 1e-300))
        taken = new_level - tolls <= least
        if gain >= 0:
            members[count] = gain
            inside[gain] = True
        if lose >= 0:
            inside[lose] = False
        total = count + 1 if gain >= 0 else count
        if taken and (lose >= 0 or site.max_bridges > 0):
            needed = bridges_needed(site, members, total, inside, seen, stack)
            if needed < 0 or needed > site.max_bridges:
                taken = False
            else:
                new_tolls = bridges_cost(site, members, total, inside, needed, stack)
                new_cost += new_tolls - tolls
                new_level += new_tolls - tolls
                taken = new_level <= least
                if taken:
                    tolls = new_tolls
        if not taken:
            if gain >= 0:
                inside[gain] = False
            if lose >= 0:
                inside[lose] = True
            if not plain:
                if gain >= 0:
                    drop_parcel(site, tally, gain)
                if lose >= 0:
                    add_parcel(site, tally, lose)
            continue
        if lose >= 0:
            members[at] = members[total - 1]
        area, cost, count, level, short = new_area, new_cost, new_count, new_level, new_short
        enough = area >= site.area_min and count >= site.min_parcels
        if cost < best_cost and enough and short == 0.0:
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
