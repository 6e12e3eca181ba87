"""Holdings before and after: what changed, who is worse off by which measure, and the town's rates.

Both sides are tables of `landplan.measures.town.holding_measures`, made with the same parcels,
borders and homesteads: a homestead that stands for a missing one must not move with the land.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from landplan.measures.consolidation import (
    consolidation_rate,
    consolidation_rate_of,
    relative_gain,
)
from landplan.measures.dispersion import parcel_concentration
from landplan.measures.holdings import numbers

LESS, MORE = -1.0, 1.0
BETTER: Final[Mapping[str, float]] = {
    "parcels": LESS,
    "pieces": LESS,
    "mean_area_m2": MORE,
    "simmons": MORE,
    "simpson": LESS,
    "januszewski": MORE,
    "schmook": LESS,
    "igbozurike": LESS,
    "standard_distance_m": LESS,
    "centre_distance_m": LESS,
    "home_distance_m": LESS,
    "road_access": MORE,
    "psi": MORE,
    "glfi": MORE,
}
"""Which way each measure of a holding is better for its holder."""
SAME: Final = 1e-9
"""Changes smaller than this share of the larger amount are rounding."""


def holding_changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return what changed for every holding, on the labels of both sides.

    Columns: ``consolidation_rate`` of the parcels and ``piece_rate`` of the pieces (range (-∞, 1),
    above 0: fewer), ``parcel_concentration`` ([-1, 1], above 0: closer together), ``area_gain`` and
    ``home_distance_gain`` (relative, ≥ -1). A holding on one side only has no change: NaN.
    """
    columns = {
        "consolidation_rate": consolidation_rate(before["parcels"], after["parcels"]),
        "piece_rate": consolidation_rate(before["pieces"], after["pieces"]),
        "parcel_concentration": parcel_concentration(
            before["standard_distance_m"], after["standard_distance_m"]
        ),
        "area_gain": relative_gain(before["area_m2"], after["area_m2"]),
        "home_distance_gain": relative_gain(before["home_distance_m"], after["home_distance_m"]),
    }
    return pd.DataFrame(columns)


def worse_off(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return a row per holding and measure of `BETTER` that is worse than before.

    Columns ``holding``, ``measure``, ``before``, ``after``; by holding, then in the order of
    `BETTER`. A holding on one side only, or a measure that is not known on one, is not judged.
    """
    labels = before.index.intersection(after.index)
    rows = []
    for rank, (name, way) in enumerate(BETTER.items()):
        old, new = numbers(before.loc[labels, name]), numbers(after.loc[labels, name])
        slack = SAME * np.maximum(np.abs(old), np.abs(new))
        worse = way * (new - old) < -slack
        rows.append(
            pd.DataFrame(
                {
                    "holding": labels[worse],
                    "measure": name,
                    "before": old[worse],
                    "after": new[worse],
                    "rank": rank,
                }
            )
        )
    table = pd.concat(rows, ignore_index=True).sort_values(["holding", "rank"], kind="stable")
    return table.drop(columns="rank").reset_index(drop=True)


def town_changes(before: pd.DataFrame, after: pd.DataFrame) -> Mapping[str, float | None]:
    """Return the rates of the town and for how many holdings each measure got worse.

    ``consolidation_rate`` and ``piece_rate`` of the sums over all holdings (a holding that has
    nothing left counts with 0 after), ``mean_parcel_concentration`` over the holdings on both
    sides, ``worse_<measure>`` and ``worse_any`` counts.
    """
    changes, worse = holding_changes(before, after), worse_off(before, after)
    concentration = changes["parcel_concentration"].mean()
    figures: dict[str, float | None] = {
        "consolidation_rate": _rate(before["parcels"], after["parcels"]),
        "piece_rate": _rate(before["pieces"], after["pieces"]),
        "mean_parcel_concentration": float(concentration) if np.isfinite(concentration) else None,
        "worse_any": float(worse["holding"].nunique()),
    }
    counts = worse["measure"].value_counts()
    return figures | {f"worse_{name}": float(counts.get(name, 0)) for name in BETTER}


def _rate(before: "pd.Series[float]", after: "pd.Series[float]") -> float | None:
    return consolidation_rate_of(float(before.sum()), float(after.sum()))
