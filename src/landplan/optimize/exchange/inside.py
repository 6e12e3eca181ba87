"""A plan inside all limits where the search finds none: a small integer program.

With few and large parcels chains of moves may not get from outside to inside. The program has a
column for every free parcel and every party that may get it, rows for parcels, values, areas, least
numbers and moves; its objective is the cost of the arcs, pieces left aside. HiGHS searches so many
nodes of it and no longer. What it finds is judged in whole numbers by the caller; where it finds
nothing, nothing is claimed.
"""

from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from landplan.optimize.exchange.costs import arcs_of, cost_table
from landplan.optimize.exchange.problem import NO_LIMIT, FloatArray, IntArray, Problem

_MOST_ARCS: Final = 40_000
_NODES, _WORK = 3_000, 6_000_000
"""So many nodes at most, and so many nodes times columns."""
_NEAR_ENOUGH: Final = 0.02
_BARRED: Final = 2**60


def plan_inside(problem: Problem) -> IntArray | None:
    """Return an assignment [n] that is likely to keep all limits; None where none was found."""
    free = np.flatnonzero(~problem.fixed)
    if len(free) == 0 or len(free) * problem.m > _MOST_ARCS:
        return None
    table = cost_table(arcs_of(problem), free, _BARRED)
    party, place = np.nonzero(table < _BARRED)
    count = len(party)
    column = np.arange(count)
    held = np.zeros((3, problem.m))
    stays = np.flatnonzero(problem.fixed)
    amounts = (problem.value.astype(float), problem.area.astype(float), np.ones(problem.n))
    for side, amount in enumerate(amounts):
        np.add.at(held[side], problem.holder[stays], amount[stays])
    rows = [_limited(coo_array((np.ones(count), (place, column))), np.ones(len(free)), 1.0)]
    limits = (
        (problem.value_low, problem.value_high),
        (problem.area_low, problem.area_high),
        (problem.least, np.full(problem.m, NO_LIMIT)),
    )
    for side, (low, high) in enumerate(limits):
        mean = float(amounts[side].mean())
        matrix = coo_array(
            (amounts[side][free[place]] / mean, (party, column)), shape=(problem.m, count)
        )
        rows.append(_limited(matrix, (low - held[side]) / mean, (high - held[side]) / mean))
    if problem.max_moves is not None:
        moved = (party != problem.holder[free[place]]).astype(float)
        rows.append(
            _limited(
                coo_array((moved, (np.zeros(count, np.int64), column))), -1.0, problem.max_moves
            )
        )
    cost = table[party, place].astype(float)
    options: Any = {"node_limit": min(_NODES, 1 + _WORK // count), "mip_rel_gap": _NEAR_ENOUGH}
    answer = milp(
        cost / max(1.0, float(cost.max())),
        integrality=np.ones(count, np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=rows,
        options=options,
    )
    if answer.x is None:
        return None
    chosen = np.flatnonzero(answer.x > 0.5)
    plan = problem.holder.astype(np.int64)
    plan[free[place[chosen]]] = party[chosen]
    return plan


def _limited(matrix: coo_array, low: FloatArray | float, high: FloatArray | float) -> Any:
    # the stubs know only dense matrices
    rows: Any = matrix.tocsc()
    return LinearConstraint(rows, low, high)
