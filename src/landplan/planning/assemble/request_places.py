"""Distances in a request: of sites from given places.

Each is a table, or one line of text as forms and mails hold it:
``land_use 0701 | 0702 >= 300 m``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.assemble.request_parts import Name, Part, form_hints
from landplan.rules.places import PlaceRule

MOST_METRES: Final = 1e6
_LIMIT: Final = r"(>=|<=|≥|≤)\s*(\d+(?:\.\d+)?)\s*(km|m|公里|千米|米)?"
_LINE: Final = re.compile(rf"^([^<>≤≥]*?)((?:\s*{_LIMIT})+)$")
_AWKWARD: Final = re.compile(r"[<>≤≥|]|^\s|\s$")
_NAMED: Final = ("parcels", "land_use")
"""Layers of which not everything can be meant."""


class Place(Part):
    """How far every parcel of a site must, and may, lie from the nearest of some places."""

    layer: Literal[
        "land_use", "zones", "facilities", "buildings", "restrictions", "roads", "parcels"
    ] = Field(
        description="What the places are: a layer, or parcels by their land use or id.",
        json_schema_extra=form_hints("place", 1, "hidden"),
    )
    names: list[Name] = Field(
        default_factory=list,
        description="Codes, kinds, classes or ids of the places; empty: all of the layer.",
        json_schema_extra=form_hints("place", 2, "hidden"),
    )
    min_m: float = Field(
        default=0.0,
        ge=0,
        le=MOST_METRES,
        description="Least distance, m; 0: none.",
        json_schema_extra=form_hints("place", 3, "hidden", "m"),
    )
    max_m: float | None = Field(
        default=None,
        ge=0,
        le=MOST_METRES,
        description="Largest distance, m; none where not given.",
        json_schema_extra=form_hints("place", 4, "hidden", "m"),
    )

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        return read_place(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _means_something(self) -> "Place":
        _check_limits(self.min_m, self.max_m)
        if self.layer in _NAMED and not self.names:
            raise LookupFault("place.names_needed", layer=self.layer)
        if self.layer == "buildings" and self.names:
            raise LookupFault("place.no_names", layer=self.layer)
        return self

    def rule(self) -> PlaceRule:
        """Return it as a rule on parcels."""
        return PlaceRule(self.layer, tuple(self.names), self.min_m, self.max_m)


def read_place(line: str) -> dict[str, Any]:
    """Read ``layer name | name >= 300 m <= 2 km``.

    Raises
    ------
    LookupFault
        ``place.line`` where the line is none.
    """
    if line.lstrip().startswith("{"):
        return _table(line)
    what, limits = read_limits(line)
    layer, _, names = what.strip().partition(" ")
    named = [name.strip() for name in names.split("|") if name.strip()]
    return {"layer": layer, "names": named, **limits}


def place_line(place: Mapping[str, Any]) -> str:
    """Return a place as one line that `read_place` reads back."""
    names = list(place.get("names", []))
    if any(_AWKWARD.search(name) for name in names):
        return json.dumps(place, ensure_ascii=False)
    head = " ".join([str(place.get("layer", "")), *([" | ".join(names)] if names else [])])
    return head + limits_line(place)


def read_limits(line: str) -> tuple[str, dict[str, float]]:
    """Split a line into what stands before its limits, and the limits in m.

    Raises LookupFault ``place.line`` where there is no limit, or one is said twice.
    """
    found = _LINE.match(line.strip())
    if found is None:
        raise LookupFault("place.line", value=line[:80])
    limits: dict[str, float] = {}
    for sign, number, unit in re.findall(_LIMIT, found.group(2)):
        key = "min_m" if sign in (">=", "≥") else "max_m"
        if key in limits:
            raise LookupFault("place.line", value=line[:80])
        limits[key] = float(number) * (1000.0 if unit in ("km", "公里", "千米") else 1.0)
    return found.group(1), limits


def limits_line(limits: Mapping[str, Any]) -> str:
    """Return limits as the end of a line."""
    least, most = limits.get("min_m") or 0.0, limits.get("max_m")
    low = f" >= {_digits(least)} m" if least else ""
    return low + (f" <= {_digits(most)} m" if most is not None else "")


def _digits(number: float) -> str:
    text = f"{float(number):.9f}"
    return text.rstrip("0").rstrip(".")


def _table(line: str) -> dict[str, Any]:
    try:
        table = json.loads(line)
    except ValueError as error:
        raise LookupFault("place.line", value=line[:80]) from error
    if not isinstance(table, dict):
        raise LookupFault("place.line", value=line[:80])
    return table


def _check_limits(least: float, most: float | None) -> None:
    if not least and most is None:
        raise LookupFault("place.no_limit")
    if most is not None and most < least:
        raise LookupFault("place.order", low=least, high=most)
