"""Branch and cut by SCIP with node separators added where a solution breaks them.

Columns: parcel chosen (x), parcel is the centre (y, exactly one), bridge used (z). A bridge is a
node between its two parcels. For every set W of nodes and v in W with x_v: the centre lies in W or
one of the nodes around W is chosen, x(N(W)) + y(W) >= x_v. Whole solutions are cut at the piece of
v, fractional ones at a least cut from the centre to v. It starts from the greedy site.
"""

import math
from typing import Any

import numpy as np
import pyscipopt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from benchmarks.peer_greedy import solve_greedily
from benchmarks.peers import Answer
from landplan.optimize.assembly.problem import Problem, SiteDemand

_UNIT = 1_000_000
_MOST_CUTS = 40
_ENDLESS = 2**30


def solve_with_cuts(problem: Problem, demand: SiteDemand, seconds: float = 60.0) -> Answer:
    """Solve one demand by branch and cut; seconds of the processor."""
    parcels = np.flatnonzero(demand.eligible & (problem.area <= demand.area_max))
    if len(parcels) == 0:
        return Answer(math.inf, math.inf, parcels)
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.setParam("limits/time", seconds)
    scip.setParam("timing/clocktype", 1)
    scip.setParam("misc/allowstrongdualreds", False)
    scip.setParam("misc/allowweakdualreds", False)
    scale = max(1.0, float(problem.cost[parcels].max()))
    graph = _Graph(scip, problem, demand, parcels, scale)
    handler = _Connected(graph)
    scip.includeConshdlr(
        *(handler, "connected", "one piece with the centre"),
        sepapriority=1,
        enfopriority=-1,
        chckpriority=-1,
        sepafreq=1,
        needscons=False,
    )
    _start_from(
        scip, graph, problem, parcels, solve_greedily(problem, demand, seconds / 10).parcels
    )
    scip.optimize()
    bound = scip.getDualbound() * scale
    if scip.getStatus() == "infeasible":
        return Answer(math.inf, math.inf, parcels[:0])
    if scip.getNSols() == 0:
        return Answer(math.inf, max(0.0, bound), parcels[:0])
    chosen = np.array([scip.getVal(one) > 0.5 for one in graph.x[: len(parcels)]])
    picked = parcels[chosen]
    return Answer(float(problem.cost[picked].sum()), bound, picked)


def _start_from(
    scip: pyscipopt.Model,
    graph: "_Graph",
    problem: Problem,
    parcels: np.ndarray,
    site: np.ndarray,
) -> None:
    """Give SCIP a site to start from, its bridges those of a spanning forest of its pieces."""
    if len(site) == 0:
        return
    apart = ((problem.xy[site, None] - problem.xy[None, site]) ** 2).sum(axis=2)
    centre = site[np.argmin(apart.max(axis=1))]
    solution = scip.createSol()
    chosen = np.zeros(graph.size, np.bool_)
    chosen[: len(parcels)] = np.isin(parcels, site)
    scip.setSolVal(solution, graph.y[int(np.flatnonzero(parcels == centre)[0])], 1.0)
    for over in range(graph.n, graph.size):
        both = chosen[graph.pairs].all(axis=1)
        _, piece = connected_components(_matrix(graph.pairs[both], graph.size), directed=False)
        one, other = graph.pairs[graph.pairs[:, 1] == over, 0]
        chosen[over] = chosen[one] and chosen[other] and piece[one] != piece[other]
    for node in np.flatnonzero(chosen).tolist():
        scip.setSolVal(solution, graph.x[node], 1.0)
    scip.addSol(solution)


