"""What a site costs, term by term: the one place that says so."""

from dataclasses import dataclass

import numpy as np

from landplan.optimize.assembly.model import pieces, renumber
from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand, moment_cost


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a site's or plan's objective, minor units."""

    acquisition: int = 0
    owners: int = 0
    bridges: int = 0
    moment: int = 0

    @property
    def total(self) -> int:
        """Return the objective."""
        return self.acquisition + self.owners + self.bridges + self.moment

    def __add__(self, other: "Terms") -> "Terms":
        """Return the sum, term by term."""
        return Terms(
            self.acquisition + other.acquisition,
            self.owners + other.owners,
            self.bridges + other.bridges,
            self.moment + other.moment,
        )


def terms_of(problem: Problem, demand: SiteDemand, parcels: IntArray, centre: int) -> Terms:
    """Return the terms of a site with this centre parcel; it must be one (`is_site`)."""
    price = problem.owner_price[owners_of(problem, parcels)]
    return Terms(
        acquisition=int(problem.cost[parcels].sum()),
        owners=int(price.sum()),
        bridges=_bridges(problem, parcels),
        moment=_moment(problem, demand, parcels, centre),
    )


def cost_of(problem: Problem, demand: SiteDemand, parcels: IntArray, centre: int) -> int:
    """Return the objective of a site with this centre parcel."""
    return terms_of(problem, demand, parcels, centre).total


def owners_of(problem: Problem, parcels: IntArray) -> IntArray:
    """Return the distinct owners of some parcels, ascending."""
    if len(problem.owner_start) == 0:
        return np.empty(0, np.int64)
    ends = zip(problem.owner_start[parcels], problem.owner_start[parcels + 1], strict=True)
    held = [problem.owner_of[start:end] for start, end in ends]
    return np.unique(np.concatenate([np.empty(0, np.int64), *held])).astype(np.int64)


def bridges_of(problem: Problem, parcels: IntArray) -> int:
    """Return how many bridges hold a site together: its pieces by borders alone, less one."""
    chosen = np.zeros(len(problem.cost), np.bool_)
    chosen[parcels] = True
    return int(pieces(len(parcels), renumber(problem.borders, chosen)).max())


def _bridges(problem: Problem, parcels: IntArray) -> int:
    """Return what the cheapest bridges that make a site one piece cost."""
    if len(problem.bridge_fee) == 0:
        return problem.bridge_price and problem.bridge_price * bridges_of(problem, parcels)
    return int(problem.bridge_costs()[spanning_bridges(problem, parcels)].sum())


def spanning_bridges(problem: Problem, parcels: IntArray, rank: IntArray | None = None) -> IntArray:
    """Return the cheapest bridges that make a site one piece, as far as there are any.

    Of equal cost, those of least ``rank`` [b], then of least number (Kruskal 1956, doi
    10.1090/S0002-9939-1956-0078686-7).
    """
    chosen = np.zeros(len(problem.cost), np.bool_)
    chosen[parcels] = True
    label = np.full(len(problem.cost), -1, np.int64)
    label[np.flatnonzero(chosen)] = pieces(len(parcels), renumber(problem.borders, chosen))
    ends = problem.bridges.reshape(-1, 2)
    inside = np.flatnonzero(chosen[ends].all(axis=1))
    first = np.zeros(len(ends), np.int64) if rank is None else rank
    order = inside[np.lexsort((inside, first[inside], problem.bridge_costs()[inside]))]
    taken = []
    for bridge in order:
        one, other = label[ends[bridge]]
        if one != other:
            label[label == other] = one
            taken.append(int(bridge))
    return np.array(taken, np.int64)


def best_centre(problem: Problem, demand: SiteDemand, parcels: IntArray, centre: int) -> int:
    """Return the parcel about which the site costs least; ``centre`` where all cost the same."""
    if demand.moment_price == 0.0:
        return centre
    best = (_moment(problem, demand, parcels, centre), -1, centre)
    for other in parcels:
        offset = problem.xy[parcels] - problem.xy[other]
        if (offset[:, 0] ** 2 + offset[:, 1] ** 2 <= demand.radius_m * demand.radius_m).all():
            best = min(best, (_moment(problem, demand, parcels, int(other)), 0, int(other)))
    return best[2]


def _moment(problem: Problem, demand: SiteDemand, parcels: IntArray, centre: int) -> int:
    if demand.moment_price == 0.0:
        return 0
    area = problem.area[parcels].astype(np.float64)
    cost = moment_cost(area, problem.xy[parcels], problem.xy[centre], demand.moment_price)
    return int(cost.sum())
