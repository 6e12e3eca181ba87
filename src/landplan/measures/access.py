"""Whether parcels lie at a road."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.measures.holdings import FloatArray, numbers

Geometries = NDArray[np.object_]
STRETCH_M: Final = 100.0
"""Longest stretch of a road that is looked up at once."""


def road_access(
    geometry: gpd.GeoSeries,
    roads: gpd.GeoSeries,
    width_m: "pd.Series[float]",
    streets: "pd.Series[bool]",
    reach_m: float,
) -> "pd.Series[bool]":
    """Return whether each parcel lies at a road: within ``reach_m`` of its edge or of street space.

    Straight distance and nothing else: a ditch, a wall or the parcel of a neighbour between the
    two is not seen.

    Parameters
    ----------
    geometry
        Parcels, metric CRS.
    roads
        Centre lines or surfaces of roads, same CRS.
    width_m
        Width of each road, on its index; a line's edge lies half of it away. Not known: 0.
    streets
        Which parcels are street space, on the index of ``geometry``; they give access themselves.
    reach_m
        Largest distance, >= 0.
    """
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    street = streets.to_numpy(dtype=bool)
    ways, half = _ways(np.asarray(roads.to_numpy(), dtype=object), numbers(width_m) / 2.0)
    ways = np.concatenate([ways, shapes[street]])
    reach = np.concatenate([half, np.zeros(int(street.sum()))]) + reach_m
    has = np.zeros(len(shapes), dtype=bool)
    if len(ways):
        has[shapely.STRtree(shapes).query(ways, predicate="dwithin", distance=reach)[1]] = True
    return pd.Series(has, index=geometry.index, name="road_access", dtype=bool)


def _ways(roads: Geometries, half_m: FloatArray) -> tuple[Geometries, FloatArray]:
    """Return the roads in short straight stretches, and how far each one's edge lies from it, m.

    A line that crosses a town has all of it in its bounds; its stretches do not. Surfaces stay
    whole and have their edge already.
    """
    line = shapely.get_dimensions(roads) == 1
    stretched = shapely.segmentize(roads[line], STRETCH_M)
    parts, road = shapely.get_parts(stretched, return_index=True)
    x, part = shapely.get_coordinates(parts, return_index=True)
    follows = part[1:] == part[:-1]
    stretches = shapely.linestrings(np.stack([x[:-1][follows], x[1:][follows]], axis=1))
    edge = np.nan_to_num(half_m)[line][road[part[1:][follows]]]
    whole = roads[~line]
    ways = np.concatenate([stretches, whole])
    return ways, np.concatenate([edge, np.zeros(len(whole))])


def access_share(access: "pd.Series[bool]", weight: "pd.Series[float]") -> float | None:
    """Return the share of the weight (1 each, or m²) that has access; range [0, 1], None of none.

    Source: standard in land consolidation, "parcels with road access", for example Ertunç (2020)
    (recalled).
    """
    weights = np.nan_to_num(numbers(weight))
    total = weights.sum()
    return float(weights[access.to_numpy(dtype=bool)].sum() / total) if total > 0 else None
