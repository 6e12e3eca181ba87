"""Two exchanges owner by owner, as the page prints them; only for readers who may see owners."""

from dataclasses import dataclass

from api.console.exchange_tabs import signed_share
from api.console.plan_source import Source
from landplan.messages import Language, say
from landplan.messages.numbers import MISSING, length
from landplan.proposal.by_owner import Difference, compare_owners, gain
from landplan.proposal.by_owner_words import MEASURES
from landplan.proposal.exchange import Statement, is_exchange

MOST = 200


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner in both plans; ``better`` names the plan, or says that they are the same."""

    id: str
    first: tuple[str, str, str]
    second: tuple[str, str, str]
    better: str


@dataclass(frozen=True, slots=True)
class ByOwner:
    """For how many owners which plan is better, and the owners, the largest difference first."""

    names: tuple[str, str]
    counts: list[str]
    rows: list[OwnerRow]


def by_owner(
    first: Source, second: Source, names: tuple[str, str], language: Language
) -> ByOwner | None:
    """Compare two exchanges of the same data; None where they are none, or may not be seen."""
    plans = (first.whole, second.whole)
    same = plans[0].provenance.data_hash == plans[1].provenance.data_hash
    listed = all(is_exchange(plan) and len(plan.layer("statements")) for plan in plans)
    if not (first.names and second.names and same and listed):
        return None
    found = compare_owners(*plans)
    counts = []
    for measure in MEASURES:
        told: dict[str, object] = {"what": say(f"owners.measure.{measure}", None, language)}
        told.update({str(key): n for key, n in found.counts(measure).items()})
        counts.append(say("owners.count", told, language))
    rows = [_row(one, names, language) for one in found.parties[:MOST]]
    return ByOwner(names, counts, rows)


def _row(one: Difference, names: tuple[str, str], language: Language) -> OwnerRow:
    better = {"first": names[0], "second": names[1]}.get(one.value) or say(
        f"compare.owners.better.{one.value}", None, language
    )
    return OwnerRow(one.party, _told(one.first, language), _told(one.second, language), better)


def _told(one: Statement | None, language: Language) -> tuple[str, str, str]:
    """Return gain, pieces and mean distance."""
    if one is None:
        return say("owners.no_part", None, language), "", ""
    metres = one.distance_m[1]
    far = MISSING if metres is None else length(metres, language)
    return signed_share(gain(one), language), str(one.pieces[1]), far
