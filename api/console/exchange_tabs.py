"""What the tabs of an exchange list: owners, rings, measures before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from api.console.plan_figures import hectares
from api.console.plan_source import Source
from landplan.messages import Language, has, say
from landplan.messages.numbers import (
    M2_PER_HA,
    MISSING,
    MU_PER_HA,
    area,
    count,
    decimal,
    length,
    money,
    money_cell,
    share,
)
from landplan.proposal.exchange import Land, Statement, rings_of, statements_of
from landplan.proposal.worse import PLAIN, Worse, measure_words, worse_by_party

MOST_RINGS = 500


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """A party of an exchange in a table, ready to print."""

    id: str
    role: str
    parcels: str
    hectares: str
    kept: str
    given: str
    received: str
    fates: str
    """Numbers of parcels kept, given and received."""
    pieces: str
    distance: str
    change: str
    relative: str
    payment: str
    worse: bool
    worse_by: str
    """Measures that are worse, with a comma between; empty: none."""


@dataclass(frozen=True, slots=True)
class RingLine:
    """A ring of an exchange: its name, its steps, and the parcels that move in it."""

    name: str
    steps: list[tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A figure before and after."""

    name: str
    before: str
    after: str


def owner_lines(source: Source) -> list[OwnerLine]:
    """Return a line per party, the largest loss first; only for readers who may see owners."""
    assert source.names
    worse = worse_by_party(source.whole)
    return [
        owner_line(one, source.language, worse.get(one.id, []))
        for one in statements_of(source.whole)
    ]


def owner_line(one: Statement, language: Language, worse: Sequence[Worse] = ()) -> OwnerLine:
    """Return the line of one party."""
    return OwnerLine(
        id=one.id,
        role="" if one.role == "owner" else say(f"exchange.role.{one.role}", None, language),
        parcels=f"{one.before.parcels} → {one.after.parcels}",
        hectares=f"{hectares(one.before.area_m2)} → {hectares(one.after.area_m2)}",
        kept=_land(one.kept),
        given=_land(one.given),
        received=_land(one.received),
        fates=" / ".join(str(land.parcels) for land in (one.kept, one.given, one.received)),
        pieces=f"{one.pieces[0]} → {one.pieces[1]}",
        distance=" → ".join(_metres(metres, language) for metres in one.distance_m),
        change=signed_cell(one.change, language),
        relative=signed_share(one.relative, language),
        payment=signed_cell(one.payment, language),
        worse=one.relative is not None and one.relative < 0,
        worse_by=say("worse.comma", None, language).join(
            measure_words(item.measure, language) for item in worse if item.measure in PLAIN
        ),
    )


def ring_lines(source: Source) -> list[RingLine]:
    """Return the rings, what goes against money last."""
    language = source.language
    lines = []
    for ring in rings_of(source.whole)[:MOST_RINGS]:
        name = (
            say("exchange.ring", {"number": decimal(ring.number, 0)}, language)
            if ring.number
            else say("exchange.against_money", None, language)
        )
        lines.append(RingLine(name, list(ring.steps)))
    return lines


def measure_lines(source: Source) -> list[MeasureLine]:
    """Return the plan's figures before and after, those that go out to this reader."""
    measures = source.document["measures"]
    before, after = measures["before"], measures["after"]
    keys = list(dict.fromkeys(chain(before, after)))
    return [
        MeasureLine(
            measure_name(key, source.language),
            measure_value(key, before.get(key), source.language),
            measure_value(key, after.get(key), source.language),
        )
        for key in keys
    ]


def measure_name(key: str, language: Language) -> str:
    """Return what a measure is called; its key where nothing else is known."""
    for code in (f"exchange.measure.{key}", f"measure.{key}", f"comparison.{key}"):
        if has(code, language):
            return say(code, None, language)
    return key


def measure_value(key: str, value: float | None, language: Language) -> str:
    """Spell a measure by the unit at the end of its key."""
    if value is None:
        return MISSING
    if key.endswith("_m2"):
        return area(value, language)
    if key.endswith("_m"):
        return length(value, language)
    if key.endswith("_share"):
        return share(value, language)
    return decimal(value, 0 if value == int(value) else 3)


def signed_share(value: float | None, language: Language) -> str:
    """Spell a relative difference with its sign."""
    if value is None:
        return MISSING
    shown = share(abs(value), language)
    return shown if not any(digit in "123456789" for digit in shown) else f"{_sign(value)}{shown}"


def signed_cell(amount: float | None, language: Language) -> str:
    """Spell money of a column with its sign; zero has none."""
    if amount is None:
        return MISSING
    shown = money_cell(abs(amount), language)
    return shown if not any(digit in "123456789" for digit in shown) else f"{_sign(amount)}{shown}"


def balance(one: Statement, source: Source) -> str:
    """Say what a party is paid or pays, in a sentence."""
    code = "even" if not one.payment else "paid" if one.payment > 0 else "pays"
    amount = money(abs(one.payment), source.currency, source.language)
    params = {"party": one.id, "amount": amount}
    return say(f"exchange.statement.{code}", params, source.language)


def land_text(land: Land, language: Language) -> str:
    """Spell parcels and their area in a sentence."""
    comma = ", " if language == "en" else "，"
    return f"{count(land.parcels, 'parcel', language)}{comma}{area(land.area_m2, language)}"


def mu(m2: float) -> str:
    """Spell an area in a column headed mu."""
    return decimal(m2 * MU_PER_HA / M2_PER_HA, 1)


def _land(land: Land) -> str:
    return f"{land.parcels} · {hectares(land.area_m2)}" if land.parcels else MISSING


def _metres(metres: float | None, language: Language) -> str:
    return MISSING if metres is None else length(metres, language)


def _sign(value: float) -> str:
    return "+" if value > 0 else "−"
