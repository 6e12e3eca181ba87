"""The audit's own formulas for the shape of a site, from coordinates."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

_SAME_AREA = 1e-6
"""Rectangles whose areas differ by no more than this share are the same for rounding."""


def shape_measures(shape: shapely.Geometry) -> dict[str, float]:
    """Perimeter (m) and five measures of compactness (0..1, 1 is best) of a site.

    ``polsby_popper`` 4πA/P²; ``hull_ratio`` A/A(convex hull); ``rectangularity`` A/A(least rotated
    rectangle); ``elongation``
    its short over its long side; ``inertia`` A²/(2πI) with I the polar moment about the centroid
    (Li, Goodchild & Church
    2013, doi 10.1080/13658816.2012.752093).
    """
    area, perimeter = float(shapely.area(shape)), float(shapely.length(shape))
    short, long = _least_rectangle(shape)
    return {
        "perimeter_m": perimeter,
        "polsby_popper": 4 * math.pi * area / perimeter**2,
        "hull_ratio": area / float(shapely.area(shapely.convex_hull(shape))),
        "rectangularity": area / (short * long),
        "elongation": short / long,
        "inertia": area**2 / (2 * math.pi * _polar_moment(shape)),
    }


def elongations(shape: shapely.Geometry) -> NDArray[np.float64]:
    """Short over long side of every least rectangle around a shape.

    A triangle has three of the same area, one along each side; any of them is right.
    """
    short, long = _rectangles(shape)
    least = (short * long).min()
    return np.asarray((short / long)[short * long <= least * (1 + _SAME_AREA)])


def _least_rectangle(shape: shapely.Geometry) -> tuple[float, float]:
    """Short and long side of the least rectangle around a shape."""
    short, long = _rectangles(shape)
    best = int(np.argmin(short * long))
    return float(short[best]), float(long[best])


def _rectangles(shape: shapely.Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Short and long sides [k] of the rectangles around a shape with a side on a hull edge.

    Coordinates are taken from the first corner: in national grids the digits that count are far
    behind the millions of the northing.
    """
    hull = shapely.get_coordinates(shapely.convex_hull(shape))
    corners = hull - hull[0]
    edges = np.diff(corners, axis=0)
    along = edges / np.hypot(*edges.T)[:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    extents = [np.ptp(corners @ direction.T, axis=0) for direction in (along, across)]
    return np.minimum(*extents), np.maximum(*extents)


def _polar_moment(shape: shapely.Geometry) -> float:
    """Second polar moment of area about the centroid, m⁴, by Green's theorem ring by ring."""
    centre = shapely.get_coordinates(shapely.centroid(shape))[0]
    total = 0.0
    for part in shapely.get_parts(shape):
        outer, *inner = (shapely.get_coordinates(ring) - centre for ring in shapely.get_rings(part))
        total += _ring_moment(outer) - sum(_ring_moment(ring) for ring in inner)
    return total


def _ring_moment(ring: NDArray[np.float64]) -> float:
    x, y = ring[:-1].T
    u, v = ring[1:].T
    cross = x * v - u * y
    return abs(float((cross * (x * x + x * u + u * u + y * y + y * v + v * v)).sum())) / 12.0