class _Graph:
    """The columns and rows that are there from the start, and the graph of parcels and bridges."""

    def __init__(
        self,
        scip: pyscipopt.Model,
        problem: Problem,
        demand: SiteDemand,
        parcels: np.ndarray,
        scale: float,
    ) -> None:
        self.n = n = len(parcels)
        number = np.full(len(problem.cost), -1)
        number[parcels] = np.arange(n)
        borders = _kept(number[problem.borders])
        bridges = _kept(number[problem.bridges]) if demand.max_bridges else borders[:0]
        half = np.arange(n, n + len(bridges))
        first = np.column_stack([bridges[:, 0], half])
        second = np.column_stack([bridges[:, 1], half])
        self.pairs = np.concatenate([borders, first, second])
        self.size = n + len(bridges)
        cost = [*(problem.cost[parcels] / scale).tolist(), *[0.0] * len(bridges)]
        self.x = [scip.addVar(vtype="B", obj=c) for c in cost]
        self.y = [scip.addVar(vtype="B") for _ in range(n)]
        self._rows(scip, problem, demand, parcels)
        for (u, v), z in zip(bridges.tolist(), self.x[n:], strict=True):
            scip.addCons(z <= self.x[u])
            scip.addCons(z <= self.x[v])
        scip.addCons(pyscipopt.quicksum(self.x[n:]) <= demand.max_bridges)

    def _rows(
        self,
        scip: pyscipopt.Model,
        problem: Problem,
        demand: SiteDemand,
        parcels: np.ndarray,
    ) -> None:
        x, y, n = self.x, self.y, self.n
        total = pyscipopt.quicksum
        unit = float(problem.area[parcels].mean())
        area = total(
            float(a / unit) * one for a, one in zip(problem.area[parcels], x, strict=False)
        )
        scip.addCons(area >= demand.area_min / unit)
        scip.addCons(area <= demand.area_max / unit)
        scip.addCons(total(y) == 1)
        scip.addCons(total(x[:n]) >= demand.min_parcels)
        near: list[list[int]] = [[] for _ in range(self.size)]
        for u, v in self.pairs.tolist():
            near[u].append(v)
            near[v].append(u)
        for i in range(n):
            scip.addCons(y[i] <= x[i])
            scip.addCons(x[i] <= y[i] + total(x[j] for j in near[i]))
            offset = problem.xy[parcels] - problem.xy[parcels[i]]
            far = np.flatnonzero((offset**2).sum(axis=1) > demand.radius_m**2)
            if len(far):
                scip.addCons(x[i] + total(y[int(c)] for c in far) <= 1)
        own = {int(v): i for i, v in enumerate(parcels)}
        for v in demand.must.tolist():
            scip.addCons((x[own[v]] if v in own else total([])) >= 1)


def _kept(pairs: np.ndarray) -> np.ndarray:
    pairs = pairs.reshape(-1, 2)
    return pairs[(pairs >= 0).all(axis=1)]


