"""The next best plans that differ from a plan, and from each other.

Every alternative answers the request of the plan with one more rule for each earlier plan: at most
so large a share of a site lies on the land of that plan (`landplan.planning.assemble.elsewhere`).
So it is a proposal like any other, with an audit and a bound of its own. Rules only ever join:
whatever keeps those of a later step keeps those of an earlier one, so that every bound proven so
far holds for all plans still to come.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.result import Result
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.propose import propose
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

Ending = Literal["count", "none", "above", "dearer", "not_found", "stopped"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan that differs from the plan asked about and from the alternatives before it.

    Attributes
    ----------
    proposal
        The plan, not yet written or audited.
    extra
        Its objective less that of the plan asked about, town currency.
    shared
        For every earlier plan, oldest first: its id, and the largest share of the area of one of
        the sites that lies on its land.
    """

    proposal: Proposal
    extra: float
    shared: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What was found, and what is proven about the rest.

    Attributes
    ----------
    plans
        The alternatives in the order in which they were found.
    ending
        Why there are no more: ``count``, as many as asked for; ``none``, it is proven that there is
        no other; ``above``, every other is proven dearer than the limit; ``dearer``, only a plan
        above the limit was found, which is not proven to be the best; ``not_found``, none was found
        with the work allowed; ``stopped``.
    bound
        No further plan that differs as much from all of these costs less, town currency; inf where
        there is none.
    limit
        What an alternative may cost, town currency.
    """

    plans: tuple[Alternative, ...]
    ending: Ending
    bound: float
    limit: float


def alternatives(
    proposal: Proposal,
    town: Cadastre,
    count: int = 3,
    max_share: float = 0.5,
    max_extra: float = 0.2,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
    found: Callable[[Alternative], None] | None = None,
) -> Alternatives:
    """Find the next best plans, each different from all before it.

    Parameters
    ----------
    proposal
        A plan of the process `assemble` that meets all its demands, on the data of ``town``.
    town
        The town it was made for.
    count
        How many alternatives are looked for.
    max_share
        Largest share of the area of a site on the land of each earlier plan, 0 <= share < 1.
    max_extra
        By what share an alternative may be dearer than the plan.
    progress, stop
        As in `landplan.planning.process`; asked to stop, what was found so far is returned.
    found
        Called with each alternative as soon as it is found.

    Raises
    ------
    InputError
        As `require_assembled`.
    """
    objective = require_assembled(proposal, town)
    request = AssembleRequest.model_validate(proposal.request)
    ground = TownGround.of(town)
    limit = round((1.0 + max_extra) * objective, 2)
    bound = proposal.certificate.bound or 0.0
    earlier, plans = [proposal], list[Alternative]()
    ending: Ending | None = None
    while ending is None and len(plans) < count:
        request = asked_elsewhere(request, earlier[-1], max_share)
        formulation = ground.formulation(request)
        result = solve(formulation.problem, Params.of(request.effort, request.seed), stop)
        bound = max(bound, proven_bound(request, result))
        stopped = stop is not None and stop(math.inf, bound)
        ending = _ended(request, result, bound, limit, stopped)
        if ending is not None:
            break
        plan = propose(request, town, formulation, result)
        extra = round((plan.certificate.objective or 0.0) - objective, 2)
        shared = tuple((other.id, largest_share(plan, land_of_plan(other))) for other in earlier)
        plans.append(Alternative(plan, extra, shared))
        earlier.append(plan)
        if found is not None:
            found(plans[-1])
        if progress is not None:
            progress("alternatives", float(len(plans)), float(count))
        ending = "stopped" if stopped else None
    return Alternatives(tuple(plans), ending or "count", bound, limit)


def _ended(
    request: AssembleRequest, result: Result, bound: float, limit: float, stopped: bool
) -> Ending | None:
    """Return why a search gave no further alternative; None where it gave one."""
    if bound > limit:
        return "none" if math.isinf(bound) else "above"
    if len(result.sites) < wanted(request):
        return "stopped" if stopped else "not_found"
    if result.objective / MINOR_UNITS > limit:
        return "stopped" if stopped else "dearer"
    return None


def require_assembled(proposal: Proposal, town: Cadastre) -> float:
    """Return the objective of a plan that further plans can be asked for.

    Raises
    ------
    InputError
        ``alternatives.other_process``, ``alternatives.other_data`` or ``alternatives.unmet``.
    """
    if proposal.process != "assemble":
        raise InputError("alternatives.other_process", process=proposal.process)
    if proposal.provenance.data_hash != town.provenance.data_hash:
        raise InputError("alternatives.other_data", plan=proposal.id)
    unmet = [demand.id for demand in proposal.demands if not demand.met]
    if unmet or proposal.certificate.objective is None:
        raise InputError("alternatives.unmet", ids=unmet)
    return proposal.certificate.objective


def asked_elsewhere(request: AssembleRequest, plan: Proposal, max_share: float) -> AssembleRequest:
    """Return the request with one more rule: at most this share of a site on a plan's land."""
    changed = request.canonical()
    rule = {"name": plan.id, "parcels": land_of_plan(plan), "max_share": max_share}
    changed["elsewhere"] = [*changed["elsewhere"], rule]
    return AssembleRequest.model_validate(changed)


def land_of_plan(plan: Proposal) -> list[str]:
    """Return the parcels of all sites of a plan, sorted."""
    inside = plan.parcels["site_id"].notna()
    return sorted(str(parcel) for parcel in plan.parcels.loc[inside, "parcel_id"])


def largest_share(plan: Proposal, land: list[str]) -> float:
    """Return the largest share of the area of one of a plan's sites that lies on some land."""
    inside = plan.parcels[plan.parcels["site_id"].notna()]
    whole = inside.groupby("site_id")["area_m2"].sum()
    on_it = inside[inside["parcel_id"].isin(land)].groupby("site_id")["area_m2"].sum()
    return float((on_it / whole).fillna(0.0).max())


def proven_bound(request: AssembleRequest, result: Result) -> float:
    """Return what a plan that meets every demand costs at least, town currency.

    inf where it is proven that there is none. Where sites are missing, the sum of what a site of
    each demand costs at least when it is alone still holds.
    """
    if len(result.sites) == wanted(request):
        return result.bound / MINOR_UNITS
    if any(demand.proven_infeasible for demand in result.demands):
        return math.inf
    alone = zip(request.demand, result.demands, strict=True)
    return sum(demand.count * told.bound for demand, told in alone) / MINOR_UNITS


def wanted(request: AssembleRequest) -> int:
    """Return how many sites a request asks for."""
    return sum(demand.count for demand in request.demand)
