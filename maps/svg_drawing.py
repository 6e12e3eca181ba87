"""One drawing in the making: layers from the ground up, labels, and the sheet around them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from landplan.messages import Language
from maps import svg_furniture as furniture
from maps.svg_labels import Places, block, block_size
from maps.svg_sheet import PER_MM, Bounds, Sheet, fit, path
from maps.svg_style import FONTS, drawn, icon, patterns, text
from maps.symbols import Symbol, interface, symbols

HEADING: Final = 60
_ICON_MM: Final = 3.5
_FULL_SCALE, _FINEST = 8_000.0, 0.15
"""Parcels have their full line up to 1:8,000, and never less than this share of it."""


class Drawing:
    """Collects what is drawn; everything that asks for a symbol enters the legend.

    Parameters
    ----------
    sheet
        The window on the paper.
    language
        Of all words.
    ident
        Prefix of the ids inside, so that several drawings can stand in one page.
    """

    def __init__(self, sheet: Sheet, language: Language, ident: str) -> None:
        self.sheet = sheet
        self.language = language
        self.ident = ident
        self.keys: set[str] = set()
        self.places = Places(sheet, [furniture.north_box(sheet)])
        self._layers: list[str] = []
        self._labels: list[str] = []

    def ground(self, parcels: Any, street: Any) -> None:
        """Draw the ground: land parcels on the white of the streets between them."""
        sheet, land = self.sheet, np.asarray(parcels, dtype=object)
        white = symbols()["street"].fill
        self._layers.append(
            f'<rect x="{sheet.left}" y="{sheet.top}" width="{sheet.width}" '
            f'height="{sheet.height}" fill="{white}"/>'
        )
        outlines = path(land[~np.asarray(street, dtype=bool)], sheet)
        # fill and line in one path: the outlines of a town are most of the bytes
        self._layers.append(drawn(self._parcel(), outlines, self.ident))
        self.keys |= {"parcel", "street"}

    def _parcel(self) -> Symbol:
        """Return parcels on their ground; finer on small scales, where lines would fill the map."""
        symbol, under = symbols()["parcel"], symbols()["ground"]
        finer = min(1.0, max(_FINEST, _FULL_SCALE / self.sheet.scale))
        width = symbol.stroke_width * finer
        return replace(symbol, fill=under.fill, fill_opacity=1.0, stroke_width=width)

    def shapes(self, key: str, geometries: Iterable[Any], *, title: str = "") -> bool:
        """Draw shapes with a symbol; returns whether any of them shows."""
        d = path(geometries, self.sheet)
        if not d:
            return False
        self._layers.append(drawn(symbols()[key], d, self.ident, title=title))
        self.keys.add(key)
        return True

    def raw(self, key: str, markup: str) -> None:
        """Add a layer that was drawn by other means."""
        if markup:
            self._layers.append(markup)
            self.keys.add(key)

    def label(
        self,
        lines: Sequence[tuple[str, float, bool]],
        shape: Any,
        *,
        must: bool = False,
        colour: str = "ink",
    ) -> bool:
        """Write lines of (content, size, bold) on a shape; returns whether there was room."""
        width, height = block_size(lines)
        spot = self.places.find(shape, width, height, must=must)
        if spot is None:
            return False
        self._labels.append(block(lines, *spot, interface()[colour]))
        return True

    def icons(self, key: str, geometries: Iterable[Any]) -> None:
        """Put a symbol's icon on each shape."""
        name = symbols()[key].icon
        size = _ICON_MM * PER_MM
        for shape in geometries:
            spot = self.places.find(shape, size, size, must=True) if name else None
            if name and spot is not None:
                self._labels.append(icon(name, *spot, size, interface()["ink"]))

    def map(self) -> str:
        """Return the map within its window, without anything around it."""
        window = f"{self.ident}-window"
        sheet = self.sheet
        clip = (
            f'<clipPath id="{window}"><rect x="{sheet.left}" y="{sheet.top}" '
            f'width="{sheet.width}" height="{sheet.height}"/></clipPath>'
        )
        defs = f"<defs>{clip}{patterns(sorted(self.keys), self.ident)}</defs>"
        body = "".join(self._layers) + "".join(self._labels)
        return f'{defs}<g clip-path="url(#{window})">{body}</g>'


class Page:
    """The sheet of paper: window, legend rows below it, scale line at its foot."""

    def __init__(self, width_mm: float, height_mm: float, heading: str = "") -> None:
        self.width = round(width_mm * PER_MM)
        self.height = round(height_mm * PER_MM)
        self.heading = heading

    def sheet(
        self, bounds: Bounds, legend: Sequence[furniture.Entry], *, margin: float = 0.12
    ) -> Sheet:
        """Return the window that is left above this legend."""
        rows = furniture.legend_rows(legend, self.width)
        foot = furniture.ROW * (len(rows) + 1) + 10
        top = HEADING if self.heading else 2
        place = (2, top, self.width - 4, max(self.height - top - foot, 200))
        return fit(bounds, place, margin=margin)

    def finished(
        self,
        drawing: Drawing,
        legend: Sequence[furniture.Entry],
        *,
        title: str,
        desc: str,
        note: str,
    ) -> str:
        """Return the whole drawing as an SVG document."""
        sheet, ident = drawing.sheet, drawing.ident
        rows = furniture.legend_rows(legend, self.width)
        top = sheet.top + sheet.height + 10
        foot = top + furniture.ROW * len(rows)
        language = drawing.language
        return document(
            (self.width, self.height),
            ident,
            title,
            desc,
            language,
            [
                self._head(),
                drawing.map(),
                furniture.frame(sheet),
                furniture.north(sheet, language),
                furniture.legend(rows, 2, top, ident),
                furniture.scale_line(sheet, 2, foot, self.width - 4, language, note),
            ],
        )

    def _head(self) -> str:
        if not self.heading:
            return ""
        ink = interface()["ink"]
        return (
            f'<text x="2" y="42" font-size="38" font-weight="600" fill="{ink}">'
            f"{text(self.heading)}</text>"
        )


def document(
    size: tuple[int, int],
    ident: str,
    title: str,
    desc: str,
    language: Language,
    parts: Sequence[str],
) -> str:
    """Return an SVG document with a name and a description for screen readers."""
    width, height = size
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / PER_MM:g}mm" '
        f'height="{height / PER_MM:g}mm" viewBox="0 0 {width} {height}" role="img" '
        f'xml:lang="{lang}" lang="{lang}" aria-labelledby="{ident}-title {ident}-desc" '
        f'font-family="{FONTS}">'
        f'<title id="{ident}-title">{text(title)}</title>'
        f'<desc id="{ident}-desc">{text(desc)}</desc>'
        f"{''.join(parts)}</svg>\n"
    )


def bounds_of(geometries: Any) -> Bounds:
    """Return the bounds of shapes that are not empty; of nothing, a square of a kilometre."""
    bounds = shapely.total_bounds(np.asarray(geometries, dtype=object))
    if np.isnan(bounds).any():
        return (0.0, 0.0, 1000.0, 1000.0)
    return (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))
