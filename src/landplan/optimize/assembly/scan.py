"""Bounds for every centre: shortest paths and prices on area and number (numba kernels).

Take any site S with root r, the weights w_v = cost and moment about r, prices F_o of owners, any
price mu on area (mu < 0: on the largest area) and any price nu >= 0 on the number of parcels. With
t_v = w_v - mu a_v - nu,

    objective(S) >= L(mu, nu) = [mu * area_min or mu * area_max] + nu * min_parcels
        + sum over the root and forced parcels of t_v + the prices of their owners
        + sum over the other reachable parcels without another owner to pay of min(0, t_v)
        + sum over the other owners o of min(0, F_o + sum over their parcels of min(0, t_v)),

the Lagrangian relaxation of the area and count rows without contiguity; a parcel of several owners
counts for the first of them, which lowers L at most. If S also holds parcel v, it holds a path from
r to v, and costs at least L + the least sum of max(0, t) and of bridge prices along such a path: no
term of L is counted twice, since L holds no positive t and no bridge. Parcels for which this
exceeds what is aimed at drop out, which raises L, and so on. Paths count their bridges, so that a
parcel behind too many of them drops out too. Linear rules are left out here, which lowers bounds
only.
"""

import heapq
import math
from typing import NamedTuple

import numpy as np
from numba import njit

from landplan.optimize.assembly.model import SiteModel
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray

UNIT = 2.3e-16
"""Twice the unit roundoff: bounds are lowered by n * UNIT * (sum of magnitudes)."""


_COST = 0
_AREA = 1
_NOTHING = 2
"""What a path is made of in `within_reach`."""


class Scratch(NamedTuple):
    """Work arrays.

    Between uses ``dist`` [n * layers] is inf, ``seen`` [n] is False, ``owner_state`` and all sums
    per owner [m] are zero. ``weight`` [n] holds the weights of the parcels in ``ball``.
    """

    member: IntArray
    dist: FloatArray
    touched: IntArray
    ball: IntArray
    seen: BoolArray
    weight: FloatArray
    owner_state: IntArray
    owner_sum: FloatArray
    owner_area: FloatArray
    owner_parcels: FloatArray
    owners: IntArray


_BISECTIONS = 24
_COUNT_BISECTIONS = 10
_SHRINKS = 6


@njit(cache=True)
def new_scratch(site: SiteModel) -> Scratch:
    """Return work arrays for one site model."""
    n = len(site.cost)
    states = n * site.layers
    return Scratch(
        np.zeros(n, np.int64),
        np.full(states, np.inf),
        np.empty(states, np.int64),
        np.empty(n, np.int64),
        np.zeros(n, np.bool_),
        np.zeros(n),
        np.zeros(len(site.owner_price), np.int64),
        np.zeros(len(site.owner_price)),
        np.zeros(len(site.owner_price)),
        np.zeros(len(site.owner_price)),
        np.empty(len(site.owner_price), np.int64),
    )


@njit(cache=True)
def weight_of(site: SiteModel, root: int, v: int) -> float:
    """Return the cost of a parcel and of its distance from the root, as `moment_cost` does."""
    if site.moment_price == 0.0:
        return float(site.cost[v])
    dx, dy = site.xy[v, 0] - site.xy[root, 0], site.xy[v, 1] - site.xy[root, 1]
    return float(site.cost[v] + np.rint(site.moment_price * site.area[v] * (dx**2 + dy**2)))


