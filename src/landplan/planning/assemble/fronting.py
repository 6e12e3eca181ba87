"""Which stretches of the parcels' boundaries face open ground, and how many metres lie on roads.

A stretch is *open* where the ground just outside it (twice the tolerance and 5 cm away, at right
angles) belongs to no parcel but streets. It *fronts* a road where that road begins no farther than
the reach from its middle, in a direction within 45° of straight ahead. Boundaries are cut into
stretches of at most `STEP_M`. A stretch of a border between two parcels is open for neither, so the
frontage of a site is the sum of that of its parcels, whatever the parcels are.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.adjacency import with_geometry
from landplan.cadastre.bridges import streets
from landplan.cadastre.segments import boundary_segments

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

STEP_M: Final = 4.0
_BESIDE_M: Final = 0.05
_AHEAD: Final = float(np.cos(np.radians(45.0)))


@dataclass(frozen=True, slots=True)
class OpenStretches:
    """Stretches [s] of boundaries that face open ground.

    ``owner`` parcel, ``middle`` [s, 2] m, ``outward`` [s, 2] unit vectors, ``length`` m.
    """

    owner: IntArray
    middle: FloatArray
    outward: FloatArray
    length: FloatArray

    def metres(self, n: int, chosen: BoolArray | None = None) -> FloatArray:
        """Return the length of all (or chosen) stretches by parcel [n]."""
        weights = self.length if chosen is None else self.length * chosen
        return np.bincount(self.owner, weights=weights, minlength=n).astype(np.float64)


def open_stretches(parcels: gpd.GeoDataFrame, tolerance_m: float) -> OpenStretches:
    """Find the stretches of all parcels but streets that face open ground."""
    land = with_geometry(parcels) & ~streets(parcels)
    shapes = parcels.geometry.to_numpy()
    owner, middle, outward, length = _stretches(shapes, land)
    probe = shapely.points(middle + outward * (2.0 * tolerance_m + _BESIDE_M))
    solid = np.flatnonzero(land)
    beside, _ = shapely.STRtree(shapes[solid]).query(probe, predicate="intersects")
    free = np.ones(len(owner), dtype=bool)
    free[beside] = False
    return OpenStretches(owner[free], middle[free], outward[free], length[free])


def frontage(
    stretches: OpenStretches,
    parcels: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    classes: list[str],
    reach_m: float,
    tolerance_m: float,
) -> FloatArray:
    """Return the metres [n] of every parcel's boundary along roads.

    Parameters
    ----------
    stretches
        Of these parcels.
    parcels, roads
        Roads are lines with a class and a width; one of unknown width counts as a bare line.
    classes
        Classes that count; empty: all roads, and stretches that touch a street parcel.
    reach_m, tolerance_m
        How far the road's edge may be from the stretch; gaps that are none.
    """
    named = roads["class"].isin(classes).to_numpy(dtype=bool) if classes else np.ones(len(roads))
    lines = roads.geometry.to_numpy()
    there = named.astype(bool) & ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    half = np.nan_to_num(roads["width_m"].to_numpy(dtype=float)[there]) / 2.0
    along = _along_lines(stretches, lines[there], half + reach_m)
    if not classes:
        along |= _touching(stretches, parcels, 2.0 * tolerance_m + _BESIDE_M)
    return stretches.metres(len(parcels), along)


def _stretches(
    shapes: NDArray[np.object_], land: BoolArray
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Cut all boundaries into stretches of at most `STEP_M`; the outside is on the right."""
    segments = boundary_segments(shapes, land)
    along = segments.end - segments.start
    length = np.hypot(along[:, 0], along[:, 1])
    count = np.maximum(np.ceil(length / STEP_M), 1).astype(np.int64)
    which = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    part = (place + 0.5) / count[which]
    middle = segments.start[which] + along[which] * part[:, None]
    unit = along / length[:, None]
    outward = np.column_stack((unit[:, 1], -unit[:, 0]))[which]
    return segments.owner[which], middle, outward, (length / count)[which]


def _along_lines(
    stretches: OpenStretches, lines: NDArray[np.object_], within: FloatArray
) -> BoolArray:
    """Return [s] whether a line lies ahead of a stretch, no farther than ``within`` of it."""
    found = np.zeros(len(stretches.owner), dtype=bool)
    if len(lines) == 0 or len(found) == 0:
        return found
    middles = np.asarray(shapely.points(stretches.middle), dtype=object)
    tree = shapely.STRtree(middles)
    line, stretch = tree.query(lines, predicate="dwithin", distance=within)
    ways = shapely.shortest_line(middles[stretch], lines[line])
    ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)
    way = ends[:, 1] - ends[:, 0]
    ahead = (way * stretches.outward[stretch]).sum(axis=1)
    found[stretch[ahead >= _AHEAD * np.hypot(way[:, 0], way[:, 1])]] = True
    return found


def _touching(stretches: OpenStretches, parcels: gpd.GeoDataFrame, reach: float) -> BoolArray:
    """Return [s] whether the ground just outside a stretch is a street parcel."""
    found = np.zeros(len(stretches.owner), dtype=bool)
    street = np.flatnonzero(streets(parcels) & with_geometry(parcels))
    if len(street):
        probe = shapely.points(stretches.middle + stretches.outward * reach)
        tree = shapely.STRtree(parcels.geometry.to_numpy()[street])
        found[tree.query(probe, predicate="intersects")[0]] = True
    return found
