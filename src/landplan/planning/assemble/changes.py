"""The smallest single changes of a request that would let what is unmet be met, each as a patch.

Every rule of a request that bars a plan is given way on by itself. For a rule with a degree the
mildest value that is enough is looked for, by bisection between what is asked and the most that may
be given way: a milder value allows whatever a stricter one does. Of locks, owners, zones and uses
it is asked which single one is enough. Three things are told apart:

* *enough*: a plan that keeps every rule of the changed request is at hand;
* *smallest*: besides, it is proven that one step less is not enough;
* *worth trying*: neither a plan nor a proof was found in the work allowed.

What is proven not to be enough is not mentioned. Work is counted, so the list is the same on every
machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language, say
from landplan.planning.assemble.about_plan import require_plan_of
from landplan.planning.assemble.change_trials import Change, climbed, picked, tried
from landplan.planning.assemble.formulate import Formulation
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.ladders import (
    Ladder,
    Patch,
    area_at_hand,
    common_ladders,
    demand_ladders,
)
from landplan.planning.assemble.ladders_places import place_ladders, together_ladders
from landplan.planning.assemble.options import (
    demand_kinds,
    switches,
)
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.trial import Trials
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

Json = dict[str, Any]

CHECKED: Final = frozenset(
    {"unmet.proven", "unmet.too_small", "unmet.no_land", "unmet.must_excluded"}
)
"""Reasons that were established completely: no set of parcels meets the demand as it stands."""
_MOST_TRIALS: Final = 400
_EFFORT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Advice:
    """Changes, those that are enough first and small ones first, and what was not decided.

    ``undecided`` are the codes of the changes that the work allowed neither found to be enough, at
    their most, nor proved not to be.
    """

    changes: tuple[Change, ...] = ()
    undecided: tuple[str, ...] = ()


def smallest_changes(
    proposal: Proposal,
    cadastre: Cadastre,
    cache: GroundCache,
    dataset_id: str | None = None,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Advice:
    """Return changes that would meet the unmet demands of a plan.

    Parameters
    ----------
    proposal
        A plan in which a demand is not met; without one there is nothing to change.
    cadastre, cache, dataset_id
        The town, and where its ground is kept.
    progress, stop
        Told the changes tried and the most that will be; asked whether to end with those found.

    Raises
    ------
    InputError
        As `require_plan_of`.
    """
    require_plan_of(proposal, cadastre)
    unmet = [number for number, outcome in enumerate(proposal.demands) if not outcome.met]
    if not unmet:
        return Advice()
    ground = cache.get(cadastre, dataset_id)
    trials = Trials(proposal, ground, _MOST_TRIALS, stop)
    found, undecided = [], []
    for change in _changes(proposal, unmet, ground, trials):
        if change.proven or change.code == "change.effort":
            found.append(change)
        else:
            undecided.append(change.code.removesuffix("_off"))
        if progress is not None:
            progress("changes", float(trials.done), float(_MOST_TRIALS))
    found.sort(key=lambda change: (not change.proven, change.size))
    return Advice(tuple(found), tuple(dict.fromkeys(undecided)))


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


def _changes(
    proposal: Proposal, unmet: list[int], ground: TownGround, trials: Trials
) -> Iterator[Change]:
    """Yield the changes that are enough, or of which that is not known."""
    request = proposal.request
    checked = checked_completely(proposal)
    yield from _without_trial(proposal, unmet)
    if len(unmet) == 1:  # what one demand gives way on helps no other
        formulation = ground.formulation(AssembleRequest.model_validate(request))
        number = unmet[0]
        for ladder in (*demand_ladders(request, number, ground), *place_ladders(request, number)):
            guess = _guess(ladder, number, formulation)
            yield from climbed(ladder, request, trials, checked, guess)
        for kind in demand_kinds(request, number, ground, formulation):
            yield from picked(kind, request, trials)
    currency = ground.cadastre.town.currency
    for ladder in (*common_ladders(request), *together_ladders(request, currency)):
        yield from climbed(ladder, request, trials, checked, None)
    for option in switches(request):
        yield from tried(option, request, trials)


def _without_trial(proposal: Proposal, unmet: list[int]) -> Iterator[Change]:
    """Yield what needs no trial: fewer sites, which the plan has, and more work."""
    request = proposal.request
    for number in unmet:
        demand, outcome = request["demand"][number], proposal.demands[number]
        name, met = {"demand": demand["id"]}, len(outcome.sites)
        if met:
            params = name | {"n": met, "asked": demand["count"]}
            patch = ((f"demand.{number}.count", met),)
            size = 1.0 - met / demand["count"]
            # the plan at hand has just these sites
            yield Change("change.count", params, patch, len(unmet) == 1, None, size)
    found_only = any(
        (proposal.demands[number].reason or {}).get("code") in ("unmet.not_found", "unmet.jointly")
        for number in unmet
    )
    if found_only and request["effort"] != "thorough":
        more: Patch = (("effort", "thorough"),)
        yield Change("change.effort", {}, more, proven=False, size=_EFFORT)


def _guess(ladder: Ladder, number: int, formulation: Formulation) -> int | None:
    """Return the step from which to look, where the land at hand tells one."""
    if ladder.code != "change.area_min":
        return None
    area = area_at_hand(ladder, number, formulation)
    return None if area is None else ladder.steps_to(area)
