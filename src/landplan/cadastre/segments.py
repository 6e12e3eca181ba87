"""Boundaries as straight segments, and the uniform grid that finds the ones nearby.

Polygons are walked with their interior on the left: outer rings against the clock, holes with it.
The outside of a segment is therefore always on its right, for a block in the hole of a street as
well as for the street.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])

MAX_CELLS = 4_000_000  # 32 MB of offsets: one stray parcel far away must not exhaust memory
ROUNDING_M = 1e-6  # added to the tolerance: "up to" must not depend on the last digit of a float


def kernel(function: Kernel) -> Kernel:
    """Compile a function with numba and keep the machine code on disk.

    The cache notices changes of the file that holds the function, not of files it calls into: a
    kernel calls only helpers of its own file.
    """
    return cast(Kernel, njit(cache=True)(function))


@dataclass(frozen=True, slots=True)
class Segments:
    """Directed segments: ``start`` and ``end`` [m, 2] in metres, ``owner`` [m] parcel index."""

    start: FloatArray
    end: FloatArray
    owner: IntArray

    def __len__(self) -> int:
        return len(self.owner)

    def shifted(self, origin: FloatArray) -> "Segments":
        """Return the segments relative to a point: small numbers keep their last digits."""
        return Segments(self.start - origin, self.end - origin, self.owner)

    def joined(self, other: "Segments") -> "Segments":
        """Return these segments followed by others."""
        return Segments(
            np.concatenate((self.start, other.start)),
            np.concatenate((self.end, other.end)),
            np.concatenate((self.owner, other.owner)),
        )


def boundary_segments(geometry: NDArray[np.object_], taking_part: BoolArray) -> Segments:
    """Return all ring segments of the polygons taking part, interior on the left.

    Parameters
    ----------
    geometry
        [n] polygons, multipolygons, collections (their polygons count) or None.
    taking_part
        [n] whether a geometry contributes; None and empty ones never do.
    """
    chosen = np.flatnonzero(taking_part)
    parts, of_chosen = shapely.get_parts(geometry[chosen], return_index=True)
    for _ in range(2):  # a collection may hold multipolygons
        parts, inner = shapely.get_parts(parts, return_index=True)
        of_chosen = of_chosen[inner]
    areal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of_chosen = shapely.orient_polygons(parts[areal]), of_chosen[areal]
    rings, of_part = shapely.get_rings(parts, return_index=True)
    return _ring_segments(rings, chosen[of_chosen[of_part]])


def line_segments(geometry: NDArray[np.object_], owner: int) -> Segments:
    """Return the segments of lines and of polygon boundaries, all with one owner."""
    parts = shapely.get_parts(geometry)
    for _ in range(2):
        parts = shapely.get_parts(parts)
    kinds = shapely.get_type_id(parts)
    linear = np.isin(kinds, (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    rings = shapely.get_rings(parts[kinds == shapely.GeometryType.POLYGON])
    lines = np.concatenate((parts[linear], rings))
    return _ring_segments(lines, np.full(len(lines), owner, np.int64))


def _ring_segments(lines: NDArray[np.object_], owner_of_line: IntArray) -> Segments:
    points, of_line = shapely.get_coordinates(lines, return_index=True)
    if len(points) < 2:
        nothing = np.empty((0, 2))
        return Segments(nothing, nothing, np.empty(0, np.int64))
    real = (of_line[1:] == of_line[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    real &= np.isfinite(points[1:]).all(axis=1) & np.isfinite(points[:-1]).all(axis=1)
    owner = owner_of_line[of_line[1:][real]].astype(np.int64)
    return Segments(
        np.ascontiguousarray(points[:-1][real]), np.ascontiguousarray(points[1:][real]), owner
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Which segments come near which square cell, both ways, as compressed rows.

    ``cell_offset`` [columns·rows + 1] into ``cell_segments``; ``segment_offset`` [m + 1] into
    ``segment_cells``. Cell (column, row) has number ``row · columns + column`` and covers
    [column·size, (column + 1)·size) of the shifted coordinates.
    """

    size: float
    columns: int
    rows: int
    cell_offset: IntArray
    cell_segments: IntArray
    segment_offset: IntArray
    segment_cells: IntArray


