"""What the sheets of `ledger.xlsx` have to show, from the layers alone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landplan.proposal.audit.accounts import prices
from landplan.proposal.audit.view import View

OTHERS = "All other owners"
NOBODY = "—"
HECTARE_M2, MU_PER_HECTARE = 10_000.0, 15.0
Value = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: English headings, rows by the text in the key column, and the columns summed."""

    sheet: str
    key: str
    columns: tuple[str, ...]
    rows: dict[str, list[Value]]
    summed: tuple[str, ...]


def rounding_slack(view: View) -> float:
    """By how much the prices of the site parcels together may be shifted by rounding."""
    return float(prices(view)[1][view.in_site].sum())


def _books(view: View) -> pd.DataFrame:
    """One row per parcel: ledger columns, registered area, price, and whether it moves."""
    parcels = view.parcels.assign(paid=prices(view)[0]).drop_duplicates("parcel_id")
    extra = parcels[["parcel_id", "area_registered_m2", "paid"]]
    books = view.written.ledger.merge(
        extra, left_on="parcel_before", right_on="parcel_id", how="left"
    )
    stays = books["owner_before"] == books["owner_after"]
    stays |= books["owner_before"].isna() & books["owner_after"].isna()
    return books.assign(moves=(books["parcel_before"] != books["parcel_after"]) | ~stays)


def parcel_table(view: View) -> Table:
    """Every parcel that moves."""
    books = _books(view)
    rows: dict[str, list[Value]] = {}
    for record in books[books["moves"]].to_dict("records"):
        area = _number(record["area_before_m2"])
        texts = [
            record[c] for c in ("parcel_after", "owner_before", "owner_after", "land_use", "zone")
        ]
        money = [_number(record[name]) for name in ("area_registered_m2", "value_before", "paid")]
        rows[str(record["parcel_before"])] = [*texts, *_areas(area), *money]
    columns = (
        *("Site", "Owner before", "Owner after", "Land use", "Zone"),
        *("Area, drawn, m²", "Area, drawn, ha", "Area, drawn, mu"),
        *("Area, registered, m²", "Value", "Acquisition cost"),
    )
    return Table("Parcels", "Parcel", columns, rows, columns[5:])


def site_table(view: View) -> Table:
    """Every site."""
    books = _books(view)
    rows: dict[str, list[Value]] = {}
    for record in view.written.sites.drop(columns="geometry").to_dict("records"):
        area, cost = _number(record["area_m2"]), _number(record["cost"])
        value = _sum(
            books.loc[books["moves"] & (books["parcel_after"] == record["site_id"]), "value_before"]
        )
        per_hectare = None if cost is None or not area else cost / area * HECTARE_M2
        per_mu = None if per_hectare is None else per_hectare / MU_PER_HECTARE
        counts = [_number(record[name]) for name in ("parcel_count", "owner_count", "bridge_count")]
        shape = [_number(record[name]) for name in ("perimeter_m", "polsby_popper", "inertia")]
        head = [record["demand_id"], *counts, *_areas(area)]
        rows[str(record["site_id"])] = [*head, value, cost, per_hectare, per_mu, *shape]
    columns = (
        *("Demand", "Parcels", "Owners", "Street crossings"),
        *("Area, drawn, m²", "Area, drawn, ha", "Area, drawn, mu", "Value", "Acquisition cost"),
        *("Cost per ha", "Cost per mu", "Perimeter, m"),
        *("Compactness 4πA/P² (disc: 1)", "Compactness A²/2πI (disc: 1)"),
    )
    return Table("Sites", "Site", columns, rows, columns[1:9])


def group_table(view: View, sheet: str, heading: str, column: str) -> Table:
    """Sum the land of the town by use or zone, and what of it moves."""
    books = _books(view)
    rows: dict[str, list[Value]] = {}
    for name, group in books.groupby(books[column].fillna(NOBODY).astype(str)):
        moving = group[group["moves"]]
        land = _areas(math.fsum(moving["area_before_m2"].dropna()))
        head = [float(len(group)), math.fsum(group["area_before_m2"].dropna()), float(len(moving))]
        rows[str(name)] = [*head, *land, _sum(moving["value_before"]), _sum(moving["paid"])]
    columns = (
        *("Parcels", "Area, drawn, m²", "Parcels into sites", "Into sites, m²"),
        *("Into sites, ha", "Into sites, mu", "Value into sites", "Acquisition cost"),
    )
    return Table(sheet, heading, columns, rows, columns)


def owner_table(view: View) -> Table:
    """Sum the holdings of all who give or receive land, and of everybody else together."""
    books = _books(view)
    moved = books[books["moves"]]
    named = {*moved["owner_before"].dropna(), *moved["owner_after"].dropna()}
    sides = {}
    for side in ("before", "after"):
        owner = books[f"owner_{side}"]
        # a parcel that moves from nobody known has a line of its own
        nobody = books["moves"] & books["owner_before"].isna() & ~owner.isin(named)
        sides[side] = np.where(owner.isin(named), owner, np.where(nobody, NOBODY, OTHERS))
    rows: dict[str, list[Value]] = {}
    for name in sorted({*sides["before"], *sides["after"]}):
        held, holds = books[sides["before"] == name], books[sides["after"] == name]
        before, after = _holding(held, "before"), _holding(holds, "after")
        gained = (after[1] or 0.0) - (before[1] or 0.0)
        change = [gained, gained / HECTARE_M2 * MU_PER_HECTARE]
        rows[str(name)] = [*before, *after, *change, _sum(held.loc[held["moves"], "paid"])]
    columns = (
        *("Parcels before", "Area before, m²", "Value before"),
        *("Parcels after", "Area after, m²", "Value after"),
        *("Difference, m²", "Difference, mu", "Received for land"),
    )
    return Table("Owners", "Owner", columns, rows, columns)


def closing_table(view: View) -> list[tuple[str, list[float]]]:
    """Sum land, value and money: before, after and the difference."""
    parcels, sites = view.parcels, view.written.sites
    land = math.fsum(parcels["area_m2"].dropna())
    value = math.fsum(parcels["value"].dropna())
    paid = math.fsum(amount for amount in prices(view)[0][view.in_site] if not math.isnan(amount))
    cost = math.fsum(sites["cost"].dropna())
    return [
        ("Land", [land, land, 0.0]),
        ("Value", [value, value, 0.0]),
        ("Money", [paid, cost, cost - paid]),
    ]


def _holding(books: pd.DataFrame, side: str) -> list[float | None]:
    """Count parcels, sum area and value; whoever holds nothing holds a value of 0."""
    value = _sum(books[f"value_{side}"]) if len(books) else 0.0
    return [float(len(books)), math.fsum(books[f"area_{side}_m2"].dropna()), value]


def _areas(area: float | None) -> list[Value]:
    """Convert an area to m², ha and mu."""
    if area is None:
        return [None, None, None]
    return [area, area / HECTARE_M2, area / HECTARE_M2 * MU_PER_HECTARE]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _sum(amounts: Iterable[float]) -> float | None:
    """Sum of what is known; nothing known is no amount."""
    known = [amount for amount in amounts if not math.isnan(amount)]
    return math.fsum(known) if known else None
