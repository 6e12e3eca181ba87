"""Annealed chains of parcels that change hands (kernels).

A chain gives a parcel of p to q, then perhaps one of q to r, then perhaps one of r to p: a shift, a
swap (r = p), an open or a closed chain of three. Parcels after the first are met by a short walk
over borders. Chains were shown to free tight assignments by Yagiura, Ibaraki & Glover 2006
(doi 10.1016/j.ejor.2004.04.047) for generalised assignment.

Tolerances are paid for by a price for excess that grows (`anneal` with ``hard`` False), or kept as
a limit (``hard`` True): the excess of the parties touched, together, never grows. Under the limit
excess may still wander from party to party until it meets one that has room.
"""

import numpy as np

from landplan.optimize.exchange.pieces import Land, Plan, hand_over
from landplan.optimize.exchange.problem import IntArray
from landplan.optimize.partition.state import below, chance, kernel

WINDOW, STAY = 4_000, 12_000
"""Parcels among which chains begin for a while, and for how many trials: what a cache holds."""
_WALK = 7
_ROUNDING = 1e-9


@kernel
def cost(land: Land, j: int, p: int) -> float:
    """Return what it costs that p gets parcel j: a whole number, as `costs.cost_of`."""
    dx, dy = land.x[j] - land.home_x[p], land.y[j] - land.home_y[p]
    total = np.rint(land.distance_price * land.value[j] * (dx * dx + dy * dy))
    if land.extra.shape[0] > 0:
        total += land.extra[p, j]
    if p != land.holder[j]:
        total += land.move_price
    if land.agreed[j] >= 0 and p != land.agreed[j]:
        total += land.leave_price
    return float(total)


@kernel
def excess(land: Land, plan: Plan, p: int) -> float:
    """Return by how much p misses its tolerances, in mean parcels; 0 inside."""
    value, area = plan.value[p], plan.area[p]
    over = max(0, land.value_low[p] - value, value - land.value_high[p]) * land.by_value
    over += max(0, land.area_low[p] - area, area - land.area_high[p]) * land.by_area
    return float(over + max(0, land.least[p] - plan.number[p]))


@kernel
def allowed(land: Land, j: int, p: int) -> bool:
    """Whether p may get the free parcel j."""
    return bool(p == land.holder[j] or land.may[p, land.kind[j]])


@kernel
def _met(land: Land, plan: Plan, j: int, p: int, but: int) -> int:
    """Return a free parcel of p met on a short walk from j (neither j nor ``but``), or -1."""
    u, found = j, -1
    for _ in range(_WALK):
        degree = land.start[u + 1] - land.start[u]
        if degree == 0:
            return int(found)
        u = land.to[land.start[u] + below(plan.dice, degree)]
        if plan.party[u] == p and u != j and u != but and not land.fixed[u]:
            found = u
            if chance(plan.dice) < 0.3:
                return int(found)
    return int(found)


@kernel
def _beside(land: Land, plan: Plan, j: int) -> int:
    """Return the party of a random parcel that borders j, or j's own."""
    degree = land.start[j + 1] - land.start[j]
    if degree == 0:
        return int(plan.party[j])
    return int(plan.party[land.to[land.start[j] + below(plan.dice, degree)]])


@kernel
def _link(plan: Plan, k: int, j: int, q: int) -> None:
    """Write link k of the chain under trial: j goes from its party to q."""
    plan.what[k], plan.giver[k], plan.taker[k] = j, plan.party[j], q


@kernel
def propose(land: Land, plan: Plan, i: int) -> int:
    """Draw a chain that begins with parcel i; return its length, 0 for none."""
    if land.fixed[i]:
        return 0
    p = plan.party[i]
    die = chance(plan.dice)
    if die < 0.8:
        q = _beside(land, plan, i)
    elif die < 0.84:
        q = land.holder[i]
    else:
        q = land.near[i, below(plan.dice, land.near.shape[1])]
    if q == p or not allowed(land, i, q):
        return 0
    _link(plan, 0, i, q)
    if chance(plan.dice) < 0.35:
        return 1
    j = _met(land, plan, i, q, i)
    if j < 0:
        return 0
    r = _beside(land, plan, j) if chance(plan.dice) < 0.4 else p
    if r == q or not allowed(land, j, r):
        return 0
    _link(plan, 1, j, r)
    if r == p or chance(plan.dice) < 0.4:
        return 2
    h = _met(land, plan, j, r, i)
    if h < 0 or not allowed(land, h, p):
        return 2
    _link(plan, 2, h, p)
    return 3


