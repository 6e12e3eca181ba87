"""The Pareto front of a request: cost against owners and compactness, each point with its bound.

Owners: the most owners that one of the sites has. Compactness: how far the farthest site spreads,
in radii of the disc of its demand's largest area around its centre parcel, in steps. Both are rules
of the request (`consent.max_owners`, `shape.max_radius_factor`), so that every point is an ordinary
proposal, and least cost under both is what the engine proves (epsilon constraints).

A *box* (k, f) asks for the best plan with at most k owners and at most f steps. Let it have o
owners and s steps. Every plan in the box that it does not dominate has fewer owners or fewer steps,
so it lies in (o − 1, f) or in (k, s − 1): these are searched next. A box inside one without a plan
has none; a box inside one whose best plan it holds has the same best plan. When no box is left and
all bounds meet, no point of the front is missing; otherwise the boxes that are open are named.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.planning.assemble.alternatives import proven_bound, require_assembled, wanted
from landplan.planning.assemble.formulate import SQUARE_METRES_PER_HECTARE
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.propose import propose
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

FREE: Final = 10**9
"""A limit that limits nothing."""
_HAIR: Final = 1e-9
_NEARLY_NOTHING: Final = 1e-6


@dataclass(frozen=True, order=True, slots=True)
class Box:
    """Most owners of a site, and most steps of radius; `FREE`: no limit."""

    owners: int
    steps: int

    def holds(self, owners: int, steps: int) -> bool:
        """Whether a plan with so many owners and steps, or a box with these limits, lies in it."""
        return owners <= self.owners and steps <= self.steps


@dataclass(frozen=True, slots=True)
class Point:
    """A plan of the front.

    Attributes
    ----------
    proposal
        The plan, not yet written or audited; the one asked about as it is.
    cost, bound
        Its objective, and what any plan costs that is as good in owners and radius as its request
        demands; town currency.
    owners
        Most owners of one of its sites; 0 where owners are no criterion.
    radius
        How far the farthest site spreads, disc radii; ``steps`` the same in whole steps, upwards.
    """

    proposal: Proposal
    cost: float
    bound: float
    owners: int
    radius: float
    steps: int

    def dominates(self, other: "Point") -> bool:
        """Whether it is at least as good in everything and better in something."""
        own, its = self.figures, other.figures
        return own != its and all(a <= b for a, b in zip(own, its, strict=True))

    @property
    def figures(self) -> tuple[float, int, int]:
        """Cost, owners and steps."""
        return self.cost, self.owners, self.steps


@dataclass(frozen=True, slots=True)
class Open:
    """Where a further point may lie: in a box, at a cost of at least ``bound``.

    ``below``: it costs less than this, the cost of the plan found in the box; inf where none was.
    """

    box: Box
    bound: float
    below: float = math.inf


@dataclass(frozen=True, slots=True)
class Front:
    """The points by rising cost, what may be missing, and the step of the radius."""

    points: tuple[Point, ...]
    missing: tuple[Open, ...]
    step: float
    with_owners: bool
    searches: int

    @property
    def complete(self) -> bool:
        """Whether it is proven that no point is missing."""
        return not self.missing


@dataclass(slots=True)
class _Search:
    """What is known so far: answers by box, in the order in which they were found."""

    proposal: Proposal
    request: AssembleRequest
    ground: TownGround
    step: float
    with_owners: bool
    answers: dict[Box, Point | None] = field(default_factory=dict)
    missing: list[Open] = field(default_factory=list)
    bounds: dict[Box, float] = field(default_factory=dict)

    def known(self, box: Box) -> tuple[bool, Point | None]:
        """Return whether a larger box answers for this one, and its plan (None: there is none)."""
        for larger, point in self.answers.items():
            inside = larger.holds(box.owners, box.steps)
            if inside and (point is None or box.holds(point.owners, point.steps)):
                return True, point
        return False, None

    def bound(self, box: Box) -> float:
        """Return what plans of a box cost at least, as far as larger boxes say."""
        larger = (b for other, b in self.bounds.items() if other.holds(box.owners, box.steps))
        return max(larger, default=0.0)

    def limited(self, box: Box) -> AssembleRequest:
        """Return the request with the limits of a box."""
        changed = self.request.canonical()
        if box.owners < FREE:
            changed["consent"]["max_owners"] = box.owners
        if box.steps < FREE:
            factor = round(box.steps * self.step, 6)
            asked = self.request.shape.max_radius_factor or math.inf
            changed["shape"]["max_radius_factor"] = max(min(factor, asked), _NEARLY_NOTHING)
        return AssembleRequest.model_validate(changed)

    def point(self, plan: Proposal) -> Point:
        """Measure a plan."""
        radius = spread_of(plan, self.ground)
        cost = plan.certificate.objective or 0.0
        bound = plan.certificate.bound or 0.0
        owners = int(plan.sites["owner_count"].max()) if self.with_owners else 0
        return Point(plan, cost, bound, owners, radius, math.ceil(radius / self.step - _HAIR))

    def solve(self, box: Box, stop: StopAsked | None) -> bool:
        """Search a box; whether it was answered."""
        request = self.limited(box)
        formulation = self.ground.formulation(request)
        result = solve(formulation.problem, Params.of(request.effort, request.seed), stop)
        self.bounds[box] = proven_bound(request, result)
        if len(result.sites) == wanted(request):
            town = self.ground.cadastre
            self.answers[box] = self.point(propose(request, town, formulation, result))
        elif math.isinf(self.bounds[box]):
            self.answers[box] = None
        return box in self.answers


def front(
    proposal: Proposal,
    town: Cadastre,
    most: int = 12,
    step: float = 0.1,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
    found: Callable[[Point], None] | None = None,
) -> Front:
    """Return the Pareto front around a plan.

    Parameters
    ----------
    proposal
        A plan of the process `assemble` that meets all its demands, on the data of ``town``; it is
        the point of least cost, and its request is the widest box.
    town
        The town it was made for.
    most
        How many searches at most; boxes not searched then are named as missing.
    step
        Radii are told apart in steps of so many disc radii, at least 0.001, to three decimals.
    progress, stop
        As in `landplan.planning.process`; asked to stop, what was found so far is returned.
    found
        Called with every plan as soon as it is found; it may turn out to be dominated.

    Raises
    ------
    InputError
        As `landplan.planning.assemble.alternatives.require_assembled`.
    """
    require_assembled(proposal, town)
    known = bool(town.rights["owner_id"].notna().any())
    request = AssembleRequest.model_validate(proposal.request)
    search = _Search(proposal, request, TownGround.of(town), max(round(step, 3), 0.001), known)
    widest = Box(request.consent.max_owners or FREE, FREE)
    search.answers[widest] = search.point(proposal)
    search.bounds[widest] = proposal.certificate.bound or 0.0
    queue, done, searches, stopped = deque([widest]), set[Box](), 0, False
    while queue:
        box = queue.popleft()
        if box in done:
            continue
        done.add(box)
        answered, point = search.known(box)
        if not answered and (searches >= most or stopped or not _askable(box, search)):
            if not _impossible(box, search):
                search.missing.append(Open(box, search.bound(box)))
            continue
        if not answered:
            searches += 1
            answered = search.solve(box, stop)
            stopped = stop is not None and stop(math.inf, search.bound(box))
            point = search.answers.get(box)
            if progress is not None:
                progress("front", float(searches), float(most))
            if point is not None and found is not None:
                found(point)
        if not answered:
            search.missing.append(Open(box, search.bound(box)))
        elif point is not None:
            queue.extend(_inside(box, point, known))
    return _front(search, searches)


def spread_of(plan: Proposal, ground: TownGround) -> float:
    """Return how far the farthest site of a plan spreads around its centre parcel, disc radii."""
    demands = {str(demand["id"]): demand for demand in plan.request["demand"]}
    widest = 0.0
    sites = plan.sites[["site_id", "demand_id", "centre_parcel"]]
    for site, demand, centre in sites.itertuples(index=False, name=None):
        own = plan.parcels.loc[plan.parcels["site_id"] == site, "parcel_id"]
        points = ground.points[ground.ids.get_indexer(own)]
        middle = ground.points[int(ground.ids.get_indexer(pd.Index([centre]))[0])]
        area = demands[str(demand)]["area_ha"][1] * SQUARE_METRES_PER_HECTARE
        away = float(np.hypot(*(points - middle).T).max())
        widest = max(widest, away / math.sqrt(area / math.pi))
    return widest


def _inside(box: Box, point: Point, with_owners: bool) -> Iterator[Box]:
    """Yield the boxes that hold whatever a box holds and its best plan does not dominate."""
    if with_owners:
        yield Box(point.owners - 1, box.steps)
    yield Box(box.owners, point.steps - 1)


def _askable(box: Box, search: _Search) -> bool:
    """Whether a request can ask for the box: "no owner at all" and "less than no radius" cannot."""
    return box.steps >= 0 and (box.owners > 0 or not search.with_owners)


def _impossible(box: Box, search: _Search) -> bool:
    """Whether no plan can lie in a box: less than nothing, or nobody's land where there is none."""
    if box.steps < 0 or box.owners < 0:
        return True
    if box.owners > 0 or not search.with_owners:
        return False
    town, own = search.ground.cadastre, search.request.acquirer_owners
    held = town.rights.loc[~town.rights["owner_id"].isin(own), ["parcel_id", "owner_id"]]
    return bool(town.parcels["parcel_id"].isin(held.dropna()["parcel_id"]).all())


def _front(search: _Search, searches: int) -> Front:
    """Drop what is dominated; a plan not proven best in its box may hide a cheaper one."""
    plans = [point for point in search.answers.values() if point is not None]
    missing = list(search.missing)
    for box, point in search.answers.items():
        if point is not None and not point.proposal.certificate.proven_best:
            missing.append(Open(box, search.bound(box), point.cost))
    kept: list[Point] = []
    for point in sorted(plans, key=lambda one: one.figures):
        if point.figures not in {one.figures for one in kept} and not any(
            other.dominates(point) for other in plans
        ):
            kept.append(point)
    return Front(tuple(kept), _widest(missing), search.step, search.with_owners, searches)


def _widest(missing: list[Open]) -> tuple[Open, ...]:
    """Leave out what another entry says as well: a larger box, as cheap, no less open."""
    kept: list[Open] = []
    for gap in sorted(missing, key=lambda one: (-one.box.owners, -one.box.steps, one.bound)):
        if not any(
            wider.box.holds(gap.box.owners, gap.box.steps)
            and wider.bound <= gap.bound
            and wider.below >= gap.below
            for wider in kept
        ):
            kept.append(gap)
    return tuple(kept)
