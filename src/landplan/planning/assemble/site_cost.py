"""What a site counts for, term by term, on the integers of the engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from landplan.optimize.assembly.model import pieces
from landplan.optimize.assembly.objective import spanning_bridges
from landplan.optimize.assembly.problem import Problem, SiteDemand, moment_cost
from landplan.planning.assemble.closing import by_facing
from landplan.planning.assemble.formulate import Formulation

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
TERMS: Final = ("acquisition", "owners", "refusals", "crossings", "closing", "distance")
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class NamedSite:
    """A site with its id, the id and place of its demand, and the rows of its parcels."""

    site_id: str
    demand_id: str
    parcels: NDArray[np.int64]
    demand: int = 0


@dataclass(frozen=True, slots=True)
class SiteCost:
    """Minor units of every term of one site, and the centre parcel that its distances are from.

    ``risk`` is Σ −ln(1 − p) over its owners: exp(−risk) is the chance that nobody refuses. None
    where the request does not ask for owners.
    """

    amounts: Mapping[str, int]
    centre: int
    risk: float | None

    @property
    def total(self) -> int:
        """Its part of the objective."""
        return sum(self.amounts.values())


def site_cost(parcels: IntArray, demand: int, formulation: Formulation) -> SiteCost:
    """Return what a site of a demand, sorted parcel indices, counts for around its best centre."""
    problem, terms = formulation.problem, formulation.terms
    centre, distance = best_centre(parcels, problem, problem.demands[demand])
    owners = terms.owners
    present = np.empty(0, np.int64) if owners is None else owners.present(parcels)
    crossings = int(site_pieces(parcels, problem.borders).max()) if len(parcels) else 0
    asked = crossings > 0 and len(problem.bridge_fee) > 0
    fee = problem.bridge_fee[used_bridges(parcels, formulation)].sum() if asked else 0
    amounts = {
        "acquisition": int(problem.cost[parcels].sum()),
        "owners": int(terms.owner_fee[present].sum()),
        "refusals": int(terms.owner_risk[present].sum()),
        "crossings": terms.bridge_price * crossings,
        "closing": int(fee),
        "distance": distance,
    }
    risk = None if owners is None else float(owners.risk[present].sum())
    return SiteCost(amounts, centre, risk)


def used_bridges(parcels: IntArray, formulation: Formulation) -> IntArray:
    """Return the bridges that hold a site together: the cheapest, of these the widest facing."""
    return spanning_bridges(formulation.problem, parcels, by_facing(formulation.bridges))


def summed(costs: Iterable[SiteCost], formulation: Formulation) -> dict[str, int]:
    """Return the terms of several sites: the land, and whatever the request prices."""
    total = dict.fromkeys((TERMS[0], *formulation.terms.priced), 0)
    for cost in costs:
        for name in total:
            total[name] += cost.amounts[name]
    return total


def best_centre(parcels: IntArray, problem: Problem, demand: SiteDemand) -> tuple[int, int]:
    """Return the centre that makes a site cheapest, and what distance from it counts for.

    Of the parcels that have all of the site within the radius; of those that have not (a site may
    break the rule while it is edited) the one whose farthest parcel is nearest. Without a price on
    distance that one is taken anyway.
    """
    if len(parcels) == 0:
        return -1, 0
    points, area = problem.xy[parcels], problem.area[parcels].astype(np.float64)
    reach, price = np.empty(len(parcels)), np.zeros(len(parcels))
    for start in range(0, len(parcels), _AT_ONCE):
        away = points[start : start + _AT_ONCE, None, :] - points[None, :, :]
        squared = away[:, :, 0] ** 2 + away[:, :, 1] ** 2
        reach[start : start + _AT_ONCE] = squared.max(axis=1)
    near = np.flatnonzero(reach <= demand.radius_m * demand.radius_m)
    if demand.moment_price == 0 or len(near) == 0:
        near = np.array([np.argmin(reach)])
    price = np.array(
        [moment_cost(area, points, points[place], demand.moment_price).sum() for place in near]
    )
    best = int(np.argmin(price))
    return int(parcels[near[best]]), int(price[best])


def site_pieces(rows: IntArray, pairs: IntArray) -> IntArray:
    """Return the [len(rows)] number of the piece that each parcel of a site is in."""
    inside = pairs[np.isin(pairs, rows).all(axis=1)]
    return pieces(len(rows), np.searchsorted(rows, inside).reshape(-1, 2))
