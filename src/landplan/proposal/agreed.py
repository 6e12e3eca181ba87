"""An exchange beside the agreed plan that it was made from: what changed, for whom, and why.

A change **had to** be where the parcel is now fixed, or was to go to a party that takes no part
any more; all others **followed**, so that every party stays within its limits. Read from the
tables ``holdings`` and ``statements`` and the request; nothing is searched for.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from landplan.errors import InputError
from landplan.proposal.proposal import Proposal

Why = Literal["had_to", "followed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A parcel that goes elsewhere than agreed; ``holder`` has it today."""

    parcel: str
    holder: str
    agreed: str
    now: str
    why: Why


@dataclass(frozen=True, slots=True)
class Touched:
    """A party with other land than agreed: parcels that it gets besides, and goes without."""

    party: str
    more: int
    less: int
    value_agreed: float
    value_now: float


@dataclass(frozen=True, slots=True)
class WhatChanged:
    """All changes by parcel, and the parties by the number of their changes."""

    plan: str
    changes: tuple[Change, ...]
    parties: tuple[Touched, ...]

    @property
    def had_to(self) -> int:
        """How many parcels had to go elsewhere; no plan changes fewer."""
        return sum(one.why == "had_to" for one in self.changes)


def what_changed(proposal: Proposal) -> WhatChanged:
    """Return what is different from the agreed plan.

    Raises
    ------
    InputError
        ``agreed.none``: the plan was made from no agreed one.
    """
    origin = agreed_plan(proposal)
    held = proposal.layer("holdings")
    if origin is None or bool(held["party_agreed"].isna().any()):
        raise InputError("agreed.none", plan=proposal.id)
    out = _out(proposal)
    moved = held[held["party_agreed"] != held["party_after"]].sort_values("parcel_id")
    columns = ("parcel_id", "party_before", "party_agreed", "party_after", "fixed")
    rows = zip(*(moved[name].tolist() for name in columns), strict=True)
    changes = tuple(
        Change(parcel, holder, agreed, now, "had_to" if fixed or agreed in out else "followed")
        for parcel, holder, agreed, now, fixed in rows
    )
    return WhatChanged(origin, changes, _touched(proposal, changes))


def agreed_plan(proposal: Proposal) -> str | None:
    """Return the id of the agreed plan that an exchange was made from; None: of none."""
    for entry in proposal.assumptions:
        if entry["code"] == "replan.exchange_from":
            return str(entry["params"]["id"])
    return None


def _out(proposal: Proposal) -> set[str]:
    """Return the parties that receive nothing: an owner takes no part, and no site is theirs."""
    refusing = set(proposal.request["fixed"]["owners"])
    held = proposal.layer("holdings")
    taken = held["parcel_id"].isin(proposal.request["acquirer"]["receives"])
    given = set(held.loc[taken, "party_before"])
    told = proposal.layer("statements")[["party_id", "owners"]].fillna("")
    rows = zip(told["party_id"].tolist(), told["owners"].tolist(), strict=True)
    return {party for party, owners in rows if refusing & set(owners.split("; "))} - given


def _touched(proposal: Proposal, changes: tuple[Change, ...]) -> tuple[Touched, ...]:
    more, less = Counter(one.now for one in changes), Counter(one.agreed for one in changes)
    held = proposal.layer("holdings")
    worth = held["parcel_id"].map(proposal.parcels.set_index("parcel_id")["value"])
    agreed = worth.groupby(held["party_agreed"]).sum().to_dict()
    now = worth.groupby(held["party_after"]).sum().to_dict()
    found = [
        Touched(
            party,
            more[party],
            less[party],
            float(agreed.get(party, 0.0)),
            float(now.get(party, 0.0)),
        )
        for party in {*more, *less}
    ]
    return tuple(sorted(found, key=lambda one: (-one.more - one.less, one.party)))
