"""A process without demands, standing in where the console must not expect any."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from landplan.planning.process import Process


def _hints(group: str, order: int, widget: str, unit: str | None = None) -> dict[str, Any]:
    hints = {"x-group": group, "x-order": order, "x-widget": widget}
    return {**hints, **({"x-unit": unit} if unit else {})}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Part):
    per_owner: float = Field(
        default=0.0, ge=0, le=1e12, json_schema_extra=_hints("price", 1, "number", "currency")
    )


class ExchangeRequest(_Part):
    process: Literal["exchange"]
    title: str = Field(default="", max_length=200, json_schema_extra=_hints("run", 1, "text"))
    seed: int = Field(default=1, ge=0, json_schema_extra=_hints("run", 3, "number"))
    effort: Literal["quick", "normal", "thorough"] = Field(
        default="normal", json_schema_extra=_hints("run", 2, "choice")
    )
    price: Price = Field(default_factory=Price)

    def canonical(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def _run(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing is calculated here")


PROCESS = Process("exchange", "1", "Exchange", ExchangeRequest, ("statements",), _run)
