"""What the sheets of `ledger.xlsx` have to show, from the layers alone."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from landplan.proposal.audit.accounts import prices
from landplan.proposal.audit.view import View

OTHERS = "*"
"""Key of the line for everybody whose holdings do not change."""
NOBODY = "—"
HECTARE_M2, MU_PER_HECTARE = 10_000.0, 15.0
Value = str | float | None
_AREAS = ("area_m2", "area_ha", "area_mu")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: rows by the text in the key column, and which of the columns are summed.

    Sheets and columns go by the codes of their headings: ``ledger.sheet.<sheet>``,
    ``ledger.column.<column>``.
    """

    sheet: str
    key: str
    columns: tuple[str, ...]
    rows: dict[str, list[Value]]
    summed: tuple[str, ...]


def expected_tables(view: View) -> list[Table]:
    """Return all sheets with rows, as the layers have them."""
    books = _books(view)
    return [
        _parcel_table(books),
        _site_table(view, books),
        _group_table(books, "uses", "land_use"),
        _group_table(books, "zones", "zone"),
        _owner_table(view, books),
    ]


def closing_table(view: View) -> list[tuple[str, list[float]]]:
    """Sum land, value and money: before, after and the difference."""
    parcels, sites = view.parcels, view.written.sites
    land = math.fsum(parcels["area_m2"].dropna())
    value = math.fsum(parcels["value"].dropna())
    paid = math.fsum(amount for amount in prices(view)[0][view.in_site] if not math.isnan(amount))
    cost = math.fsum(sites["cost"].dropna())
    if exchanged(view):
        amounts = list(_settled(view).values())
        paid = math.fsum(amount for amount in amounts if amount > 0)
        cost = -math.fsum(amount for amount in amounts if amount < 0)
    return [
        ("land", [land, land, 0.0]),
        ("value", [value, value, 0.0]),
        ("money", [paid, cost, cost - paid]),
    ]


def rounding_slack(view: View) -> float:
    """By how much the prices of the site parcels together may be shifted by rounding."""
    return float(prices(view)[1][view.in_site].sum())


def _books(view: View) -> pd.DataFrame:
    """One row per parcel: ledger columns, registered area, price, and whether it moves."""
    parcels = view.parcels.assign(paid=prices(view)[0]).drop_duplicates("parcel_id")
    extra = pd.DataFrame(parcels[["parcel_id", "area_registered_m2", "paid"]])
    ledger = view.written.ledger
    books = ledger.merge(extra, left_on="parcel_before", right_on="parcel_id", how="left")
    stays = books["owner_before"] == books["owner_after"]
    stays |= books["owner_before"].isna() & books["owner_after"].isna()
    books = books.assign(moves=(books["parcel_before"] != books["parcel_after"]) | ~stays)
    return books.assign(paid=0.0) if exchanged(view) else books


def exchanged(view: View) -> bool:
    """Whether land goes against land: then nothing is paid for a parcel."""
    return view.document.process == "exchange"


def _settled(view: View) -> dict[str, float]:
    """Return what each party of an exchange is paid, negative where it pays, if anything."""
    told = view.written.raw["statements"]
    amounts = dict(zip(told["party_id"].astype(str), told["payment"].astype(float), strict=True))
    return {party: amount for party, amount in amounts.items() if amount != 0.0}


def _parcel_table(books: pd.DataFrame) -> Table:
    """List every parcel that moves."""
    texts = ("parcel_after", "owner_before", "owner_after", "land_use", "zone")
    rows: dict[str, list[Value]] = {}
    for record in books[books["moves"]].to_dict("records"):
        money = [_number(record[name]) for name in ("area_registered_m2", "value_before", "paid")]
        area = _areas(_number(record["area_before_m2"]))
        rows[str(record["parcel_before"])] = [*(record[text] for text in texts), *area, *money]
    numbers = (*_AREAS, "area_registered_m2", "value", "cost")
    return Table("parcels", "parcel", ("site", *texts[1:], *numbers), rows, numbers)


def _site_table(view: View, books: pd.DataFrame) -> Table:
    """List every site."""
    counts = ("parcel_count", "owner_count", "bridge_count")
    shape = ("perimeter_m", "polsby_popper", "inertia")
    rows: dict[str, list[Value]] = {}
    for record in view.written.sites.drop(columns="geometry").to_dict("records"):
        area, cost = _number(record["area_m2"]), _number(record["cost"])
        inside = books["moves"] & (books["parcel_after"] == record["site_id"])
        per_hectare = None if cost is None or not area else cost / area * HECTARE_M2
        per_mu = None if per_hectare is None else per_hectare / MU_PER_HECTARE
        rows[str(record["site_id"])] = [
            *(record["demand_id"], *(_number(record[name]) for name in counts), *_areas(area)),
            *(_sum(books.loc[inside, "value_before"]), cost, per_hectare, per_mu),
            *(_number(record[name]) for name in shape),
        ]
    summed = ("parcels", "owners", "crossings", *_AREAS, "value", "cost")
    columns = ("demand", *summed, "cost_per_ha", "cost_per_mu", *shape)
    return Table("sites", "site", columns, rows, summed)


