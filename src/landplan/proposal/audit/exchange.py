"""What an exchange promises: equal claims, closed sums, nothing moved that stays, rings that close.

Everything is counted again from the written parcels, holdings and statements.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import shapely

from landplan.proposal.audit.accounts import ACQUIRER
from landplan.proposal.audit.contiguity import border_length, pieces
from landplan.proposal.audit.exchange_land import (
    moved_but_fixed,
    not_theirs,
    wrong_parcels,
    wrongly_received,
)
from landplan.proposal.audit.exchange_view import CENT, Exchange
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import View
from landplan.proposal.audit.worse import wrong_worse_off

EXCHANGE: Final = "exchange"
HALF_CENT: Final = 0.005
HALF_DM2: Final = 0.005


def check_exchange(view: View) -> Iterator[Check]:
    """Check a plan of `exchange`; any other has nothing to check here."""
    if view.document.process != EXCHANGE:
        return
    plan = Exchange(view)
    held, told = plan.holdings, plan.statements
    parties = {*held["party_before"], *held["party_after"]}
    yield none_of("exchange.parcels", wrong_parcels(plan))
    yield none_of("exchange.parties", sorted(map(str, parties - set(told.index))))
    yield none_of("exchange.holders", not_theirs(plan))
    yield none_of("exchange.fixed", moved_but_fixed(plan))
    yield none_of("exchange.received", wrongly_received(plan))
    yield none_of("exchange.ledger", _wrong_ledger(plan))
    yield at_most("exchange.statements", _statement_errors(plan), HALF_DM2 * 1.001)
    yield none_of("exchange.pieces", _wrong_pieces(plan))
    yield none_of("exchange.claims", _wrong_claims(plan))
    yield at_most("exchange.tolerance", _outside(plan), HALF_CENT * 1.001)
    yield none_of("exchange.limits", _wrong_limits(plan))
    yield none_of("exchange.least", _too_few(plan))
    yield at_most("exchange.moves", [("moves", _moves_above(plan))], 0.0)
    total = float(np.rint(told["payment"] * 100.0).sum())
    yield at_most("exchange.payments", [("sum", abs(total)), *_payment_errors(plan)], 0.5)
    yield none_of("exchange.rings", _open_rings(plan))
    yield none_of("exchange.worse_off", wrong_worse_off(view))


def _wrong_ledger(plan: Exchange) -> list[str]:
    """Rows of the ledger with another owner after, or other land, than the holdings say."""
    ledger = plan.view.written.ledger
    moved = plan.holdings[plan.moved].set_index("parcel_id")["party_after"]
    due = ledger["parcel_before"].map(moved)
    due = due.where(due.notna(), ledger["owner_before"])
    same_owner = (due == ledger["owner_after"]) | (due.isna() & ledger["owner_after"].isna())
    same_land = ledger["parcel_before"] == ledger["parcel_after"]
    for what in ("area_{}_m2", "value_{}"):
        one, other = (ledger[what.format(when)] for when in ("before", "after"))
        same_land &= (one == other) | (one.isna() & other.isna())
    rows = plan.view.parcels.set_index("parcel_id")
    known = ledger["parcel_before"].isin(rows.index)
    wrong = ledger.loc[~(same_owner & same_land & known), "parcel_before"]
    missing = set(rows.index) - set(ledger["parcel_before"])
    return sorted(map(str, {*wrong, *missing}))


def _statement_errors(plan: Exchange) -> list[tuple[object, float]]:
    """Differences of parcels, area (m²) and value from what the holdings give each party."""
    errors: list[tuple[object, float]] = []
    for when in ("before", "after"):
        amounts = {
            f"parcels_{when}": plan.by_party(when, np.ones(len(plan.holdings))),
            f"area_{when}_m2": plan.by_party(when, plan.square_dm) / 100.0,
            f"value_{when}": plan.by_party(when, plan.cents) / 100.0,
        }
        for column, counted in amounts.items():
            off = (plan.statements[column].astype(float) - counted).abs()
            errors += [(f"{party} {column}", float(amount)) for party, amount in off.items()]
    return errors


def _wrong_pieces(plan: Exchange) -> list[str]:
    """Parties whose contiguous pieces are not the stated number."""
    shapes = plan.view.shapes[plan.rows]
    reach = plan.view.document.tolerance_m
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach * 1.05)
    sides = {
        when: pd.factorize(plan.holdings[f"party_{when}"], sort=True)
        for when in ("before", "after")
    }
    one_party = np.zeros(len(left), bool)
    for code, _ in sides.values():
        one_party |= code[left] == code[right]
    kept = (left < right) & one_party
    pairs = np.column_stack([left[kept], right[kept]]).astype(np.int64)
    long = border_length(shapes[pairs[:, 0]], shapes[pairs[:, 1]], reach)
    pairs = pairs[long >= plan.view.document.min_border_m]
    wrong = set()
    for when, (code, names) in sides.items():
        own = pairs[code[pairs[:, 0]] == code[pairs[:, 1]]]
        label = pieces(len(shapes), own)
        first = np.unique(label, return_index=True)[1]
        counted = pd.Series(np.bincount(code[first], minlength=len(names)), index=names)
        stated = plan.statements[f"pieces_{when}"].astype(float)
        off = stated != counted.reindex(stated.index).fillna(0)
        wrong |= set(stated.index[off])
    return sorted(map(str, wrong))


def _claims(plan: Exchange) -> "pd.Series[float]":
    """Return the claim of every party in cents: what it brings in less its contribution."""
    share = plan.number("acquirer", "contribution_share")
    share = 0.0 if plan.view.document.certificate.objective is None else share
    brought = plan.by_party("before", plan.cents)
    claim = (brought * (1.0 - share)).round()
    if ACQUIRER in claim.index:
        claim[ACQUIRER] = 0.0
        claim[ACQUIRER] = float(brought.sum() - claim.sum())
    return claim


def _wrong_claims(plan: Exchange) -> list[str]:
    off = (plan.statements["claim_value"] * 100.0 - _claims(plan)).abs()
    return sorted(map(str, off.index[off > 1.001]))


def _outside(plan: Exchange) -> list[tuple[object, float]]:
    """By how much parties end outside the limits that their statements name."""
    told = plan.statements
    found: list[tuple[object, float]] = []
    for value, low, high in (
        ("value_after", "value_low", "value_high"),
        ("area_after_m2", "area_low_m2", "area_high_m2"),
    ):
        below = (told[low] - told[value]).clip(lower=0).fillna(0.0)
        above = (told[value] - told[high]).clip(lower=0).fillna(0.0)
        found += [(party, float(amount)) for party, amount in (below + above).items()]
    return found


def _wrong_limits(plan: Exchange) -> list[str]:
    """Parties whose stated limits are wider than the tolerance asked for."""
    if plan.view.document.certificate.objective is None:
        return []
    share, cash = plan.number("tolerance", "value_share"), plan.number("tolerance", "cash")
    claim = _claims(plan) / 100.0
    band = share * claim + cash
    told = plan.statements
    free = told["role"] != "acquirer"
    agreed = _agreed(plan)
    narrow = agreed | (told["value_low"] >= (claim - band).clip(lower=0) - CENT)
    narrow &= told["value_high"] <= claim + band + CENT
    wrong = set(told.index[free & ~narrow])
    by_area = plan.number("tolerance", "area_share")
    if by_area == by_area:
        brought = plan.by_party("before", plan.square_dm) / 100.0
        claim = brought * (1.0 - plan.number("acquirer", "contribution_share"))
        band = by_area * claim + plan.number("tolerance", "area_m2")
        narrow = agreed | (told["area_low_m2"] >= (claim - band).clip(lower=0) - CENT)
        narrow &= told["area_high_m2"] <= claim + band + CENT
        wrong |= set(told.index[free & ~narrow])
    return sorted(map(str, wrong))


def _agreed(plan: Exchange) -> "pd.Series[bool]":
    """Return which parties agreed, all their owners together, to be paid in money."""
    asked = plan.request.get("tolerance")
    names = set(asked.get("paid_out", []) if isinstance(asked, dict) else [])
    owners = plan.statements["owners"].fillna("").str.split("; ")
    return owners.map(lambda all_of: bool(names) and set(all_of) <= names).astype(bool)


def _too_few(plan: Exchange) -> list[str]:
    """Parties that end with fewer parcels than asked for and than they had, unless they agreed."""
    if plan.view.document.certificate.objective is None:
        return []
    had = plan.by_party("before", np.ones(len(plan.holdings)))
    least = np.minimum(plan.number("tolerance", "least_parcels"), had)
    short = (plan.statements["parcels_after"] < least) & (plan.statements["role"] != "acquirer")
    short &= ~_agreed(plan)
    return sorted(map(str, short.index[short]))


def _moves_above(plan: Exchange) -> float:
    most = plan.number("tolerance", "max_moves")
    return max(0.0, float(plan.moved.sum()) - most) if most == most else 0.0


def _payment_errors(plan: Exchange) -> list[tuple[object, float]]:
    """Differences of every payment, in cents, from the claim less the value after."""
    told = plan.statements
    off = ((told["payment"] - (told["claim_value"] - told["value_after"])) * 100.0).abs()
    return [(party, float(amount)) for party, amount in off.items()]


def _open_rings(plan: Exchange) -> list[str]:
    """Rings in which some party gives another number of parcels than it receives."""
    held = plan.holdings
    wrong = set(held.loc[(held["cycle"] > 0) & ~plan.moved, "cycle"])
    ringed = held[(held["cycle"] > 0) & plan.moved]
    given = ringed.groupby(["cycle", "party_before"]).size()
    received = ringed.groupby(["cycle", "party_after"]).size()
    given.index = given.index.set_names(["cycle", "party"])
    received.index = received.index.set_names(["cycle", "party"])
    off = given.sub(received, fill_value=0)
    wrong |= set(off.index[off != 0].get_level_values("cycle"))
    return sorted(str(int(number)) for number in wrong)
