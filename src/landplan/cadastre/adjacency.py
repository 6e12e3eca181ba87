"""Who borders whom, and along how many metres.

A point of A's boundary *borders* B if the perpendicular to A's boundary through it meets, no
farther than the tolerance to either side, a piece of B's boundary that runs the opposite way
within 45° (both walked with the interior on the left). The common border is the length of such
points, measured along A and along B; the smaller of both counts. `docs/explanation/adjacency.md`
says why.
"""

from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import shapely

from landplan.cadastre.segments import (
    ROUNDING_M,
    BoolArray,
    FloatArray,
    Grid,
    IntArray,
    Segments,
    boundary_segments,
    build_grid,
    kernel,
)

Array = TypeVar("Array", IntArray, FloatArray)
_OPPOSITE = float(np.cos(np.radians(45.0)))


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Common borders of parcels; all arrays are read-only.

    ``pairs`` [e, 2] parcel indices i < j, sorted, whose common border connects them, and its
    ``length_m`` [e]. ``contacts`` [c, 2] and ``contact_m`` [c] also hold the contacts too short
    to connect.
    """

    pairs: IntArray
    length_m: FloatArray
    contacts: IntArray
    contact_m: FloatArray
    tolerance_m: float
    min_border_m: float

    def among(self, usable: BoolArray) -> "Adjacency":
        """Return the borders between parcels that take part, ``usable`` [n].

        A common border depends on its two parcels alone.
        """
        pairs = usable[self.pairs].all(axis=1)
        contacts = usable[self.contacts].all(axis=1)
        return Adjacency(
            frozen(self.pairs[pairs]),
            frozen(self.length_m[pairs]),
            frozen(self.contacts[contacts]),
            frozen(self.contact_m[contacts]),
            self.tolerance_m,
            self.min_border_m,
        )


def build_adjacency(
    parcels: gpd.GeoDataFrame,
    tolerance_m: float,
    min_border_m: float,
    usable: BoolArray | None = None,
) -> Adjacency:
    """Find all common borders.

    Parameters
    ----------
    parcels
        In a metric CRS; rows with a ``fault``, without geometry or with an empty one take no part.
    tolerance_m
        Gaps and overlaps up to this width are one border.
    min_border_m
        Shorter common borders do not connect; nor do borders of up to twice the tolerance, which
        parcels that touch or overlap by a hair at a corner alone may show.
    usable
        [n] whether a parcel takes part at all; None: every parcel.
    """
    tolerance = tolerance_m + ROUNDING_M
    taking_part = with_geometry(parcels) & sound(parcels)
    if usable is not None:
        taking_part &= usable
    segments = boundary_segments(parcels.geometry.to_numpy(), taking_part)
    contacts, contact_m = _contacts(segments, len(parcels), tolerance)
    connects = (contact_m >= min_border_m - ROUNDING_M) & (contact_m > 2.0 * tolerance)
    return Adjacency(
        frozen(contacts[connects]),
        frozen(contact_m[connects]),
        frozen(contacts),
        frozen(contact_m),
        tolerance_m,
        min_border_m,
    )


def with_geometry(parcels: gpd.GeoDataFrame) -> BoolArray:
    """Return [n] whether a row has a geometry that is not empty."""
    geometry = parcels.geometry.to_numpy()
    return np.asarray(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)), dtype=bool)


def sound(parcels: gpd.GeoDataFrame) -> BoolArray:
    """Return [n] whether a parcel is free of parcel errors; a frame without the column has none."""
    if "fault" not in parcels:
        return np.ones(len(parcels), dtype=bool)
    return parcels["fault"].isna().to_numpy(dtype=bool)


def _contacts(segments: Segments, count: int, tolerance: float) -> tuple[IntArray, FloatArray]:
    """Return the sorted pairs [c, 2] in contact and the smaller of both sides' lengths [c]."""
    if len(segments) == 0:
        return np.empty((0, 2), np.int64), np.empty(0)
    origin = np.minimum(segments.start.min(axis=0), segments.end.min(axis=0)) - tolerance
    shifted = segments.shifted(origin)
    grid = build_grid(shifted, tolerance)
    one, other, length = _measure(shifted, grid, tolerance)
    directed, which = np.unique(one * count + other, return_inverse=True)
    along = np.bincount(which, weights=length, minlength=len(directed))
    one, other = directed // count, directed % count
    forward = one < other
    back = np.searchsorted(directed, other * count + one)
    back_known = np.take(directed, back, mode="clip") == other * count + one
    kept = forward & back_known
    shorter = np.minimum(along[kept], along[back[kept]])
    return np.column_stack((one[kept], other[kept])), shorter