def _group_table(books: pd.DataFrame, sheet: str, column: str) -> Table:
    """Sum the land of the town by use or zone, and what of it moves."""
    rows: dict[str, list[Value]] = {}
    for name, group in books.groupby(books[column].fillna(NOBODY).astype(str)):
        moving = group[group["moves"]]
        land = _areas(math.fsum(moving["area_before_m2"].dropna()))
        head = [float(len(group)), math.fsum(group["area_before_m2"].dropna()), float(len(moving))]
        rows[str(name)] = [*head, *land, _known(moving["value_before"]), _known(moving["paid"])]
    moved = ("moving_m2", "moving_ha", "moving_mu", "moving_value", "moving_cost")
    columns = ("parcels", "area_m2", "moving_parcels", *moved)
    return Table(sheet, column, columns, rows, columns)


def _owner_table(view: View, books: pd.DataFrame) -> Table:
    """Sum the holdings of all who give, receive or are paid, and of everybody else together."""
    moved = books[books["moves"]]
    paid = _settled(view) if exchanged(view) else _payments(view, moved)
    named = set(moved["owner_before"].dropna()) | set(moved["owner_after"].dropna())
    named |= set(paid) - {NOBODY}
    lines = {}
    for side in ("before", "after"):
        owner = books[f"owner_{side}"]
        # a parcel that moves from nobody known has a line of its own
        nobody = books["moves"] & books["owner_before"].isna() & owner.isna()
        lines[side] = np.where(owner.isin(named), owner, np.where(nobody, NOBODY, OTHERS))
    rows: dict[str, list[Value]] = {}
    for name in sorted({*lines["before"], *lines["after"], *paid}):
        before = _holding(books[lines["before"] == name], "before")
        after = _holding(books[lines["after"] == name], "after")
        gained = after[1] - before[1]
        change = (gained, gained / HECTARE_M2 * MU_PER_HECTARE)
        rows[str(name)] = [*before, *after, *change, paid.get(name, 0.0)]
    columns = (
        *("parcels_before", "area_before_m2", "value_before"),
        *("parcels_after", "area_after_m2", "value_after"),
        *("difference_m2", "difference_mu", "received"),
    )
    return Table("owners", "owner", columns, rows, columns)


def _payments(view: View, moved: pd.DataFrame) -> dict[str, float]:
    """Pay every holder: the price of a parcel by shares, without the acquirer's own.

    Cents that do not divide go to the largest remainders, the first name first.
    """
    rights = view.written.rights
    cents: dict[str, int] = defaultdict(int)
    held = dict(list(rights[rights["parcel_id"].isin(moved["parcel_before"])].groupby("parcel_id")))
    columns = (moved["parcel_before"], moved["owner_before"], moved["paid"])
    for parcel, owner, price in zip(*columns, strict=True):
        if math.isnan(price):
            continue
        shares: dict[str, Fraction] = defaultdict(Fraction)
        if parcel in held:
            for holder, share in held[parcel][["owner_id", "share"]].itertuples(index=False):
                known = holder not in view.document.acquirer_owners and share > 0
                shares[str(holder or NOBODY)] += Fraction(str(share)) if known else 0
        else:
            shares[str(owner or NOBODY)] = Fraction(1)
        for holder, part in _divide(round(price * 100), shares).items():
            cents[holder] += part
    return {holder: amount / 100 for holder, amount in cents.items()}


def _divide(cents: int, shares: dict[str, Fraction]) -> dict[str, int]:
    """Divide whole cents by shares; nobody with a share of 0 has a part."""
    payees = {name: share for name, share in shares.items() if share > 0}
    whole = sum(payees.values(), Fraction(0))
    exact = {name: cents * share / whole for name, share in payees.items()}
    parts = {name: math.floor(part) for name, part in exact.items()}
    left = cents - sum(parts.values()) if parts else 0
    for name in sorted(parts, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[name] += 1
    return parts


def _holding(books: pd.DataFrame, side: str) -> tuple[float, float, float | None]:
    """Count holdings, sum area and value; a site is one holding, and no holding is worth 0."""
    column = f"parcel_{side}"
    area = math.fsum(books[f"area_{side}_m2"].dropna())
    return float(books[column].nunique()), area, _known(books[f"value_{side}"])


def _areas(area: float | None) -> list[Value]:
    """Convert an area to m², ha and mu."""
    if area is None:
        return [None, None, None]
    return [area, area / HECTARE_M2, area / HECTARE_M2 * MU_PER_HECTARE]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _known(amounts: pd.Series) -> float | None:
    """Sum what is known; of nothing at all the sum is known to be 0."""
    return _sum(amounts) if len(amounts) else 0.0


def _sum(amounts: Iterable[float]) -> float | None:
    """Sum what is known; nothing known is no amount."""
    known = [amount for amount in amounts if not math.isnan(amount)]
    return math.fsum(known) if known else None
