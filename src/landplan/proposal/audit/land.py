"""The parcels: every one there, once, with area, zone and owner as the other layers have them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import View

AREA_TEXT_M2 = 0.006
"""Areas are stored to 0.01 m²; half of it and rounding may be missing."""
ZONE_SHARE = 0.001


def check_land(view: View, shares: pd.DataFrame) -> Iterator[Check]:
    """Check the parcels layer against itself, the ledger, the zones and the rights.

    ``shares`` is the overlay of `landplan.proposal.audit.zoning.share_table`.
    """
    ids = pd.Series(view.ids)
    yield none_of("parcels.duplicate", ids[ids.duplicated()])
    recorded = view.written.ledger["parcel_before"]
    yield none_of("parcels.missing", sorted(set(recorded.dropna()) - set(view.ids)))
    yield at_most("parcels.area", _area_errors(view), AREA_TEXT_M2)
    yield none_of("parcels.overlap", _overlaps(view))
    yield at_most("parcels.zone", _zone_errors(view, shares), ZONE_SHARE)
    yield none_of("parcels.owner", _owner_errors(view))


def _area_errors(view: View) -> list[tuple[object, float]]:
    text = view.parcels["area_m2"].to_numpy()
    measured = view.area
    # an invalid or missing polygon has no area to compare with, and no site may use it
    told = view.usable
    return list(zip(view.ids[told], np.abs(text - measured)[told], strict=True))


def _overlaps(view: View) -> list[str]:
    """Site parcels that cover ground of another parcel by more than hair width.

    The width of an overlap is 2·area/perimeter: digitising noise along a border is long but narrow.
    """
    rows = np.flatnonzero(view.in_site & view.usable)
    left, right = view.tree.query(view.shapes[rows], predicate="intersects")
    left = rows[left]
    other = (left != right) & ~view.faulty[right]
    left, right = left[other], right[other]
    common = shapely.intersection(view.shapes[left], view.shapes[right])
    perimeter = shapely.length(common)
    width = np.divide(
        2 * shapely.area(common), perimeter, out=np.zeros(len(left)), where=perimeter > 0
    )
    wide = width > max(view.document.tolerance_m, 1e-6) * 1.01
    return sorted({str(name) for name in view.ids[left[wide]]})


def _zone_errors(view: View, table: pd.DataFrame) -> list[tuple[object, float]]:
    """By how much the stored zone is not the largest, or its share is not the measured one."""
    best = table.groupby("row")["share"].max()
    told = np.flatnonzero(view.usable & ~view.faulty)
    zone = view.parcels["zone"].to_numpy()[told]
    stated = view.parcels["zone_share"].to_numpy()[told]
    key = pd.MultiIndex.from_arrays([told, np.where(pd.isna(zone), "", zone.astype(object))])
    shares = table.set_index(["row", "zone"])["share"]
    measured = shares.reindex(key).fillna(0.0).to_numpy()
    largest = best.reindex(told).fillna(0.0).to_numpy()
    text_error = np.abs(np.where(pd.isna(zone) & np.isnan(stated), 0.0, stated) - measured)
    # a zone that the parcel does not touch at all is wrong even where no zone covers it
    invented = ~pd.isna(zone) & (measured <= 0.0)
    errors = np.where(invented, 1.0, np.maximum(largest - measured, text_error))
    return list(zip(view.ids[told], errors, strict=True))


def _owner_errors(view: View) -> list[str]:
    """Parcels whose owner is not a holder of the largest share."""
    rights = view.written.rights
    held = rights.groupby(["parcel_id", "owner_id"], as_index=False)["share"].sum()
    largest = held.groupby("parcel_id")["share"].transform("max")
    holders = held[held["share"] >= largest - 1e-9]
    named = view.parcels[["parcel_id", "owner_id"]]
    right = pd.MultiIndex.from_frame(named).isin(
        pd.MultiIndex.from_frame(holders[["parcel_id", "owner_id"]])
    )
    nobody = named["owner_id"].isna()
    held_by_some = named["parcel_id"].isin(holders["parcel_id"])
    wrong = np.where(nobody, held_by_some, ~right)
    return [str(parcel) for parcel in named["parcel_id"][wrong]]
