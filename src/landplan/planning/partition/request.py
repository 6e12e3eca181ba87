"""What a planner may ask of `partition`.

The one declaration that command line, API, form and reference page derive from. Its demand has the
keys of a demand of `assemble`, so that whatever reads plans reads these too.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.partition.request_parts import (
    ATTRIBUTES,
    MANY_BRIDGES,
    Crossing,
    Lock,
    Share,
    Spread,
)
from landplan.planning.request_base import Part, form_hints


class PartitionRequest(Part):
    """As many contiguous sites as the land can give, alike inside or compact."""

    process: Literal["partition"] = Field(
        description="Always `partition`.", json_schema_extra=form_hints("run", 0, "hidden")
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
    prefer: Literal["alike", "compact"] = Field(
        default="alike",
        description="Among plans with the same number of sites: parcels that are alike within each "
        "site, or sites of compact shape.",
        json_schema_extra=form_hints("likeness", 1, "choice"),
    )
    attributes: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=lambda: list(ATTRIBUTES),
        max_length=10,
        description="In what the parcels of a site should be alike: cost_per_ha, value_per_ha, or "
        "columns of numbers that the town file names; all count the same.",
        json_schema_extra={**form_hints("likeness", 2, "list"), "default": list(ATTRIBUTES)},
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
