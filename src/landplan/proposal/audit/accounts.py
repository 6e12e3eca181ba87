"""Land, value and money: that every sum closes."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import BoolArray, FloatArray, Geometries, IntArray, View

HALF_CENT = 0.005
AREA_M2 = 1e-6
ACQUIRER = "ACQUIRER"


def check_accounts(view: View) -> Iterator[Check]:
    """Check the ledger against the parcels, and the costs of the sites against their parcels."""
    yield at_most("sites.cost", _cost_errors(view), HALF_CENT)
    yield from _ledger_rows(view)
    yield from _closure(view)


def prices(view: View) -> tuple[FloatArray, FloatArray]:
    """Compute what the acquirer pays for every parcel [n], and what rounding may shift [n].

    The price is the cost times the share that the acquirer does not hold, rounded to cents, half to
    even. Where that product lies at half a cent, either cent is right.
    """
    cents = view.parcels["cost"].to_numpy() * (1.0 - view.acquirer_share) * 100.0
    at_half = np.abs(np.abs(cents - np.floor(cents)) - 0.5) < 1e-6
    return np.rint(cents) / 100.0, np.where(at_half, 0.01, 0.0)


def site_costs(view: View) -> dict[str, tuple[float, float]]:
    """Cost of every site from its parcels, and by how much rounding may shift it."""
    price, shift = prices(view)
    return {
        site: (math.fsum(price[rows]), math.fsum(shift[rows]))
        for site, rows in view.members.items()
    }


def _cost_errors(view: View) -> list[tuple[object, float]]:
    sites = view.written.sites
    stated = dict(zip(sites["site_id"], sites["cost"], strict=True))
    return [
        (
            site,
            max(abs(stated[site] - cost) - slack, 0.0)
            if stated[site] == stated[site]
            else float("nan"),
        )
        for site, (cost, slack) in site_costs(view).items()
        if site in stated
    ]


def _ledger_rows(view: View) -> Iterator[Check]:
    """Row by row: one row per parcel, and what it says about the parcel."""
    ledger = view.written.ledger
    before = ledger["parcel_before"]
    yield none_of("ledger.missing", sorted(set(view.ids) - set(before), key=str))
    yield none_of("ledger.duplicate", before[before.duplicated()])
    known = ledger[before.isin(view.row_of)]
    rows = np.array([view.row_of[parcel] for parcel in known["parcel_before"]], dtype=np.int64)
    names = known["parcel_before"].to_numpy()
    yield none_of("ledger.lineage", names[_wrong_lineage(view, known, rows)])
    yield none_of("ledger.owner", names[_wrong_owner(view, known, rows)])
    same_use = _same(known["land_use"], view.parcels["land_use"].to_numpy()[rows])
    same_zone = _same(known["zone"], view.parcels["zone"].to_numpy()[rows])
    yield none_of("ledger.use", names[~(same_use & same_zone)])
    for name, limit in (("area", AREA_M2), ("value", HALF_CENT)):
        source = view.parcels[{"area": "area_m2", "value": "value"}[name]].to_numpy()[rows]
        columns = {
            "area": ("area_before_m2", "area_after_m2"),
            "value": ("value_before", "value_after"),
        }[name]
        error = np.maximum(*(_difference(known[column].to_numpy(), source) for column in columns))
        yield at_most(f"ledger.{name}", zip(names, error, strict=True), limit)


def _wrong_lineage(view: View, known: pd.DataFrame, rows: IntArray) -> BoolArray:
    site = view.parcels["site_id"].to_numpy()[rows]
    expected = np.where(pd.isna(site), known["parcel_before"], site)
    after = known["parcel_after"].to_numpy() != expected
    changed = (known["parent_ids"] != known["parcel_before"]).to_numpy()
    return np.asarray(after | changed, dtype=bool)


def _wrong_owner(view: View, known: pd.DataFrame, rows: IntArray) -> BoolArray:
    owner = view.parcels["owner_id"].to_numpy()[rows]
    expected = np.where(view.in_site[rows], ACQUIRER, owner)
    return ~(_same(known["owner_before"], owner) & _same(known["owner_after"], expected))


def _same(left: pd.Series, right: Geometries) -> BoolArray:
    """Equal text, or missing on both sides."""
    return np.asarray(
        (left.to_numpy() == right) | (pd.isna(left.to_numpy()) & pd.isna(right)), dtype=bool
    )


def _difference(left: FloatArray, right: FloatArray) -> FloatArray:
    """Absolute difference [k]; 0 where both are missing, not a number where one is."""
    return np.where(np.isnan(left) & np.isnan(right), 0.0, np.abs(left - right))


def _closure(view: View) -> Iterator[Check]:
    """Compare the sums over the town before, after and by the parcels; missing has no part."""
    ledger = view.written.ledger
    for name, columns, source, limit in (
        ("land", ("area_before_m2", "area_after_m2"), view.parcels["area_m2"], AREA_M2),
        ("value", ("value_before", "value_after"), view.parcels["value"], HALF_CENT),
    ):
        truth = float(source.sum())
        # a sum of floats is exact to its own precision only
        slack = limit + 1e-12 * abs(truth)
        sums = [(column, abs(float(ledger[column].sum()) - truth)) for column in columns]
        yield at_most(f"ledger.{name}_closure", sums, slack)
