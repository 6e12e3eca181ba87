"""Key figures of an exchange of land, for its head, its paper and its comparison."""

from dataclasses import dataclass
from typing import Final

from api.console.plan_source import Source
from landplan.messages import say
from landplan.messages.numbers import MISSING, area, count, decimal, length, money, share
from landplan.proposal.exchange import Statement, is_exchange, statements_of

_ARROW: Final = " → "


@dataclass(frozen=True, slots=True)
class ExchangeFigures:
    """An exchange in a few texts; nothing in them is about one owner alone.

    ``paid`` is empty for readers who may not see money.
    """

    parties: str
    moved: str
    moved_area: str
    pieces: str
    distance: str
    largest_loss: str
    paid: str


def exchange_figures(source: Source) -> ExchangeFigures | None:
    """Return the figures; None for any other plan, and for an exchange that was not found."""
    whole, language = source.whole, source.language
    if not is_exchange(whole) or not source.found:
        return None
    held = whole.layer("holdings")
    changed = held.loc[held["party_before"] != held["party_after"], "parcel_id"]
    land = whole.parcels.loc[whole.parcels["parcel_id"].isin(changed), "area_m2"]
    rows = statements_of(whole)
    return ExchangeFigures(
        parties=count(len(rows), "owner", language),
        moved=count(len(changed), "parcel", language),
        moved_area=area(float(land.sum()), language).partition(" (" if language == "en" else "（")[
            0
        ],
        pieces=_turned([decimal(sum(one.pieces[k] for one in rows), 0) for k in (0, 1)]),
        distance=_turned([mean_distance(rows, k, source) for k in (0, 1)]),
        largest_loss=_loss(rows, source),
        paid=_paid(rows, source),
    )


def mean_distance(rows: list[Statement], when: int, source: Source) -> str:
    """Return the mean distance of all parties to their reference points, by their land's area."""
    known = [
        (one.distance_m[when], (one.before, one.after)[when].area_m2)
        for one in rows
        if one.distance_m[when] is not None
    ]
    whole = sum(weight for _, weight in known)
    if not whole:
        return MISSING
    mean = sum((metres or 0.0) * weight for metres, weight in known) / whole
    return length(mean, source.language)


def turned_parts(text: str) -> tuple[str, str]:
    """Return what stands before and after the arrow."""
    before, _, after = text.partition(_ARROW)
    return before, after


def _turned(texts: list[str]) -> str:
    return _ARROW.join(texts)


def _loss(rows: list[Statement], source: Source) -> str:
    known = [one.relative for one in rows if one.relative is not None]
    if not known:
        return MISSING
    return share(max(0.0, -min(known)), source.language, "up")


def _paid(rows: list[Statement], source: Source) -> str:
    if not source.names:
        return ""
    whole = sum(one.payment for one in rows if one.payment > 0)
    amount = {"amount": money(whole, source.currency, source.language)}
    return say("exchange.paid", amount, source.language)
