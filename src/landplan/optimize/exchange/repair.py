"""Bringing parties back inside their tolerances.

Chains are tried that begin with a parcel of a violating party or near it. Mostly the excess of all
parties together never grows, so it shrinks, or wanders along borders until it meets a party with
room (a random walk on the graph of neighbouring parties in place of a shortest path: a walk may use
swaps of any difference in value). Where that is stuck, the neighbourhood is annealed again. The
reach varies from round to round.
"""

import numpy as np

from landplan.optimize.exchange.moves import anneal, excess
from landplan.optimize.exchange.pieces import Land, Plan
from landplan.optimize.exchange.problem import IntArray

CERTAIN = 1e7
"""A price of a mean parcel of excess, in mean costs of a parcel, that outweighs all else."""
_FIRM = ((0.03, 0.003), (CERTAIN, CERTAIN))
_SOFT = ((0.3, 0.02), (3.0, 3_000.0))
"""Temperatures and prices of excess, in mean costs of a parcel."""
_TRIALS = 400
"""Chains tried by parcel of the pool in one round."""
_LEAST = 20_000
_MOST = 2_000_000
_RINGS = 2


def violators(land: Land, plan: Plan) -> IntArray:
    """Return the parties outside their tolerances, ascending."""
    value, area = plan.value, plan.area
    bad = (value < land.value_low) | (value > land.value_high)
    bad |= (area < land.area_low) | (area > land.area_high) | (plan.number < land.least)
    return np.flatnonzero(bad).astype(np.int64)


def total_excess(land: Land, plan: Plan) -> float:
    """Return the excess of all violating parties, in mean parcels."""
    return float(sum(excess(land, plan, int(p)) for p in violators(land, plan)))


def around(land: Land, plan: Plan, parties: IntArray, rings: int) -> IntArray:
    """Return the free parcels of some parties and of so many rings about them, ascending."""
    inside = np.isin(plan.party, parties)
    degree = np.diff(land.start)
    owner = np.repeat(np.arange(len(degree)), degree)
    for _ in range(rings):
        inside[land.to[inside[owner]]] = True
    return np.flatnonzero(inside & ~land.fixed).astype(np.int64)


def repair(land: Land, plan: Plan, rounds: int, unit: float, most: int) -> int:
    """Try chains about violating parties for at most so many rounds and trials; return the trials.

    ``unit`` is a mean cost of a parcel. Under the limit at first; then, where a party of few
    parcels can only be served by a chain longer than are tried, every second round is annealed at
    a price of excess that rises from a few units to a great many.
    """
    spent = 0
    for used in range(rounds):
        bad = violators(land, plan)
        if len(bad) == 0 or spent >= most:
            break
        pool = around(land, plan, bad, _RINGS + used % 4)
        trials = min(max(_LEAST, _TRIALS * len(pool)), _MOST)
        hard = used < 2 or used % 2 == 0
        heat, price = _FIRM if hard else _SOFT
        scaled = [(first * unit, last * unit) for first, last in (heat, price)]
        anneal(land, plan, pool, trials, scaled[0], scaled[1], hard)
        spent += trials
    return spent
