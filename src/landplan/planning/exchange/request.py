"""What a planner may ask of `exchange`; the one declaration all its faces derive from."""

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from landplan.cadastre.validation import LookupFault

Name = str


def _form(group: str, order: int, widget: str, unit: str | None = None) -> dict[str, Any]:
    unit_key = {"x-unit": unit} if unit else {}
    return {"x-group": group, "x-order": order, "x-widget": widget, **unit_key}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TakePart(_Part):
    """Whose land may change hands."""

    owners: list[Name] = Field(
        default_factory=list,
        description="Owners who take part, with all they hold alone or together; empty: everyone.",
        json_schema_extra=_form("who", 1, "owner_list"),
    )
    zones: list[Name] = Field(
        default_factory=list,
        description="Zones whose parcels take part; empty: every zone, and parcels outside any.",
        json_schema_extra=_form("who", 2, "zone_list"),
    )
    land_uses: list[Name] = Field(
        default_factory=list,
        description="Land uses that take part; empty: every use. Streets never do.",
        json_schema_extra=_form("who", 3, "land_use_list"),
    )
    same_zone: bool = Field(
        default=False,
        description="Whether a party may only receive land in zones in which it brings land in.",
        json_schema_extra=_form("who", 4, "switch"),
    )


class Fixed(_Part):
    """What stays with its owner."""

    parcels: list[Name] = Field(
        default_factory=list,
        description="Parcels that stay with their owners.",
        json_schema_extra=_form("locks", 1, "parcel_picker"),
    )
    owners: list[Name] = Field(
        default_factory=list,
        description="Owners who give nothing away and receive nothing: they keep what they hold. "
        "Owners whom the town file says refused are added.",
        json_schema_extra=_form("locks", 2, "owner_list"),
    )
    homesteads: bool = Field(
        default=True,
        description="Whether parcels on which their owner's homestead stands stay.",
        json_schema_extra=_form("locks", 3, "switch"),
    )
    buildings: Literal["stay", "free"] = Field(
        default="stay",
        description="Parcels with a building, and all parcels where the town has no layer of "
        "buildings, stay; or are free like any other.",
        json_schema_extra=_form("locks", 4, "choice"),
    )
    freed: list[Name] = Field(
        default_factory=list,
        description="Parcels that may change hands though a building or a homestead stands there.",
        json_schema_extra=_form("locks", 5, "parcel_picker"),
    )


class Tolerance(_Part):
    """How far what a party ends with may differ from its claim."""

    value_share: float = Field(
        default=0.03,
        ge=0,
        le=1,
        description="Of the claim in value, up and down.",
        json_schema_extra=_form("tolerance", 1, "number", "share"),
    )
    cash: float = Field(
        default=0.0,
        ge=0,
        le=1e12,
        description="Difference in value beyond that share which may be settled in money, a party.",
        json_schema_extra=_form("tolerance", 2, "number", "currency"),
    )
    area_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Of the claim in area, up and down; left out: area is not limited.",
        json_schema_extra=_form("tolerance", 3, "number", "share"),
    )
    area_m2: float = Field(
        default=0.0,
        ge=0,
        le=1e9,
        description="Difference in area allowed beyond that share.",
        json_schema_extra=_form("tolerance", 4, "number", "m2"),
    )
    least_parcels: int = Field(
        default=1,
        ge=0,
        le=1000,
        description="Parcels that every party with land keeps at least; no more than it had.",
        json_schema_extra=_form("tolerance", 5, "number", "parcels"),
    )
    paid_out: list[Name] = Field(
        default_factory=list,
        description="Owners who agreed to be paid in money: they may end with less land or none.",
        json_schema_extra=_form("tolerance", 7, "owner_list"),
    )
    max_moves: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description="Most parcels that may change hands; left out: any number.",
        json_schema_extra=_form("tolerance", 6, "number", "parcels"),
    )


class Price(_Part):
    """What the plan weighs against each other, in the town's currency."""

    distance: float = Field(
        default=0.01,
        gt=0,
        le=1000,
        description="What land counts that lies 1 km from its party's reference point, as a share "
        "of its value; it grows with the square of the distance.",
        json_schema_extra=_form("price", 1, "number", "share"),
    )
    piece: float | None = Field(
        default=None,
        ge=0,
        le=1e12,
        description="What one contiguous piece counts; left out: twice the mean cost of distance "
        "of a parcel today.",
        json_schema_extra=_form("price", 2, "number", "currency"),
    )
    move: float = Field(
        default=0.0,
        ge=0,
        le=1e12,
        description="What it counts that a parcel changes hands.",
        json_schema_extra=_form("price", 3, "number", "currency"),
    )


