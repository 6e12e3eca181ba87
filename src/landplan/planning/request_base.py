"""What every request model is made of: a frozen table without unknown keys, hints for forms."""

from typing import Any

from pydantic import BaseModel, ConfigDict


def form_hints(group: str, order: int, widget: str, unit: str | None = None) -> dict[str, Any]:
    """Return what a form needs to know about a field."""
    return {
        "x-group": group,
        "x-order": order,
        "x-widget": widget,
        **({"x-unit": unit} if unit else {}),
    }


class Part(BaseModel):
    """A table of a request: frozen, and no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
