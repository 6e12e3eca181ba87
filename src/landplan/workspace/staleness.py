"""Which parcels differ between two versions of a town's data."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from landplan.cadastre.cadastre import Cadastre

SHIFT_M: Final = 0.01
"""Corners that moved by less are the same corners."""
AREA_M2: Final = 0.01
ZONE_SHARE: Final = 1e-4
COLUMNS: Final = ("owner_id", "land_use", "zone", "street", "fault")
AMOUNTS: Final = ("value", "cost")
AREAS: Final = ("area_m2", "area_registered_m2")


@dataclass(frozen=True, slots=True)
class Changes:
    """Parcel ids that differ, sorted."""

    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


_known: dict[tuple[str, str], Changes] = {}
_KEPT: Final = 64


def compare_data(before_id: str, before: Cadastre, after_id: str, after: Cadastre) -> Changes:
    """Compare two datasets parcel by parcel; the answer is kept, datasets never change."""
    key = (before_id, after_id)
    if key not in _known:
        if len(_known) >= _KEPT:
            _known.pop(next(iter(_known)), None)
        _known[key] = _compare(before, after)
    return _known[key]


def _compare(before: Cadastre, after: Cadastre) -> Changes:
    old = before.parcels.drop_duplicates("parcel_id").set_index("parcel_id")
    new = after.parcels.drop_duplicates("parcel_id").set_index("parcel_id")
    both = old.index.intersection(new.index)
    old_rows, new_rows = old.loc[both], new.loc[both]
    differs = np.zeros(len(both), dtype=bool)
    for column in COLUMNS:
        differs |= _text(old_rows[column]) != _text(new_rows[column])
    for column in AMOUNTS:
        differs |= _apart(old_rows[column], new_rows[column], 0.005)
    for column in AREAS:
        differs |= _apart(old_rows[column], new_rows[column], AREA_M2)
    differs |= _apart(old_rows["zone_share"], new_rows["zone_share"], ZONE_SHARE)
    if before.town.crs == after.town.crs:
        differs |= _moved(old_rows.geometry.to_numpy(), new_rows.geometry.to_numpy())
    else:
        differs[:] = True
    differs |= _holders(before, both) != _holders(after, both)
    return Changes(
        tuple(sorted(both[differs])),
        tuple(sorted(new.index.difference(old.index))),
        tuple(sorted(old.index.difference(new.index))),
    )


def _text(column: "pd.Series[Any]") -> "np.ndarray[tuple[int], np.dtype[Any]]":
    return np.asarray(column.astype("str").fillna(""), dtype=object)


def _apart(one: Any, other: Any, tolerance: float) -> Any:
    first, second = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    missing = np.isnan(first) != np.isnan(second)
    return missing | (np.abs(np.nan_to_num(first) - np.nan_to_num(second)) > tolerance)


def _moved(one: Any, other: Any) -> Any:
    """Whether the outlines differ by more than the shift somewhere; both missing is no move.

    Cheap questions first: equal corners are the same, another extent is a move, and only for what
    is left the same outline may be drawn with other corners.
    """
    apart = ~shapely.equals_exact(one, other, tolerance=SHIFT_M, normalize=True)
    apart &= ~(shapely.is_missing(one) & shapely.is_missing(other))
    rows = np.flatnonzero(apart)
    extent = np.abs(shapely.bounds(one[rows]) - shapely.bounds(other[rows])).max(axis=1)
    rows = rows[extent <= 1.5 * SHIFT_M]  # a corner may move by the shift in x and in y
    first, second = shapely.boundary(one[rows]), shapely.boundary(other[rows])
    apart[rows] = ~(_near(first, second) & _near(second, first))
    return apart


def _near(one: Any, other: Any) -> Any:
    """Whether all corners of a line lie on the other one; never where there is no line."""
    shapely.prepare(other)  # outlines of streets have ten thousands of corners
    corners, row = shapely.get_coordinates(one, return_index=True)
    lies_on = shapely.dwithin(other[row], shapely.points(corners), SHIFT_M)
    near = ~(shapely.is_missing(one) | shapely.is_missing(other))
    near[row[~lies_on]] = False
    return near


def _holders(cadastre: Cadastre, ids: "pd.Index[str]") -> Any:
    """Return who holds how much of each parcel, as text that can be compared."""
    rights = cadastre.rights.sort_values(["parcel_id", "owner_id"])
    held = rights["owner_id"].fillna("") + ":" + rights["share"].round(6).astype("str")
    grouped = held.groupby(rights["parcel_id"]).agg("|".join)
    return np.asarray(grouped.reindex(ids).fillna(""), dtype=object)
