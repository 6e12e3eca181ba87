"""Nothing fits: what was checked, and the smallest changes that would be enough."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.console.plan_inputs import outcomes, words_of
from api.console.plan_source import Source, open_source
from api.pages import render
from api.people import Planner
from api.services import Services, services
from landplan.errors import InputError
from landplan.messages import Language, has, say
from landplan.messages.numbers import decimal
from landplan.planning.assemble.change_trials import Change
from landplan.planning.assemble.change_words import kinds_text
from landplan.planning.assemble.changes import Advice, checked_completely, smallest_changes
from landplan.planning.assemble.rule_words import warning_text


@dataclass(frozen=True, slots=True)
class Offer:
    """A change in words, what is proven of it, and where the request opens with it filled in."""

    words: str
    note: str
    path: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Help:
    """The changes that would help, and the kinds of change that were not decided, in words."""

    offers: tuple[Offer, ...] = ()
    undecided: str = ""


router = APIRouter(include_in_schema=False)


def nothing(known: Services, source: Source) -> dict[str, Any]:
    """Return what the page says, the changes that would help apart."""
    language = source.language
    return {
        "checked": checked_completely(source.whole),
        "outcomes": outcomes(source),
        "words": words_of(source),
        "left_out": [
            say("plan.nothing.rule_count", {"rule": _rule(rule, language), **_n(n)}, language)
            for rule, n in sorted(source.document["exclusions"].items(), key=lambda item: -item[1])
        ],
    }


@router.get("/proposals/{proposal_id}/changes", dependencies=[Planner])
def changes(request: Request, proposal_id: str) -> Response:
    """Look for the smallest changes that meet what is unmet, and return them as a part."""
    source = open_source(request, proposal_id)
    found = help_for(services(request), source, wait=True)
    return render(request, "plan/offers.html", id=source.id, help=found)


def help_for(known: Services, source: Source, *, wait: bool) -> Help | None:
    """Return what would meet what is unmet; None where it would first have to be looked for.

    ``wait``: look for it now, which takes some seconds.
    """
    if not source.names:
        return Help()
    advice = known.advice.find(source.id)
    if advice is None:
        if not wait:
            return None
        advice = known.advice.get(source.id, lambda: _advice(known, source))
    offers = tuple(_offer(change, source) for change in advice.changes)
    return Help(offers, kinds_text(advice.undecided, source.language))


def _advice(known: Services, source: Source) -> Advice:
    workspace = known.workspace
    try:
        dataset = workspace.datasets.by_hash(source.whole.provenance.data_hash).id
    except InputError:  # without the data nothing can be tried out
        return Advice()
    town = workspace.datasets.cadastre(dataset)
    return smallest_changes(source.whole, town, known.grounds, dataset)


def _offer(change: Change, source: Source) -> Offer:
    patch = json.dumps([list(pair) for pair in change.patch], ensure_ascii=False)
    query = urlencode({"from": source.id, "patch": patch})
    words, language = warning_text(change, source.language), source.language
    note = "" if change.smallest is None else _note(change.smallest, language)
    return Offer(words, note, f"/requests/new?{query}", change.proven)


def _note(smallest: bool, language: Language) -> str:
    return say("changes.note.smallest" if smallest else "changes.note.found_only", None, language)


def _rule(rule: str, language: Language) -> str:
    for code in (f"remaining.rule.{rule}", f"remaining.rule.{rule.split('.')[0]}"):
        if has(code, language):
            return say(code, None, language)
    return rule


def _n(count: int) -> dict[str, Any]:
    return {"n": count, "shown": decimal(count, 0)}
