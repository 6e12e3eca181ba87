"""The smallest changes of a request that would let an unmet demand be met, each as a patch.

A change is *proven* only where a site is at hand that keeps every rule of the changed request and
touches no other site of the plan: then the change alone is enough, and the sentence may say so. All
others are said to be worth trying.
"""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language, say
from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.optimize.assembly.model import neighbour_lists
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.planning.assemble.explain import RELAXED_ZONE_SHARE
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES, SQUARE_METRES_PER_HECTARE
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.site_cost import NamedSite
from landplan.planning.assemble.site_rules import broken_rules
from landplan.proposal.proposal import Proposal

IntArray = NDArray[np.int64]
Json = dict[str, Any]
Patch = tuple[tuple[str, Any], ...]

CHECKED: Final = frozenset(
    {"unmet.proven", "unmet.too_small", "unmet.no_land", "unmet.must_excluded"}
)
"""Reasons that were established completely: no set of parcels meets the demand as it stands."""
_HECTARE: Final = SQUARE_DECIMETRES * SQUARE_METRES_PER_HECTARE


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the request.

    ``patch`` lists (path, value) with the paths of the request form; ``proven`` says whether this
    change alone is known to be enough.
    """

    code: str
    params: Mapping[str, object]
    patch: Patch
    proven: bool


def patched(request: Mapping[str, Any], patch: Patch) -> Json:
    """Return a copy of a request with a patch applied, for the pre-filled form."""
    changed = deepcopy(dict(request))
    for path, value in patch:
        *way, last = path.split(".")
        holder: Any = changed
        for key in way:
            holder = holder[int(key)] if isinstance(holder, list) else holder[key]
        holder[last] = value
    return changed


def smallest_changes(
    proposal: Proposal, cadastre: Cadastre, cache: GroundCache, dataset_id: str | None = None
) -> list[Change]:
    """Return changes that would meet the unmet demands of a plan; proven ones first.

    Parameters
    ----------
    proposal
        A plan in which a demand is not met; without one the list is empty.
    cadastre, cache, dataset_id
        The town, and where its ground is kept.
    """
    ground = cache.get(cadastre, dataset_id)
    inside = proposal.parcels["site_id"].notna().to_numpy()
    used = np.flatnonzero(inside).astype(np.int64)
    found = []
    for number, outcome in enumerate(proposal.demands):
        if not outcome.met:
            for change in _candidates(proposal, number, ground):
                found.append(_judged(change, proposal, number, ground, used))
    return sorted((change for change in found if change), key=lambda change: not change.proven)


def checked_completely(proposal: Proposal) -> bool:
    """Whether it is proven, and not only found, that the unmet demands cannot be met."""
    reasons = [demand.reason for demand in proposal.demands if not demand.met]
    return bool(reasons) and all(
        reason is not None and reason["code"] in CHECKED for reason in reasons
    )


def changes_sentence(proposal: Proposal, changes: Sequence[Change], language: Language) -> str:
    """Return "nothing fits" with what would: message 4, or its cousin where nothing is proven.

    "" where every demand is met.
    """
    if all(demand.met for demand in proposal.demands):
        return ""
    blank = " " if language == "en" else ""
    head = "changes.checked" if checked_completely(proposal) else "changes.not_checked"
    parts = [say(head, None, language)]
    for code, proven in (("changes.enough", True), ("changes.may_help", False)):
        listed = [warning_text(change, language) for change in changes if change.proven == proven]
        if listed:
            text = ("; " if language == "en" else "；").join(listed)
            parts.append(say(code, {"n": len(listed), "list": text}, language))
    if any(change.proven for change in changes):
        parts.append(say("changes.others", None, language))
    return blank.join(parts)


def _candidates(proposal: Proposal, number: int, ground: TownGround) -> Iterator[Change]:
    """Yield single changes that touch what binds this demand; whether they help is not known."""
    request = proposal.request
    demand, at = request["demand"][number], f"demand.{number}"
    name = {"demand": demand["id"]}
    reason = str((proposal.demands[number].reason or {}).get("code", ""))
    if reason == "unmet.jointly":
        met = len(proposal.demands[number].sites)
        if met:
            params = name | {"n": met, "asked": demand["count"]}
            # the plan at hand has just these sites
            proven = _only_unmet(proposal, number)
            yield Change("change.count", params, ((f"{at}.count", met),), proven)
        return
    yield from _less_land(proposal, number, ground)
    more = demand["max_bridges"] + 1
    if more <= 20:
        patch = ((f"{at}.max_bridges", more),)
        yield Change("change.crossings", name | {"n": more}, patch, False)
    if demand["zones"] and demand["min_zone_share"] > RELAXED_ZONE_SHARE:
        patch = ((f"{at}.min_zone_share", RELAXED_ZONE_SHARE),)
        yield Change("change.zone_share", name | {"share": RELAXED_ZONE_SHARE}, patch, False)
    if demand["never"]:
        params = name | {"n": len(demand["never"]), "ids": demand["never"]}
        yield Change("change.free", params, ((f"{at}.never", []),), False)
    for parcel in demand["must"]:
        rest = [other for other in demand["must"] if other != parcel]
        yield Change("change.unlock", name | {"id": parcel}, ((f"{at}.must", rest),), False)
    if request["shape"]["max_radius_factor"] > 0:
        yield Change("change.spread", name, (("shape.max_radius_factor", 0.0),), False)
    if reason == "unmet.not_found" and request["effort"] != "thorough":
        yield Change("change.effort", name, (("effort", "thorough"),), False)


def _less_land(proposal: Proposal, number: int, ground: TownGround) -> Iterator[Change]:
    """Ask for no more than the largest land at hand, rounded down as areas are printed."""
    request = AssembleRequest.model_validate(proposal.request)
    formulation = ground.formulation(request)
    asked = formulation.problem.demands[number]
    land = largest_contiguous_area(formulation.problem, asked)
    low, high = request.demand[number].area_range_ha
    hectares = land.found / _HECTARE
    steps = 10 if hectares >= 10 else 100
    at_hand = math.floor(hectares * steps) / steps
    if 0 < at_hand < low:
        params = {
            "demand": request.demand[number].id,
            "to_m2": at_hand * SQUARE_METRES_PER_HECTARE,
            "from_m2": low * SQUARE_METRES_PER_HECTARE,
        }
        patch = ((f"demand.{number}.area_ha", [at_hand, high]),)
        yield Change("change.area_min", params, patch, False)


def _judged(
    change: Change, proposal: Proposal, number: int, ground: TownGround, used: IntArray
) -> Change | None:
    """Return the change with what is known about it; None where it is known not to help."""
    if change.code in ("change.count", "change.effort"):
        return change
    try:
        request = AssembleRequest.model_validate(patched(proposal.request, change.patch))
    except ValidationError:
        return None
    formulation = ground.formulation(request)
    problem = formulation.problem
    asked = problem.demands[number]
    land = largest_contiguous_area(problem, asked)
    if land.bound < asked.area_min:
        return None
    site = _site_within(problem, asked, np.setdiff1d(land.parcels, used))
    named = NamedSite("", request.demand[number].id, site, number)
    missing = asked.count - len(proposal.demands[number].sites)
    enough = missing == 1 and not broken_rules(named, number, ground, formulation)
    return replace(change, proven=enough and _only_unmet(proposal, number))


def _only_unmet(proposal: Proposal, number: int) -> bool:
    """Whether all other demands are met: then meeting this one is all there is to do."""
    return all(outcome.met for place, outcome in enumerate(proposal.demands) if place != number)


def _site_within(problem: Problem, asked: SiteDemand, land: IntArray) -> IntArray:
    """Return a joined part of the land with the area asked for, grown from its middle outwards.

    Locked parcels come first, crossings last. The part may break rules that growing does not look
    at: whoever uses it checks it.
    """
    if len(land) == 0 or int(problem.area[land].sum()) <= asked.area_max:
        return land
    must = np.isin(land, asked.must)
    points = problem.xy[land]
    middle = points[must] if must.any() else points
    away = np.hypot(*(points - middle.mean(axis=0)).T)
    borders = neighbour_lists(len(land), _within(problem.borders, land))
    bridges = neighbour_lists(len(land), _within(problem.bridges, land))
    first = int(np.argmin(np.where(must, away, np.inf) if must.any() else away))
    chosen: list[int] = []
    total, seen, queue = 0, {first}, [(0, 0.0, first)]
    while queue and (total < asked.area_min or must[queue[0][2]]):
        _, _, parcel = heapq.heappop(queue)
        area = int(problem.area[land[parcel]])
        if total + area > asked.area_max:
            continue
        chosen.append(parcel)
        total += area
        for rank, (start, to) in enumerate((borders, bridges if asked.max_bridges else borders)):
            for beside in map(int, to[start[parcel] : start[parcel + 1]]):
                if beside not in seen:
                    seen.add(beside)
                    place = -1 if must[beside] else rank
                    heapq.heappush(queue, (place, float(away[beside]), beside))
    return np.sort(land[chosen]).astype(np.int64)


def _within(pairs: IntArray, land: IntArray) -> IntArray:
    """Return the pairs between parcels of the land, numbered by their place in it."""
    inside = pairs[np.isin(pairs, land).all(axis=1)]
    return np.searchsorted(land, inside).reshape(-1, 2).astype(np.int64)