@njit(cache=True)
def within_reach(
    site: SiteModel,
    root: int,
    kind: int,
    mu: float,
    nu: float,
    limit: float,
    stamp: int,
    scratch: Scratch,
) -> int:
    """Fill ``scratch.ball`` with the parcels that a path of length at most ``limit`` reaches.

    A path is as long as the sum of max(0, weight − mu area − nu) over its parcels and of the prices
    of its bridges; ``kind`` says what the weight is: cost and moment, area, or nothing.

    The root and forced parcels weigh nothing. Parcels must lie within the radius, rank no lower
    than the root and, where ``stamp`` > 0, be marked with it in ``scratch.member``. Returns the
    number found; the root comes first.
    """
    layers = site.layers
    dist, touched, ball, seen = scratch.dist, scratch.touched, scratch.ball, scratch.seen
    found = 0
    n_touched = 0
    least = site.rank[root]
    x, y = site.xy[root, 0], site.xy[root, 1]
    heap = [(0.0, root * layers)]
    dist[root * layers] = 0.0
    touched[n_touched] = root * layers
    n_touched += 1
    while len(heap) > 0:
        length, state = heapq.heappop(heap)
        if length > dist[state]:
            continue
        u = state // layers
        used = state - u * layers
        dominated = False
        for layer in range(used):
            dominated |= dist[u * layers + layer] <= length
        if dominated:
            continue
        if not seen[u]:
            seen[u] = True
            ball[found] = u
            scratch.weight[u] = weight_of(site, root, u)
            found += 1
        for bridge in range(2):
            if bridge == 1 and (site.max_bridges == 0 or (layers > 1 and used + 1 >= layers)):
                break
            start = site.border_start if bridge == 0 else site.bridge_start
            to = site.border_to if bridge == 0 else site.bridge_to
            layer = used + 1 if bridge == 1 and layers > 1 else used
            priced = bridge == 1 and kind == _COST
            for k in range(start[u], start[u + 1]):
                v = to[k]
                if site.rank[v] < least or (stamp > 0 and scratch.member[v] != stamp):
                    continue
                dx, dy = site.xy[v, 0] - x, site.xy[v, 1] - y
                if dx * dx + dy * dy > site.radius_sq:
                    continue
                step = 0.0
                if not site.forced[v] and kind != _NOTHING:
                    weight = site.area[v] if kind == _AREA else weight_of(site, root, v)
                    step = max(0.0, weight - mu * site.area[v] - nu)
                total = length + step + (site.bridge_cost[k] if priced else 0.0)
                if total > limit:
                    continue
                at = v * layers + layer
                if total < dist[at]:
                    if dist[at] == np.inf:
                        touched[n_touched] = at
                        n_touched += 1
                    dist[at] = total
                    heapq.heappush(heap, (total, at))
    for i in range(n_touched):
        dist[touched[i]] = np.inf
        seen[touched[i] // layers] = False
    return found


@njit(cache=True)
def price_bound(
    site: SiteModel, scratch: Scratch, count: int, base: float, mu: float, nu: float
) -> tuple[float, float, float]:
    """Return L(mu, nu), less its rounding error, and its slopes; ``ball[0]`` is the root.

    ``base`` are the prices of the owners of root and forced parcels, whose state is 2.
    """
    area_goal = site.area_min if mu >= 0.0 else site.area_max
    bound = base + mu * area_goal + nu * site.min_parcels
    size = base + abs(mu) * area_goal + nu * site.min_parcels
    area_slope = area_goal
    count_slope = float(site.min_parcels)
    n_owners = 0
    for i in range(count):
        v = scratch.ball[i]
        term = scratch.weight[v] - mu * site.area[v] - nu
        fixed = i == 0 or site.forced[v]
        if term >= 0.0 and not fixed:
            continue
        size += scratch.weight[v] + abs(mu) * site.area[v] + nu
        owner = site.payer[v]
        if fixed or owner < 0 or scratch.owner_state[owner] == 2:
            bound += term
            area_slope -= site.area[v]
            count_slope -= 1.0
            continue
        if scratch.owner_state[owner] == 0:
            scratch.owner_state[owner] = 1
            scratch.owners[n_owners] = owner
            n_owners += 1
        scratch.owner_sum[owner] += term
        scratch.owner_area[owner] += site.area[v]
        scratch.owner_parcels[owner] += 1.0
    for i in range(n_owners):
        owner = scratch.owners[i]
        total = site.owner_price[owner] + scratch.owner_sum[owner]
        size += site.owner_price[owner]
        if total < 0.0:
            bound += total
            area_slope -= scratch.owner_area[owner]
            count_slope -= scratch.owner_parcels[owner]
        scratch.owner_state[owner] = 0
        scratch.owner_sum[owner] = 0.0
        scratch.owner_area[owner] = 0.0
        scratch.owner_parcels[owner] = 0.0
    return bound - (count + n_owners + 8) * UNIT * size, area_slope, count_slope


@njit(cache=True)
def _best_area_price(
    site: SiteModel,
    scratch: Scratch,
    count: int,
    base: float,
    nu: float,
    guess: float,
    aim: float,
) -> tuple[float, float, float]:
    """Maximise L over mu by bisection on its slope; return L, mu and the slope in nu there."""
    high = 0.0
    low = 0.0
    for i in range(count):
        v = scratch.ball[i]
        weight = scratch.weight[v]
        owner = site.payer[v]
        if nu > 0.0:
            low = min(low, (weight - nu) / site.area[v])
        if owner >= 0 and scratch.owner_state[owner] != 2:
            weight += site.owner_price[owner]
        high = max(high, weight / site.area[v])
    best, slope, count_slope = price_bound(site, scratch, count, base, 0.0, nu)
    best_mu = 0.0
    mu = guess if low < guess < high else 0.5 * (low + high)
    for _ in range(_BISECTIONS):
        bound, slope, parcels = price_bound(site, scratch, count, base, mu, nu)
        if bound > best:
            best, best_mu, count_slope = bound, mu, parcels
        if best > aim or slope == 0.0:
            break
        if slope > 0.0:
            low = mu
        else:
            high = mu
        mu = 0.5 * (low + high)
    return best, best_mu, count_slope


@njit(cache=True)
def best_prices(
    site: SiteModel, scratch: Scratch, count: int, base: float, guess: float, aim: float
) -> tuple[float, float, float]:
    """Return the best L found with its mu and nu; stops as soon as L exceeds ``aim``."""
    best, mu, slope = _best_area_price(site, scratch, count, base, 0.0, guess, aim)
    nu = 0.0
    if best > aim or slope <= 0.0 or site.min_parcels <= 1:
        return best, mu, nu
    low = 0.0
    high = 0.0
    for i in range(count):
        v = scratch.ball[i]
        owner = site.payer[v]
        fee = site.owner_price[owner] if owner >= 0 else 0.0
        high = max(high, scratch.weight[v] + fee)
    trial_mu = mu
    for _ in range(_COUNT_BISECTIONS):
        trial = 0.5 * (low + high)
        bound, trial_mu, slope = _best_area_price(site, scratch, count, base, trial, trial_mu, aim)
        if bound > best:
            best, mu, nu = bound, trial_mu, trial
        if best > aim or slope == 0.0:
            break
        if slope > 0.0:
            low = trial
        else:
            high = trial
    return best, mu, nu


@njit(cache=True)
def _hopeless(site: SiteModel, ball: IntArray, count: int) -> bool:
    """Whether too little land, too few parcels or not all forced ones are in reach."""
    total = 0.0
    smallest = 0.0
    forced = 0
    for i in range(count):
        v = ball[i]
        total += site.area[v]
        if site.forced[v]:
            forced += 1
        if site.forced[v] or i == 0:
            smallest += site.area[v]
    return (
        total < site.area_min
        or smallest > site.area_max
        or count < site.min_parcels
        or forced < len(site.must)
    )


@njit(cache=True)
def _settle_owners(site: SiteModel, parcel: int, state: int, scratch: Scratch) -> float:
    """Give the owners of a parcel a state; return the prices of those who had another."""
    total = 0.0
    for k in range(site.owner_start[parcel], site.owner_start[parcel + 1]):
        owner = site.owner_of[k]
        if scratch.owner_state[owner] != state:
            scratch.owner_state[owner] = state
            total += site.owner_price[owner]
    return total


@njit(cache=True)
def centre_ball(
    site: SiteModel,
    root: int,
    aim: float,
    guess: float,
    stamp: int,
    scratch: Scratch,
) -> tuple[float, int, float, int]:
    """Bound the sites around ``root`` that cost at most ``aim``; gather the parcels they may hold.

    Returns the bound (inf: there is no site around this root), the number of parcels written to
    ``ball`` (root first), the area price and the last stamp used. A bound above ``aim`` ends the
    work early.
    """
    base = _settle_owners(site, root, 2, scratch)
    for v in site.must:
        base += _settle_owners(site, v, 2, scratch)
    answer = _centre_ball(site, root, aim, guess, stamp, 0, base, scratch)
    _settle_owners(site, root, 0, scratch)
    for v in site.must:
        _settle_owners(site, v, 0, scratch)
    return answer


@njit(cache=True)
def _centre_ball(
    site: SiteModel,
    root: int,
    aim: float,
    guess: float,
    stamp: int,
    within: int,
    base: float,
    scratch: Scratch,
) -> tuple[float, int, float, int]:
    """Do the work of `centre_ball`, the owners of root and forced parcels settled.

    Where ``within`` > 0, only parcels that bear this mark count.
    """
    fixed_cost = base + (0.0 if site.forced[root] else weight_of(site, root, root))
    fixed_area = 0.0 if site.forced[root] else site.area[root]
    for v in site.must:
        fixed_cost += weight_of(site, root, v)
        fixed_area += site.area[v]
    if fixed_cost > aim:
        return fixed_cost, 1, guess, stamp
    if aim < np.inf:
        limit = aim - fixed_cost
        count = within_reach(site, root, _COST, 0.0, 0.0, limit, within, scratch)
    else:
        limit = site.area_max - fixed_area
        count = within_reach(site, root, _AREA, 0.0, 0.0, limit, within, scratch)
    member = scratch.member
    bound = fixed_cost
    mu = guess
    for _ in range(_SHRINKS):
        if _hopeless(site, scratch.ball, count):
            return np.inf, count, mu, stamp
        found, mu, nu = best_prices(site, scratch, count, base, mu, aim)
        bound = max(bound, found)
        if bound > aim or aim == np.inf:
            break
        stamp += 1
        for i in range(count):
            member[scratch.ball[i]] = stamp
        limit = aim - found + 1e-12 * aim + 1e-9  # the slack covers the rounding of path lengths
        left = within_reach(site, root, _COST, mu, nu, limit, stamp, scratch)
        if left == count:
            break
        count = left
    return bound, count, mu, stamp


@njit(cache=True)
def scan_centres(site: SiteModel, roots: IntArray, aim: float) -> tuple[FloatArray, IntArray]:
    """Return a bound for each root (inf: no site there) and how many parcels stay in reach."""
    bounds = np.empty(len(roots))
    sizes = np.zeros(len(roots), np.int64)
    scratch = new_scratch(site)
    stamp = 0
    mu = 0.0
    for i in range(len(roots)):
        root = roots[i]
        if math.isinf(site.radius_sq) and site.rank[root] > 0:
            # all parcels that rank higher cost at least as much per area as the root does
            floor = site.cost[root] / site.area[root] * site.area_min * (1.0 - 1e-12)
            if floor > aim:
                bounds[i] = floor
                continue
        bounds[i], sizes[i], mu, stamp = centre_ball(site, root, aim, mu, stamp, scratch)
    return bounds, sizes


@njit(cache=True)
def covers_ball(site: SiteModel, v: int, ball: IntArray, count: int) -> bool:
    """Whether all parcels of a ball lie within the radius around ``v``."""
    for i in range(count):
        dx, dy = site.xy[ball[i], 0] - site.xy[v, 0], site.xy[ball[i], 1] - site.xy[v, 1]
        if dx * dx + dy * dy > site.radius_sq:
            return False
    return True


@njit(cache=True)
def reachable_parcels(
    site: SiteModel, root: int, aim: float, turn: IntArray
) -> tuple[float, IntArray]:
    """Return the bound of one root and the parcels of its ball, root first.

    Every site is looked for around the parcel of least ``turn`` [n] that can be its centre, and
    around no other. So a parcel of an earlier turn than the root's drops out of the ball if the
    radius around it covers the ball: a site with it has been, or will be, looked for there.
    """
    scratch = new_scratch(site)
    base = _settle_owners(site, root, 2, scratch)
    for v in site.must:
        base += _settle_owners(site, v, 2, scratch)
    bound, count, mu, stamp = _centre_ball(site, root, aim, 0.0, 0, 0, base, scratch)
    ball, member = scratch.ball, scratch.member
    while bound <= aim and bound < np.inf:
        stamp += 1
        dropped = 0
        for i in range(count):
            v = ball[i]
            member[v] = stamp
            if turn[v] < turn[root] and covers_ball(site, v, ball, count):
                if site.forced[v]:
                    return np.inf, ball[:1].copy()
                member[v] = 0
                dropped += 1
        if dropped == 0:
            break
        found, count, mu, stamp = _centre_ball(site, root, aim, mu, stamp, stamp, base, scratch)
        bound = max(bound, found)
    return bound, ball[:count].copy()


@njit(cache=True)
def land_in_reach(site: SiteModel) -> FloatArray:
    """Return the area in reach of each centre within radius and limit on bridges, dm²."""
    scratch = new_scratch(site)
    areas = np.zeros(len(site.centres))
    for i in range(len(site.centres)):
        count = within_reach(site, site.centres[i], _NOTHING, 0.0, 0.0, np.inf, 0, scratch)
        for k in range(count):
            areas[i] += site.area[scratch.ball[k]]
    return areas
