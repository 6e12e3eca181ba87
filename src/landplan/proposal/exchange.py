"""An exchange of land as its parties read it: what each keeps, gives, receives; and the rings.

Everything comes from the tables ``statements`` and ``holdings`` and from ``parcels``; nothing is
computed that the plan does not say.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from landplan.proposal.proposal import Proposal

PROCESS: Final = "exchange"
Fate = Literal["kept", "given", "received"]


@dataclass(frozen=True, slots=True)
class Land:
    """Parcels of a party that share a fate: how many, m², and value (None where one is unknown)."""

    parcels: int
    area_m2: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one party has before and after.

    Attributes
    ----------
    id, role, owners
        The party; ``owner``, ``community`` or ``acquirer``; the owners in it.
    before, after, kept, given, received
        Land; before = kept + given, after = kept + received.
    pieces
        Contiguous pieces before and after.
    distance_m
        Mean distance to the reference point before and after, m; None where not known.
    payment
        What the party is paid, currency; negative where it pays.
    claim
        Value that it is due; None where not known.
    """

    id: str
    role: str
    owners: tuple[str, ...]
    before: Land
    after: Land
    kept: Land
    given: Land
    received: Land
    pieces: tuple[int, int]
    distance_m: tuple[float | None, float | None]
    payment: float
    claim: float | None

    @property
    def change(self) -> float | None:
        """Value after less the claim, land alone; what a payment makes good is not in it."""
        if self.after.value is None or self.claim is None:
            return None
        return round(self.after.value - self.claim, 2)

    @property
    def relative(self) -> float | None:
        """The change as a share of the claim; None where there is no claim."""
        change = self.change
        return None if change is None or not self.claim else change / self.claim


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel in a statement."""

    id: str
    fate: Fate
    other: str
    """From whom it comes or to whom it goes; "" for one that is kept."""
    area_m2: float
    value: float | None
    land_use: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """Parties that give to each other in turn, and the parcels by which they do.

    ``steps`` hold (from, to, parcels); the last ``to`` is the first ``from``. A ring of number 0
    holds what goes against money: then its steps need not meet.
    """

    number: int
    steps: tuple[tuple[str, str, tuple[str, ...]], ...]


def is_exchange(proposal: Proposal) -> bool:
    """Whether a proposal is an exchange of land between owners."""
    return proposal.process == PROCESS


def holdings_of(proposal: Proposal) -> pd.DataFrame:
    """Return ``holdings`` with area, value and land use of each parcel."""
    parcels = proposal.parcels[["parcel_id", "area_m2", "value", "land_use"]]
    return proposal.layer("holdings").merge(
        parcels, on="parcel_id", how="left", validate="one_to_one"
    )


def statements_of(proposal: Proposal) -> list[Statement]:
    """Return a statement per party, the largest loss in value first, then by id."""
    held = holdings_of(proposal)
    same = held["party_before"] == held["party_after"]
    kept = _land(held[same], "party_before")
    given = _land(held[~same], "party_before")
    received = _land(held[~same], "party_after")
    found = [
        _statement(row, *(part.get(row["party_id"], _NONE) for part in (kept, given, received)))
        for row in proposal.layer("statements").to_dict("records")
    ]
    return sorted(found, key=lambda one: (_loss(one), one.id))


def parcels_by_party(proposal: Proposal) -> dict[str, list[Parcel]]:
    """Return the parcels of every party: kept, given, received, each by id."""
    found: dict[str, list[Parcel]] = defaultdict(list)
    for row in holdings_of(proposal).sort_values("parcel_id").to_dict("records"):
        before, after = _text(row["party_before"]), _text(row["party_after"])
        if before == after:
            found[before].append(_parcel(row, "kept", ""))
            continue
        found[before].append(_parcel(row, "given", after))
        found[after].append(_parcel(row, "received", before))
    order: Sequence[Fate] = ("kept", "given", "received")
    for own in found.values():
        own.sort(key=lambda one: (order.index(one.fate), one.id))
    return dict(found)


def rings_of(proposal: Proposal) -> list[Ring]:
    """Return the rings of the exchange by number, then what goes against money."""
    held = proposal.layer("holdings")
    moved = held[held["party_before"] != held["party_after"]]
    rings = []
    for number in sorted({int(one) for one in moved["cycle"]}, key=lambda one: (one == 0, one)):
        own = moved[moved["cycle"] == number]
        by_pair: dict[tuple[str, str], list[str]] = defaultdict(list)
        columns = own[["party_before", "party_after", "parcel_id"]].sort_values("parcel_id")
        for before, after, parcel in columns.itertuples(index=False, name=None):
            by_pair[_text(before), _text(after)].append(str(parcel))
        steps = {pair: tuple(parcels) for pair, parcels in by_pair.items()}
        rings.append(Ring(number, _in_turn(steps) if number else _sorted(steps)))
    return rings


_NONE: Final = Land(0, 0.0, 0.0)


def _land(rows: pd.DataFrame, party: str) -> dict[str, Land]:
    return {
        str(name): Land(
            len(own),
            float(own["area_m2"].sum()),
            float(own["value"].sum()) if own["value"].notna().all() else None,
        )
        for name, own in rows.groupby(party)
    }


def _statement(row: Mapping[Any, Any], kept: Land, given: Land, received: Land) -> Statement:
    number = {key: _number(row[key]) for key in _FIGURES}
    return Statement(
        id=_text(row["party_id"]),
        role=_text(row["role"]),
        owners=tuple(part for part in _text(row["owners"]).split("; ") if part),
        before=_whole(row, number, "before"),
        after=_whole(row, number, "after"),
        kept=kept,
        given=given,
        received=received,
        pieces=(_count(row["pieces_before"]), _count(row["pieces_after"])),
        distance_m=(number["distance_before_m"], number["distance_after_m"]),
        payment=number["payment"] or 0.0,
        claim=number["claim_value"],
    )


_FIGURES: Final = (
    *("area_before_m2", "area_after_m2", "value_before", "value_after"),
    *("distance_before_m", "distance_after_m", "payment", "claim_value"),
)


def _whole(row: Mapping[Any, Any], number: Mapping[str, float | None], when: str) -> Land:
    area = number[f"area_{when}_m2"] or 0.0
    return Land(_count(row[f"parcels_{when}"]), area, number[f"value_{when}"])


def _parcel(row: Mapping[Any, Any], fate: Fate, other: str) -> Parcel:
    return Parcel(
        id=_text(row["parcel_id"]),
        fate=fate,
        other=other,
        area_m2=_number(row["area_m2"]) or 0.0,
        value=_number(row["value"]),
        land_use=_text(row["land_use"]),
        fixed=bool(row["fixed"]),
    )


def _in_turn(
    steps: dict[tuple[str, str], tuple[str, ...]],
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Put the steps of a ring one behind the other, from the first party by id."""
    left = dict(steps)
    told: list[tuple[str, str, tuple[str, ...]]] = []
    here = min(pair[0] for pair in left)
    while left:
        onward = [pair for pair in left if pair[0] == here] or sorted(left)
        pair = min(onward)
        told.append((*pair, left.pop(pair)))
        here = pair[1]
    return tuple(told)


def _sorted(
    steps: dict[tuple[str, str], tuple[str, ...]],
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple((*pair, steps[pair]) for pair in sorted(steps))


def _loss(one: Statement) -> float:
    return float("inf") if one.relative is None else one.relative


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or math.isnan(value):
        return None
    return float(value)


def _count(value: object) -> int:
    return int(str(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
