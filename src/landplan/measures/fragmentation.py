"""Fragmentation of holdings: in how many parcels and pieces the land of a holder lies.

Every function takes one row per parcel, all Series on one index, and the label of the holding each
parcel belongs to; it returns one named value per holding, on the sorted labels. A parcel without a
label takes no part, nor does one whose area is not known. A holding without area has no index: NaN.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.measures.holdings import FloatArray, Grouping, IntArray, divide, numbers

_M2_PER_HA = 10_000.0
_M_PER_KM = 1_000.0


def parcel_count(holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the number of parcels of each holding; a count, 1 … n."""
    groups = Grouping.of(holding)
    return groups.series(groups.total(np.ones(len(holding))), "parcels")


def piece_count(holding: "pd.Series[Any]", borders: IntArray) -> "pd.Series[float]":
    """Return in how many contiguous pieces each holding lies; a count, 1 … parcels.

    Two parcels of a holding are in one piece where a chain of common borders inside the holding
    joins them.

    Parameters
    ----------
    holding
        Label of each parcel [n].
    borders
        [e, 2] positions (0 … n-1) of parcels with a common border.

    Raises
    ------
    ValueError
        A border names a position outside 0 … n-1.
    """
    groups = Grouping.of(holding)
    piece = pieces(groups.code, borders)
    inside = groups.code >= 0
    first = np.unique(piece[inside], return_index=True)[1]
    count = np.bincount(groups.code[inside][first], minlength=groups.count)
    return groups.series(count.astype(np.float64), "pieces")


def pieces(code: IntArray, borders: IntArray) -> IntArray:
    """Return the piece [n] every parcel belongs to, given the code [n] of its holding.

    Parcels whose code is negative are pieces of their own. Raises ValueError for a border that
    names a position outside 0 … n-1.
    """
    links = np.asarray(borders, dtype=np.int64).reshape(-1, 2)
    if len(links) and (links.min() < 0 or links.max() >= len(code)):
        raise ValueError(f"borders name positions outside 0 … {len(code) - 1}")
    one, other = links.T
    same = (code[one] == code[other]) & (code[one] >= 0)
    graph = coo_array(
        (np.ones(int(same.sum()), dtype=np.int8), (one[same], other[same])),
        shape=(len(code), len(code)),
    )
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def mean_area(area_m2: "pd.Series[float]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the mean area of the parcels of each holding, m²; range (0, ∞)."""
    groups, area = Grouping.of(holding), numbers(area_m2)
    return groups.series(divide(groups.total(area), groups.known(area)), "mean_area_m2")


def median_area(area_m2: "pd.Series[float]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the median area of the parcels of each holding, m²; range (0, ∞)."""
    groups = Grouping.of(holding)
    known = pd.Series(numbers(area_m2)).groupby(groups.code).median()
    median = known[known.index >= 0].reindex(range(groups.count))
    return groups.series(numbers(median), "median_area_m2")


def simmons(area_m2: "pd.Series[float]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return Σ a² / (Σ a)² over the areas a of a holding's parcels; no unit, range [1/n, 1].

    1 is a holding of one parcel; n equal parcels give 1/n.

    Source: Simmons (1964), "An index of farm structure, with a Nottinghamshire example", East
    Midland Geographer 3, 255–261 (form recalled).
    """
    groups, area = Grouping.of(holding), numbers(area_m2)
    total = groups.total(area)
    return groups.series(divide(groups.total(area**2), total**2), "simmons")


def simpson(area_m2: "pd.Series[float]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return 1 − Σ a² / (Σ a)²; no unit, range [0, 1 − 1/n], 0 is one parcel.

    The chance that two points of the holding drawn at random lie in different parcels.

    Source: Simpson (1949), "Measurement of diversity", Nature 163, 688, doi 10.1038/163688a0;
    applied to holdings as the complement of `simmons`.
    """
    return (1.0 - simmons(area_m2, holding)).rename("simpson")


def januszewski(area_m2: "pd.Series[float]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return √(Σ a) / Σ √a over the areas a of a holding's parcels; no unit, range [1/√n, 1].

    1 is a holding of one parcel; n equal parcels give 1/√n.

    Source: Januszewski (1968), "Index of land consolidation as a criterion of the degree of
    concentration", Geographia Polonica 14, 291–296 (form recalled).
    """
    groups, area = Grouping.of(holding), numbers(area_m2)
    roots = groups.total(np.sqrt(np.clip(area, 0.0, None)))
    return groups.series(divide(np.sqrt(groups.total(area)), roots), "januszewski")


def schmook(geometry: gpd.GeoSeries, holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return A of the convex hull around all land of a holding / A of the land; no unit, [1, ∞).

    1 is a holding that lies together in a convex shape. Metric CRS.

    Source: Schmook (1976), P₀; here with the convex hull as the circumscribing polygon (form
    recalled, after King & Burton (1982), "Land fragmentation: notes on a fundamental rural spatial
    problem", Progress in Human Geography 6 (4), 475–494, doi 10.1177/030913258200600401).
    """
    groups = Grouping.of(holding)
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    area = shapely.area(shapes)
    rows = np.flatnonzero((groups.code >= 0) & (area > 0))
    rows = rows[np.argsort(groups.code[rows], kind="stable")]
    hull = np.full(groups.count, np.nan)
    if len(rows):
        present, position = np.unique(groups.code[rows], return_inverse=True)
        together = shapely.geometrycollections(
            shapely.convex_hull(shapes[rows]), indices=position.astype(np.int64)
        )
        hull[present] = shapely.area(shapely.convex_hull(together))
    return groups.series(divide(hull, groups.total(area, area > 0)), "schmook")


def igbozurike(
    area_m2: "pd.Series[float]", distance_m: "pd.Series[float]", holding: "pd.Series[Any]"
) -> "pd.Series[float]":
    """Return D / (ā / 100): round trips to all parcels against their mean area; km per ha / 100.

    D = Σ 2 d is the way to every parcel of the holding and back (km), d its ``distance_m`` from the
    homestead; ā the mean area (ha). Range [0, ∞), 0 is a holding at the homestead. It has a unit:
    figures of other papers compare only where they use km and ha.

    Source: Igbozurike (1974), "Land tenure, social relations and the analysis of spatial
    discontinuity", Area 6 (2), 132–136 (form recalled, its units are not).
    """
    groups, area, distance = Grouping.of(holding), numbers(area_m2), numbers(distance_m)
    mean_ha = divide(groups.total(area), groups.known(area)) / _M2_PER_HA
    trips_km: FloatArray = 2.0 * groups.total(distance) / _M_PER_KM
    unknown = groups.known(distance) < groups.total(np.ones(len(distance)))
    trips_km[unknown] = np.nan
    return groups.series(divide(trips_km, mean_ha / 100.0), "igbozurike")