@kernel
def _touch(plan: Plan, k: int) -> int:
    """List the parties of a chain of k links once each; return how many."""
    listed = 0
    for e in range(2 * k):
        p = plan.giver[e // 2] if e % 2 == 0 else plan.taker[e // 2]
        new = True
        for z in range(listed):
            new = new and plan.touched[z] != p
        if new:
            plan.touched[listed] = p
            listed += 1
    return listed


@kernel
def book(land: Land, plan: Plan, k: int, sign: int) -> None:
    """Enter a chain into the sums of its parties (sign 1) or take it out again (-1)."""
    for e in range(k):
        j, p, q = plan.what[e], plan.giver[e], plan.taker[e]
        value, area = sign * land.value[j], sign * land.area[j]
        plan.value[p] -= value
        plan.value[q] += value
        plan.area[p] -= area
        plan.area[q] += area
        plan.number[p] -= sign
        plan.number[q] += sign
        home = land.holder[j]
        plan.moved[0] += sign * ((q != home) - (p != home))


@kernel
def attempt(land: Land, plan: Plan, k: int, price: float, hard: bool, bar: float) -> int:
    """Carry out a chain if what it costs lies below the bar; 2 if excess shrank, 1 if not, 0 if no.

    Pieces are counted last, and only for chains that could still pass: a link saves two pieces at
    most in practice.
    """
    delta = 0.0
    for e in range(k):
        j = plan.what[e]
        delta += cost(land, j, plan.taker[e]) - cost(land, j, plan.giver[e])
    listed = _touch(plan, k)
    before, moved = 0.0, plan.moved[0]
    for z in range(listed):
        before += excess(land, plan, plan.touched[z])
    book(land, plan, k, 1)
    after = 0.0
    for z in range(listed):
        after += excess(land, plan, plan.touched[z])
    grown = after - before
    delta += price * grown
    fits = plan.moved[0] <= land.max_moves or plan.moved[0] <= moved
    if hard and grown > _ROUNDING:
        fits = False
    done = 0
    if fits and delta - 2 * k * land.piece_price < bar:
        if land.piece_price > 0:
            for e in range(k):
                delta += land.piece_price * hand_over(land, plan, plan.what[e], plan.taker[e])
        else:
            for e in range(k):
                plan.party[plan.what[e]] = plan.taker[e]
        done = k
        if delta < bar:
            return 2 if grown < -_ROUNDING else 1
    for e in range(done):
        plan.party[plan.what[e]] = plan.giver[e]
    book(land, plan, k, -1)
    return 0


@kernel
def anneal(
    land: Land,
    plan: Plan,
    pool: IntArray,
    trials: int,
    heat: tuple[float, float],
    price: tuple[float, float],
    hard: bool,
) -> int:
    """Try chains that begin in a pool of parcels; return how many were carried out.

    ``heat`` and ``price`` (of excess) go from their first to their second value geometrically.
    """
    done, left, width = 0, len(pool), min(WINDOW, len(pool))
    if left == 0:
        return 0
    cool, rise = heat[1] / heat[0], price[1] / price[0]
    first, temperature, dear = 0, heat[0], price[0]
    for t in range(trials):
        if t % STAY == 0:
            first = below(plan.dice, left)
        if t % 256 == 0:
            temperature = heat[0] * cool ** (t / trials)
            dear = price[0] * rise ** (t / trials)
        at = first + below(plan.dice, width)
        i = pool[at if at < left else at - left]
        k = propose(land, plan, i)
        if k > 0:
            bar = temperature * _exponential(chance(plan.dice))
            done += attempt(land, plan, k, dear, hard, bar) > 0
    return done


@kernel
def _exponential(u: float) -> float:
    """Return -log u: a chain that costs less than temperature times this passes (Metropolis)."""
    return float(-np.log(max(u, 1e-300)))
