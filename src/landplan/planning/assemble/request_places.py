"""What is asked of several sites at once, and distances: from given places and between sites.

A distance is a table, or one line of text as forms and mails hold it:
``land_use 0701 | 0702 >= 300 m``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.assemble.request_parts import Name
from landplan.planning.request_base import Part, form_hints
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


class Apart(Part):
    """How far the sites of two demands, or of one, must and may lie from each other."""

    a: Name = Field(
        description="Id of a demand.", json_schema_extra=form_hints("between", 1, "hidden")
    )
    b: Name = Field(
        description="Id of a demand; the same for the sites of one demand among themselves.",
        json_schema_extra=form_hints("between", 2, "hidden"),
    )
    min_m: float = Field(
        default=0.0,
        ge=0,
        le=MOST_METRES,
        description="Least distance, m, between the land of any two of the sites; 0: none.",
        json_schema_extra=form_hints("between", 3, "hidden", "m"),
    )
    max_m: float | None = Field(
        default=None,
        ge=0,
        le=MOST_METRES,
        description="Largest distance, m, from the nearest land of the one site to that of the "
        "other; none where not given.",
        json_schema_extra=form_hints("between", 4, "hidden", "m"),
    )

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        return read_apart(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _means_something(self) -> "Apart":
        _check_limits(self.min_m, self.max_m)
        return self


class Budget(Part):
    """What the land of all sites together may cost."""

    max_cost: float = Field(
        default=0.0,
        ge=0,
        le=1e15,
        description="The most that the land of all sites together may cost; 0: no limit.",
        json_schema_extra=form_hints("together", 1, "number", "currency"),
    )


def read_apart(line: str) -> dict[str, Any]:
    """Read ``A B >= 300 m <= 2 km``.

    Raises
    ------
    LookupFault
        ``between.line`` where the line is none.
    """
    if line.lstrip().startswith("{"):
        return _table(line)
    try:
        who, limits = read_limits(line)
    except LookupFault as error:
        raise LookupFault("between.line", value=line[:80]) from error
    names = who.split()
    if len(names) != 2:
        raise LookupFault("between.line", value=line[:80])
    return {"a": names[0], "b": names[1], **limits}


def apart_line(rule: Mapping[str, Any]) -> str:
    """Return a distance between sites as one line that `read_apart` reads back."""
    names = [str(rule.get(key, "")) for key in ("a", "b")]
    if any(_AWKWARD.search(name) or name.startswith("{") for name in names):
        return json.dumps(rule, ensure_ascii=False)
    return " ".join(names) + limits_line(rule)