def _measure(
    segments: Segments, grid: Grid, tolerance: float
) -> tuple[IntArray, IntArray, FloatArray]:
    return _border_lengths(
        segments.start,
        segments.end,
        segments.owner,
        grid.cell_offset,
        grid.cell_segments,
        grid.segment_offset,
        grid.segment_cells,
        tolerance,
        _OPPOSITE,
    )


@kernel
def _stretch(
    start: FloatArray,
    end: FloatArray,
    other_start: FloatArray,
    other_end: FloatArray,
    tolerance: float,
    opposite: float,
) -> tuple[float, float]:
    """Find the stretch of a segment whose perpendiculars meet the other one; (0, 0) if none do."""
    length = np.hypot(end[0] - start[0], end[1] - start[1])
    east, north = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    x_from, y_from = other_start[0] - start[0], other_start[1] - start[1]
    x_to, y_to = other_end[0] - start[0], other_end[1] - start[1]
    along_from, along_to = x_from * east + y_from * north, x_to * east + y_to * north
    off_from, off_to = y_from * east - x_from * north, y_to * east - x_to * north
    if along_from <= 0.0 or along_to >= length:
        return 0.0, 0.0
    run, drift = along_to - along_from, off_to - off_from
    if run > -opposite * np.hypot(run, drift):
        return 0.0, 0.0
    t_from, t_to = 0.0, 1.0
    if abs(drift) > 1e-15:
        t_low, t_high = (-tolerance - off_from) / drift, (tolerance - off_from) / drift
        t_from, t_to = max(t_from, min(t_low, t_high)), min(t_to, max(t_low, t_high))
    elif abs(off_from) > tolerance:
        return 0.0, 0.0
    low, high = max(along_from + t_to * run, 0.0), min(along_from + t_from * run, length)
    if t_from >= t_to or low >= high:
        return 0.0, 0.0
    return low, high


@kernel
def _union_by_owner(
    owners: IntArray, lows: FloatArray, highs: FloatArray, found: int, measured: FloatArray
) -> int:
    """Unite overlapping stretches; then each owner stands once, its metres in ``measured``."""
    for k in range(1, found):  # insertion sort by (owner, low): they are few
        owner, low, high, place = owners[k], lows[k], highs[k], k
        while place > 0 and (
            owners[place - 1] > owner or (owners[place - 1] == owner and lows[place - 1] > low)
        ):
            owners[place], lows[place], highs[place] = (
                owners[place - 1],
                lows[place - 1],
                highs[place - 1],
            )
            place -= 1
        owners[place], lows[place], highs[place] = owner, low, high
    distinct = 0
    for k in range(found):
        if k == 0 or owners[k] != owners[distinct - 1]:
            reached = lows[k]
            owners[distinct] = owners[k]
            measured[distinct] = 0.0
            distinct += 1
        measured[distinct - 1] += max(0.0, highs[k] - max(reached, lows[k]))
        reached = max(reached, highs[k])
    return distinct


@kernel
def _border_lengths(
    start: FloatArray,
    end: FloatArray,
    owner: IntArray,
    cell_offset: IntArray,
    cell_segments: IntArray,
    segment_offset: IntArray,
    segment_cells: IntArray,
    tolerance: float,
    opposite: float,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return (owner, other owner, metres) per segment and parcel that it borders."""
    count, capacity, used, room = len(owner), 4 * len(owner) + 16, 0, 64
    ones, others = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    lengths = np.empty(capacity)
    owners, lows, highs = np.empty(room, np.int64), np.empty(room), np.empty(room)
    measured = np.empty(room)
    seen = np.full(count, -1, np.int64)
    for k in range(count):
        found = 0
        for place in range(segment_offset[k], segment_offset[k + 1]):
            cell = segment_cells[place]
            for entry in range(cell_offset[cell], cell_offset[cell + 1]):
                near = cell_segments[entry]
                if seen[near] == k or owner[near] == owner[k]:
                    continue
                seen[near] = k
                low, high = _stretch(start[k], end[k], start[near], end[near], tolerance, opposite)
                if high > low:
                    if found == room:
                        room *= 2
                        owners, measured = np.append(owners, owners), np.append(measured, measured)
                        lows, highs = np.append(lows, lows), np.append(highs, highs)
                    owners[found], lows[found], highs[found] = owner[near], low, high
                    found += 1
        distinct = _union_by_owner(owners, lows, highs, found, measured)
        if used + distinct > capacity:
            ones, others = np.append(ones, ones), np.append(others, others)
            lengths = np.append(lengths, lengths)
            capacity *= 2
        ones[used : used + distinct] = owner[k]
        others[used : used + distinct] = owners[:distinct]
        lengths[used : used + distinct] = measured[:distinct]
        used += distinct
    return ones[:used], others[:used], lengths[:used]


def frozen(array: Array) -> Array:
    """Return the array, made read-only."""
    array.setflags(write=False)
    return array