class Acquirer(_Part):
    """A party that gives reserve land or money and receives a site, or what others contribute."""

    owners: list[Name] = Field(
        default_factory=list,
        description="Owners on the acquirer's side: their land is one reserve for the others.",
        json_schema_extra=_form("acquirer", 1, "owner_list"),
    )
    receives: list[Name] = Field(
        default_factory=list,
        description="Parcels that go to the acquirer, as a site; their owners get equal land. They "
        "take part wherever they are.",
        json_schema_extra=_form("acquirer", 2, "parcel_picker"),
    )
    contribution_share: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Share of value and area that every other party gives up to the acquirer.",
        json_schema_extra=_form("acquirer", 3, "number", "share"),
    )


class ExchangeRequest(_Part):
    """Exchange land between owners: equal claims, short ways, few pieces, with a bound."""

    process: Literal["exchange"] = Field(
        description="Always `exchange`.", json_schema_extra=_form("run", 0, "hidden")
    )
    title: str = Field(
        default="",
        max_length=200,
        description="What the plan is called.",
        json_schema_extra=_form("run", 1, "text"),
    )
    seed: int = Field(
        default=1,
        ge=0,
        le=2**31 - 1,
        description="Same data, request and seed: same plan.",
        json_schema_extra=_form("run", 2, "number"),
    )
    effort: Literal["quick", "normal", "thorough"] = Field(
        default="normal",
        description="How much work to spend; counted work, never seconds.",
        json_schema_extra=_form("run", 3, "choice"),
    )
    reference: Literal["homestead", "centre"] = Field(
        default="homestead",
        description="Where a party wants its land: near its homestead (where none is known, near "
        "the centre of its land today), or always near that centre.",
        json_schema_extra=_form("place", 1, "choice"),
    )
    wishes: list[Name] = Field(
        default_factory=list,
        max_length=10_000,
        description="Wished places of owners, a line each: owner, x and y in the town's "
        "coordinates, with blanks between.",
        json_schema_extra=_form("place", 2, "wish_list"),
    )
    take_part: TakePart = Field(default_factory=TakePart, description="Whose land takes part.")
    fixed: Fixed = Field(default_factory=Fixed, description="What stays with its owner.")
    tolerance: Tolerance = Field(
        default_factory=Tolerance, description="How equal the exchange must be."
    )
    price: Price = Field(default_factory=Price, description="What counts against what.")
    acquirer: Acquirer = Field(
        default_factory=Acquirer, description="Who takes a site and gives reserve land or money."
    )

    @field_validator("wishes")
    @classmethod
    def _wishes_can_be_read(cls, lines: list[str]) -> list[str]:
        wishes = []
        for line in lines:
            wish = _wish(line)
            if wish is None:
                raise LookupFault("exchange.wish", line=line)
            wishes.append(wish[0])
        twice = sorted({owner for owner in wishes if wishes.count(owner) > 1})
        if twice:
            raise LookupFault("exchange.wish_twice", ids=twice)
        return lines

    def wished(self) -> list[tuple[str, float, float]]:
        """Return (owner, x, y) of the wished places."""
        found = [_wish(line) for line in self.wishes]
        return [wish for wish in found if wish is not None]

    def canonical(self) -> dict[str, Any]:
        """All keys with their defaults, sets sorted, so that equal questions have equal text."""
        data = self.model_dump(mode="json")
        for part, keys in (
            ("take_part", ("owners", "zones", "land_uses")),
            ("fixed", ("parcels", "owners", "freed")),
            ("acquirer", ("owners", "receives")),
            ("tolerance", ("paid_out",)),
        ):
            for key in keys:
                data[part][key] = sorted(set(data[part][key]))
        data["wishes"] = [
            f"{owner} {round(x, 3)!r} {round(y, 3)!r}" for owner, x, y in sorted(self.wished())
        ]
        return data


def _wish(line: str) -> tuple[str, float, float] | None:
    parts = line.rsplit(None, 2)
    if len(parts) != 3:
        return None
    try:
        x, y = float(parts[1]), float(parts[2])
    except ValueError:
        return None
    return (parts[0].strip(), x, y) if math.isfinite(x) and math.isfinite(y) else None
