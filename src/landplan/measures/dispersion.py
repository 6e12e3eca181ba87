"""Dispersion of holdings: how far the parcels of a holder lie from each other and from home.

Inputs are one row per parcel on one index, places are points in a metric CRS (m): take points on
the surface or centroids, and take the same for both sides of a comparison. Results are one named
value per holding on the sorted labels, unless said otherwise.
"""

from typing import Any

import numpy as np
import pandas as pd

from landplan.measures.holdings import FloatArray, Grouping, divide, numbers


def standard_distance(
    x: "pd.Series[float]", y: "pd.Series[float]", holding: "pd.Series[Any]"
) -> "pd.Series[float]":
    """Return √(Σ ((x − x̄)² + (y − ȳ)²) / n), m; range [0, ∞), 0 is one parcel.

    Every parcel counts the same, whatever its area.

    Source: Bachi (1963), "Standard distance measures and related methods for spatial analysis",
    Papers of the Regional Science Association 10, 83–132, doi 10.1007/BF01934680.
    """
    groups = Grouping.of(holding)
    squared = _to_centre(numbers(x), numbers(y), groups) ** 2
    spread = np.sqrt(divide(groups.total(squared), groups.known(squared)))
    return groups.series(spread, "standard_distance_m")


def centre_distance(
    x: "pd.Series[float]", y: "pd.Series[float]", holding: "pd.Series[Any]"
) -> "pd.Series[float]":
    """Return the mean distance of a holding's parcels to their common centre, m; range [0, ∞).

    Source: the grouping index of Latruffe & Piet (2014), "Does land fragmentation affect farm
    performance?", Agricultural Systems 129, 68–80, doi 10.1016/j.agsy.2014.05.005 (recalled).
    """
    groups = Grouping.of(holding)
    away = _to_centre(numbers(x), numbers(y), groups)
    return groups.series(divide(groups.total(away), groups.known(away)), "centre_distance_m")


def parcel_concentration(
    before_m: "pd.Series[float]", after_m: "pd.Series[float]"
) -> "pd.Series[float]":
    """Return (b − a) / max(b, a) of the standard distances b before and a after; range [-1, 1].

    No unit; above 0: closer together than before. Two distances of 0 give 0. Holdings that are on
    one side only have no value: NaN.

    Source: the parcel concentration coefficient of land-consolidation practice, bounded to [-1, 1];
    this bounded form is landplan's own.
    """
    before, after = before_m.align(after_m)
    b, a = numbers(before), numbers(after)
    largest = np.maximum(b, a)
    moved = np.where(largest > 0, divide(b - a, largest), b - a)
    return pd.Series(moved, index=before.index, name="parcel_concentration", dtype=float)


def home_distance(
    x: "pd.Series[float]",
    y: "pd.Series[float]",
    holding: "pd.Series[Any]",
    home_x: "pd.Series[float]",
    home_y: "pd.Series[float]",
) -> "pd.Series[float]":
    """Return the straight distance of **every parcel** to the homestead of its holding, m.

    ``home_x`` and ``home_y`` are on the labels of the holdings. NaN without a homestead.
    """
    dx = numbers(x) - numbers(holding.map(home_x))
    dy = numbers(y) - numbers(holding.map(home_y))
    return pd.Series(np.hypot(dx, dy), index=holding.index, name="home_distance_m", dtype=float)


def weighted_distance(
    distance_m: "pd.Series[float]", weight: "pd.Series[float]", holding: "pd.Series[Any]"
) -> "pd.Series[float]":
    """Return Σ w d / Σ w over the parcels of a holding, m; range [0, ∞).

    With areas as weights: how far an average square metre lies from the homestead.

    Source: standard in land consolidation, as "mean distance to the farmstead"; weighting by area
    follows from the work on a field growing with it.
    """
    groups, distance, weights = Grouping.of(holding), numbers(distance_m), numbers(weight)
    known = np.isfinite(distance)
    mean = divide(groups.total(weights * distance), groups.total(weights, known))
    return groups.series(mean, "weighted_distance_m")


def weighted_centre(
    x: "pd.Series[float]",
    y: "pd.Series[float]",
    weight: "pd.Series[float]",
    holding: "pd.Series[Any]",
) -> pd.DataFrame:
    """Return the centre of gravity ``x``, ``y`` (m) of every holding, weighted by ``weight``."""
    groups, weights = Grouping.of(holding), numbers(weight)
    total = groups.total(weights)
    places = {
        name: divide(groups.total(weights * numbers(column)), total)
        for name, column in (("x", x), ("y", y))
    }
    return pd.DataFrame(places, index=groups.labels)


def _to_centre(x: FloatArray, y: FloatArray, groups: Grouping) -> FloatArray:
    """Return the distance [n] of every parcel to the plain mean of its holding's points, m."""
    away = [np.full(len(x), np.nan), np.full(len(x), np.nan)]
    inside = groups.code >= 0
    for axis, values in enumerate((x, y)):
        # millions of metres of northing would cost half of the digits
        near = values - (np.nanmean(values) if np.isfinite(values).any() else 0.0)
        mean = divide(groups.total(near), groups.known(near))
        away[axis][inside] = near[inside] - mean[groups.code[inside]]
    return np.asarray(np.hypot(away[0], away[1]), dtype=np.float64)
