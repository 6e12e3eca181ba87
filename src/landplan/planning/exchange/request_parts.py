"""The tables of an `exchange` request."""

from typing import Literal

from pydantic import Field

from landplan.planning.request_base import Part, form_hints

Name = str


class TakePart(Part):
    """Whose land may change hands."""

    owners: list[Name] = Field(
        default_factory=list,
        description="Owners who take part, with all they hold alone or together; empty: everyone.",
        json_schema_extra=form_hints("who", 1, "owner_list"),
    )
    zones: list[Name] = Field(
        default_factory=list,
        description="Zones whose parcels take part; empty: every zone, and parcels outside any.",
        json_schema_extra=form_hints("who", 2, "zone_list"),
    )
    land_uses: list[Name] = Field(
        default_factory=list,
        description="Land uses that take part; empty: every use. Streets never do.",
        json_schema_extra=form_hints("who", 3, "land_use_list"),
    )
    same_zone: bool = Field(
        default=False,
        description="Whether a party may only receive land in zones in which it brings land in.",
        json_schema_extra=form_hints("who", 4, "switch"),
    )


class Fixed(Part):
    """What stays with its owner."""

    parcels: list[Name] = Field(
        default_factory=list,
        description="Parcels that stay with their owners.",
        json_schema_extra=form_hints("locks", 1, "parcel_picker"),
    )
    owners: list[Name] = Field(
        default_factory=list,
        description="Owners who give nothing away and receive nothing: they keep what they hold. "
        "Owners whom the town file says refused are added.",
        json_schema_extra=form_hints("locks", 2, "owner_list"),
    )
    homesteads: bool = Field(
        default=True,
        description="Whether parcels on which their owner's homestead stands stay.",
        json_schema_extra=form_hints("locks", 3, "switch"),
    )
    buildings: Literal["stay", "free"] = Field(
        default="stay",
        description="Parcels with a building, and all parcels where the town has no layer of "
        "buildings, stay; or are free like any other.",
        json_schema_extra=form_hints("locks", 4, "choice"),
    )
    freed: list[Name] = Field(
        default_factory=list,
        description="Parcels that may change hands though a building or a homestead stands there.",
        json_schema_extra=form_hints("locks", 5, "parcel_picker"),
    )


class Tolerance(Part):
    """How far what a party ends with may differ from its claim."""

    value_share: float = Field(
        default=0.03,
        ge=0,
        le=1,
        description="Of the claim in value, up and down.",
        json_schema_extra=form_hints("tolerance", 1, "number", "share"),
    )
    cash: float = Field(
        default=0.0,
        ge=0,
        le=1e12,
        description="Difference in value beyond that share which may be settled in money, a party.",
        json_schema_extra=form_hints("tolerance", 2, "number", "currency"),
    )
    area_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Of the claim in area, up and down; left out: area is not limited.",
        json_schema_extra=form_hints("tolerance", 3, "number", "share"),
    )
    area_m2: float = Field(
        default=0.0,
        ge=0,
        le=1e9,
        description="Difference in area allowed beyond that share.",
        json_schema_extra=form_hints("tolerance", 4, "number", "m2"),
    )
    least_parcels: int = Field(
        default=1,
        ge=0,
        le=1000,
        description="Parcels that every party with land keeps at least; no more than it had.",
        json_schema_extra=form_hints("tolerance", 5, "number", "parcels"),
    )
    paid_out: list[Name] = Field(
        default_factory=list,
        description="Owners who agreed to be paid in money: they may end with less land or none.",
        json_schema_extra=form_hints("tolerance", 7, "owner_list"),
    )
    max_moves: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description="Most parcels that may change hands; left out: any number.",
        json_schema_extra=form_hints("tolerance", 6, "number", "parcels"),
    )


class Price(Part):
    """What the plan weighs against each other, in the town's currency."""

    distance: float = Field(
        default=0.01,
        gt=0,
        le=1000,
        description="What land counts that lies 1 km from its party's reference point, as a share "
        "of its value; it grows with the square of the distance.",
        json_schema_extra=form_hints("price", 1, "number", "share"),
    )
    piece: float | None = Field(
        default=None,
        ge=0,
        le=1e12,
        description="What one contiguous piece counts; left out: twice the mean cost of distance "
        "of a parcel today.",
        json_schema_extra=form_hints("price", 2, "number", "currency"),
    )
    move: float = Field(
        default=0.0,
        ge=0,
        le=1e12,
        description="What it counts that a parcel changes hands.",
        json_schema_extra=form_hints("price", 3, "number", "currency"),
    )


class Acquirer(Part):
    """A party that gives reserve land or money and receives a site, or what others contribute."""

    owners: list[Name] = Field(
        default_factory=list,
        description="Owners on the acquirer's side: their land is one reserve for the others.",
        json_schema_extra=form_hints("acquirer", 1, "owner_list"),
    )
    receives: list[Name] = Field(
        default_factory=list,
        description="Parcels that go to the acquirer, as a site; their owners get equal land. They "
        "take part wherever they are.",
        json_schema_extra=form_hints("acquirer", 2, "parcel_picker"),
    )
    contribution_share: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Share of value and area that every other party gives up to the acquirer.",
        json_schema_extra=form_hints("acquirer", 3, "number", "share"),
    )
