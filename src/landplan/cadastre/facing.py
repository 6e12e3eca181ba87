"""What parcels see across the street: rays cast outwards from every boundary.

The grid is walked cell by cell as in J. Amanatides and A. Woo, "A fast voxel traversal algorithm
for ray tracing", Eurographics 1987, doi:10.2312/egtp.19871000.
"""

from dataclasses import dataclass

import numpy as np

from landplan.cadastre.segments import (
    ROUNDING_M,
    BoolArray,
    FloatArray,
    Grid,
    IntArray,
    Segments,
    build_grid,
    kernel,
)

_RAYS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Sights:
    """Rays that reach another parcel, in the order of the boundary.

    ``viewer`` and ``seen`` [r] parcels; ``start`` [r, 2] middle of a step of the viewer's
    boundary; ``direction`` [r, 2] unit normal outwards; ``distance_m`` [r] to the parcel seen;
    ``step_m`` [r] length of the step the ray stands for.
    """

    viewer: IntArray
    seen: IntArray
    start: FloatArray
    direction: FloatArray
    distance_m: FloatArray
    step_m: FloatArray

    def chosen(self, rows: BoolArray) -> "Sights":
        """Return some of the rays."""
        return Sights(
            self.viewer[rows],
            self.seen[rows],
            self.start[rows],
            self.direction[rows],
            self.distance_m[rows],
            self.step_m[rows],
        )


def cast_rays(
    boundaries: Segments,
    barriers: Segments,
    looks: BoolArray,
    *,
    step_m: float,
    reach_m: float,
    tolerance_m: float,
) -> Sights:
    """Cast a ray from every step of boundary and return those that see another parcel first.

    Parameters
    ----------
    boundaries
        Boundaries of all parcels that stop a ray, interior on the left.
    barriers
        Lines that no ray may cross, nor touch within the tolerance of either facade.
    looks
        [n parcels] whether a parcel sends and receives rays; the others only stop them.
    step_m, reach_m
        Longest step between rays; length of a ray.
    tolerance_m
        What a ray meets nearer than this, before or behind its start, is touched, not seen.
    """
    if not len(boundaries):
        nothing, none = np.empty(0), np.empty(0, np.int64)
        return Sights(none, none, np.empty((0, 2)), np.empty((0, 2)), nothing, nothing)
    tolerance = tolerance_m + ROUNDING_M
    every = boundaries.joined(barriers)
    origin = np.minimum(every.start.min(axis=0), every.end.min(axis=0)) - 2.0 * tolerance
    shifted = every.shifted(origin)
    grid = build_grid(shifted, 2.0 * tolerance)
    sources = np.flatnonzero(looks[boundaries.owner])
    steps = _steps_of(shifted, sources, step_m)
    found = []
    for batch in np.split(np.arange(len(sources)), _batch_ends(steps)):
        source, position, step = _middles(sources[batch], steps[batch])
        span = shifted.end[source] - shifted.start[source]
        length = np.hypot(span[:, 0], span[:, 1])
        start = shifted.start[source] + position[:, None] * span
        direction = np.column_stack((span[:, 1], -span[:, 0])) / length[:, None]
        met, distance = _trace(
            shifted, grid, len(boundaries), source, start, direction, reach_m, tolerance
        )
        hit = np.flatnonzero(met >= 0)
        hit = hit[looks[met[hit]]]
        viewer = every.owner[source[hit]]
        metres = length[hit] * step[hit]
        start = start[hit] + origin
        found.append(Sights(viewer, met[hit], start, direction[hit], distance[hit], metres))
    return _all(found)


def _steps_of(segments: Segments, sources: IntArray, step_m: float) -> IntArray:
    """Return into how many steps of at most ``step_m`` each segment is divided."""
    span = segments.end[sources] - segments.start[sources]
    length = np.hypot(span[:, 0], span[:, 1])
    return np.maximum(np.ceil(length / step_m - ROUNDING_M), 1.0).astype(np.int64)


def _batch_ends(steps: IntArray) -> IntArray:
    """Return where to split the segments so that a batch has few rays: memory stays small."""
    batch = np.cumsum(steps) // _RAYS_AT_ONCE
    return np.flatnonzero(np.diff(batch)) + 1


