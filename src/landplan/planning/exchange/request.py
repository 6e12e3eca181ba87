"""What a planner may ask of `exchange`; the one declaration all its faces derive from."""

from typing import Any, Literal

from pydantic import Field, field_validator

from landplan.planning.exchange.request_lines import (
    Cost,
    Wish,
    checked_costs,
    checked_wishes,
    cost,
    wish,
)
from landplan.planning.exchange.request_parts import (
    Acquirer,
    Fixed,
    Name,
    Price,
    TakePart,
    Tolerance,
)
from landplan.planning.request_base import Part, form_hints


class ExchangeRequest(Part):
    """Exchange land between owners: equal claims, short ways, few pieces, with a bound."""

    process: Literal["exchange"] = Field(
        description="Always `exchange`.", json_schema_extra=form_hints("run", 0, "hidden")
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
    reference: Literal["homestead", "centre"] = Field(
        default="homestead",
        description="Where a party wants its land: near its homestead (where none is known, near "
        "the centre of its land today), or always near that centre.",
        json_schema_extra=form_hints("place", 1, "choice"),
    )
    wishes: list[Name] = Field(
        default_factory=list,
        max_length=10_000,
        description="Wished places of owners, a line each: owner, x and y in the town's "
        "coordinates, with blanks between.",
        json_schema_extra=form_hints("place", 2, "wish_list"),
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

    costs: list[Name] = Field(
        default_factory=list,
        max_length=100_000,
        description="What it counts that an owner holds a parcel afterwards, a line each: owner | "
        "parcel | amount in the town's currency. `*` for the parcel: every other one.",
        json_schema_extra=form_hints("place", 3, "cost_list"),
    )

    @field_validator("wishes")
    @classmethod
    def _wishes_can_be_read(cls, lines: list[str]) -> list[str]:
        return checked_wishes(lines)

    @field_validator("costs")
    @classmethod
    def _costs_can_be_read(cls, lines: list[str]) -> list[str]:
        return checked_costs(lines)

    def wished(self) -> list[Wish]:
        """Return (owner, x, y) of the wished places."""
        return [found for line in self.wishes if (found := wish(line)) is not None]

    def cost_table(self) -> list[Cost]:
        """Return (owner, parcel or `EVERYWHERE`, amount) of the costs."""
        return [found for line in self.costs if (found := cost(line)) is not None]

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
        data["costs"] = [
            f"{owner} | {parcel} | {round(amount, 2)!r}"
            for owner, parcel, amount in sorted(self.cost_table())
        ]
        return data
