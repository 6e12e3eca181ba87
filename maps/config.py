"""A view as the data that the browser gets: symbols, words, themes, addresses."""

import json
from dataclasses import asdict
from typing import Any, Final

from landplan.messages import Language, say
from maps.layers import PROPOSAL_LAYERS
from maps.symbols import LEGEND_ORDER, icon_path, pattern_size, stale_opacity, symbols
from maps.themes import Theme, reason_name
from maps.view import MOST_DRAWN, MapView

_WORDS: Final = (
    *("parcel", "site", "area", "area_registered", "land_use", "zone", "reason", "owner"),
    *(
        "parcels",
        "owners",
        "crossings",
        "before",
        "after",
        "both",
        "beside",
        "legend",
        "fit",
        "zoom_in",
    ),
    *("zoom_out", "box", "list", "sites", "as_list", "close", "none_here", "show_all"),
    *("too_small", "loading", "failed", "previous", "next", "page", "drawing", "selected"),
    *("clear", "locked", "excluded", "map", "help", "width", "facing", "empty_sites", "zoom_here"),
    *("holder_before", "holder_after", "moved"),
)
_OPEN: Final = {key: f"{{{key}}}" for key in ("parcels", "area", "layers", "page", "pages")}
"""Placeholders that stay open: the script fills them."""
_COUNTS: Final = ("parcel", "owner", "site", "crossing")


def config(view: MapView) -> dict[str, Any]:
    """Return what the page hands to its script."""
    return {
        "language": view.language,
        "role": view.role,
        "names": list(view.names),
        "parcels": view.parcels,
        "limit": MOST_DRAWN,
        "url": view.url,
        "version": view.version,
        "bounds": view.bounds,
        "focus": view.focus,
        "themes": [_theme(theme) for theme in view.themes],
        "theme": view.theme if view.theme in {theme.key for theme in view.themes} else "plan",
        "show": view.show,
        "locks": dict(view.locks),
        "stale": bool(view.stale),
        "exchange": view.exchange,
        "selected": view.selected,
        "basemap": view.basemap and asdict(view.basemap),
        "parentOrigins": list(view.parent_origins),
        "symbols": {key: symbols()[key].as_data() for key in LEGEND_ORDER},
        "order": list(LEGEND_ORDER),
        "icons": {icon: icon_path(icon) for icon in ("padlock", "cross", "plus", "minus")},
        "pattern": asdict(pattern_size()),
        "staleOpacity": stale_opacity(),
        "texts": texts(view.language),
        "reasons": _reasons(view),
        "uses": _names(view.themes, "land_use"),
    }


def as_json(data: object) -> str:
    """Return JSON that may stand inside a script element: it cannot end it or open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return escape_json(text)


def escape_json(text: str) -> str:
    """Spell the characters of JSON that mean something in HTML or JavaScript by their number."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def texts(language: Language) -> dict[str, str]:
    """Return the words of the map; counts have a form for one and one for more."""
    words = {key: say(f"map.ui.{key}", _OPEN, language) for key in _WORDS}
    words |= {f"legend.{key}": say(f"map.legend.{key}", None, language) for key in LEGEND_ORDER}
    words |= {f"layer.{name}": say(f"map.layer.{name}", None, language) for name in PROPOSAL_LAYERS}
    for thing in _COUNTS:
        for n, form in ((1, "one"), (2, "many")):
            shown = {"n": n, "shown": "{shown}"}
            words[f"count.{thing}.{form}"] = say(f"number.{thing}", shown, language)
    return words


def _theme(theme: Theme) -> dict[str, Any]:
    kinds = [
        {"values": list(kind.values), "symbol": kind.symbol, "label": kind.label}
        for kind in theme.kinds
    ]
    return {
        "key": theme.key,
        "label": theme.label,
        "column": theme.column,
        "kinds": kinds,
        "other": theme.other,
        "columnBefore": theme.column_before,
    }


def _names(themes: tuple[Theme, ...], key: str) -> dict[str, str]:
    found = [theme for theme in themes if theme.key == key]
    return {kind.values[0]: kind.label for theme in found for kind in theme.kinds}


def _reasons(view: MapView) -> dict[str, str]:
    known = _names(view.themes, "excluded_by")
    return {rule: reason_name(rule, view.language) for rule in known}
