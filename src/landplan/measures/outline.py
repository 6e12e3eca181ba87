"""Corners, sides and angles of parcels, and the parcel shape index made of them."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.measures.holdings import BoolArray, FloatArray, IntArray, divide, numbers
from landplan.measures.scheme import Scheme, read_scheme
from landplan.measures.shape import polsby_popper

DENT_SHARE: Final = 0.02
"""Bends that depart less from a straight line than this share of √A are none."""
STRAIGHT_DEG: Final = 5.0
"""A corner that turns by less is none (where a ring happens to begin)."""
ACUTE_DEG, REFLEX_DEG = 80.0, 190.0


@dataclass(frozen=True, slots=True)
class Corners:
    """All corners [c] of the outer rings: row of the parcel, inner angle, length of the side after.

    ``row`` positions in the GeoSeries; ``angle_deg`` 0 … 360; ``side_m`` m.
    """

    row: IntArray
    angle_deg: FloatArray
    side_m: FloatArray


def corners(geometry: gpd.GeoSeries) -> Corners:
    """Return the corners of the outer rings; small dents (`DENT_SHARE`) are smoothed out first."""
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    area = shapely.area(shapes)
    rows = np.flatnonzero(area > 0)
    smooth = shapely.simplify(shapes[rows], DENT_SHARE * np.sqrt(area[rows]))
    parts, part_of = shapely.get_parts(shapely.orient_polygons(smooth), return_index=True)
    x, ring = shapely.get_coordinates(shapely.get_exterior_ring(parts), return_index=True)
    last = np.append(ring[1:] != ring[:-1], True) if len(ring) else np.empty(0, bool)
    x, ring = x[~last], ring[~last]  # a ring ends where it began
    kept = _turns(x, ring)[1]
    x, ring = x[kept], ring[kept]
    turn, _ = _turns(x, ring)
    side = np.hypot(*(x[_next(ring)] - x).T)
    return Corners(rows[part_of[ring]], 180.0 - turn, side)


def parcel_shape_index(
    geometry: gpd.GeoSeries,
    scheme: Scheme | None = None,
    compactness: "pd.Series[float] | None" = None,
) -> "pd.Series[float]":
    """Return the parcel shape index; no unit, range [0, 1], 1 is the best shape.

    The weighted mean of the values of six parameters, by the value functions and weights of
    ``scheme`` (None: `data/psi.toml`, whose numbers are **estimates**): length of every side,
    every acute and every reflex angle (none: the parameter drops out), number of corners,
    compactness (Polsby-Popper; ``compactness`` where it is known already) and regularity (spread
    of the sides by their mean). An oblong with sides of 25 m and more, up to 1 : 2, has 1.

    Source: Demetriou, See & Stillwell (2013), "A parcel shape index for use in land consolidation
    planning", Transactions in GIS 17 (6), 861–882, doi 10.1111/j.1467-9671.2012.01371.x (the
    abstract; form recalled).
    """
    used = scheme or read_scheme("psi")
    by_name = {factor.name: factor for factor in used.factors}
    found, n = corners(geometry), len(geometry)
    acute, reflex = found.angle_deg < ACUTE_DEG, found.angle_deg > REFLEX_DEG
    every = np.ones(len(found.row), dtype=bool)
    count = np.bincount(found.row, minlength=n).astype(np.float64)
    mean = divide(np.bincount(found.row, weights=found.side_m, minlength=n), count)
    square = divide(np.bincount(found.row, weights=found.side_m**2, minlength=n), count)
    spread = divide(np.sqrt(np.clip(square - mean**2, 0.0, None)), mean)
    compact = polsby_popper(geometry) if compactness is None else compactness
    values = {
        "side_length": _mean(by_name["side_length"].value(found.side_m), found.row, every, n),
        "acute_angle": _mean(by_name["acute_angle"].value(found.angle_deg), found.row, acute, n),
        "reflex_angle": _mean(by_name["reflex_angle"].value(found.angle_deg), found.row, reflex, n),
        "boundary_points": by_name["boundary_points"].value(np.where(count > 0, count, np.nan)),
        "compactness": by_name["compactness"].value(numbers(compact)),
        "regularity": by_name["regularity"].value(spread),
    }
    return used.score(pd.DataFrame(values, index=geometry.index)).rename("psi")


def _mean(values: FloatArray, row: IntArray, chosen: BoolArray, n: int) -> FloatArray:
    """Return the mean [n] of the values of the chosen corners by parcel; NaN of none."""
    count = np.bincount(row[chosen], minlength=n).astype(np.float64)
    return divide(np.bincount(row[chosen], weights=values[chosen], minlength=n), count)


def _turns(x: FloatArray, ring: IntArray) -> tuple[FloatArray, BoolArray]:
    """Return by how much every vertex turns left, degrees in (-180, 180], and which ones do."""
    after = _next(ring)
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    come, go = x - x[before], x[after] - x
    cross = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    turn = np.degrees(np.arctan2(cross, (come * go).sum(axis=1)))
    return turn, np.abs(turn) >= STRAIGHT_DEG


def _next(ring: IntArray) -> IntArray:
    """Return the position of the vertex after each, round its ring; rings follow each other."""
    position = np.arange(len(ring))
    if not len(ring):
        return position
    starts = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    ends = np.append(starts[1:], len(ring)) - 1
    after = position + 1
    after[ends] = starts
    return after
