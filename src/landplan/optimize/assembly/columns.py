"""Sites met so far, the prices on parcels that they call for, and the best plan they make.

The plan chooses ``count`` sites of each demand, no parcel twice. Its linear program has a price
lambda_v >= 0 for every parcel and a value theta_d for a site of every demand. Extreme prices sit on
a few parcels that the next sites simply avoid; so each price is made of segments, each a little
dearer for the dual than the one before, which spreads it over the contested land (dual smoothing in
the sense of du Merle et al. 1999, doi 10.1016/S0012-365X(98)00213-1).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack

from landplan.optimize.assembly.objective import cost_of
from landplan.optimize.assembly.problem import FloatArray, IntArray, Problem

_SEGMENTS = 8
_SEGMENT_SHARE = 0.02
_SEGMENT_FEE = 0.004
_MASTER_NODES = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """A site of one demand at its true cost."""

    demand: int
    parcels: IntArray
    centre: int
    cost: int


def column_of(problem: Problem, demand: int, parcels: IntArray, centre: int) -> Column:
    """Return a site as a column, at its true cost."""
    cost = cost_of(problem, problem.demands[demand], parcels, centre)
    return Column(demand, parcels, centre, cost)


@dataclass(slots=True)
class Columns:
    """All sites met so far, each once."""

    problem: Problem
    known: list[Column] = field(default_factory=list)
    keys: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, demand: int, parcels: IntArray, centre: int) -> bool:
        """Keep a site; return whether it is new."""
        parcels = np.sort(parcels)
        key = (demand, parcels.tobytes())
        if key in self.keys:
            return False
        self.keys.add(key)
        self.known.append(column_of(self.problem, demand, parcels, centre))
        return True

    def cheapest(
        self, demand: int, price: IntArray, number: int
    ) -> tuple[tuple[IntArray, int], ...]:
        """Return the cheapest sites of a demand at given prices, as (parcels, centre)."""
        own = [column for column in self.known if column.demand == demand]
        own.sort(key=lambda column: column.cost + int(price[column.parcels].sum()))
        return tuple((column.parcels, column.centre) for column in own[:number])

    def trim(self, price: IntArray, most: int) -> None:
        """Forget the sites that are dearest at given prices where there are too many."""
        for demand in {column.demand for column in self.known}:
            own = [column for column in self.known if column.demand == demand]
            if len(own) <= most:
                continue
            own.sort(key=lambda column: column.cost + int(price[column.parcels].sum()))
            gone = {id(column) for column in own[most:]}
            self.known = [column for column in self.known if id(column) not in gone]
            self.keys = {(column.demand, column.parcels.tobytes()) for column in self.known}

    def prices(self, counts: list[int]) -> IntArray:
        """Return a price [n] for every parcel.

        Whole minor units, from the dual of the plan's LP.
        """
        price = np.zeros(len(self.problem.cost), np.int64)
        incidence, parcels = _incidence(self.known)
        if len(parcels) == 0:
            return price
        demands = sorted({column.demand for column in self.known})
        own = np.array([demands.index(column.demand) for column in self.known])
        cost = np.array([column.cost for column in self.known], np.float64)
        scale = max(1.0, float(cost.mean()))
        density = cost.sum() / sum(float(self.problem.area[c.parcels].sum()) for c in self.known)
        area = self.problem.area[parcels].astype(np.float64)
        choose = csr_array((np.ones(len(own)), (np.arange(len(own)), own)))
        matrix: Any = hstack([choose, *[-incidence.T] * _SEGMENTS], format="csr")
        gain = np.array([-float(counts[d]) for d in demands])
        fees = np.repeat(1.0 + _SEGMENT_FEE * np.arange(_SEGMENTS), len(parcels))
        width = _SEGMENT_SHARE * max(density, 1e-9) * area / scale
        ceiling = 4.0 * float(cost.max()) / scale + 1.0
        top = np.concatenate([np.tile(width, _SEGMENTS - 1), np.full(len(parcels), ceiling)])
        highest = np.concatenate([np.full(len(demands), ceiling), top])
        box = [(0.0, float(high)) for high in highest]
        answer = linprog(
            np.concatenate([gain, fees]), A_ub=matrix, b_ub=cost / scale, bounds=box, method="highs"
        )
        if answer.x is None:
            return price
        spread = answer.x[len(demands) :].reshape(_SEGMENTS, -1).sum(axis=0)
        price[parcels] = np.rint(spread * scale).astype(np.int64)
        return price

    def best_plan(self, counts: list[int]) -> list[Column] | None:
        """Return the cheapest plan made of these sites, None if they make none."""
        if not self.known:
            return [] if sum(counts) == 0 else None
        incidence, _ = _incidence(self.known)
        demands = [d for d, count in enumerate(counts) if count]
        number = {d: i for i, d in enumerate(demands)}
        used = [column for column in self.known if column.demand in number]
        incidence, _ = _incidence(used)
        own = np.array([number[column.demand] for column in used], np.int64)
        choose = csr_array(
            (np.ones(len(own)), (own, np.arange(len(own)))), shape=(len(demands), len(own))
        )
        cost = np.array([column.cost for column in used], np.float64)
        wanted = np.array([counts[d] for d in demands], np.float64)
        answer = milp(
            cost / max(1.0, float(cost.max())),
            constraints=[
                LinearConstraint(incidence, -np.inf, 1.0),
                LinearConstraint(choose, wanted, wanted),
            ],
            integrality=np.ones(len(own), np.int64),
            bounds=Bounds(0, 1),
            options={"node_limit": _MASTER_NODES, "mip_rel_gap": 0.0},
        )
        if answer.x is None:
            return None
        return [column for column, x in zip(used, answer.x, strict=True) if x > 0.5]


def _incidence(columns: list[Column]) -> tuple[csr_array, IntArray]:
    """Return the 0-1 matrix [contested parcels.

    Columns] and the parcels that at least two columns hold.
    """
    rows = np.concatenate([column.parcels for column in columns])
    place = np.repeat(np.arange(len(columns)), [len(column.parcels) for column in columns])
    parcels, row, uses = np.unique(rows, return_inverse=True, return_counts=True)
    contested = uses > 1
    number = np.cumsum(contested) - 1
    kept = contested[row]
    ones: FloatArray = np.ones(int(kept.sum()))
    matrix = csr_array(
        (ones, (number[row[kept]], place[kept])), shape=(int(contested.sum()), len(columns))
    )
    return matrix, np.asarray(parcels[contested], np.int64)
