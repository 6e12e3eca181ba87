"""Shape of parcels and sites: pure formulas, one Series in, one named Series out.

Every function takes a `GeoSeries` of polygons or multipolygons in a metric CRS and returns a float
Series on the same index, named after the measure. Holes and separate parts count as they are. A
missing or empty geometry, or one without area, has no shape: its measure is NaN, never 0.

Coordinates are moved to the middle of each geometry first, because millions of metres of easting
and northing would cost half of the digits.
"""

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Geometries = NDArray[np.object_]


def perimeter(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return the length of all boundaries, holes included, in m; range (0, ∞)."""
    return _series(geometry, "perimeter_m", shapely.length)


def polsby_popper(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return 4πA / P², area A against the disc of the same perimeter P; no unit, range (0, 1].

    A disc has 1. Holes count in both, so a ring is far from compact.

    Source: Polsby & Popper (1991), "The third criterion: compactness as a procedural safeguard
    against partisan gerrymandering", Yale Law & Policy Review 9 (2), 301–353.
    """

    def measure(shapes: Geometries) -> FloatArray:
        return _divide(4 * np.pi * shapely.area(shapes), shapely.length(shapes) ** 2)

    return _series(geometry, "polsby_popper", measure)


def shape_index(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return P / (2√(πA)), perimeter P against the disc of the same area A; no unit, range [1, ∞).

    A disc has 1. It is 1 / √(Polsby–Popper), and the inverse of the isoareal quotient.

    Source: Schwartzberg (1966), "Reapportionment, gerrymanders, and the notion of 'compactness'",
    Minnesota Law Review 50, 443–452.
    """

    def measure(shapes: Geometries) -> FloatArray:
        return _divide(shapely.length(shapes), 2 * np.sqrt(np.pi * shapely.area(shapes)))

    return _series(geometry, "shape_index", measure)


def hull_ratio(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return A / A of the convex hull; no unit, range (0, 1], every convex shape has 1.

    Holes and the ground between separate parts lower it.

    Source: Niemi, Grofman, Carlucci & Hofeller (1990), "Measuring compactness and the role of a
    compactness standard in a test for partisan and racial gerrymandering", Journal of Politics 52
    (4), 1155–1181, doi 10.2307/2131686.
    """

    def measure(shapes: Geometries) -> FloatArray:
        return _divide(shapely.area(shapes), shapely.area(shapely.convex_hull(shapes)))

    return _series(geometry, "hull_ratio", measure)


def rectangularity(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return A / A of the smallest rotated rectangle around the shape; no unit, range (0, 1].

    A rectangle has 1.

    Source: Rosin (1999), "Measuring rectangularity", Machine Vision and Applications 11, 191–196,
    doi 10.1007/s001380050101 (there: minimum bounding rectangle method).
    """

    def measure(shapes: Geometries) -> FloatArray:
        return _divide(shapely.area(shapes), shapely.area(shapely.oriented_envelope(shapes)))

    return _series(geometry, "rectangularity", measure)


def elongation(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return the short by the long side of the smallest rotated rectangle; no unit, range (0, 1].

    A square has 1, a strip a fifth as wide as it is long has 0.2: **low means long**. Momepy
    computes the same as ``elongation``.

    Source: Gil, Montenegro, Beirão & Duarte (2012), "On the discovery of urban typologies", Urban
    Morphology 16 (1), 27–40.
    """

    def measure(shapes: Geometries) -> FloatArray:
        sides = _envelope_sides(shapes)
        return _divide(sides.min(axis=1), sides.max(axis=1))

    return _series(geometry, "elongation", measure)


def inertia(geometry: gpd.GeoSeries) -> "pd.Series[float]":
    """Return A² / (2πI), I the second moment of area about the centroid (m⁴); range (0, 1].

    No unit; a disc has 1. I sums the squared distances of all ground to the centroid, so holes and
    separate parts are handled without a special rule, and small dents of the boundary hardly
    matter.

    Source: Li, Goodchild & Church (2013), "An efficient measure of compactness for two-dimensional
    shapes and its application in regionalization problems", International Journal of Geographical
    Information Science 27 (6), 1227–1250, doi 10.1080/13658816.2012.752093.
    """

    def measure(shapes: Geometries) -> FloatArray:
        return _divide(shapely.area(shapes) ** 2, 2 * np.pi * _second_moment(shapes))

    return _series(geometry, "inertia", measure)


SITE_MEASURES: Final = (perimeter, polsby_popper, hull_ratio, rectangularity, elongation, inertia)
"""The measures that every site of a proposal carries."""


def site_measures(geometry: gpd.GeoSeries) -> pd.DataFrame:
    """Return the measures of `SITE_MEASURES` as columns, on the same index."""
    return pd.concat([measure(geometry) for measure in SITE_MEASURES], axis=1)


def all_measures(geometry: gpd.GeoSeries) -> pd.DataFrame:
    """Return `site_measures` and `shape_index` as columns: the same figures, computed together.

    Moves every geometry and draws its rectangle once; for many parcels.
    """
    shapes, measurable = _measurable(geometry)
    near = _at_origin(shapes[measurable])
    area, length = shapely.area(near), shapely.length(near)
    around = shapely.oriented_envelope(near)
    sides = _sides(around)
    columns = {
        "perimeter_m": length,
        "polsby_popper": _divide(4 * np.pi * area, length**2),
        "hull_ratio": _divide(area, shapely.area(shapely.convex_hull(near))),
        "rectangularity": _divide(area, shapely.area(around)),
        "elongation": _divide(sides.min(axis=1), sides.max(axis=1)),
        "inertia": _divide(area**2, 2 * np.pi * _second_moment(near)),
        "shape_index": _divide(length, 2 * np.sqrt(np.pi * area)),
    }
    table = pd.DataFrame(np.nan, index=geometry.index, columns=list(columns))
    table[measurable] = np.column_stack(list(columns.values()))
    return table


def _series(
    geometry: gpd.GeoSeries, name: str, measure: Callable[[Geometries], FloatArray]
) -> "pd.Series[float]":
    """Apply ``measure`` to the geometries that have area, at the origin; the others get NaN."""
    shapes, measurable = _measurable(geometry)
    values = np.full(len(shapes), np.nan)
    if measurable.any():
        values[measurable] = measure(_at_origin(shapes[measurable]))
    return pd.Series(values, index=geometry.index, name=name, dtype=float)


def _measurable(geometry: gpd.GeoSeries) -> tuple[Geometries, NDArray[np.bool_]]:
    """Return the geometries [n], and which of them have area."""
    shapes: Geometries = np.asarray(geometry.to_numpy(), dtype=object)
    # A bow-tie has a signed area near 0; `> 0` also drops None and empty geometries, whose area is
    # NaN or 0.
    return shapes, np.nan_to_num(shapely.area(shapes)) > 0


def _at_origin(shapes: Geometries) -> Geometries:
    """Move each geometry so that the middle of its bounds lies at (0, 0); drops heights."""
    flat = shapely.force_2d(shapes)
    bounds = shapely.bounds(flat)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    coordinates, owner = shapely.get_coordinates(flat, return_index=True)
    # set_coordinates works in place on the array it is given, the geometries themselves are
    # immutable.
    moved: Geometries = shapely.set_coordinates(flat.copy(), coordinates - middle[owner])
    return moved


def _envelope_sides(shapes: Geometries) -> FloatArray:
    """Return the two side lengths [n, 2] of the smallest rotated rectangles, in m."""
    return _sides(shapely.oriented_envelope(shapes))


def _sides(rectangles: Geometries) -> FloatArray:
    """Return the two side lengths [n, 2] of rectangles, in m."""
    corners = shapely.get_coordinates(rectangles).reshape(-1, 5, 2)
    steps = np.diff(corners[:, :3], axis=1)
    sides: FloatArray = np.hypot(steps[..., 0], steps[..., 1])
    return sides


def _second_moment(shapes: Geometries) -> FloatArray:
    """Return the polar second moment of area about each centroid [n], in m⁴.

    Sum over the directed edges of all rings, exteriors counter-clockwise and holes clockwise
    (Green's theorem): I = Σ (x₀y₁ − x₁y₀)(x₀² + x₀x₁ + x₁² + y₀² + y₀y₁ + y₁²) / 12.
    """
    parts, part_owner = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    owner = part_owner[ring_part][ring_of]
    coordinates = coordinates - shapely.get_coordinates(shapely.centroid(shapes))[owner]
    inside_ring = ring_of[1:] == ring_of[:-1]
    x0, y0 = coordinates[:-1][inside_ring].T
    x1, y1 = coordinates[1:][inside_ring].T
    moment = (x0 * y1 - x1 * y0) * (x0**2 + x0 * x1 + x1**2 + y0**2 + y0 * y1 + y1**2) / 12
    totals = np.bincount(owner[1:][inside_ring], weights=moment, minlength=len(shapes))
    return totals.astype(np.float64)


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Divide, giving NaN where there is nothing to divide by."""
    nothing = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=nothing, where=denominator > 0)
