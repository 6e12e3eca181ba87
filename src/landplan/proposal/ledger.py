"""The ledger: what becomes of every parcel of the town, closed in land and value."""

from typing import Final

import numpy as np
import pandas as pd

ACQUIRER: Final = "ACQUIRER"
"""Owner id of whoever assembles the sites."""


def build_ledger(
    parcels: pd.DataFrame, *, owner: str = "owner_id", site: str = "site_id"
) -> pd.DataFrame:
    """Return one row per parcel of the town: before, after, and from which parcel it came.

    Parcels of a site become part of the site and go to `ACQUIRER`; all others stay what they are.
    Area and value are those of the parcel on both sides: assembling moves land, it makes none.

    Parameters
    ----------
    parcels
        All parcels with ``parcel_id``, ``area_m2``, ``value``, ``land_use``, ``zone``; faulty ones
        too. What is not known stays missing.
    owner
        Column of the owner before.
    site
        Column of the site a parcel belongs to, missing outside.

    Returns
    -------
    DataFrame
        The ``ledger`` table of `landplan.proposal.layers`, in the order of ``parcels``.

    Raises
    ------
    ValueError
        A parcel id is missing or appears twice: land would be counted twice.
    """
    before = parcels["parcel_id"]
    if before.isna().any() or before.duplicated().any():
        doubled = sorted(set(before[before.duplicated()].dropna().astype(str)))
        raise ValueError(f"parcel ids must be there and unique: {doubled[:5]}")
    taken = parcels[site].notna()
    ledger = pd.DataFrame(
        {
            "parcel_before": before,
            "parcel_after": parcels[site].where(taken, before),
            "parent_ids": before,
            "owner_before": parcels[owner],
            "owner_after": parcels[owner].mask(taken, ACQUIRER),
            "area_before_m2": parcels["area_m2"],
            "area_after_m2": parcels["area_m2"],
            "value_before": parcels["value"],
            "value_after": parcels["value"],
            "land_use": parcels["land_use"],
            "zone": parcels["zone"],
        }
    )
    return ledger.reset_index(drop=True)


def closure(ledger: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return (before, after) totals of land in m² and value in currency.

    Missing cells count in neither.
    """
    columns = {
        "land": ("area_before_m2", "area_after_m2"),
        "value": ("value_before", "value_after"),
    }
    return {
        name: (float(np.nansum(ledger[before])), float(np.nansum(ledger[after])))
        for name, (before, after) in columns.items()
    }
