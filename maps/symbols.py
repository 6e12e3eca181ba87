"""The symbols of landplan's maps, read from the one palette file.

Screen, embed, export, legend and print take colours, lines and patterns from here and from nowhere
else. The label of a symbol in the legend is the message ``map.legend.<key>``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

Pattern = Literal["hatch", "hatch_back", "dots"]
Icon = Literal["padlock", "cross", "plus", "minus"]

CATEGORIES: Final = 8
"""Most kinds of one thing that get a colour of their own; all others share ``category_other``."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """How one kind of object is drawn: two channels at least, colour and something besides.

    Attributes
    ----------
    key
        Name of the object; the legend says ``map.legend.<key>``.
    fill, fill_opacity
        Area, none where ``fill`` is None.
    stroke, stroke_width, dash
        Line, in CSS pixels; ``dash`` are lengths drawn and left out in turn.
    casing, casing_width
        A second line under the first that stands out by this much on both sides.
    pattern, pattern_color
        ``hatch`` rises to the right (45°), ``hatch_back`` falls (-45°), ``dots``; lies over the
        fill.
    letter
        Sample of what is written inside: a class, a site's letter, a number.
    icon
        Drawn inside (`icon_path`), never an emoji.
    """

    key: str
    fill: str | None = None
    fill_opacity: float = 0.0
    stroke: str | None = None
    stroke_width: float = 0.0
    dash: tuple[float, ...] = ()
    casing: str | None = None
    casing_width: float = 0.0
    pattern: Pattern | None = None
    pattern_color: str | None = None
    letter: str | None = None
    icon: Icon | None = None

    def as_data(self) -> dict[str, Any]:
        """Return what is set, for JSON."""
        data = {key: value for key, value in asdict(self).items() if value not in (None, (), 0.0)}
        return data | ({"dash": list(self.dash)} if self.dash else {})


@dataclass(frozen=True, slots=True)
class PatternSize:
    """Distance between the marks of a pattern, width of its lines, radius of its dots (px)."""

    spacing: float
    line: float
    dot: float


_ICONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "padlock": (
            "M5 7V5.2a3 3 0 0 1 6 0V7h1a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8"
            "a1 1 0 0 1 1-1zm1.6 0h2.8V5.2a1.4 1.4 0 0 0-2.8 0z"
        ),
        "cross": (
            "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z"
        ),
        "plus": "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
        "minus": "M2 7h12v2H2z",
    }
)


@cache
def _palette() -> Mapping[str, Any]:
    return tomllib.loads((files("maps") / "palette.toml").read_text("utf-8"))


@cache
def symbols() -> Mapping[str, Symbol]:
    """Return all symbols by key, in the order of the legend."""
    table = _palette()["symbol"]
    return MappingProxyType({key: _symbol(key, entry) for key, entry in table.items()})


@cache
def interface() -> Mapping[str, str]:
    """Return the colours of the interface by name; a CSS variable is ``--<name>``."""
    return MappingProxyType(dict(_palette()["interface"]))


@cache
def pattern_size() -> PatternSize:
    """Return the measures of hatches and dots."""
    return PatternSize(**_palette()["pattern"])


def stale_opacity() -> float:
    """Return how much of a layer made of old data is left to see."""
    return float(_palette()["stale"]["opacity"])


def icon_path(icon: str) -> str:
    """Return the SVG path of an icon in a box of 16 by 16; fill it with the even-odd rule."""
    return _ICONS[icon]


def category(position: int) -> str:
    """Return the symbol key of the kind at this position (from 0) of a theme."""
    return f"category_{position + 1}" if position < CATEGORIES else "category_other"


def _symbol(key: str, entry: Mapping[str, Any]) -> Symbol:
    return Symbol(key=key, **{**entry, "dash": tuple(entry.get("dash", ()))})


LEGEND_ORDER: Final = tuple(symbols())
"""All keys in the order of the legend: what lies on top of the map comes first."""