class _Connected(pyscipopt.Conshdlr):  # type: ignore[misc]
    """Adds separators that a solution breaks."""

    def __init__(self, graph: _Graph) -> None:
        self.graph = graph

    def conscheck(self, constraints: Any, solution: Any, *_: Any) -> dict[str, Any]:
        broken = self._pieces_apart(solution)
        wrong = pyscipopt.SCIP_RESULT.INFEASIBLE if broken else pyscipopt.SCIP_RESULT.FEASIBLE
        return {"result": wrong}

    def consenfolp(self, *_: Any) -> dict[str, Any]:
        cuts = self._pieces_apart(None) or self._least_cuts()
        if not cuts:
            return {"result": pyscipopt.SCIP_RESULT.FEASIBLE}
        self._add(cuts)
        return {"result": pyscipopt.SCIP_RESULT.SEPARATED}

    def conssepalp(self, *_: Any) -> dict[str, Any]:
        cuts = self._pieces_apart(None) or self._least_cuts()
        self._add(cuts)
        found = pyscipopt.SCIP_RESULT.SEPARATED if cuts else pyscipopt.SCIP_RESULT.DIDNOTFIND
        return {"result": found}

    def consenfops(self, *_: Any) -> dict[str, Any]:
        return {"result": pyscipopt.SCIP_RESULT.INFEASIBLE}

    def conslock(self, constraint: Any, locktype: Any, up: int, down: int) -> None:
        for column in (*self.graph.x, *self.graph.y):
            self.model.addVarLocks(column, up + down, up + down)

    def _values(self, solution: Any) -> tuple[np.ndarray, np.ndarray]:
        get = self.model.getSolVal
        x = np.array([get(solution, one) for one in self.graph.x])
        return x, np.array([get(solution, one) for one in self.graph.y])

    def _pieces_apart(self, solution: Any) -> list[tuple[np.ndarray, np.ndarray, int]]:
        """Return (around, inside, v) for pieces of the support that hold no centre."""
        graph = self.graph
        x, y = self._values(solution)
        on = x > 1e-6
        both = on[graph.pairs].all(axis=1)
        _, piece = connected_components(_matrix(graph.pairs[both], graph.size), directed=False)
        cuts = []
        for label in np.unique(piece[on]):
            inside = on & (piece == label)
            parcels = np.flatnonzero(inside[: graph.n])
            if len(parcels) == 0 or x[parcels].max() - y[parcels].sum() < 1e-4:
                continue
            v = int(parcels[np.argmax(x[parcels])])
            cuts.append((_around(graph.pairs, inside), parcels, v))
        return cuts

    def _least_cuts(self) -> list[tuple[np.ndarray, np.ndarray, int]]:
        """Return (around, inside, v) from least cuts between the centre and v."""
        graph = self.graph
        x, y = self._values(None)
        flow = _network(graph, x, y)
        source, cuts = 2 * graph.size, []
        served = np.zeros(graph.n, np.bool_)
        for v in np.argsort(-x[: graph.n], kind="stable").tolist():
            if x[v] < 0.05 or len(cuts) >= _MOST_CUTS:
                break
            if served[v]:
                continue
            answer = maximum_flow(flow, source, 2 * v)
            if answer.flow_value >= (x[v] - 1e-3) * _UNIT:
                continue
            left = csr_array(flow - answer.flow)
            left.data = np.maximum(left.data, 0)
            left.eliminate_zeros()
            reached = np.zeros(2 * graph.size + 1, np.bool_)
            order = breadth_first_order(left, source, return_predecessors=False)
            reached[order] = True
            into, out = reached[0:-1:2], reached[1:-1:2]
            around = np.flatnonzero(into & ~out)
            inside = np.flatnonzero(~into[: graph.n])
            served[inside] = True
            cuts.append((around, inside, v))
        return cuts

    def _add(self, cuts: list[tuple[np.ndarray, np.ndarray, int]]) -> None:
        for around, inside, v in cuts:
            row = self.model.createEmptyRowUnspec("separator", lhs=0.0, rhs=None, local=False)
            self.model.cacheRowExtensions(row)
            self.model.addVarToRow(row, self.graph.x[v], -1.0)
            for node in around.tolist():
                self.model.addVarToRow(row, self.graph.x[node], 1.0)
            for node in inside.tolist():
                self.model.addVarToRow(row, self.graph.y[node], 1.0)
            self.model.flushRowExtensions(row)
            self.model.addCut(row, forcecut=True)
            self.model.addPoolCut(row)
            self.model.releaseRow(row)


def _matrix(pairs: np.ndarray, size: int) -> csr_array:
    ones = np.ones(len(pairs), np.int32)
    return coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr()


def _around(pairs: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the nodes that are linked to some inside and lie outside."""
    one, other = inside[pairs[:, 0]], inside[pairs[:, 1]]
    return np.unique(np.concatenate([pairs[one & ~other, 1], pairs[other & ~one, 0]]))


def _network(graph: _Graph, x: np.ndarray, y: np.ndarray) -> csr_array:
    """Return capacities: node u is entered at 2u, left at 2u + 1; the centre feeds all with y.

    The centre's flow into w passes through w only where w is not where the flow is wanted, so it is
    fed into the entry of w.
    """
    u, v = graph.pairs[:, 0], graph.pairs[:, 1]
    nodes = np.arange(graph.size)
    centres = np.arange(graph.n)
    tail = np.concatenate([2 * nodes, 2 * u + 1, 2 * v + 1, np.full(graph.n, 2 * graph.size)])
    head = np.concatenate([2 * nodes + 1, 2 * v, 2 * u, 2 * centres])
    through = np.rint(x * _UNIT)
    wide = np.full(2 * len(u), _ENDLESS)
    room = np.concatenate([through, wide, np.rint(y * _UNIT)]).astype(np.int32)
    size = 2 * graph.size + 1
    return coo_array((room, (tail, head)), shape=(size, size)).tocsr()
