"""The tables of a `partition` request."""

from typing import Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.assemble.request import MU_PER_HECTARE, Range
from landplan.planning.assemble.request_parts import NEVER_OVER, Name
from landplan.planning.request_base import Part, form_hints

NO_LARGEST_HA = 1_000_000.0
"""What any largest area from `BEYOND_ANY_TOWN_HA` on means: that there is none."""
BEYOND_ANY_TOWN_HA = 60_000.0
AS_MANY_AS_POSSIBLE = 100_000
MANY_BRIDGES = 1_000
ATTRIBUTES = ("cost_per_ha", "value_per_ha")


class Crossing(Part):
    """Whether a site may lie on both sides of a street, and of which."""

    across_streets: bool = Field(
        default=False,
        description="Whether a site may lie on both sides of a street.",
        json_schema_extra=form_hints("bridge", 0, "switch"),
    )
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


class Spread(Part):
    """Sites of a partition have no radius: they share out the land as it lies."""

    max_radius_factor: Literal[0] = Field(
        default=0,
        description="Always 0: no limit.",
        json_schema_extra=form_hints("shape", 1, "hidden"),
    )


class Lock(Part):
    """Parcels that belong together, or that must not share a site."""

    kind: Literal["together", "apart"] = Field(
        default="together",
        description="Whether these parcels stay in one site (or all in none), or no two share one.",
        json_schema_extra=form_hints("lock", 1, "choice"),
    )
    parcels: list[str] = Field(
        default_factory=list,
        max_length=200,
        description="The parcels meant; none: no lock.",
        json_schema_extra=form_hints("lock", 2, "parcel_picker"),
    )


class Share(Part):
    """What every site must have, and which land may be used."""

    id: str = Field(
        default="site",
        min_length=1,
        max_length=40,
        pattern=r"^[^\s/\\]+$",
        description="What the sites are called: <id>-1, <id>-2 …",
        json_schema_extra=form_hints("demand", 1, "text"),
    )
    area_ha: Range | None = Field(
        default=None,
        description="Least and largest area of a site, net of streets, computed area; "
        "1000000 in either unit: no largest.",
        json_schema_extra={**form_hints("demand", 2, "area", "ha"), "x-unlimited": NO_LARGEST_HA},
    )
    area_mu: Range | None = Field(
        default=None,
        description="The same in mu (15 mu = 1 ha); give one of the two.",
        json_schema_extra=form_hints("demand", 3, "area", "mu"),
    )
    count: int = Field(
        default=AS_MANY_AS_POSSIBLE,
        ge=1,
        le=AS_MANY_AS_POSSIBLE,
        description="No more sites than this; left as it is: as many as possible.",
        json_schema_extra={
            **form_hints("demand", 4, "number", "sites"),
            "x-unlimited": AS_MANY_AS_POSSIBLE,
        },
    )
    land_uses: list[str] = Field(
        default_factory=list,
        description="Land uses that may be used; empty: every use but streets and water.",
        json_schema_extra=form_hints("rules", 1, "land_use_list"),
    )
    zones: list[str] = Field(
        default_factory=list,
        description="Zones that may be used; empty: every zone.",
        json_schema_extra=form_hints("rules", 2, "zone_list"),
    )
    min_zone_share: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="Least share of a parcel that must lie in an allowed zone.",
        json_schema_extra=form_hints("rules", 3, "number", "share"),
    )
    never: list[str] = Field(
        default_factory=list,
        description="Parcels that no site may contain.",
        json_schema_extra=form_hints("locks", 2, "parcel_picker"),
    )
    never_owners: list[str] = Field(
        default_factory=list,
        description="Owners whose parcels no site may contain.",
        json_schema_extra=form_hints("locks", 3, "owner_list"),
    )
    max_bridges: Literal[0, 1000] = Field(
        default=0,
        description="Follows from `across_streets`.",
        json_schema_extra=form_hints("demand", 8, "hidden"),
    )
    min_parcels: Literal[1] = Field(
        default=1, description="Always 1.", json_schema_extra=form_hints("demand", 9, "hidden")
    )
    must: list[str] = Field(
        default_factory=list,
        max_length=0,
        description="Always empty.",
        json_schema_extra=form_hints("demand", 10, "hidden"),
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Share":
        if (self.area_ha is None) == (self.area_mu is None):
            raise LookupFault("demand.one_area")
        low, high = self.area_range_ha
        if low > high:
            raise LookupFault("demand.area_order", low=low, high=high)
        return self

    @property
    def area_range_ha(self) -> tuple[float, float]:
        """Least and largest area in ha, whichever unit was asked in."""
        if self.area_ha is not None:
            low, high = self.area_ha
        else:
            assert self.area_mu is not None
            low, high = (mu / MU_PER_HECTARE for mu in self.area_mu)
        return low, high if high < BEYOND_ANY_TOWN_HA else NO_LARGEST_HA
