"""Prices and rows on larger instances, against a flow model solved by HiGHS."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem
from tests.optimize.assembly.fabrics import random_problem, with_terms
from tests.optimize.assembly.oracles import why_not_a_site


class FlowModel:
    """Shirabe's flow (2005) with a free root that is the centre, and all prices and rows.

    Columns: parcels x, root r, moment m, owners y, bridges b, flow on both directions of every
    link. The root sends one unit to every parcel of the site; a bridge carries flow only if b is
    paid for.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.demand = problem.demands[0]
        n, self.owners = len(problem.cost), len(problem.owner_price)
        links = np.concatenate([problem.borders, problem.bridges]).astype(np.int64)
        self.arcs = np.concatenate([links, links[:, ::-1]])
        self.n_links, self.n_borders = len(links), len(problem.borders)
        self.x, self.r, self.m = 0, n, 2 * n
        self.y = 3 * n
        self.b = self.y + self.owners
        self.f = self.b + len(problem.bridges)
        self.width = self.f + len(self.arcs)
        self.rows: list[tuple[list[int], list[float], float, float]] = []

    def add(self, columns: list[int], values: list[float], low: float, high: float) -> None:
        self.rows.append((columns, values, low, high))

    def least(self) -> float:
        """Return the least objective, inf where there is no site."""
        problem, demand, n = self.problem, self.demand, len(self.problem.cost)
        every = list(range(n))
        self.add(every, problem.area.tolist(), demand.area_min, demand.area_max)
        self.add(every, [1.0] * n, demand.min_parcels, np.inf)
        self.add([self.r + v for v in every], [1.0] * n, 1.0, 1.0)
        self.add(
            [self.b + e for e in range(len(problem.bridges))],
            [1.0] * len(problem.bridges),
            0.0,
            demand.max_bridges,
        )
        for row in demand.rows:
            self.add(every, row.coef.tolist(), row.low, np.inf)
        owners = [self.y + o for o in range(self.owners)]
        for row in demand.owner_rows:
            self.add(owners, row.coef.tolist(), row.low, np.inf)
        self._owners()
        scale = self._centres()
        self._flow()
        cost = np.zeros(self.width)
        cost[:n] = problem.cost
        cost[self.m : self.m + n] = scale
        cost[self.y : self.b] = problem.owner_price
        cost[self.b : self.f] = problem.bridge_costs()
        return self._solved(cost)

    def _owners(self) -> None:
        problem = self.problem
        held: dict[int, list[int]] = {o: [] for o in range(self.owners)}
        for v in range(len(problem.owner_start) - 1):
            for o in problem.owner_of[problem.owner_start[v] : problem.owner_start[v + 1]]:
                held[int(o)].append(v)
                self.add([self.y + int(o), v], [1.0, -1.0], 0.0, np.inf)
        for o, parcels in held.items():
            ones = [1.0] * len(parcels)
            self.add([*parcels, self.y + o], [*ones, -1.0], 0.0, np.inf)

    def _centres(self) -> float:
        """Add reach and moment about the root; return what a unit of a moment column costs."""
        problem, demand, n = self.problem, self.demand, len(self.problem.cost)
        moment = np.zeros((n, n))
        for u in range(n):
            away = ((problem.xy - problem.xy[u]) ** 2).sum(axis=1)
            moment[u] = np.rint(demand.moment_price * problem.area * away)
            self.add([self.r + u, u], [-1.0, 1.0], 0.0, np.inf)
            for v in np.flatnonzero(away > demand.radius_m**2):
                self.add([self.r + u, int(v)], [1.0, 1.0], -np.inf, 1.0)
        scale = max(1.0, float(moment.max()))
        for v in range(n):
            most = moment[:, v].max() / scale
            columns = [self.m + v, v, *(self.r + u for u in range(n))]
            self.add(columns, [1.0, -most, *(-moment[:, v] / scale)], -most, np.inf)
        return scale

    def _flow(self) -> None:
        n = len(self.problem.cost)
        for a, (_, v) in enumerate(self.arcs):
            self.add([self.f + a, int(v)], [1.0, -(n - 1.0)], -np.inf, 0.0)
            link = a % self.n_links
            if link >= self.n_borders:
                bridge = self.b + link - self.n_borders
                self.add([self.f + a, bridge], [1.0, -(n - 1.0)], -np.inf, 0.0)
        for v in range(n):
            into = np.flatnonzero(self.arcs[:, 1] == v)
            out = np.flatnonzero(self.arcs[:, 0] == v)
            columns = [*(self.f + into), *(self.f + out), v, self.r + v]
            values = [*([1.0] * len(into)), *([-1.0] * len(out)), -1.0, float(n)]
            self.add(columns, values, 0.0, np.inf)

    def _solved(self, cost: np.ndarray) -> float:
        problem, n = self.problem, len(self.problem.cost)
        place = np.repeat(np.arange(len(self.rows)), [len(row[0]) for row in self.rows])
        columns = np.concatenate([np.array(row[0], np.int64) for row in self.rows])
        values = np.concatenate([np.array(row[1], np.float64) for row in self.rows])
        matrix = coo_array((values, (place, columns)), shape=(len(self.rows), self.width)).tocsr()
        low, high = np.zeros(self.width), np.ones(self.width)
        high[:n] = self.demand.eligible
        low[self.demand.must] = 1.0
        if (low > high).any():
            return float("inf")
        high[self.f :] = n - 1.0
        whole = np.ones(self.width)
        whole[self.m : self.y] = 0
        whole[self.f :] = 0
        unit = max(1.0, float(problem.cost.max()))
        answer = milp(
            cost / unit,
            constraints=LinearConstraint(
                matrix, [row[2] for row in self.rows], [row[3] for row in self.rows]
            ),
            integrality=whole,
            bounds=Bounds(low, high),
            options={"mip_rel_gap": 0.0, "node_limit": 200_000},
        )
        if answer.status == 2:
            return float("inf")
        assert answer.status == 0
        return float(answer.fun * unit)


@pytest.mark.parametrize(
    "terms",
    [
        ("owners", "bridges"),
        ("bridge fees",),
        ("moment",),
        ("rows",),
        ("owner rows",),
        ("moment", "owners", "bridges"),
    ],
    ids=" ".join,
)
def test_the_engine_finds_what_a_flow_model_finds(terms: tuple[str, ...]) -> None:
    found = 0
    for seed in range(6000, 6014):
        problem = with_terms(random_problem(seed, 32), terms, seed)
        if problem.cost.max() > 10**6:
            continue  # beyond the tolerance of the flow model
        least = FlowModel(problem).least()
        result = solve(problem, Params(starts=2, trials=300))
        if least == float("inf"):
            assert result.status == "infeasible", seed
            continue
        found += 1
        site = result.sites[0]
        assert why_not_a_site(problem, problem.demands[0], site.parcels, site.centre) == ""
        assert result.status == "optimal", seed
        assert result.objective == pytest.approx(least, rel=1e-6, abs=0.5), seed
    assert found > 1
