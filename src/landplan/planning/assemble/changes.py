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

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language, say
from landplan.planning.assemble.about_plan import require_plan_of
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
    MOST_OF_A_KIND,
    Kind,
    Option,
    demand_kinds,
    switches,
)
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.trial import PROOF, Answer, Trials
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal

Json = dict[str, Any]

CHECKED: Final = frozenset(
    {"unmet.proven", "unmet.too_small", "unmet.no_land", "unmet.must_excluded"}
)
"""Reasons that were established completely: no set of parcels meets the demand as it stands."""
_MOST_TRIALS: Final = 400
_PROOFS: Final = 8
"""So many searches with the work of `PROOF` may narrow down where what is enough begins."""
_EFFORT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the request.

    Attributes
    ----------
    code, params
        Its message.
    patch
        (path, value) pairs with the paths of the request form.
    proven
        Whether this change alone is known to be enough: a plan of the changed request is at hand.
    smallest
        Whether it is proven that nothing less of its kind is enough; None where it has no degree.
    size
        How large it is, from 0 to 1: its order among the others.
    """

    code: str
    params: Mapping[str, object]
    patch: Patch
    proven: bool
    smallest: bool | None = None
    size: float = 0.0


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
            yield from _climbed(ladder, request, trials, checked, guess)
        for kind in demand_kinds(request, number, ground, formulation):
            yield from _picked(kind, request, trials)
    currency = ground.cadastre.town.currency
    for ladder in (*common_ladders(request), *together_ladders(request, currency)):
        yield from _climbed(ladder, request, trials, checked, None)
    for option in switches(request):
        yield from _tried(option, request, trials)


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


def _climbed(
    ladder: Ladder, request: Mapping[str, Any], trials: Trials, checked: bool, guess: int | None
) -> Iterator[Change]:
    """Yield the mildest value of a ladder that is enough, or the last where that is not known."""

    def answer(k: int) -> Answer:
        return trials.answer(patched(request, ladder.patch(k)))

    best = guess if guess is not None and answer(guess).enough else ladder.steps
    reached = answer(best)
    if not reached.enough:
        if reached.enough is None:
            yield _step(ladder, best, proven=False, smallest=None)
        return
    best = _needed(ladder, best, reached, answer)
    refuted = below = 0
    middle = best - 1
    while best - below > 1:
        reached = answer(middle)
        if reached.enough:
            best = _needed(ladder, middle, reached, answer)
        else:
            below = middle
            refuted = middle if reached.enough is False else refuted
        middle = (below + best) // 2
    best, refuted = _narrowed(ladder, best, refuted, request, trials)
    smallest = best - refuted <= 1 and (refuted > 0 or checked)
    yield _step(ladder, best, proven=True, smallest=smallest)


def _narrowed(
    ladder: Ladder, best: int, refuted: int, request: Mapping[str, Any], trials: Trials
) -> tuple[int, int]:
    """Return the mildest step that is enough and the last that is proven not to be, searched hard.

    Strides from the best step become longer while they succeed.
    """
    stride = 1
    for _ in range(_PROOFS):
        if best - refuted <= 1:
            break
        middle = max(best - stride, refuted + 1, (refuted + best) // 2 if refuted else 0)
        reached = trials.answer(patched(request, ladder.patch(middle)), PROOF)
        if reached.enough:
            best, stride = middle, 2 * stride
        elif reached.enough is False:
            refuted = middle
        elif stride == 1:
            break
        else:
            stride = 1
    return best, refuted


def _needed(ladder: Ladder, k: int, reached: Answer, answer: Any) -> int:
    """Return a milder step that the plan at hand is enough for, too; ``k`` where there is none."""
    if ladder.measure is None or reached.formulation is None:
        return k
    value = ladder.measure(reached.sites, reached.formulation)
    if value is None:
        return k
    milder = min(ladder.steps_to(value), k)
    return milder if milder < k and answer(milder).enough else k


def _step(ladder: Ladder, k: int, *, proven: bool, smallest: bool | None) -> Change:
    off = ladder.last is not None and k >= ladder.steps
    code = f"{ladder.code}_off" if off else ladder.code
    return Change(code, ladder.told(k), ladder.patch(k), proven, smallest, ladder.size(k))


def _picked(kind: Kind, request: Mapping[str, Any], trials: Trials) -> Iterator[Change]:
    """Yield each single thing of a kind that is enough; where none is, a set with none to spare."""
    everything = trials.answer(patched(request, kind.option(kind.names).patch))
    if everything.enough is False:
        return
    if everything.enough is None:
        yield Change(kind.code, {}, (), proven=False)
        return
    needed = kind.needed(everything.sites)
    order = [*needed, *(name for name in kind.names if name not in needed)]
    single = False
    for name in order[:MOST_OF_A_KIND]:
        for change in _tried(kind.option([name]), request, trials):
            single |= change.proven
            yield change
    if everything.enough and not single and len(kind.names) > 1:
        yield _several(kind, needed or kind.names, request, trials)


def _several(
    kind: Kind, enough: Sequence[str], request: Mapping[str, Any], trials: Trials
) -> Change:
    """Return a set that is enough and of which, as far as it was tried, none can be spared."""
    if not trials.answer(patched(request, kind.option(enough).patch)).enough:
        enough = kind.names
    kept = list(enough)
    smallest = len(kept) <= MOST_OF_A_KIND
    for name in enough[:MOST_OF_A_KIND]:
        fewer = [other for other in kept if other != name]
        without = trials.answer(patched(request, kind.option(fewer).patch)) if fewer else None
        if without is not None and without.enough:
            kept = fewer
        elif without is not None:
            smallest &= without.enough is False
    option = kind.option(kept)
    return Change(option.code, option.params, option.patch, True, smallest, option.size)


def _tried(option: Option, request: Mapping[str, Any], trials: Trials) -> Iterator[Change]:
    enough = trials.answer(patched(request, option.patch)).enough
    if enough is not False:
        yield Change(option.code, option.params, option.patch, bool(enough), None, option.size)