def build_grid(segments: Segments, reach: float) -> Grid:
    """Enter every segment into all cells that it comes nearer to than ``reach`` metres.

    The segments have non-negative coordinates (see `Segments.shifted`). Cells are about as wide
    as segments are long, so that a segment lies in few cells and a cell holds few segments.
    """
    lengths = np.hypot(*(segments.end - segments.start).T)
    top = np.maximum(segments.start.max(axis=0), segments.end.max(axis=0)) + reach
    size = max(float(lengths.mean()), 4.0 * reach, 1e-3)
    size = max(size, float(np.sqrt(top[0] * top[1] / MAX_CELLS)), float(top.max()) / MAX_CELLS)
    columns, rows = (int(extent // size) + 1 for extent in top)
    segment_offset, segment_cells = _cells_of_segments(
        segments.start, segments.end, reach, size, columns, rows
    )
    cell_offset, cell_segments = _transpose(segment_offset, segment_cells, columns * rows)
    return Grid(size, columns, rows, cell_offset, cell_segments, segment_offset, segment_cells)


@kernel
def _column_range(
    start: FloatArray, end: FloatArray, row: int, reach: float, size: float, columns: int
) -> tuple[int, int]:
    """First and last column that a segment comes near to within one row of cells."""
    x_from, x_to = start[0], end[0]
    rise = end[1] - start[1]
    if abs(rise) > 1e-12:
        t_low = (row * size - reach - start[1]) / rise
        t_high = ((row + 1) * size + reach - start[1]) / rise
        if t_low > t_high:
            t_low, t_high = t_high, t_low
        t_low, t_high = min(max(t_low, 0.0), 1.0), min(max(t_high, 0.0), 1.0)
        run = end[0] - start[0]
        x_from, x_to = start[0] + t_low * run, start[0] + t_high * run
    first = int(np.floor((min(x_from, x_to) - reach) / size))
    last = int(np.floor((max(x_from, x_to) + reach) / size))
    return max(first, 0), min(last, columns - 1)


@kernel
def _cells_of_segments(
    start: FloatArray, end: FloatArray, reach: float, size: float, columns: int, rows: int
) -> tuple[IntArray, IntArray]:
    """Compressed rows: the cells each segment comes near to; counted first, then filled."""
    count = len(start)
    offset = np.zeros(count + 1, np.int64)
    cells = np.empty(0, np.int64)
    for filling in range(2):
        if filling == 1:
            cells = np.empty(offset[count], np.int64)
        for k in range(count):
            low, high = min(start[k, 1], end[k, 1]) - reach, max(start[k, 1], end[k, 1]) + reach
            bottom, top = (
                max(int(np.floor(low / size)), 0),
                min(int(np.floor(high / size)), rows - 1),
            )
            place = offset[k]
            for row in range(bottom, top + 1):
                first, last = _column_range(start[k], end[k], row, reach, size, columns)
                if filling == 1:
                    for column in range(first, last + 1):
                        cells[place + column - first] = row * columns + column
                place += last + 1 - first
            if filling == 0:
                offset[k + 1] = place
    return offset, cells


@kernel
def _transpose(offset: IntArray, columns: IntArray, column_count: int) -> tuple[IntArray, IntArray]:
    """Turn compressed rows (segment → cells) into (cell → segments), segments ascending."""
    turned = np.zeros(column_count + 1, np.int64)
    for column in columns:
        turned[column + 1] += 1
    for column in range(column_count):
        turned[column + 1] += turned[column]
    place = turned[:-1].copy()
    rows = np.empty(len(columns), np.int64)
    for row in range(len(offset) - 1):
        for entry in range(offset[row], offset[row + 1]):
            column = columns[entry]
            rows[place[column]] = row
            place[column] += 1
    return turned, rows
