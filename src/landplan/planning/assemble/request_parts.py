"""The tables of an `assemble` request that hold for all demands: prices and rules of a site.

Every default is "no price" or "no rule", so that a request that does not speak of a thing means
what it always meant.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.request_base import Part, form_hints

NEVER_OVER: Final = ("water", "rail")
REFUSAL_UNKNOWN: Final = 0.2
"""Stands in for an owner's chance to refuse where the town has none: an estimate, printed."""
LARGEST_PRICE: Final = 1e9
Name = Annotated[str, Field(min_length=1)]


class Bridge(Part):
    """Crossing a street: how wide it may be and how long the two sides must face each other."""

    max_width_m: float = Field(
        default=30.0,
        gt=0,
        le=200,
        description="Widest street that a site may cross.",
        json_schema_extra=form_hints("bridge", 1, "number", "m"),
    )
    min_facing_m: float = Field(
        default=10.0,
        gt=0,
        le=1000,
        description="Shortest stretch along which both sides must face each other.",
        json_schema_extra=form_hints("bridge", 2, "number", "m"),
    )
    never_over: list[Name] = Field(
        default_factory=lambda: list(NEVER_OVER),
        description="Kinds of restrictions, classes of roads, and water, that no bridge may cross.",
        json_schema_extra={**form_hints("bridge", 3, "list"), "default": list(NEVER_OVER)},
    )
    mode: Literal["keep", "close"] = Field(
        default="keep",
        description="Whether the street between stays, or its ground joins the site: then only "
        "streets with roads of `classes` are crossed.",
        json_schema_extra=form_hints("bridge", 4, "choice"),
    )
    classes: list[Name] = Field(
        default_factory=list,
        description="Classes of roads that may be closed.",
        json_schema_extra=form_hints("bridge", 5, "road_list"),
    )


class Price(Part):
    """What is paid, or counted as if it were, beside the cost of the land."""

    per_owner: float = Field(
        default=0.0,
        ge=0,
        le=LARGEST_PRICE,
        description="What one more owner to deal with counts for; 0: nothing.",
        json_schema_extra=form_hints("price", 1, "number", "currency"),
    )
    per_bridge: float = Field(
        default=0.0,
        ge=0,
        le=LARGEST_PRICE,
        description="What one street crossing counts for; 0: nothing.",
        json_schema_extra=form_hints("price", 2, "number", "currency"),
    )
    per_closed_m2: float = Field(
        default=0.0,
        ge=0,
        le=LARGEST_PRICE,
        description="What one m² of street that joins a site costs; 0: nothing.",
        json_schema_extra=form_hints("price", 6, "number", "currency"),
    )
    moment: float = Field(
        default=0.0,
        ge=0,
        le=LARGEST_PRICE,
        description="What one hectare at 100 m from the centre parcel counts for; four times as "
        "much at 200 m. Makes sites compact; 0: nothing.",
        json_schema_extra=form_hints("price", 3, "number", "currency per ha and (100 m)²"),
    )
    per_survival: float = Field(
        default=0.0,
        ge=0,
        le=LARGEST_PRICE,
        description="What the risk of refusals counts for: this price times the sum of "
        "−ln(1 − refusal probability) over the owners of a site; 0: nothing.",
        json_schema_extra=form_hints("price", 4, "number", "currency"),
    )
    refusal_unknown: float = Field(
        default=REFUSAL_UNKNOWN,
        ge=0,
        le=0.99,
        description="Refusal probability of owners for whom the town has none; used only where "
        "the risk of refusals has a price, and printed as an assumption.",
        json_schema_extra=form_hints("price", 5, "number", "share"),
    )


class Consent(Part):
    """How many owners of a site, and how much of its land, must be in favour."""

    heads: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Least share of the owners of a site that are in favour (0.6667 means two "
        "thirds); 0: no rule.",
        json_schema_extra=form_hints("consent", 1, "number", "share"),
    )
    area: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Least share of the land of a site whose owners are in favour; 0: no rule.",
        json_schema_extra=form_hints("consent", 2, "number", "share"),
    )
    unknown: Literal["for", "against"] = Field(
        default="for",
        description="How owners count who have not said yet whether they agree.",
        json_schema_extra=form_hints("consent", 3, "choice"),
    )
    refused: Literal["allow", "exclude"] = Field(
        default="allow",
        description="Whether land of owners who refuse may be used; where a share in favour is "
        "asked for, they count against it.",
        json_schema_extra=form_hints("consent", 4, "choice"),
    )

    max_owners: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Most owners that a site may have; the acquirer's own do not count. "
        "0: no rule.",
        json_schema_extra=form_hints("consent", 5, "number", "owners"),
    )


