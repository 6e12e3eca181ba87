"""Why a parcel is in a plan, or not: the same question with that parcel decided the other way.

What the other answer costs more is the reason. With C the cost of the plan, C' and B' cost and
bound of the other answer, every plan that decides the parcel the other way costs at least B' − C
more than this one, and one that costs C' − C more is at hand.
"""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError, ManyErrors
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import IntArray
from landplan.planning.assemble.about_plan import require_plan_of
from landplan.planning.assemble.changes import CHECKED
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.known import start_from
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.why import Reason, why
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

Verdict = Literal["exact", "between", "proven", "found", "found_less", "same", "none", "not_found"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What deciding otherwise costs, compared with the plan; town currency.

    Attributes
    ----------
    verdict
        ``exact``: just so much more; ``between``: at least and at most; ``same``, ``found`` and
        ``found_less``: a plan was found, and nothing is proven above the plan's own cost; ``none``:
        proven that there is no other plan; ``not_found``: none was found.
    least
        Every such plan costs at least so much more; 0 where nothing more is proven.
    most
        A plan is at hand that costs so much more (less than 0: less); inf where none is.
    """

    verdict: Verdict
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What is known of one parcel: local reasons, and the plan that decides it otherwise."""

    parcel_id: str
    site_id: str | None
    inside: bool
    reasons: tuple[Reason, ...]
    difference: Difference | None


def difference(cost: float, best: float | None, bound: float | None, *, none: bool) -> Difference:
    """Compare a plan's cost with cost and bound of the other answer.

    ``none``: it is proven that there is no other plan.
    """
    if best is None:
        verdict: Verdict = "none" if none else "not_found"
        return Difference(verdict, math.inf if none else 0.0, math.inf)
    least = max(0.0, round((bound or 0.0) - cost, 2))
    most = round(best - cost, 2)
    if least > 0.0:
        return Difference("exact" if least >= most else "between", least, most)
    if most == 0.0:
        return Difference("same", 0.0, 0.0)
    return Difference("found" if most > 0 else "found_less", 0.0, most)


def compared(plan: Proposal, other: Proposal) -> Difference:
    """Compare a plan with one that was asked for with a parcel decided otherwise."""
    met = {demand.id for demand in plan.demands if demand.met}
    unmet = [demand for demand in other.demands if demand.id in met and not demand.met]
    cost, best = plan.certificate.objective, other.certificate.objective
    assert cost is not None
    none = any(demand.reason is not None and demand.reason["code"] in CHECKED for demand in unmet)
    if unmet or best is None:
        return difference(cost, None, None, none=none)
    return difference(cost, best, other.certificate.bound, none=False)


def worth(
    proposal: Proposal,
    cadastre: Cadastre,
    parcels: Sequence[str],
    cache: GroundCache,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> list[Worth]:
    """Say why parcels are in a plan or not, and what deciding each otherwise costs.

    Parameters
    ----------
    proposal
        A plan that meets all its demands, on the data of ``cadastre``.
    cadastre, cache
        The town, and where its ground is kept.
    parcels
        Their ids. For one outside, the best plan with it is looked for only where it borders a site
        and no rule bars it.
    progress, stop
        Told how many parcels are done; once asked to stop, those done so far are returned.

    Raises
    ------
    InputError, ManyErrors
        As `require_plan_of`, ``why.unmet``, and ``why.unknown_parcel`` for each unknown id.
    """
    require_plan_of(proposal, cadastre)
    if proposal.certificate.objective is None or not all(d.met for d in proposal.demands):
        raise InputError("why.unmet", plan=proposal.id)
    known = set(cadastre.parcels["parcel_id"])
    unknown = [InputError("why.unknown_parcel", id=one) for one in parcels if one not in known]
    if unknown:
        raise ManyErrors(unknown)
    told = {one.parcel_id: one for one in why(proposal, cadastre, cache)}
    demand_of = dict(zip(proposal.sites["site_id"], proposal.sites["demand_id"], strict=True))
    ground = cache.get(cadastre)
    price = np.empty(0, np.int64)
    found: list[Worth] = []
    for parcel in parcels:
        local = told.get(parcel)
        if local is None:
            reasons: tuple[Reason, ...] = (Reason("why.far", {"id": parcel}),)
            found.append(Worth(parcel, None, inside=False, reasons=reasons, difference=None))
            continue
        barred = any(reason.code == "why.out_rule" for reason in local.reasons)
        other = None
        if local.site_id is not None and not barred:
            demand = str(demand_of[local.site_id])
            other, price = _otherwise(
                proposal, parcel, demand, ground, price, stop, inside=local.inside
            )
        found.append(Worth(parcel, local.site_id, local.inside, local.reasons, other))
        if progress is not None:
            progress("why", float(len(found)), float(len(parcels)))
        if stop is not None and stop(math.inf, 0.0):
            break
    return found


def _otherwise(
    proposal: Proposal,
    parcel: str,
    demand: str,
    ground: TownGround,
    price: IntArray,
    stop: StopAsked | None,
    *,
    inside: bool,
) -> tuple[Difference, IntArray]:
    """Return what deciding a parcel otherwise costs, and the prices for the next such search."""
    asked = why_request({"request": proposal.request}, parcel, demand, in_plan=inside)
    request = AssembleRequest.model_validate(asked)
    formulation = ground.formulation(request)
    start = replace(start_from(proposal, request, ground), price=price)
    params = Params.of(request.effort, request.seed)
    result = solve(formulation.problem, params, stop, None, start)
    cost = proposal.certificate.objective
    assert cost is not None
    if len(result.sites) < sum(one.count for one in request.demand):
        none = any(one.proven_infeasible for one in result.demands)
        return difference(cost, None, None, none=none), result.price
    best, bound = result.objective / MINOR_UNITS, math.floor(result.bound) / MINOR_UNITS
    return difference(cost, best, bound, none=False), result.price


def why_request(
    document: Mapping[str, Any], parcel: str, demand: str | None = None, *, in_plan: bool
) -> dict[str, Any]:
    """Return the request that tells what a parcel is worth to a plan.

    Parameters
    ----------
    document
        ``proposal.json`` of the plan.
    parcel
        Id of the parcel.
    demand
        For whose site a parcel outside the plan is to be taken; may be left out where there is one
        demand.
    in_plan
        Whether the parcel is in a site of the plan. If so, no site may use it, even where the
        request locked it in; if not, the demand's site must, even where the request excluded it.

    Raises
    ------
    InputError
        ``job.why.demand_unknown``, ``job.why.demand_needed``.
    """
    request: dict[str, Any] = copy.deepcopy(dict(document["request"]))
    demands: list[dict[str, Any]] = request["demand"]
    known = [str(entry["id"]) for entry in demands]
    if demand is not None and demand not in known:
        raise InputError("job.why.demand_unknown", demand=demand)
    if not in_plan and demand is None and len(known) > 1:
        raise InputError("job.why.demand_needed", parcel=parcel, known=known)
    for entry in demands:
        locked = {*entry["must"]} - {parcel}
        barred = {*entry["never"]}
        if in_plan:
            barred |= {parcel}
        elif demand in (None, entry["id"]):
            locked, barred = locked | {parcel}, barred - {parcel}
        entry["must"], entry["never"] = sorted(locked), sorted(barred)
    return request