def _middles(sources: IntArray, steps: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return each step's segment, its middle and its length, both as a share of the segment."""
    first = np.cumsum(steps) - steps
    rank = np.arange(int(steps.sum())) - np.repeat(first, steps)
    share = 1.0 / np.repeat(steps, steps)
    return np.repeat(sources, steps), (rank + 0.5) * share, share


def _all(parts: list[Sights]) -> Sights:
    return Sights(
        np.concatenate([part.viewer for part in parts]),
        np.concatenate([part.seen for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.direction for part in parts]),
        np.concatenate([part.distance_m for part in parts]),
        np.concatenate([part.step_m for part in parts]),
    )


def _trace(
    segments: Segments,
    grid: Grid,
    boundary_count: int,
    source: IntArray,
    start: FloatArray,
    direction: FloatArray,
    reach: float,
    tolerance: float,
) -> tuple[IntArray, FloatArray]:
    return _first_seen(
        segments.start,
        segments.end,
        segments.owner,
        boundary_count,
        grid.cell_offset,
        grid.cell_segments,
        grid.size,
        grid.columns,
        grid.rows,
        source,
        start,
        direction,
        reach,
        tolerance,
    )


@kernel
def _meeting(
    x: float, y: float, east: float, north: float, start: FloatArray, end: FloatArray
) -> tuple[float, float]:
    """Return the distance along a ray at which it meets a segment, and the sine of leaving there.

    A negative sine means that the ray crosses from the segment's right to its left: it enters the
    parcel. Without a meeting, and for a ray along the segment, the distance is infinite.
    """
    span_x, span_y = end[0] - start[0], end[1] - start[1]
    length = np.hypot(span_x, span_y)
    sine = (east * span_y - north * span_x) / length
    if abs(sine) < 1e-9:
        return np.inf, 0.0
    to_x, to_y = start[0] - x, start[1] - y
    share = (to_x * north - to_y * east) / (sine * length)
    slack = 1e-7 / length  # rays through a common corner must not slip between two segments
    if share < -slack or share > 1.0 + slack:
        return np.inf, 0.0
    return (to_x * span_y - to_y * span_x) / (sine * length), sine


@kernel
def _first_seen(
    starts: FloatArray,
    ends: FloatArray,
    owner: IntArray,
    boundary_count: int,
    cell_offset: IntArray,
    cell_segments: IntArray,
    size: float,
    columns: int,
    rows: int,
    source: IntArray,
    origin: FloatArray,
    direction: FloatArray,
    reach: float,
    tolerance: float,
) -> tuple[IntArray, FloatArray]:
    """Return the parcel each ray sees first (-1: none, its own, a barrier) and its distance."""
    ray_count = len(source)
    met, distance = np.full(ray_count, -1, np.int64), np.zeros(ray_count)
    for ray in range(ray_count):
        x, y = origin[ray, 0], origin[ray, 1]
        east, north = direction[ray, 0], direction[ray, 1]
        own = owner[source[ray]]
        column, row = int(np.floor(x / size)), int(np.floor(y / size))
        step_column, step_row = (1 if east > 0 else -1), (1 if north > 0 else -1)
        next_x, next_y = np.inf, np.inf
        per_column, per_row = np.inf, np.inf
        if abs(east) > 1e-12:
            per_column = size / abs(east)
            next_x = ((column + (step_column > 0)) * size - x) / east
        if abs(north) > 1e-12:
            per_row = size / abs(north)
            next_y = ((row + (step_row > 0)) * size - y) / north
        nearest, first, leaving, barrier = np.inf, -1, 0.0, np.inf
        entered = 0.0
        # a barrier on the far facade counts: look a little beyond what was met
        while entered <= min(reach + ROUNDING_M, nearest) + tolerance:
            if column < 0 or row < 0 or column >= columns or row >= rows:
                break
            cell = row * columns + column
            for entry in range(cell_offset[cell], cell_offset[cell + 1]):
                near = cell_segments[entry]
                if near == source[ray]:
                    continue
                along, sine = _meeting(x, y, east, north, starts[near], ends[near])
                if near >= boundary_count:
                    if along >= -tolerance and along < barrier:
                        barrier = along
                elif owner[near] == own:
                    if along > ROUNDING_M and along < nearest:
                        nearest, first, leaving = along, own, sine
                elif along >= -tolerance and along < nearest:
                    nearest, first, leaving = along, owner[near], sine
            if nearest <= tolerance or barrier <= tolerance:
                break
            if next_x < next_y:
                entered = next_x
                next_x += per_column
                column += step_column
            else:
                entered = next_y
                next_y += per_row
                row += step_row
        seen = first >= 0 and first != own and tolerance < nearest <= reach + ROUNDING_M
        if seen and leaving < 0.0 and barrier > nearest + tolerance:
            met[ray], distance[ray] = first, min(nearest, reach)
    return met, distance
