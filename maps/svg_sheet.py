"""A window of the ground on paper: scale, and shapes as paths in tenths of a millimetre.

One user unit of the drawing is 0.1 mm of paper, so that every coordinate is a whole number and the
same ground always gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

PER_MM: Final = 10
"""User units per millimetre of paper."""
PER_PX: Final = 25.4 / 96 * PER_MM
"""User units per CSS pixel, in which the symbols state their widths."""
_UNITS_PER_M: Final = 1000 * PER_MM
_STEPS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)
_BAR_STEPS: Final = (1, 2, 5)
_OVERHANG_MM: Final = 3.0
"""Shapes are cut this far outside the window, so that no cut edge shows as a line."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a window of the ground lies on the drawing.

    Attributes
    ----------
    scale
        Ground length over paper length: 5000 for 1:5,000.
    ground
        (min x, min y, max x, max y) of the window in metres of the town's system.
    left, top, width, height
        The window on the drawing, in user units; y grows downwards.
    """

    scale: float
    ground: Bounds
    left: int
    top: int
    width: int
    height: int

    def units(self, metres: float) -> float:
        """Return a length of the ground in user units."""
        return metres * _UNITS_PER_M / self.scale

    def metres(self, units: float) -> float:
        """Return the ground length of a length on the drawing."""
        return units * self.scale / _UNITS_PER_M

    def place(self, coordinates: Any) -> Any:
        """Return ground coordinates [n, 2] as user units [n, 2], not rounded."""
        origin = np.array([self.ground[0], self.ground[3]])
        flipped = (np.asarray(coordinates, float) - origin) * np.array([1.0, -1.0])
        return flipped * (_UNITS_PER_M / self.scale) + np.array([self.left, self.top])

    def point(self, where: Any) -> tuple[int, int]:
        """Return one ground point in whole user units."""
        x, y = np.rint(self.place(shapely.get_coordinates(where)[:1])).astype(int)[0]
        return int(x), int(y)

    def shows(self, geometry: Any) -> Any:
        """Return whether each geometry [n] touches the window."""
        return shapely.intersects(shapely.box(*self.ground), geometry)


def fit(bounds: Bounds, place: tuple[int, int, int, int], *, margin: float = 0.12) -> Sheet:
    """Return the sheet that shows ``bounds`` with a margin at the largest round scale.

    Parameters
    ----------
    bounds
        What must be seen, in metres.
    place
        (left, top, width, height) on the drawing, in user units.
    margin
        Ground around the bounds on each side, as a share of their larger extent.
    """
    left, top, width, height = place
    min_x, min_y, max_x, max_y = bounds
    around = max(max_x - min_x, max_y - min_y, 10.0) * margin
    wide, high = max_x - min_x + 2 * around, max_y - min_y + 2 * around
    scale = round_scale(max(wide / width, high / height) * _UNITS_PER_M)
    half_x, half_y = (side * scale / _UNITS_PER_M / 2 for side in (width, height))
    x, y = (min_x + max_x) / 2, (min_y + max_y) / 2
    ground = (x - half_x, y - half_y, x + half_x, y + half_y)
    return Sheet(scale, ground, left, top, width, height)


def round_scale(least: float) -> float:
    """Return the smallest round scale that is not below ``least``."""
    power = 10.0 ** np.floor(np.log10(max(least, 1.0)))
    for step in (*_STEPS, 10.0):
        if step * power >= least * (1 - 1e-9):
            return float(step * power)
    raise AssertionError("10 times the power is above every number of that power")


def bar_length(sheet: Sheet, widest: float) -> float:
    """Return the longest round length in metres (1, 2 or 5 times a power of ten) that fits."""
    longest = sheet.metres(widest)
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * power for step in _BAR_STEPS if step * power <= longest))


def path(geometries: Iterable[Any], sheet: Sheet) -> str:
    """Return shapes as the ``d`` of one path, cut to the window; empty where nothing shows.

    Points that round to the same tenth of a millimetre, or lie on the straight line between their
    neighbours, are left out: neighbours lose the same points, so no gap opens.
    """
    found = np.asarray(list(geometries), dtype=object)
    if not len(found):
        return ""
    found = found[sheet.shows(found)]
    overhang = sheet.metres(_OVERHANG_MM * PER_MM)
    min_x, min_y, max_x, max_y = sheet.ground
    window = (min_x - overhang, min_y - overhang, max_x + overhang, max_y + overhang)
    crossing = ~shapely.covered_by(found, shapely.box(*window))
    found[crossing] = [_cut(shape, window) for shape in found[crossing]]
    parts = shapely.get_parts(found)
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    linear = np.isin(shapely.get_type_id(parts), (1, 2))
    rings = shapely.get_rings(parts[areal])
    drawn = [_spell(points, closed=True) for points in _rounded(rings, sheet)]
    drawn += [_spell(points, closed=False) for points in _rounded(parts[linear], sheet)]
    return "".join(drawn)


def _cut(shape: Any, window: Bounds) -> Any:
    try:
        return shapely.clip_by_rect(shape, *window)
    except shapely.GEOSException:  # a register may hold rings that cross themselves
        return shapely.intersection(shapely.make_valid(shape), shapely.box(*window))


def _rounded(lines: Any, sheet: Sheet) -> Sequence[Any]:
    """Return the points of each line or ring [n, 2], whole numbers."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(coordinates):
        return []
    placed = np.rint(sheet.place(coordinates)).astype(int)
    return np.split(placed, np.flatnonzero(np.diff(owner)) + 1)


def _spell(points: Any, *, closed: bool) -> str:
    """Spell one line with relative steps: ``M120 340l3 4-5 6z``."""
    if closed:
        points = points[:-1]
    moved = np.any(points != np.roll(points, 1, axis=0), axis=1)
    if not closed and len(points):
        moved[0] = True
    points = points[moved]
    points = _without_straight(points, closed)
    if len(points) < (3 if closed else 2):
        return ""
    steps = np.diff(points, axis=0).ravel().tolist()
    spelled = " ".join(map(str, steps)).replace(" -", "-")
    return f"M{points[0][0]} {points[0][1]}l{spelled}{'z' if closed else ''}"


def _without_straight(points: Any, closed: bool) -> Any:
    """Leave out points between whose neighbours the line is straight and does not turn back."""
    if len(points) < 3:
        return points
    before = points - np.roll(points, 1, axis=0)
    after = np.roll(points, -1, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    onward = (before * after).sum(axis=1) > 0
    kept = ~((cross == 0) & onward)
    if not closed:
        kept[[0, -1]] = True
    return points[kept]
