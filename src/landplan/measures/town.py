"""All measures at once: a table of parcels, one of holdings, and the figures of the town."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from landplan.measures import dispersion, fragmentation, shape
from landplan.measures.access import access_share
from landplan.measures.holdings import Grouping, IntArray, divide, numbers
from landplan.measures.inequality import gini
from landplan.measures.outline import parcel_shape_index
from landplan.measures.scheme import Scheme, read_scheme

PARCEL_SHAPE: Final = (
    *("perimeter_m", "polsby_popper", "hull_ratio", "rectangularity", "elongation", "inertia"),
    *("shape_index", "psi"),
)
"""Columns that every parcel has for its shape."""
MEANS: Final = (
    *("parcels", "pieces", "mean_area_m2", "median_area_m2", "simmons", "simpson", "januszewski"),
    *("schmook", "igbozurike", "standard_distance_m", "centre_distance_m", "home_distance_m"),
    *("road_access", "psi", "glfi"),
)
"""Columns of the holdings whose plain mean over the holdings is a figure of the town."""


def parcel_measures(geometry: gpd.GeoSeries) -> pd.DataFrame:
    """Return the shape of every parcel, a column per measure of `PARCEL_SHAPE`."""
    table = shape.all_measures(geometry)
    table["psi"] = parcel_shape_index(geometry, compactness=table["polsby_popper"])
    return table


def holding_measures(
    parcels: gpd.GeoDataFrame,
    borders: IntArray,
    homes: pd.DataFrame,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Return all measures of every holding, on the sorted labels.

    Parameters
    ----------
    parcels
        [n] in a metric CRS: ``geometry``, ``holding`` (label or missing), ``area_m2``, ``x``, ``y``
        (a point of the parcel, m), ``psi``, ``road_access`` and ``sole`` (0 or 1; held by one owner
        alone). A column but the first five may be missing throughout (NaN).
    borders
        [e, 2] positions of parcels with a common border.
    homes
        ``x``, ``y`` (m) of the homestead by label; NaN: not known.
    scheme
        Weights and value functions of the fragmentation index; None: `data/glfi.toml`.
    """
    holding, area = parcels["holding"], parcels["area_m2"]
    groups = Grouping.of(holding)
    x, y = parcels["x"], parcels["y"]
    way = dispersion.home_distance(x, y, holding, homes["x"], homes["y"])
    columns = [
        fragmentation.parcel_count(holding),
        fragmentation.piece_count(holding, borders),
        groups.series(groups.total(numbers(area)), "area_m2"),
        fragmentation.mean_area(area, holding),
        fragmentation.median_area(area, holding),
        fragmentation.simmons(area, holding),
        fragmentation.simpson(area, holding),
        fragmentation.januszewski(area, holding),
        fragmentation.schmook(parcels.geometry, holding),
        fragmentation.igbozurike(area, way, holding),
        dispersion.standard_distance(x, y, holding),
        dispersion.centre_distance(x, y, holding),
        dispersion.weighted_distance(way, area, holding).rename("home_distance_m"),
        mean_of(parcels["psi"], holding).rename("psi"),
        mean_of(parcels["road_access"], holding).rename("road_access"),
        mean_of(parcels["sole"], holding).rename("sole_share"),
    ]
    table = pd.concat(columns, axis=1)
    table["glfi"] = (scheme or read_scheme("glfi")).measured_score(table)
    return table


def mean_of(values: "pd.Series[Any]", holding: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the plain mean of the known values of each holding's parcels."""
    groups, known = Grouping.of(holding), numbers(values)
    return groups.series(divide(groups.total(known), groups.known(known)), str(values.name))


def town_figures(holdings: pd.DataFrame, parcels: pd.DataFrame) -> Mapping[str, float | None]:
    """Return the figures of the town: sums, means over the holdings, and spread.

    ``mean_*``: every holding counts the same, whatever its area; `mean_glfi` is Demetriou's global
    index. ``median_parcel_area_m2``, ``mean_parcel_area_m2`` and the shares at a road are over the
    parcels that belong to a holding. ``gini_area``: how unevenly the land is spread.
    """
    held = parcels[parcels["holding"].notna()]
    area = numbers(held["area_m2"])
    known = area[np.isfinite(area)]
    figures: dict[str, float | None] = {
        "holdings": float(len(holdings)),
        "parcels": float(holdings["parcels"].sum()),
        "pieces": float(holdings["pieces"].sum()),
        "area_m2": float(known.sum()),
        "mean_parcel_area_m2": float(known.mean()) if len(known) else None,
        "median_parcel_area_m2": float(np.median(known)) if len(known) else None,
        "gini_area": gini(holdings["area_m2"]),
    }
    if held["road_access"].notna().all():
        access, one = held["road_access"] > 0, pd.Series(1.0, index=held.index)
        figures["access_share"] = access_share(access, one)
        figures["access_area_share"] = access_share(access, held["area_m2"])
    for name in MEANS:
        mean = holdings[name].mean()
        figures[f"mean_{name}"] = float(mean) if np.isfinite(mean) else None
    return figures
