"""What the ledger workbook shows, as tables of unrounded values: changes, totals, closing lines.

``rows`` are those of `landplan.proposal.ledger_money.ledger_rows` throughout.
"""

from dataclasses import dataclass
from math import fsum
from typing import Any, Final, Literal

import pandas as pd

from landplan.messages.numbers import M2_PER_HA, MISSING, MU_PER_HA
from landplan.proposal.ledger import ACQUIRER
from landplan.proposal.ledger_money import money_lines, money_sum, received
from landplan.proposal.proposal import Proposal

Kind = Literal["text", "count", "m2", "ha", "mu", "m", "money", "ratio", "m2_change", "mu_change"]
OTHERS: Final = "*"
"""Group that stands for all owners whose holdings do not change."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; its heading is the message ``ledger.column.<name>``."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing line: what was there before, what is there after, and the difference."""

    name: str
    before: float
    after: float
    missing: int

    @property
    def difference(self) -> float:
        """After − before."""
        return self.after - self.before


def _columns(*pairs: tuple[str, Kind]) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in pairs)


CHANGES: Final = _columns(
    ("site", "text"),
    ("parcel", "text"),
    ("owner_before", "text"),
    ("owner_after", "text"),
    ("land_use", "text"),
    ("zone", "text"),
    ("area_m2", "m2"),
    ("area_ha", "ha"),
    ("area_mu", "mu"),
    ("area_registered_m2", "m2"),
    ("value", "money"),
    ("cost", "money"),
)
SITES: Final = _columns(
    ("site", "text"),
    ("demand", "text"),
    ("parcels", "count"),
    ("owners", "count"),
    ("crossings", "count"),
    ("area_m2", "m2"),
    ("area_ha", "ha"),
    ("area_mu", "mu"),
    ("value", "money"),
    ("cost", "money"),
    ("cost_per_ha", "money"),
    ("cost_per_mu", "money"),
    ("perimeter_m", "m"),
    ("polsby_popper", "ratio"),
    ("inertia", "ratio"),
)
_MOVING: Final = (
    ("moving_parcels", "count"),
    ("moving_m2", "m2"),
    ("moving_ha", "ha"),
    ("moving_mu", "mu"),
    ("moving_value", "money"),
    ("moving_cost", "money"),
)
USES: Final = _columns(("land_use", "text"), ("parcels", "count"), ("area_m2", "m2"), *_MOVING)
ZONES: Final = _columns(("zone", "text"), ("parcels", "count"), ("area_m2", "m2"), *_MOVING)
OWNERS: Final = _columns(
    ("owner", "text"),
    ("parcels_before", "count"),
    ("area_before_m2", "m2"),
    ("value_before", "money"),
    ("parcels_after", "count"),
    ("area_after_m2", "m2"),
    ("value_after", "money"),
    ("difference_m2", "m2_change"),
    ("difference_mu", "mu_change"),
    ("received", "money"),
)


def changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the parcels that change hands or place, site by site, with the columns `CHANGES`."""
    moved = rows[rows["moves"]].sort_values(["parcel_after"], kind="stable")
    return pd.DataFrame(
        {
            "site": moved["parcel_after"],
            "parcel": moved["parcel_before"],
            "owner_before": moved["owner_before"],
            "owner_after": moved["owner_after"],
            "land_use": moved["land_use"],
            "zone": moved["zone"],
            "area_m2": moved["area_before_m2"],
            "area_ha": moved["area_before_m2"] / M2_PER_HA,
            "area_mu": moved["area_before_m2"] * MU_PER_HA / M2_PER_HA,
            "area_registered_m2": moved["area_registered_m2"],
            "value": moved["value_before"],
            "cost": moved["paid"],
        }
    ).reset_index(drop=True)


def site_rows(proposal: Proposal, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the sites with the columns `SITES`."""
    sites = proposal.sites
    value = rows[rows["moves"]].groupby("parcel_after")["value_before"].sum(min_count=1)
    hectares = sites["area_m2"] / M2_PER_HA
    return pd.DataFrame(
        {
            "site": sites["site_id"],
            "demand": sites["demand_id"],
            "parcels": sites["parcel_count"],
            "owners": sites["owner_count"],
            "crossings": sites["bridge_count"],
            "area_m2": sites["area_m2"],
            "area_ha": hectares,
            "area_mu": sites["area_m2"] * MU_PER_HA / M2_PER_HA,
            "value": sites["site_id"].map(value),
            "cost": sites["cost"],
            "cost_per_ha": sites["cost"] / hectares,
            "cost_per_mu": sites["cost"] / hectares / MU_PER_HA,
            "perimeter_m": sites["perimeter_m"],
            "polsby_popper": sites["polsby_popper"],
            "inertia": sites["inertia"],
        }
    )


