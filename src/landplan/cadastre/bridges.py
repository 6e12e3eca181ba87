"""Bridges: pairs of parcels that face each other across street space.

Street space is ground covered by no parcel, or by parcels of the town's streets. A step of A's
boundary *faces* B if the ray outwards from its middle, at right angles, enters B before any other
parcel that is no street, no nearer than the tolerance, no farther than the greatest width, and
without crossing a barrier. A and B are a bridge if the steps of A that face B, and those of B
that face A, are both at least as long as the least facing. `docs/explanation/adjacency.md` says
why.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import Adjacency, frozen, sound, with_geometry
from landplan.cadastre.facing import Sights, cast_rays
from landplan.cadastre.segments import (
    BoolArray,
    FloatArray,
    IntArray,
    boundary_segments,
    line_segments,
)

_LONGEST_STEP_M, _SHORTEST_STEP_M = 1.0, 0.1


@dataclass(frozen=True, slots=True)
class Bridges:
    """Pairs that may be joined across a street; all arrays are read-only.

    ``pairs`` [b, 2] parcel indices i < j, sorted; ``width_m`` [b] the median length of the rays
    between them, which is never below their distance nor above the greatest width; ``facing_m``
    [b] the smaller of the lengths along which either faces the other.
    """

    pairs: IntArray
    width_m: FloatArray
    facing_m: FloatArray
    max_width_m: float
    min_facing_m: float
    tolerance_m: float


def find_bridges(
    parcels: gpd.GeoDataFrame,
    adjacency: Adjacency,
    *,
    max_width_m: float,
    min_facing_m: float,
    barriers: gpd.GeoSeries,
    usable: BoolArray | None = None,
) -> Bridges:
    """Find all pairs of parcels that face each other across street space.

    Parameters
    ----------
    parcels
        In a metric CRS, with the columns ``street`` and ``fault`` (a frame without them has
        neither).
    adjacency
        Common borders: parcels that share one need no bridge. Its tolerance holds here too.
    max_width_m, min_facing_m
        Longest ray, and the least length along which both parcels face each other.
    barriers
        Lines and polygons that no bridge may cross (water, rail), in the CRS of the parcels.
    usable
        [n] whether a parcel may be an end of a bridge; those that may not still stand in the way.
    """
    tolerance = adjacency.tolerance_m
    solid = with_geometry(parcels) & ~streets(parcels)
    ends = solid & sound(parcels)
    if usable is not None:
        ends &= usable
    obstacles = barriers.to_numpy()
    sights = _look(
        parcels.geometry.to_numpy(), solid, ends, obstacles, max_width_m, min_facing_m, tolerance
    )
    pairs, width, facing = _pairs(sights, len(parcels))
    kept = (facing >= min_facing_m - 1e-6) & ~_bordering(pairs, adjacency.pairs, len(parcels))
    return Bridges(
        frozen(pairs[kept]),
        frozen(width[kept]),
        frozen(facing[kept]),
        max_width_m,
        min_facing_m,
        tolerance,
    )


def streets(parcels: gpd.GeoDataFrame) -> BoolArray:
    """Return [n] whether a parcel is street space; a frame without the column has none."""
    if "street" not in parcels:
        return np.zeros(len(parcels), dtype=np.bool_)
    return parcels["street"].to_numpy(dtype=bool)


def corridor(
    parcels: gpd.GeoDataFrame, bridges: Bridges, row: int, barriers: gpd.GeoSeries
) -> shapely.Polygon | shapely.MultiPolygon:
    """Return the street space between the facades of one bridge.

    The strips swept by the rays from either parcel to the other (at a bend those from one side
    alone would leave wedges open), without the parcels that are no street and without the
    barriers; only parts that touch both parcels. It has several parts where the facades are broken.
    """
    first, second = (int(end) for end in bridges.pairs[row])
    geometry = parcels.geometry.to_numpy()
    around = shapely.box(*geometry[first].buffer(bridges.max_width_m + 2.0).bounds)
    near = np.sort(parcels.sindex.query(around))
    near = near[~streets(parcels)[near] & with_geometry(parcels)[near]]
    ends = np.isin(near, (first, second))
    obstacles = barriers.to_numpy()[barriers.sindex.query(around)]
    sights = _look(
        geometry[near],
        np.ones(len(near), dtype=bool),
        ends,
        obstacles,
        bridges.max_width_m,
        bridges.min_facing_m,
        bridges.tolerance_m,
    )
    solid = shapely.make_valid(geometry[near])
    keep_out = shapely.union_all(
        [*solid, *shapely.buffer(obstacles, max(bridges.tolerance_m, 0.05))]
    )
    return _between(_strips(sights), keep_out, geometry[first], geometry[second])


def warm_up() -> None:
    """Compile the kernels of adjacency and bridges on two plots and a street."""
    from landplan.cadastre.adjacency import build_adjacency

    plots = gpd.GeoSeries([shapely.box(0, 0, 30, 30), shapely.box(0, 40, 30, 70)])
    parcels = gpd.GeoDataFrame({"street": [False, False]}, geometry=plots)
    adjacency = build_adjacency(parcels, 0.1, 1.0)
    river = gpd.GeoSeries([shapely.LineString([(100, 0), (100, 70)])])
    find_bridges(parcels, adjacency, max_width_m=20.0, min_facing_m=10.0, barriers=river)


def _look(
    geometry: NDArray[np.object_],
    solid: BoolArray,
    ends: BoolArray,
    obstacles: NDArray[np.object_],
    max_width_m: float,
    min_facing_m: float,
    tolerance_m: float,
) -> Sights:
    """Cast the rays of all ends of bridges; drop those that run inside an areal barrier."""
    step = min(_LONGEST_STEP_M, max(_SHORTEST_STEP_M, min_facing_m / 10.0))
    obstacles = obstacles[~(shapely.is_missing(obstacles) | shapely.is_empty(obstacles))]
    sights = cast_rays(
        boundary_segments(geometry, solid),
        line_segments(obstacles, owner=len(geometry)),
        ends,
        step_m=step,
        reach_m=max_width_m,
        tolerance_m=tolerance_m,
    )
    areal = obstacles[shapely.get_dimensions(obstacles) == 2]
    if not len(areal) or not len(sights.viewer):
        return sights
    # a ray that crosses no outline runs wholly inside or wholly outside: its middle tells
    middles = sights.start + 0.5 * sights.distance_m[:, None] * sights.direction
    outside: BoolArray = np.ones(len(middles), dtype=np.bool_)
    tree = shapely.STRtree(np.asarray(shapely.points(middles), dtype=object))
    outside[tree.query(areal, predicate="intersects")[1]] = False
    return sights.chosen(outside)


def _pairs(sights: Sights, count: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return sorted pairs [p, 2] that see each other, their median ray and smaller facing [p]."""
    low, high = np.minimum(sights.viewer, sights.seen), np.maximum(sights.viewer, sights.seen)
    order = np.lexsort((sights.distance_m, low * count + high))
    keys, first, size = np.unique(
        (low * count + high)[order], return_index=True, return_counts=True
    )
    which = np.repeat(np.arange(len(keys)), size)
    upward = (sights.viewer < sights.seen)[order]
    step, distance = sights.step_m[order], sights.distance_m[order]
    forward = np.bincount(which, weights=step * upward, minlength=len(keys))
    backward = np.bincount(which, weights=step * ~upward, minlength=len(keys))
    median = 0.5 * (distance[first + (size - 1) // 2] + distance[first + size // 2])
    pairs = np.column_stack((keys // count, keys % count))
    return pairs, median, np.minimum(forward, backward)


def _bordering(pairs: IntArray, borders: IntArray, count: int) -> BoolArray:
    return np.isin(pairs[:, 0] * count + pairs[:, 1], borders[:, 0] * count + borders[:, 1])


def _strips(sights: Sights) -> NDArray[np.object_]:
    """Return a rectangle per ray: as wide as its step, reaching a bit into both parcels."""
    half = 0.5 * sights.step_m[:, None]
    along = np.column_stack((-sights.direction[:, 1], sights.direction[:, 0])) * half
    back = sights.start - sights.direction * half
    front = sights.start + sights.direction * (sights.distance_m[:, None] + 2.0 * half)
    corners = np.stack((back - along, back + along, front + along, front - along), axis=1)
    return np.asarray(shapely.polygons(corners), dtype=object)


def _between(
    strips: NDArray[np.object_],
    keep_out: shapely.Geometry,
    first: shapely.Geometry,
    second: shapely.Geometry,
) -> shapely.Polygon | shapely.MultiPolygon:
    """Unite strips, close the slits at bent facades and keep what joins both parcels."""
    swept = shapely.union_all(strips)
    slit = _LONGEST_STEP_M
    swept = swept.buffer(slit, join_style="mitre").buffer(-slit, join_style="mitre").union(swept)
    parts = shapely.get_parts(shapely.difference(swept, keep_out))
    parts = parts[shapely.get_dimensions(parts) == 2]
    joining = (shapely.distance(parts, first) < 1e-3) & (shapely.distance(parts, second) < 1e-3)
    united = shapely.union_all(parts[joining])
    assert isinstance(united, shapely.Polygon | shapely.MultiPolygon)
    return united
