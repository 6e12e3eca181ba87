"""Who is paid what: the acquirer's own share, payments per parcel, and what each owner receives."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd

from landplan.messages.numbers import MISSING
from landplan.proposal.certificate import CENT, exact
from landplan.proposal.exchange import is_exchange
from landplan.proposal.proposal import Proposal


def ledger_rows(proposal: Proposal) -> pd.DataFrame:
    """Return the ledger with what the workbook adds to it.

    Returns
    -------
    DataFrame
        Further columns: ``moves`` (whether the parcel changes hands or place),
        ``area_registered_m2``, and ``paid``: what is paid for a parcel that moves, its cost times
        the share that is not the acquirer's, to the cent; nothing in an exchange, land for land.
    """
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
    if is_exchange(proposal):
        return rows.assign(paid=0.0)
    rows["paid"] = np.nan
    priced = rows["moves"] & rows["cost"].notna()
    rows.loc[priced, "paid"] = [
        to_cents(amount, share)
        for amount, share in rows.loc[priced, ["cost", "own_share"]].itertuples(index=False)
    ]
    return rows


def acquirer_shares(proposal: Proposal) -> "pd.Series[float]":
    """Return the acquirer's own share of every parcel (0..1), in the order of ``parcels``.

    From the rights; a parcel without rights is judged by its owner.
    """
    own: Sequence[str] = proposal.request.get("acquirer_owners", [])
    parcels, rights = proposal.parcels, proposal.rights
    ours = rights["share"].where(rights["owner_id"].isin(own), 0.0)
    shares = parcels["parcel_id"].map(ours.groupby(rights["parcel_id"]).sum())
    return shares.fillna(parcels["owner_id"].isin(own).astype(float)).clip(0.0, 1.0)


def received(proposal: Proposal, rows: pd.DataFrame) -> "pd.Series[float]":
    """Return what every owner receives for land that moves, in currency, by owner id.

    The payment for a parcel goes to all its holders but the acquirer's own, by their shares; cents
    that do not divide go to the largest remainders, so that no cent is lost. ``rows`` are those of
    `ledger_rows`. In an exchange every party that is paid or pays, by its id, negative where it
    pays.
    """
    if is_exchange(proposal):
        assert proposal.statements is not None
        payments = proposal.statements.set_index("party_id")["payment"].astype(float)
        return payments[payments != 0.0].sort_index()
    own = set(proposal.request.get("acquirer_owners", []))
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


def money_lines(proposal: Proposal, rows: pd.DataFrame) -> tuple[float, float]:
    """Return what all together receive and what they pay, in currency: the same where it closes."""
    amounts = received(proposal, rows)
    if is_exchange(proposal):
        return money_sum(amounts[amounts > 0]), -money_sum(amounts[amounts < 0])
    return money_sum(amounts), money_sum(proposal.sites["cost"])


def money_sum(amounts: Iterable[float]) -> float:
    """Return the sum of amounts as decimal numbers add up: 0.1 + 0.2 is 0.3."""
    return float(sum((exact(amount) for amount in amounts), Decimal(0)))


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


def to_cents(amount: float, own_share: float) -> float:
    """Return amount · (1 − own share), to the cent with half to even."""
    paid = exact(amount) * (1 - exact(own_share))
    return float(paid.quantize(CENT, rounding=ROUND_HALF_EVEN))


def _text(owner: object) -> str:
    return owner if isinstance(owner, str) else MISSING