class Elsewhere(Part):
    """Land that every site must mostly leave aside, such as that of an earlier plan."""

    name: str = Field(
        min_length=1,
        max_length=80,
        description="What the land is called, e.g. the plan that it belongs to.",
        json_schema_extra=form_hints("elsewhere", 1, "text"),
    )
    parcels: list[Name] = Field(
        min_length=1,
        description="The parcels of that land.",
        json_schema_extra=form_hints("elsewhere", 3, "parcel_picker"),
    )
    max_share: float = Field(
        default=0.5,
        ge=0,
        lt=1,
        description="Largest share of the area of a site that may lie on that land, down to whole "
        "ten-thousandths; 0: nothing of it.",
        json_schema_extra=form_hints("elsewhere", 2, "number", "share"),
    )


class Shape(Part):
    """How far a site may spread, and what must fit into it."""

    max_radius_factor: float = Field(
        default=2.0,
        ge=0,
        le=100,
        description="All of a site lies within this many radii of the disc of the demand's "
        "largest area around the site's centre parcel; "
        "0: no limit.",
        json_schema_extra=form_hints("shape", 1, "number", "disc radii"),
    )
    min_width_m: float = Field(
        default=0.0,
        ge=0,
        le=5000,
        description="Least width: every part of a site, drawn in by half of it, has a piece that "
        "covers the width share of its land when drawn out again. 0: no rule.",
        json_schema_extra=form_hints("shape", 2, "number", "m"),
    )
    width_share: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="Share of the land of every part that must be as wide as the least width.",
        json_schema_extra=form_hints("shape", 3, "number", "share"),
    )
    rectangle_length_m: float = Field(
        default=0.0,
        ge=0,
        le=20_000,
        description="Length of a rectangle that must fit into the site, in whatever direction; "
        "0: none.",
        json_schema_extra=form_hints("shape", 4, "number", "m"),
    )
    rectangle_width_m: float = Field(
        default=0.0,
        ge=0,
        le=20_000,
        description="Width of that rectangle; 0: none.",
        json_schema_extra=form_hints("shape", 5, "number", "m"),
    )
    holes: Literal["allow", "forbid", "fill"] = Field(
        default="allow",
        description="Whether a site may enclose land that is not part of it: allow; forbid; fill "
        "(enclosed land that may be used has to join the site).",
        json_schema_extra=form_hints("shape", 6, "choice"),
    )

    @model_validator(mode="after")
    def _both_sides(self) -> "Shape":
        if (self.rectangle_length_m > 0) != (self.rectangle_width_m > 0):
            raise LookupFault("shape.rectangle_one_side")
        return self


class Frontage(Part):
    """How much of a site's boundary must run along a road."""

    min_m: float = Field(
        default=0.0,
        ge=0,
        le=20_000,
        description="Least length of a site's boundary along the roads named, crossed streets "
        "included; 0: no rule.",
        json_schema_extra=form_hints("frontage", 1, "number", "m"),
    )
    classes: list[Name] = Field(
        default_factory=list,
        description="Classes of roads that count; empty: every road and every street parcel.",
        json_schema_extra=form_hints("frontage", 2, "road_list"),
    )
    reach_m: float = Field(
        default=10.0,
        ge=0,
        le=100,
        description="How far from the edge of the road a plot may begin and still lie along it.",
        json_schema_extra=form_hints("frontage", 3, "number", "m"),
    )


class Neighbours(Part):
    """What a site must leave to the land around it."""

    keep_street_contact: bool = Field(
        default=False,
        description="No land beside a site may lose its way to a street.",
        json_schema_extra=form_hints("neighbours", 1, "switch"),
    )
    min_orphan_area_m2: float = Field(
        default=0.0,
        ge=0,
        le=1e8,
        description="Least area of what is left between a site and the streets around it; 0: no "
        "rule.",
        json_schema_extra=form_hints("neighbours", 2, "number", "m2"),
    )
