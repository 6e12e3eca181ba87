"""What the ledger workbook shows, as tables of unrounded values: changes, totals, closing lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from math import fsum
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from landplan.messages.numbers import M2_PER_HA, MISSING, MU_PER_HA
from landplan.proposal.certificate import CENT, exact
from landplan.proposal.ledger import ACQUIRER
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


def changes(proposal: Proposal) -> pd.DataFrame:
    """Return the parcels that change hands or place, site by site, with the columns `CHANGES`."""
    rows = _rows(proposal)
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


def site_rows(proposal: Proposal) -> pd.DataFrame:
    """Return the sites with the columns `SITES`."""
    sites = proposal.sites
    rows = _rows(proposal)
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


def totals_by(proposal: Proposal, group: Literal["land_use", "zone"]) -> pd.DataFrame:
    """Return the town's land by use or zone, and what of it moves into sites."""
    rows = _rows(proposal)
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


def totals_by_owner(proposal: Proposal) -> pd.DataFrame:
    """Return the holdings of every owner who gives or receives land, and of all others as one."""
    rows = _rows(proposal)
    moved = rows[rows["moves"]]
    paid = received(proposal)
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
    return _owner_columns(table.assign(received=paid))


def closing_lines(proposal: Proposal) -> tuple[Closing, ...]:
    """Return land, value and money before and after; each difference must be 0.

    Money is what the owners receive against what the sites cost the acquirer.
    """
    rows, ledger = _rows(proposal), proposal.ledger
    unpriced = int(rows.loc[rows["moves"], "paid"].isna().sum())
    money = (_money_sum(received(proposal)), _money_sum(proposal.sites["cost"]))
    return (
        _closing("land", ledger["area_before_m2"], ledger["area_after_m2"]),
        _closing("value", ledger["value_before"], ledger["value_after"]),
        Closing("money", *money, missing=unpriced),
    )


def received(proposal: Proposal) -> "pd.Series[float]":
    """Return what every owner receives for land that moves, in currency, by owner id.

    The payment for a parcel goes to all its holders but the acquirer's own, by their shares; cents
    that do not divide go to the largest remainders, so that no cent is lost.
    """
    own = set(proposal.request.get("acquirer_owners", []))
    rows = _rows(proposal)
    paid = rows[rows["moves"] & rows["paid"].notna()]
    rights = proposal.rights[proposal.rights["parcel_id"].isin(paid["parcel_before"])]
    shares_of: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for parcel, owner, share in rights[["parcel_id", "owner_id", "share"]].itertuples(index=False):
        shares_of[parcel][_text(owner)] += share
    totals: dict[str, Decimal] = defaultdict(Decimal)
    columns = (paid["parcel_before"], paid["paid"], paid["owner_before"])
    for parcel, amount, owner in zip(*columns, strict=True):
        shares = shares_of.get(parcel, {_text(owner): 1.0})
        payees = {name: share for name, share in shares.items() if name not in own and share > 0}
        for name, part in _divide(exact(amount), payees).items():
            totals[name] += part
    names = sorted(totals)
    return pd.Series([float(totals[name]) for name in names], index=names, dtype=float)


def _divide(amount: Decimal, shares: Mapping[str, float]) -> dict[str, Decimal]:
    """Divide an amount by shares in whole cents; the parts sum to it."""
    whole = sum(map(exact, shares.values()), Decimal(0))
    exactly = {name: amount * exact(share) / whole for name, share in shares.items()}
    parts = {name: part.quantize(CENT, rounding=ROUND_FLOOR) for name, part in exactly.items()}
    left = int((amount - sum(parts.values(), Decimal(0))) / CENT)
    by_remainder = sorted(parts, key=lambda name: (parts[name] - exactly[name], name))
    for name in by_remainder[:left]:
        parts[name] += CENT
    return parts


def _text(owner: object) -> str:
    return owner if isinstance(owner, str) else MISSING


def acquirer_shares(proposal: Proposal) -> "pd.Series[float]":
    """Return the acquirer's own share of every parcel (0..1), in the order of ``parcels``.

    From the rights; a parcel without rights is judged by its owner.
    """
    own: Sequence[str] = proposal.request.get("acquirer_owners", [])
    parcels, rights = proposal.parcels, proposal.rights
    ours = rights["share"].where(rights["owner_id"].isin(own), 0.0)
    shares = parcels["parcel_id"].map(ours.groupby(rights["parcel_id"]).sum())
    return shares.fillna(parcels["owner_id"].isin(own).astype(float)).clip(0.0, 1.0)


def _rows(proposal: Proposal) -> pd.DataFrame:
    """Return the ledger with ``moves``, the registered area, and ``paid`` for what moves."""
    parcels = proposal.parcels[["parcel_id", "area_registered_m2", "cost"]]
    extra = parcels.assign(own_share=acquirer_shares(proposal))
    ledger = proposal.ledger
    rows = ledger.merge(
        extra, left_on="parcel_before", right_on="parcel_id", how="left", validate="one_to_one"
    )
    same_owner = (ledger["owner_before"] == ledger["owner_after"]) | (
        ledger["owner_before"].isna() & ledger["owner_after"].isna()
    )
    rows["moves"] = (ledger["parcel_before"] != ledger["parcel_after"]) | ~same_owner
    rows["paid"] = np.nan
    priced = rows["moves"] & rows["cost"].notna()
    rows.loc[priced, "paid"] = [
        _to_cents(amount, share)
        for amount, share in rows.loc[priced, ["cost", "own_share"]].itertuples(index=False)
    ]
    return rows


def _to_cents(amount: float, own_share: float) -> float:
    """Return amount · (1 − own share), to the cent with half to even."""
    paid = exact(amount) * (1 - exact(own_share))
    return float(paid.quantize(CENT, rounding=ROUND_HALF_EVEN))


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
    add = fsum if name == "land" else _money_sum
    return Closing(
        name, add(before.dropna()), add(after.dropna()), missing=int(before.isna().sum())
    )


def _money_sum(amounts: Any) -> float:
    return float(sum((exact(amount) for amount in amounts), Decimal(0)))
