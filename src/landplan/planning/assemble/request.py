"""What a planner may ask of `assemble`.

The one declaration that command line, API, form and reference page derive from.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.assemble.request_parts import (
    Bridge,
    Consent,
    Elsewhere,
    Frontage,
    Neighbours,
    Price,
    Shape,
)
from landplan.planning.assemble.request_places import Apart, Budget, Place
from landplan.planning.request_base import Part, form_hints

MU_PER_HECTARE = 15.0
Range = Annotated[
    list[Annotated[float, Field(gt=0, le=1_000_000)]], Field(min_length=2, max_length=2)
]


class Demand(Part):
    """One kind of site, and how many of it."""

    id: str = Field(
        min_length=1,
        max_length=40,
        pattern=r"^[^\s/\\]+$",
        description="Name of the demand; sites are called <id>-1, <id>-2 …",
        json_schema_extra=form_hints("demand", 1, "text"),
    )
    area_ha: Range | None = Field(
        default=None,
        description="Least and largest area of a site, net of streets, computed area.",
        json_schema_extra=form_hints("demand", 2, "area", "ha"),
    )
    area_mu: Range | None = Field(
        default=None,
        description="The same in mu (15 mu = 1 ha); give one of the two.",
        json_schema_extra=form_hints("demand", 3, "area", "mu"),
    )
    count: int = Field(
        default=1,
        ge=1,
        le=50,
        description="How many such sites, none overlapping another.",
        json_schema_extra=form_hints("demand", 4, "number", "sites"),
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
    max_bridges: int = Field(
        default=0,
        ge=0,
        le=20,
        description="How many street crossings a site may need.",
        json_schema_extra=form_hints("rules", 4, "number", "crossings"),
    )
    min_parcels: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="Fewest parcels of a site.",
        json_schema_extra=form_hints("rules", 5, "number", "parcels"),
    )
    place: list[Place] = Field(
        default_factory=list,
        max_length=20,
        description="How far every parcel of a site must, and may, lie from the nearest of some "
        "places; each a table (layer, names, min_m, max_m) or a line such as "
        "`land_use 0701 >= 300 m`.",
        json_schema_extra=form_hints("rules", 6, "place_list"),
    )
    must: list[str] = Field(
        default_factory=list,
        description="Parcels that the site must contain.",
        json_schema_extra=form_hints("locks", 1, "parcel_picker"),
    )
    never: list[str] = Field(
        default_factory=list,
        description="Parcels that it must not contain.",
        json_schema_extra=form_hints("locks", 2, "parcel_picker"),
    )
    never_owners: list[str] = Field(
        default_factory=list,
        description="Owners whose parcels it must not contain.",
        json_schema_extra=form_hints("locks", 3, "owner_list"),
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Demand":
        if (self.area_ha is None) == (self.area_mu is None):
            raise LookupFault("demand.one_area")
        low, high = self.area_range_ha
        if low > high:
            raise LookupFault("demand.area_order", low=low, high=high)
        both = sorted(set(self.must) & set(self.never))
        if both:
            raise LookupFault("demand.must_and_never", ids=both)
        if self.count > 1 and self.must:
            raise LookupFault("demand.must_with_count")
        return self

    @property
    def area_range_ha(self) -> tuple[float, float]:
        """Least and largest area in ha, whichever unit was asked in."""
        if self.area_ha is not None:
            return self.area_ha[0], self.area_ha[1]
        assert self.area_mu is not None
        return self.area_mu[0] / MU_PER_HECTARE, self.area_mu[1] / MU_PER_HECTARE


class AssembleRequest(Part):
    """Contiguous sites of least cost for one or more demands."""

    process: Literal["assemble"] = Field(
        description="Always `assemble`.", json_schema_extra=form_hints("run", 0, "hidden")
    )
    title: str = Field(
        default="",
        max_length=200,
        description="What the plan is called.",
        json_schema_extra=form_hints("run", 1, "text"),
    )
    seed: int = Field(
        default=1,
        ge=0,
        le=2**31 - 1,
        description="Same data, request and seed: same plan.",
        json_schema_extra=form_hints("run", 2, "number"),
    )
    effort: Literal["quick", "normal", "thorough"] = Field(
        default="normal",
        description="How much work to spend; counted work, never seconds.",
        json_schema_extra=form_hints("run", 3, "choice"),
    )
    partial: bool = Field(
        default=False,
        description="Whether unmet demands are only named and do not fail the run.",
        json_schema_extra=form_hints("run", 4, "switch"),
    )
    acquirer_owners: list[str] = Field(
        default_factory=list,
        description="Owners on the acquirer's side: their land costs nothing, counts as no owner, "
        "needs no consent; reported apart.",
        json_schema_extra=form_hints("run", 5, "owner_list"),
    )
    zero_cost: Literal["exclude", "allow"] = Field(
        default="exclude",
        description="Whether a parcel whose cost is zero may be used; a missing cost never may.",
        json_schema_extra=form_hints("run", 6, "choice"),
    )
    bridge: Bridge = Field(default_factory=Bridge, description="Crossing a street.")
    price: Price = Field(default_factory=Price, description="What counts beside the land.")
    consent: Consent = Field(default_factory=Consent, description="Owners in favour.")
    shape: Shape = Field(default_factory=Shape, description="How far a site may spread.")
    frontage: Frontage = Field(default_factory=Frontage, description="Boundary along roads.")
    neighbours: Neighbours = Field(
        default_factory=Neighbours, description="What a site leaves to the land around it."
    )
    demand: list[Demand] = Field(min_length=1, max_length=50, description="The sites wanted.")
    budget: Budget = Field(default_factory=Budget, description="What all sites together may cost.")
    between: list[Apart] = Field(
        default_factory=list,
        max_length=50,
        description="How far sites must, and may, lie from each other; each a table (a, b, min_m, "
        "max_m) or a line such as `A B >= 300 m`.",
        json_schema_extra=form_hints("together", 2, "between_list"),
    )
    elsewhere: list[Elsewhere] = Field(
        default_factory=list, max_length=50, description="Land that sites must mostly leave aside."
    )

    @model_validator(mode="after")
    def _streets_agree(self) -> "AssembleRequest":
        """Only named streets are closed, and none of them is one that must run along the site."""
        if self.bridge.mode == "keep":
            if self.bridge.classes or self.price.per_closed_m2 > 0:
                raise LookupFault("bridge.kept")
            return self
        closed, front = set(self.bridge.classes), set(self.frontage.classes)
        if not closed:
            raise LookupFault("bridge.no_classes")
        if self.frontage.min_m > 0 and (not front or closed & front):
            raise LookupFault("bridge.closed_front", ids=sorted(closed & front or closed))
        return self

    @model_validator(mode="after")
    def _demands_agree(self) -> "AssembleRequest":
        names = [demand.id for demand in self.demand]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise LookupFault("demand.id_twice", ids=twice)
        wanted = [parcel for demand in self.demand for parcel in set(demand.must)]
        claimed = sorted({parcel for parcel in wanted if wanted.count(parcel) > 1})
        if claimed:
            raise LookupFault("demand.must_twice", ids=claimed)
        for rule in self.between:
            for name in (rule.a, rule.b):
                if name not in names:
                    raise LookupFault("between.unknown", id=name, known=names)
            if rule.a == rule.b and self.demand[names.index(rule.a)].count == 1:
                raise LookupFault("between.one_site", id=rule.a)
        return self

    def canonical(self) -> dict[str, Any]:
        """All keys with their defaults.

        Areas in ha, sets sorted, so that equal questions have equal text.
        """
        data = self.model_dump(mode="json")
        data["acquirer_owners"] = sorted(set(data["acquirer_owners"]))
        for key in ("never_over", "classes"):
            data["bridge"][key] = sorted(set(data["bridge"][key]))
        data["frontage"]["classes"] = sorted(set(data["frontage"]["classes"]))
        for rule in data["between"]:
            rule["a"], rule["b"] = sorted((rule["a"], rule["b"]))
        data["between"].sort(key=lambda rule: sorted(map(str, rule.items())))
        for land in data["elsewhere"]:
            land["parcels"] = sorted(set(land["parcels"]))
        data["elsewhere"].sort(key=lambda land: (land["name"], land["max_share"], land["parcels"]))
        for asked, demand in zip(self.demand, data["demand"], strict=True):
            demand["area_ha"] = [round(value, 9) for value in asked.area_range_ha]
            del demand["area_mu"]
            for key in ("land_uses", "zones", "must", "never", "never_owners"):
                demand[key] = sorted(set(demand[key]))
            for place in demand["place"]:
                place["names"] = sorted(set(place["names"]))
            demand["place"].sort(key=lambda place: sorted(map(str, place.items())))
        return data
