"""The bones of the invented town.

Its limits, arterials, river and railway. Metres around the town's centre.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
FloatArray = NDArray[np.float64]

GRID_M = 0.001
ARTERIAL_WIDTHS_M = (50.0, 40.0, 36.0)
_STEP_M = 60.0
_BANK_M = 32.0
_RAIL_M = 34.0


@dataclass(frozen=True, slots=True)
class Bones:
    """What the town grew along: lines and the ground they take."""

    radius_m: float
    limits: shapely.Polygon
    arterials: Geometries
    arterial_widths_m: FloatArray
    water: shapely.Geometry
    banks: shapely.Geometry
    rail: shapely.Geometry
    rail_line: shapely.Geometry
    power_line: shapely.Geometry


def grow_bones(radius_m: float, rivers: int, rng: np.random.Generator) -> Bones:
    """Draw the bones of a town of about the given radius."""
    turn = rng.uniform(0.08, 0.30)
    warp = _Warp(rng)
    limits = _limits(radius_m, rng)
    lines, widths = _arterials(radius_m, turn, warp, rng)
    inside = shapely.intersection(np.array(lines, dtype=object), limits)
    keep = shapely.length(inside) > 150.0
    streams = [_stream(radius_m, turn, number, rng) for number in range(rivers)]
    water = shapely.union_all([stream[0] for stream in streams])
    banks = shapely.difference(shapely.union_all([stream[1] for stream in streams]), water)
    rail_line = _rail(radius_m, turn, rng)
    rail = shapely.buffer(rail_line, _RAIL_M / 2.0, cap_style="flat")
    power = _line(radius_m, turn + 1.1, 0.52 * radius_m, 0.06 * radius_m, 1.6 * radius_m, rng)
    return Bones(
        radius_m=radius_m,
        limits=limits,
        arterials=inside[keep],
        arterial_widths_m=np.asarray(widths)[keep],
        water=water,
        banks=banks,
        rail=rail,
        rail_line=shapely.intersection(rail_line, limits),
        power_line=shapely.intersection(power, limits),
    )


class _Warp:
    """A smooth displacement field: the sum of a few waves, so that no street is a ruler's."""

    def __init__(self, rng: np.random.Generator) -> None:
        length = rng.uniform(2200.0, 5200.0, 5)
        heading = rng.uniform(0.0, 2.0 * math.pi, 5)
        self._wave = (2.0 * math.pi / length) * np.array([np.cos(heading), np.sin(heading)])
        self._phase = rng.uniform(0.0, 2.0 * math.pi, (2, 5))
        self._height = 0.017 * length

    def __call__(self, points: FloatArray) -> FloatArray:
        """Displace points [n, 2]."""
        angle = points @ self._wave
        return np.asarray(
            points
            + np.stack([(np.sin(angle + p) * self._height).sum(axis=1) for p in self._phase], 1)
        )


def _limits(radius_m: float, rng: np.random.Generator) -> shapely.Polygon:
    """Return a town boundary: a disc dented by a few waves, of area πr²."""
    angle = np.linspace(0.0, 2.0 * math.pi, 97)[:-1]
    reach = np.ones_like(angle)
    for waves in (2, 3, 4, 5, 7):
        reach += rng.uniform(0.02, 0.16 / waves) * np.cos(
            waves * angle + rng.uniform(0, 2 * math.pi)
        )
    rim = reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    shape = shapely.Polygon(rim)
    return shapely.Polygon(rim * radius_m * math.sqrt(math.pi / shape.area))


def _arterials(
    radius_m: float, turn: float, warp: _Warp, rng: np.random.Generator
) -> tuple[list[shapely.LineString], list[float]]:
    """Return a warped, turned grid with a few pieces left out, and one highway across it."""
    stops = [_stops(radius_m, rng) for _ in range(2)]
    lines: list[shapely.LineString] = []
    widths: list[float] = []
    skipped: set[tuple[int, int]] = set()
    for axis in range(2):
        along, across = stops[axis], stops[1 - axis]
        for row, offset in enumerate(across):
            width = float(rng.choice(ARTERIAL_WIDTHS_M, p=[0.2, 0.4, 0.4]))
            for start, end in _runs(axis, row, len(along), skipped, rng):
                at = np.arange(along[start], along[end], _STEP_M)
                at = np.append(at[at < along[end] - _STEP_M / 2], along[end])
                other = np.full_like(at, offset)
                grid = np.column_stack([at, other] if axis == 0 else [other, at])
                lines.append(shapely.LineString(_turned(warp(grid), turn)))
                widths.append(width)
    lines.append(
        _line(radius_m, turn + 0.72, 0.16 * radius_m, 0.05 * radius_m, 2.3 * radius_m, rng)
    )
    widths.append(50.0)
    return lines, widths


