"""Whether parcels lie at a road."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landplan.measures.holdings import numbers


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
    lines = np.asarray(roads.to_numpy(), dtype=object)
    half = np.nan_to_num(numbers(width_m)) / 2.0
    half[shapely.get_dimensions(lines) > 1] = 0.0  # a surface has its edge already
    ways = np.concatenate([lines, shapes[street]])
    reach = np.concatenate([half, np.zeros(int(street.sum()))]) + reach_m
    has = np.zeros(len(shapes), dtype=bool)
    if len(ways):
        has[shapely.STRtree(shapes).query(ways, predicate="dwithin", distance=reach)[1]] = True
    return pd.Series(has, index=geometry.index, name="road_access", dtype=bool)


def access_share(access: "pd.Series[bool]", weight: "pd.Series[float]") -> float | None:
    """Return the share of the weight (1 each, or m²) that has access; range [0, 1], None of none.

    Source: standard in land consolidation, "parcels with road access", for example Ertunç (2020)
    (recalled).
    """
    weights = np.nan_to_num(numbers(weight))
    total = weights.sum()
    return float(weights[access.to_numpy(dtype=bool)].sum() / total) if total > 0 else None
