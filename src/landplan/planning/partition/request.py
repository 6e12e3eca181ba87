"""What a planner may ask of `partition`.

The one declaration that command line, API, form and reference page derive from. Its demand has the
keys of a demand of `assemble`, so that whatever reads plans reads these too.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.assemble.request import MU_PER_HECTARE, Range
from landplan.planning.assemble.request_parts import NEVER_OVER, Name

NO_LARGEST_HA = 1_000_000.0
"""What any largest area from `BEYOND_ANY_TOWN_HA` on means: that there is none."""
BEYOND_ANY_TOWN_HA = 60_000.0
AS_MANY_AS_POSSIBLE = 100_000
MANY_BRIDGES = 1_000
ATTRIBUTES = ("cost_per_ha", "value_per_ha")


def _form(group: str, order: int, widget: str, unit: str | None = None) -> dict[str, Any]:
    return {
        "x-group": group,
        "x-order": order,
        "x-widget": widget,
        **({"x-unit": unit} if unit else {}),
    }


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Crossing(_Part):
    """Whether a site may lie on both sides of a street, and of which."""

    across_streets: bool = Field(
        default=False,
        description="Whether a site may lie on both sides of a street.",
        json_schema_extra=_form("bridge", 0, "switch"),
    )
    max_width_m: float = Field(
        default=30.0,
        gt=0,
        le=200,
        description="Widest street that a site may cross.",
        json_schema_extra=_form("bridge", 1, "number", "m"),
    )
    min_facing_m: float = Field(
        default=10.0,
        gt=0,
        le=1000,
        description="Shortest stretch along which both sides must face each other.",
        json_schema_extra=_form("bridge", 2, "number", "m"),
    )
    never_over: list[Name] = Field(
        default_factory=lambda: list(NEVER_OVER),
        description="Kinds of restrictions, classes of roads, and water, that no bridge may cross.",
        json_schema_extra={**_form("bridge", 3, "list"), "default": list(NEVER_OVER)},
    )


class Spread(_Part):
    """Sites of a partition have no radius: they share out the land as it lies."""

    max_radius_factor: Literal[0] = Field(
        default=0,
        description="Always 0: no limit.",
        json_schema_extra=_form("shape", 1, "hidden"),
    )


class Lock(_Part):
    """Parcels that belong together, or that must not share a site."""

    kind: Literal["together", "apart"] = Field(
        default="together",
        description="Whether these parcels stay in one site (or all in none), or no two share one.",
        json_schema_extra=_form("lock", 1, "choice"),
    )
    parcels: list[str] = Field(
        default_factory=list,
        max_length=200,
        description="The parcels meant; none: no lock.",
        json_schema_extra=_form("lock", 2, "parcel_picker"),
    )


class Share(_Part):
    """What every site must have, and which land may be used."""

    id: str = Field(
        default="site",
        min_length=1,
        max_length=40,
        pattern=r"^[^\s/\\]+$",
        description="What the sites are called: <id>-1, <id>-2 …",
        json_schema_extra=_form("demand", 1, "text"),
    )
    area_ha: Range | None = Field(
        default=None,
        description="Least and largest area of a site, net of streets, computed area; "
        "1000000 in either unit: no largest.",
        json_schema_extra={**_form("demand", 2, "area", "ha"), "x-unlimited": NO_LARGEST_HA},
    )
    area_mu: Range | None = Field(
        default=None,
        description="The same in mu (15 mu = 1 ha); give one of the two.",
        json_schema_extra=_form("demand", 3, "area", "mu"),
    )
    count: int = Field(
        default=AS_MANY_AS_POSSIBLE,
        ge=1,
        le=AS_MANY_AS_POSSIBLE,
        description="No more sites than this; left as it is: as many as possible.",
        json_schema_extra={
            **_form("demand", 4, "number", "sites"),
            "x-unlimited": AS_MANY_AS_POSSIBLE,
        },
    )
    land_uses: list[str] = Field(
        default_factory=list,
        description="Land uses that may be used; empty: every use but streets and water.",
        json_schema_extra=_form("rules", 1, "land_use_list"),
    )
    zones: list[str] = Field(
        default_factory=list,
        description="Zones that may be used; empty: every zone.",
        json_schema_extra=_form("rules", 2, "zone_list"),
    )
    min_zone_share: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="Least share of a parcel that must lie in an allowed zone.",
        json_schema_extra=_form("rules", 3, "number", "share"),
    )
    never: list[str] = Field(
        default_factory=list,
        description="Parcels that no site may contain.",
        json_schema_extra=_form("locks", 2, "parcel_picker"),
    )
    never_owners: list[str] = Field(
        default_factory=list,
        description="Owners whose parcels no site may contain.",
        json_schema_extra=_form("locks", 3, "owner_list"),
    )
    max_bridges: Literal[0, 1000] = Field(
        default=0,
        description="Follows from `across_streets`.",
        json_schema_extra=_form("demand", 8, "hidden"),
    )
    min_parcels: Literal[1] = Field(
        default=1, description="Always 1.", json_schema_extra=_form("demand", 9, "hidden")
    )
    must: list[str] = Field(
        default_factory=list,
        max_length=0,
        description="Always empty.",
        json_schema_extra=_form("demand", 10, "hidden"),
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


class PartitionRequest(_Part):
    """As many contiguous sites as the land can give, alike inside or compact."""

    process: Literal["partition"] = Field(
        description="Always `partition`.", json_schema_extra=_form("run", 0, "hidden")
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
    acquirer_owners: list[str] = Field(
        default_factory=list,
        description="Owners on the acquirer's side: their land costs nothing, counts as no owner, "
        "needs no consent; reported apart.",
        json_schema_extra=_form("run", 5, "owner_list"),
    )
    zero_cost: Literal["exclude", "allow"] = Field(
        default="exclude",
        description="Whether a parcel whose cost is zero may be used; a missing cost never may.",
        json_schema_extra=_form("run", 6, "choice"),
    )
    prefer: Literal["alike", "compact"] = Field(
        default="alike",
        description="Among plans with the same number of sites: parcels that are alike within each "
        "site, or sites of compact shape.",
        json_schema_extra=_form("likeness", 1, "choice"),
    )
    attributes: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=lambda: list(ATTRIBUTES),
        max_length=10,
        description="In what the parcels of a site should be alike: cost_per_ha, value_per_ha, or "
        "columns of numbers that the town file names; all count the same.",
        json_schema_extra={**_form("likeness", 2, "list"), "default": list(ATTRIBUTES)},
    )
    bridge: Crossing = Field(default_factory=Crossing, description="Crossing a street.")
    shape: Spread = Field(default_factory=Spread, description="No limit.")
    demand: list[Share] = Field(
        min_length=1, max_length=1, description="What every site must have; one entry."
    )
    lock: list[Lock] = Field(
        default_factory=list,
        max_length=200,
        description="Parcels that belong together or apart.",
    )

    @model_validator(mode="after")
    def _locks_agree(self) -> "PartitionRequest":
        joined = [parcel for lock in self.together() for parcel in lock]
        twice = sorted({parcel for parcel in joined if joined.count(parcel) > 1})
        if twice:
            raise LookupFault("lock.together_twice", ids=twice)
        for group in self.together():
            both = [pair for pair in self.apart() if set(pair) <= set(group)]
            if both:
                raise LookupFault("lock.together_and_apart", ids=sorted(both[0]))
        return self

    def together(self) -> list[tuple[str, ...]]:
        """Return the groups of parcels that stay in one site, each parcel once."""
        groups = [tuple(sorted(set(lock.parcels))) for lock in self.lock if lock.kind == "together"]
        return sorted(group for group in groups if len(group) > 1)

    def apart(self) -> list[tuple[str, str]]:
        """Return the pairs of parcels that must not share a site."""
        pairs = set()
        for lock in self.lock:
            if lock.kind == "apart":
                ids = sorted(set(lock.parcels))
                pairs |= {(one, other) for i, one in enumerate(ids) for other in ids[i + 1 :]}
        return sorted(pairs)

    def canonical(self) -> dict[str, Any]:
        """All keys with their defaults.

        Areas in ha, sets sorted, so that equal questions have equal text.
        """
        data = self.model_dump(mode="json")
        data["acquirer_owners"] = sorted(set(data["acquirer_owners"]))
        data["attributes"] = sorted(set(data["attributes"])) if self.prefer == "alike" else []
        data["bridge"]["never_over"] = sorted(set(data["bridge"]["never_over"]))
        demand = data["demand"][0]
        demand["area_ha"] = [round(value, 9) for value in self.demand[0].area_range_ha]
        del demand["area_mu"]
        demand["max_bridges"] = MANY_BRIDGES if self.bridge.across_streets else 0
        for key in ("land_uses", "zones", "never", "never_owners"):
            demand[key] = sorted(set(demand[key]))
        locks = {(lock.kind, tuple(sorted(set(lock.parcels)))) for lock in self.lock}
        data["lock"] = [
            {"kind": kind, "parcels": list(ids)} for kind, ids in sorted(locks) if len(ids) > 1
        ]
        return data
