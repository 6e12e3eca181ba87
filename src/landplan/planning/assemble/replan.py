"""The plan after a lock, a refusal or another area: the changed question, answered from the plan.

The answer is as good as one from scratch: it has a bound of its own, and the search may begin with
what the plan knows. What it began from stands among its assumptions and is part of its id, so a
plan made from scratch and one made from another are never taken for each other.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.validation import validated
from landplan.errors import InputError
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.planning.assemble.about_plan import require_plan_of
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.known import start_from
from landplan.planning.assemble.names import check_names
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.propose import propose
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be different: parcels locked or excluded, owners excluded, an area range in ha.

    ``demand`` says whose; None: the only one, of a lock the one whose site holds the parcel, and of
    exclusions all.
    """

    lock: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    never_owners: tuple[str, ...] = ()
    area_ha: tuple[float, float] | None = None
    demand: str | None = None


def changed_request(proposal: Proposal, wish: Wish) -> AssembleRequest:
    """Return the request of a plan with a wish fulfilled.

    Raises
    ------
    InputError, ManyErrors
        ``replan.no_wish``, ``replan.demand_unknown``, ``replan.demand_needed``, or as the request.
    """
    if wish == Wish(demand=wish.demand):
        raise InputError("replan.no_wish")
    request: Json = copy.deepcopy(dict(proposal.request))
    demands = {str(entry["id"]): entry for entry in request["demand"]}
    if wish.demand is not None and wish.demand not in demands:
        raise InputError("replan.demand_unknown", demand=wish.demand, known=list(demands))
    for parcel in wish.lock:
        owner = demands[_whose(parcel, proposal, wish.demand, list(demands))]
        for entry in demands.values():
            entry["must"] = [other for other in entry["must"] if other != parcel]
        owner["must"] = sorted({*owner["must"], parcel})
        owner["never"] = [other for other in owner["never"] if other != parcel]
    for name, entry in demands.items():
        if wish.demand in (None, name):
            entry["never"] = sorted({*entry["never"], *wish.never})
            entry["must"] = [other for other in entry["must"] if other not in set(wish.never)]
            entry["never_owners"] = sorted({*entry["never_owners"], *wish.never_owners})
    if wish.area_ha is not None:
        only = wish.demand or _only(list(demands), "area_ha")
        demands[only]["area_ha"] = list(wish.area_ha)
    return validated(AssembleRequest, request, "replan")


def replan(
    proposal: Proposal,
    town: Cadastre,
    request: AssembleRequest,
    within: float = 0.0,
    ground: TownGround | None = None,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Answer a changed request, starting from what a plan knows; not yet written or audited.

    Parameters
    ----------
    proposal
        The plan of the request before.
    town
        The town it was made for.
    request
        Its request with changes.
    within
        A gap, as a fraction, at which the search may end; 0: only once it is proven.
    ground
        The town's overlays where they are at hand.
    progress, stop
        As in `landplan.planning.process`.

    Raises
    ------
    InputError, ManyErrors
        As `require_plan_of`, and for names in the request that the town does not have.
    """
    require_plan_of(proposal, town)
    check_names(request, town)
    ground = TownGround.of(town) if ground is None else ground
    formulation = ground.formulation(request)
    start = start_from(proposal, request, ground)

    def enough(best: float, bound: float, /) -> bool:
        near = best < float("inf") and best - bound <= within * best
        return near or (stop is not None and stop(best, bound))

    def told(phase: str, best: float, bound: float, /) -> None:
        if progress is not None:
            progress(phase, best / MINOR_UNITS, bound / MINOR_UNITS)

    params = Params.of(request.effort, request.seed)
    result = solve(formulation.problem, params, enough if within > 0 else stop, told, start)
    origin = {"id": proposal.id, "within": float(within)}
    return propose(request, town, formulation, result, origin)


def _whose(parcel: str, proposal: Proposal, demand: str | None, known: Sequence[str]) -> str:
    """Return the demand that a locked parcel is for."""
    if demand is not None:
        return demand
    parcels = proposal.parcels
    site = parcels.loc[(parcels["parcel_id"] == parcel) & parcels["site_id"].notna(), "site_id"]
    if len(site):
        sites = proposal.sites
        return str(sites.loc[sites["site_id"] == site.iloc[0], "demand_id"].iloc[0])
    return _only(known, parcel)


def _only(known: Sequence[str], what: str) -> str:
    if len(known) > 1:
        raise InputError("replan.demand_needed", what=what, known=list(known))
    return known[0]
