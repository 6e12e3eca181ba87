"""Nothing fits: what was checked, and the smallest changes that would be enough."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.console.plan_inputs import outcomes, words_of
from api.console.plan_source import Source
from api.services import Services
from landplan.errors import InputError
from landplan.messages import Language, has, say
from landplan.messages.numbers import decimal
from landplan.planning.assemble.changes import Change, checked_completely, smallest_changes
from landplan.planning.assemble.rule_words import warning_text


@dataclass(frozen=True, slots=True)
class Offer:
    """A change in words, and where the request opens with it filled in."""

    words: str
    path: str
    proven: bool


def nothing(known: Services, source: Source) -> dict[str, Any]:
    """Return what the page says."""
    language = source.language
    return {
        "checked": checked_completely(source.whole),
        "offers": offers(known, source),
        "outcomes": outcomes(source),
        "words": words_of(source),
        "left_out": [
            say("plan.nothing.rule_count", {"rule": _rule(rule, language), **_n(n)}, language)
            for rule, n in sorted(source.document["exclusions"].items(), key=lambda item: -item[1])
        ],
    }


def offers(known: Services, source: Source) -> list[Offer]:
    """Return the smallest changes that meet what is unmet, those that are proven enough first."""
    if not source.names:
        return []
    workspace = known.workspace
    try:
        dataset = workspace.datasets.by_hash(source.whole.provenance.data_hash).id
    except InputError:  # without the data nothing can be tried out
        return []
    town = workspace.datasets.cadastre(dataset)
    found = smallest_changes(source.whole, town, known.grounds, dataset)
    return [_offer(change, source) for change in found]


def _offer(change: Change, source: Source) -> Offer:
    patch = json.dumps([list(pair) for pair in change.patch], ensure_ascii=False)
    query = urlencode({"from": source.id, "patch": patch})
    return Offer(warning_text(change, source.language), f"/requests/new?{query}", change.proven)


def _rule(rule: str, language: Language) -> str:
    for code in (f"remaining.rule.{rule}", f"remaining.rule.{rule.split('.')[0]}"):
        if has(code, language):
            return say(code, None, language)
    return rule


def _n(count: int) -> dict[str, Any]:
    return {"n": count, "shown": decimal(count, 0)}
