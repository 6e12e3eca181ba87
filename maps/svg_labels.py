"""Words on the drawing: how wide they are, where they fit, and how they are written."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from maps.svg_sheet import PER_MM, Sheet
from maps.svg_style import number, text

Box = tuple[float, float, float, float]
_WIDE, _NARROW = 1.0, 0.56
"""Width of a character in ems: Chinese fills its square, Latin letters and digits about half."""
_MOST_PARTS: Final = 6
_LINE: Final = 1.2
_ROUND: Final = ' stroke-linejoin="round"'


def width_of(content: str, size: float) -> float:
    """Return about how wide a line of text is; errs on the wide side."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in content)
    return size * (_WIDE * wide + _NARROW * (len(content) - wide))


def line(
    content: str,
    x: float,
    y: float,
    size: float,
    *,
    colour: str,
    anchor: str = "middle",
    bold: bool = False,
    halo: bool = True,
) -> str:
    """Return one line of text with its middle height at y."""
    edge = f' stroke="#FFFFFF" stroke-width="{number(size / 4)}" paint-order="stroke"'
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{number(x)}" y="{number(y + size * 0.36)}" font-size="{number(size)}" '
        f'text-anchor="{anchor}" fill="{colour}"{weight}'
        f"{edge + _ROUND if halo else ''}>{text(content)}</text>"
    )


@dataclass(slots=True)
class Places:
    """Finds room for labels: inside their shapes, inside the window, on no other label."""

    sheet: Sheet
    taken: list[Box] = field(default_factory=list)

    def find(
        self, shape: Any, width: float, height: float, *, must: bool = False, inside: bool = True
    ) -> tuple[float, float] | None:
        """Return the middle of a free place for a label of this size, and take it.

        Parameters
        ----------
        shape
            What the label belongs to, on the ground.
        width, height
            Of the label, in user units.
        must
            Whether it is written even where it does not fit.
        inside
            Whether it must lie within the shape where that is possible.
        """
        spots = self._spots(shape)
        half = np.hypot(width, height) / 2
        for x, y, room in spots:
            if (room >= half * 0.85 or not inside) and self._is_free(x, y, width, height):
                return self._take(x, y, width, height)
        if not must:
            return None
        for x, y, _ in spots:
            for dx, dy in ((0, 0), (0, -1), (0, 1), (1, 0), (-1, 0)):
                near_x, near_y = x + dx * width * 0.8, y + dy * height * 1.1
                if self._is_free(near_x, near_y, width, height):
                    return self._take(near_x, near_y, width, height)
        return self._take(*spots[0][:2], width, height) if spots else None

    def _spots(self, shape: Any) -> list[tuple[float, float, float]]:
        """Return (x, y, room) in the middle of the widest places of the parts, largest first."""
        window = shapely.box(*self.sheet.ground)
        try:
            seen = shapely.intersection(shape, window)
        except shapely.GEOSException:
            seen = shapely.intersection(shapely.make_valid(shape), window)
        parts = [p for p in shapely.get_parts(seen) if p.geom_type == "Polygon" and p.area > 0]
        parts.sort(key=lambda part: -part.area)
        spots = []
        for part in parts[:_MOST_PARTS]:
            tolerance = max(self.sheet.metres(0.3 * PER_MM), part.area**0.5 / 100)
            radius = shapely.maximum_inscribed_circle(part, tolerance=tolerance)
            x, y = self.sheet.place(shapely.get_coordinates(radius)[:1])[0]
            spots.append((float(x), float(y), self.sheet.units(radius.length)))
        return spots

    def _is_free(self, x: float, y: float, width: float, height: float) -> bool:
        box = _box(x, y, width, height)
        sheet = self.sheet
        frame = (sheet.left, sheet.top, sheet.left + sheet.width, sheet.top + sheet.height)
        if box[0] < frame[0] or box[1] < frame[1] or box[2] > frame[2] or box[3] > frame[3]:
            return False
        return not any(_touch(box, other) for other in self.taken)

    def _take(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        self.taken.append(_box(x, y, width, height))
        return x, y


def block(lines: Iterable[tuple[str, float, bool]], x: float, y: float, colour: str) -> str:
    """Return lines of text (content, size, bold) centred on a point."""
    rows = list(lines)
    top = y - sum(size * _LINE for _, size, _ in rows) / 2
    written = ""
    for content, size, bold in rows:
        written += line(content, x, top + size * _LINE / 2, size, colour=colour, bold=bold)
        top += size * _LINE
    return written


def block_size(lines: Iterable[tuple[str, float, bool]]) -> tuple[float, float]:
    """Return width and height of what `block` writes."""
    rows = list(lines)
    width = max(width_of(content, size) for content, size, _ in rows)
    return width, sum(size * _LINE for _, size, _ in rows)


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
