"""Two exchanges compared party by party, in lines and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from landplan.messages import Language, say
from landplan.messages.numbers import MISSING, area, decimal, length, money, share
from landplan.proposal.by_owner import Difference, Evenness, Measure, OwnerComparison, gain
from landplan.proposal.exchange import Statement

MOST: Final = 20
"""Parties that are listed one by one."""
MEASURES: Final[tuple[Measure, ...]] = ("value", "area", "pieces", "distance")


def lines(found: OwnerComparison, language: Language, most: int = MOST) -> Iterator[str]:
    """Yield for how many parties which plan is better, how even both are, and the parties."""
    for measure in MEASURES:
        counts = found.counts(measure)
        what = say(f"owners.measure.{measure}", None, language)
        told: dict[str, object] = {"what": what}
        told.update({str(better): n for better, n in counts.items()})
        yield say("owners.count", told, language)
    for number, even in enumerate(found.evenness, 1):
        yield say("owners.even", {"plan": number, **_even(even, language)}, language)
    listed = found.parties[:most]
    for row in listed:
        yield say("owners.row", _row(row, found.currency, language), language)
    if len(found.parties) > most:
        yield say("owners.more", {"n": len(found.parties) - most}, language)


def to_json(found: OwnerComparison) -> dict[str, Any]:
    """Return all of it as data."""
    return {
        "plans": [found.first_id, found.second_id],
        "currency": found.currency,
        "counts": {measure: found.counts(measure) for measure in MEASURES},
        "evenness": [asdict(even) for even in found.evenness],
        "parties": [
            {
                "party": row.party,
                "owners": list(row.owners),
                "better": {measure: getattr(row, measure) for measure in MEASURES},
                "plans": [_outcome(row.first), _outcome(row.second)],
            }
            for row in found.parties
        ],
    }


def _outcome(one: Statement | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "value": one.after.value,
        "claim": one.claim,
        "payment": one.payment,
        "gain": gain(one),
        "area_m2": one.after.area_m2,
        "parcels": one.after.parcels,
        "pieces": one.pieces[1],
        "distance_m": one.distance_m[1],
    }


def _even(even: Evenness, language: Language) -> dict[str, object]:
    return {
        "parties": even.parties,
        "gini": MISSING if even.gini is None else decimal(even.gini, 4),
        "theil": MISSING if even.theil is None else decimal(even.theil, 4),
        "least": share(even.least, language),
        "most": share(even.most, language),
        "less_land": even.less_land,
        "more_pieces": even.more_pieces,
        "farther": even.farther,
    }


def _row(row: Difference, currency: str, language: Language) -> dict[str, object]:
    first, second = (_told(one, currency, language) for one in (row.first, row.second))
    return {"party": row.party, "first": first, "second": second}


def _told(one: Statement | None, currency: str, language: Language) -> str:
    if one is None:
        return say("owners.no_part", None, language)
    params = {
        "gain": share(gain(one), language),
        "value": money(one.after.value, currency, language),
        "payment": money(one.payment, currency, language),
        "area": area(one.after.area_m2, language),
        "pieces": one.pieces[1],
        "distance": length(one.distance_m[1], language),
    }
    return say("owners.outcome", params, language)