def _stops(radius_m: float, rng: np.random.Generator) -> FloatArray:
    """Return the coordinates of the parallel arterials of one direction, denser in the middle."""
    stops = [rng.uniform(-200.0, 200.0)]
    for side in (-1.0, 1.0):
        at = stops[0]
        while abs(at) < 1.35 * radius_m:
            spread = 1.0 + 0.25 * min(1.0, abs(at) / radius_m)
            at += side * float(np.clip(rng.normal(760.0, 110.0), 560.0, 980.0)) * spread
            stops.append(at)
    return np.sort(np.asarray(stops))


def _runs(
    axis: int, row: int, count: int, skipped: set[tuple[int, int]], rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return the stretches (first, last crossing) of one arterial.

    A piece is left out only between full crossings.
    """
    runs = []
    start = 0
    for piece in range(count - 1):
        ends = {(piece, row), (piece + 1, row)} if axis == 0 else {(row, piece), (row, piece + 1)}
        if rng.random() < 0.10 and not ends & skipped and piece > start:
            skipped |= ends
            runs.append((start, piece))
            start = piece + 1
    if start < count - 1:
        runs.append((start, count - 1))
    return runs


def _turned(points: FloatArray, angle: float) -> FloatArray:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def _line(
    radius_m: float,
    heading: float,
    offset_m: float,
    swing_m: float,
    reach_m: float,
    rng: np.random.Generator,
) -> shapely.LineString:
    """Return a long, slightly swinging line that passes the centre at an offset."""
    at = np.arange(-reach_m, reach_m, _STEP_M)
    sway = offset_m + swing_m * np.sin(at / radius_m * 2.1 + rng.uniform(0, 2 * math.pi))
    return shapely.LineString(_turned(np.column_stack([at, sway]), heading))


def _rail(radius_m: float, turn: float, rng: np.random.Generator) -> shapely.LineString:
    return _line(radius_m, turn + 0.13, -0.42 * radius_m, 0.05 * radius_m, 2.3 * radius_m, rng)


def _stream(
    radius_m: float, turn: float, number: int, rng: np.random.Generator
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return a winding river as (water, water with its banks); the width changes along it."""
    reach = 1.7 * radius_m
    at = np.arange(-reach, reach, 25.0)
    phase = rng.uniform(0, 2 * math.pi, 3)
    offset = (0.20 + 0.5 * number) * radius_m * (-1) ** number
    bend = 950.0 + 220.0 * rng.random()
    sway = (
        offset
        + 0.10 * radius_m * np.sin(at / radius_m * 1.9 + phase[0])
        + 95.0 * np.sin(2 * math.pi * at / bend + 0.9 * np.sin(at / 900.0 + phase[2]) + phase[1])
    )
    line = shapely.LineString(_turned(np.column_stack([at, sway]), turn + math.pi / 2 + 0.35))
    # A river widens in its bends: overlapping discs of slowly changing size make the water.
    nodes = shapely.points(shapely.get_coordinates(line))
    half = 27.0 + 6.0 * np.sin(at / 700.0 + phase[0]) + 4.0 * np.sin(at / 260.0)
    body = shapely.buffer(line, 22.0, quad_segs=3)
    water = shapely.union_all([body, *shapely.buffer(nodes, half, quad_segs=4)])
    smooth = shapely.simplify(shapely.buffer(shapely.buffer(water, 20.0), -20.0), 1.0)
    return smooth, shapely.simplify(shapely.buffer(smooth, _BANK_M, quad_segs=3), 1.5)
