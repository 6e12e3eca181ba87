"""The smallest changes in words, for the terminal, and as data for machines."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from landplan.messages import Language, say
from landplan.planning.assemble.change_trials import Change
from landplan.planning.assemble.changes import Advice, checked_completely
from landplan.planning.assemble.rule_words import warning_text
from landplan.proposal.proposal import Proposal

_BETWEEN: Final = {"en": ", ", "zh": "、"}


def kinds_text(codes: Sequence[str], language: Language) -> str:
    """Return the names of kinds of change, "" of none."""
    return _BETWEEN[language].join(say(f"{code}.kind", None, language) for code in codes)


def change_text(change: Change, language: Language) -> str:
    """Return a change as a clause, with what is proven of it."""
    words = warning_text(change, language)
    if change.smallest is None:
        return words
    code = "changes.smallest" if change.smallest else "changes.found_only"
    return say(code, {"change": words}, language)


def lines(proposal: Proposal, advice: Advice, language: Language) -> Iterator[str]:
    """Yield what the terminal prints: what is enough, what may help, what was not decided."""
    if all(demand.met for demand in proposal.demands):
        yield say("changes.nothing", None, language)
        return
    checked = checked_completely(proposal)
    yield say("changes.checked" if checked else "changes.not_checked", None, language)
    for code, proven in (("changes.head.enough", True), ("changes.head.may_help", False)):
        some = [change for change in advice.changes if change.proven == proven]
        if some:
            yield say(code, None, language)
        for change in some:
            yield say("changes.line", {"change": change_text(change, language)}, language)
    if not any(change.proven for change in advice.changes):
        yield say("changes.none", None, language)
    if advice.undecided:
        kinds = kinds_text(advice.undecided, language)
        yield say("changes.undecided", {"list": kinds}, language)


def to_json(proposal: Proposal, advice: Advice, language: Language) -> dict[str, Any]:
    """Return the same as data; ``patch`` are (path, value) pairs of the request."""
    return {
        "proposal": proposal.id,
        "checked_completely": checked_completely(proposal),
        "changes": [
            {
                "code": change.code,
                "params": dict(change.params),
                "patch": [list(pair) for pair in change.patch],
                "enough": change.proven,
                "smallest": change.smallest,
                "message": warning_text(change, language),
            }
            for change in advice.changes
        ],
        "undecided": list(advice.undecided),
    }
