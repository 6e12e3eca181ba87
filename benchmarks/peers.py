"""Other ways to solve the same problem: a compact flow model by HiGHS or SCIP.

The model is the single-commodity flow of Shirabe 2005 (doi 10.1111/j.1538-4632.2005.00605.x), with
limits on bridges and radius added: one parcel of the site, its centre, feeds one unit of flow to
each other parcel through parcels of the site only.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand


@dataclass(frozen=True, slots=True)
class Answer:
    """Objective (inf: none found), proven bound, the parcels."""

    objective: float
    bound: float
    parcels: IntArray


@dataclass(frozen=True, slots=True)
class Model:
    """min cost x, low <= rows x <= high, 0 <= x <= upper; ``n_whole`` first columns are whole."""

    cost: np.ndarray
    rows: coo_array
    low: np.ndarray
    high: np.ndarray
    upper: np.ndarray
    n_whole: int
    parcels: IntArray
    scale: float


class _Rows:
    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        self.entries += [(len(self.low), column, value) for column, value in terms]
        self.low.append(low)
        self.high.append(high)


def flow_model(problem: Problem, demand: SiteDemand) -> Model:
    """Return the flow model of one demand. Columns: parcels, centres, bridges, then arcs."""
    parcels = np.flatnonzero(demand.eligible & (problem.area <= demand.area_max))
    number = {int(v): i for i, v in enumerate(parcels)}
    n = len(parcels)
    area_unit = float(problem.area.mean())
    pairs = [
        (number[u], number[v], False)
        for u, v in problem.borders.tolist()
        if u in number and v in number
    ]
    if demand.max_bridges:
        pairs += [
            (number[u], number[v], True)
            for u, v in problem.bridges.tolist()
            if u in number and v in number
        ]
    n_bridges = sum(is_bridge for *_, is_bridge in pairs)
    n_whole = 2 * n + n_bridges
    rows = _Rows()
    area = problem.area[parcels] / area_unit
    rows.add(
        [(i, float(area[i])) for i in range(n)],
        demand.area_min / area_unit,
        demand.area_max / area_unit,
    )
    rows.add([(i, 1.0) for i in range(n)], float(demand.min_parcels), np.inf)
    rows.add([(n + i, 1.0) for i in range(n)], 1.0, 1.0)
    rows.add([(2 * n + b, 1.0) for b in range(n_bridges)], 0.0, float(demand.max_bridges))
    inflow: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    column = n_whole
    bridge = 2 * n
    for u, v, is_bridge in pairs:
        for tail, head in ((u, v), (v, u)):
            inflow[head].append((column, 1.0))
            inflow[tail].append((column, -1.0))
            rows.add([(column, 1.0), (head, -float(n))], -np.inf, 0.0)
            rows.add([(column, 1.0), (tail, -float(n))], -np.inf, 0.0)
            if is_bridge:
                rows.add([(column, 1.0), (bridge, -float(n))], -np.inf, 0.0)
            column += 1
        bridge += is_bridge
    xy = problem.xy[parcels]
    for i in range(n):
        rows.add([*inflow[i], (i, -1.0), (n + i, float(n))], 0.0, np.inf)
        rows.add([(i, 1.0), (n + i, -1.0)], 0.0, np.inf)
        offset = xy - xy[i]
        far = np.flatnonzero((offset**2).sum(axis=1) > demand.radius_m**2)
        rows.add([(i, 1.0), *((n + int(c), 1.0) for c in far)], -np.inf, 1.0)
    for v in demand.must.tolist():
        rows.add([(number[v], 1.0)] if v in number else [], 1.0, 1.0)
    cost = np.zeros(column)
    scale = max(1.0, float(problem.cost[parcels].max(initial=1)))
    cost[:n] = problem.cost[parcels] / scale
    row, col, value = zip(*rows.entries, strict=True) if rows.entries else ((), (), ())
    matrix = coo_array((value, (row, col)), shape=(len(rows.low), column))
    upper = np.concatenate([np.ones(n_whole), np.full(column - n_whole, float(n))])
    return Model(
        cost, matrix, np.array(rows.low), np.array(rows.high), upper, n_whole, parcels, scale
    )


def solve_with_highs(problem: Problem, demand: SiteDemand, seconds: float = 60.0) -> Answer:
    """Solve the flow model with HiGHS."""
    model = flow_model(problem, demand)
    n = len(model.parcels)
    if n == 0:
        return Answer(math.inf, math.inf, model.parcels)
    whole = np.zeros(len(model.cost), np.int64)
    whole[: model.n_whole] = 1
    answer = milp(
        model.cost,
        constraints=LinearConstraint(model.rows.tocsr(), model.low, model.high),
        integrality=whole,
        bounds=Bounds(np.zeros(len(model.cost)), model.upper),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if answer.x is None:
        bound = math.inf if answer.status == 2 else (answer.mip_dual_bound or 0.0) * model.scale
        return Answer(math.inf, bound, model.parcels[:0])
    chosen = model.parcels[answer.x[:n] > 0.5]
    return Answer(
        float(problem.cost[chosen].sum()), float(answer.mip_dual_bound) * model.scale, chosen
    )


def solve_with_scip(problem: Problem, demand: SiteDemand, seconds: float = 60.0) -> Answer:
    """Solve the flow model with SCIP."""
    import pyscipopt

    model = flow_model(problem, demand)
    n = len(model.parcels)
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.setParam("limits/time", seconds)
    columns = [
        scip.addVar(
            vtype="B" if j < model.n_whole else "C",
            ub=float(model.upper[j]),
            obj=float(model.cost[j]),
        )
        for j in range(len(model.cost))
    ]
    rows = model.rows.tocsr()
    for i in range(rows.shape[0]):
        span = slice(rows.indptr[i], rows.indptr[i + 1])
        total = pyscipopt.quicksum(
            float(value) * columns[j]
            for j, value in zip(rows.indices[span], rows.data[span], strict=True)
        )
        if np.isfinite(model.low[i]):
            scip.addCons(total >= float(model.low[i]))
        if np.isfinite(model.high[i]):
            scip.addCons(total <= float(model.high[i]))
    scip.optimize()
    bound = scip.getDualbound() * model.scale
    if scip.getNSols() == 0:
        return Answer(math.inf, bound, model.parcels[:0])
    chosen = np.array([scip.getVal(columns[j]) > 0.5 for j in range(n)])
    picked = model.parcels[chosen]
    return Answer(float(problem.cost[picked].sum()), bound, picked)
