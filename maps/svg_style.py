"""Symbols as SVG: presentation attributes, patterns, icons; no style sheet that a policy bars.

Whoever puts a drawing into a page that allows no inline style still sees every colour.
"""

from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import Final

from maps.svg_sheet import PER_PX
from maps.symbols import Pattern, Symbol, icon_path, pattern_size, symbols

FONTS: Final = (
    "PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Source Han Sans SC,Arial,Helvetica,sans-serif"
)
_ICON_BOX: Final = 16
_FINER: Final = 0.6
"""Patterns and the borders of zones are this much finer on paper, where 0.1 mm can be seen."""


def text(content: object) -> str:
    """Return text for an element or attribute: nothing in it is markup."""
    # characters that XML 1.0 forbids would make the whole drawing unreadable
    kept = (c for c in str(content) if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    return escape("".join(c for c in kept if not "\ud800" <= c <= "\udfff"), quote=True)


def number(value: float) -> str:
    """Return a length with at most one decimal and no idle zeros."""
    shown = f"{value:.1f}"
    return shown[:-2] if shown.endswith(".0") else shown


def drawn(symbol: Symbol, d: str, ident: str, *, title: str = "") -> str:
    """Return a shape drawn with a symbol, from fill to line; empty where it has no path."""
    if not d:
        return ""
    symbol = _on_paper(symbol)
    line = ""
    if symbol.stroke:
        line = _line(symbol.stroke, symbol.stroke_width, symbol.dash)
    fill = ""
    if symbol.fill:
        fill = f'fill="{symbol.fill}" fill-opacity="{symbol.fill_opacity:g}"'
    layers = []
    if fill and line and not (symbol.pattern or symbol.casing):
        layers.append(f"{fill} {line}")
        fill = line = ""
    if fill:
        layers.append(fill)
    if symbol.pattern:
        layers.append(f'fill="url(#{ident}-{symbol.key})"')
    if symbol.casing and symbol.stroke:
        width = symbol.stroke_width + 2 * symbol.casing_width
        layers.append(f'fill="none" {_line(symbol.casing, width)}')
    if line:
        layers.append(f'fill="none" {line}')
    paths = "".join(f'<path {layer} d="{d}"/>' for layer in layers)
    if title:
        return f"<g><title>{text(title)}</title>{paths}</g>"
    return paths


def ground(symbol: Symbol, d: str) -> str:
    """Return an area in a symbol's fill alone."""
    return f'<path fill="{symbol.fill}" d="{d}"/>' if d else ""


def cased(symbol: Symbol, d: str) -> str:
    """Return an area in the colour of a symbol's line, with its casing around it."""
    if not d:
        return ""
    casing = _line(symbol.casing or "none", symbol.casing_width)
    return f'<path fill="{symbol.stroke}" {casing} d="{d}"/>'


def patterns(keys: Iterable[str], ident: str) -> str:
    """Return the definitions of the patterns of these symbols."""
    marks = ""
    for key in keys:
        symbol = symbols()[key]
        if symbol.pattern:
            marks += _pattern(f"{ident}-{key}", symbol.pattern, symbol.pattern_color or "none")
    return marks


def icon(name: str, x: float, y: float, size: float, colour: str) -> str:
    """Return an icon centred on a point, with a light edge around it."""
    factor = size / _ICON_BOX
    at = f"translate({number(x - size / 2)} {number(y - size / 2)}) scale({factor:.3f})"
    return (
        f'<path transform="{at}" fill="{colour}" fill-rule="evenodd" stroke="#FFFFFF" '
        f'stroke-width="3" paint-order="stroke" d="{icon_path(name)}"/>'
    )


def _on_paper(symbol: Symbol) -> Symbol:
    """Return a symbol with finer lines where its screen width would drown the map on paper."""
    return (
        replace(symbol, stroke_width=symbol.stroke_width * _FINER)
        if symbol.key == "zone"
        else symbol
    )


def _line(colour: str, width: float, dash: Iterable[float] = ()) -> str:
    dashes = " ".join(number(length * PER_PX) for length in dash)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'stroke="{colour}" stroke-width="{number(width * PER_PX)}" stroke-linejoin="round"{dashed}'
    )


def _pattern(ident: str, kind: Pattern, colour: str) -> str:
    size = pattern_size()
    step, line, dot = (number(n * PER_PX * _FINER) for n in (size.spacing, size.line, size.dot))
    turn = {"hatch": ' patternTransform="rotate(45)"', "hatch_back": "", "dots": ""}[kind]
    if kind == "hatch_back":
        turn = ' patternTransform="rotate(-45)"'
    if kind == "dots":
        mark = f'<circle cx="{dot}" cy="{dot}" r="{dot}" fill="{colour}"/>'
    else:
        mark = f'<path d="M0 0V{step}" stroke="{colour}" stroke-width="{line}"/>'
    return (
        f'<pattern id="{ident}" width="{step}" height="{step}" patternUnits="userSpaceOnUse"{turn}>'
        f"{mark}</pattern>"
    )