def totals_by(rows: pd.DataFrame, group: Literal["land_use", "zone"]) -> pd.DataFrame:
    """Return the town's land by use or zone, and what of it moves into sites."""
    rows = rows.copy()
    rows["moving_m2"] = rows["area_before_m2"].where(rows["moves"])
    rows["moving_value"] = rows["value_before"].where(rows["moves"])
    rows["moving_cost"] = rows["paid"].where(rows["moves"])
    grouped = rows.groupby(group, dropna=False, sort=True)
    moving_m2 = grouped["moving_m2"].sum()
    table = pd.DataFrame(
        {
            "parcels": grouped.size(),
            "area_m2": grouped["area_before_m2"].sum(),
            "moving_parcels": grouped["moves"].sum(),
            "moving_m2": moving_m2,
            "moving_ha": moving_m2 / M2_PER_HA,
            "moving_mu": moving_m2 * MU_PER_HA / M2_PER_HA,
            "moving_value": grouped["moving_value"].sum(min_count=1),
            "moving_cost": grouped["moving_cost"].sum(min_count=1),
        }
    )
    # Nothing moves: that is a known 0, while a sum of unknown figures stays unknown.
    still = table["moving_parcels"] == 0
    table.loc[still, ["moving_value", "moving_cost"]] = 0.0
    return table.reset_index(names=group)


def totals_by_owner(proposal: Proposal, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the holdings of every owner who gives or receives land, and of all others as one."""
    rows = rows.copy()
    moved = rows[rows["moves"]]
    paid = received(proposal, rows)
    affected = {*moved["owner_before"].dropna(), *moved["owner_after"].dropna(), *paid.index}
    nobody = rows["moves"] & rows["owner_before"].isna()
    rows["before"] = _line(rows["owner_before"], affected, nobody)
    rows["after"] = _line(rows["owner_after"], affected, nobody)
    before = rows.groupby("before", dropna=False)
    after = rows.groupby("after", dropna=False)
    table = pd.DataFrame(
        {
            "parcels_before": before.size(),
            "area_before_m2": before["area_before_m2"].sum(),
            "value_before": before["value_before"].sum(min_count=1),
        }
    ).join(
        pd.DataFrame(
            {
                # A site is one holding, however many parcels it was made of.
                "parcels_after": after["parcel_after"].nunique(),
                "area_after_m2": after["area_after_m2"].sum(),
                "value_after": after["value_after"].sum(min_count=1),
            }
        ),
        how="outer",
    )
    # outer: who is paid for a share alone holds no parcel and still gets a line
    return _owner_columns(table.join(paid.rename("received"), how="outer"))


def closing_lines(proposal: Proposal, rows: pd.DataFrame) -> tuple[Closing, ...]:
    """Return land, value and money before and after; each difference must be 0.

    Money is what the owners receive against what the sites cost the acquirer, or in an exchange
    what parties receive against what others pay.
    """
    ledger = proposal.ledger
    unpriced = int(rows.loc[rows["moves"], "paid"].isna().sum())
    money = money_lines(proposal, rows)
    return (
        _closing("land", ledger["area_before_m2"], ledger["area_after_m2"]),
        _closing("value", ledger["value_before"], ledger["value_after"]),
        Closing("money", *money, missing=unpriced),
    )


def _line(owner: "pd.Series[Any]", affected: set[str], nobody: "pd.Series[bool]") -> Any:
    """Return the line of each parcel: its owner if affected, the dash where it has none, others."""
    named = owner.where(owner.isin(affected), OTHERS)
    return named.mask(nobody & owner.isna(), MISSING)


def _owner_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Fill in 0 where an owner holds nothing on one side, add differences, and order the lines."""
    counts = ["parcels_before", "parcels_after"]
    areas = ["area_before_m2", "area_after_m2"]
    table[counts] = table[counts].fillna(0).astype(int)
    table[areas] = table[areas].fillna(0.0)
    for side in ("before", "after"):
        holds_nothing = table[f"parcels_{side}"] == 0
        table.loc[holds_nothing, f"value_{side}"] = 0.0
    table["received"] = table["received"].fillna(0.0)
    table["difference_m2"] = table["area_after_m2"] - table["area_before_m2"]
    table["difference_mu"] = table["difference_m2"] * MU_PER_HA / M2_PER_HA
    table = table.reset_index(names="owner")
    last = table["owner"].map({ACQUIRER: 1, OTHERS: 2}).fillna(0)
    order = pd.DataFrame({"last": last, "owner": table["owner"]}).sort_values(["last", "owner"])
    columns = [column.name for column in OWNERS]
    ordered: pd.DataFrame = table.loc[order.index, columns].reset_index(drop=True)
    return ordered


def _closing(name: str, before: Any, after: Any) -> Closing:
    """Sum both sides; `fsum` and decimals keep the order of rows out of it."""
    add = fsum if name == "land" else money_sum
    return Closing(
        name, add(before.dropna()), add(after.dropna()), missing=int(before.isna().sum())
    )
