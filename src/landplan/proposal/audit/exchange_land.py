"""Whose land an exchange is about, and who may give and receive what."""

import numpy as np
import shapely

from landplan.proposal.audit.accounts import ACQUIRER
from landplan.proposal.audit.exchange_view import Exchange


def wrong_parcels(plan: Exchange) -> list[str]:
    """Parcels twice or unknown among the holdings, or neither there nor left out for a reason."""
    ids = plan.holdings["parcel_id"]
    wrong = set(ids[ids.duplicated()]) | set(ids[plan.rows < 0])
    left = set(plan.view.written.exclusions["parcel_id"])
    wrong |= set(ids) & left
    wrong |= set(plan.view.ids) - set(ids) - left
    return sorted(map(str, wrong))


def not_theirs(plan: Exchange) -> list[str]:
    """Parcels brought in by a party whose owners are not those that have rights in them."""
    rights = plan.view.written.rights
    held = rights[rights["owner_id"].notna() & (rights["share"] > 0)]
    owners = {
        parcel: frozenset(map(str, group))
        for parcel, group in held.groupby("parcel_id")["owner_id"]
    }
    theirs = {
        str(party): frozenset(str(names).split("; "))
        for party, names in plan.statements["owners"].items()
    }
    acquirer = plan.request.get("acquirer")
    reserve = acquirer.get("owners", []) if isinstance(acquirer, dict) else []
    theirs[ACQUIRER] = frozenset(map(str, reserve))
    nobody: frozenset[str] = frozenset()
    wrong = []
    columns = (plan.holdings["parcel_id"], plan.holdings["party_before"])
    for parcel, party in zip(*columns, strict=True):
        holders, named = owners.get(parcel, nobody), theirs.get(str(party), nobody)
        same = holders <= named if party == ACQUIRER else holders == named
        if not same or not holders:
            wrong.append(str(parcel))
    return sorted(wrong)


def moved_but_fixed(plan: Exchange) -> list[str]:
    """Parcels that change hands though they are marked, named or held by one who gives none."""
    held, table = plan.holdings, plan.asked_fixed
    rights = plan.view.written.rights
    theirs = set(rights.loc[rights["owner_id"].isin(plan.refusing), "parcel_id"])
    stays = held["fixed"].astype(bool) | held["parcel_id"].isin(table.get("parcels", []))
    stays |= held["parcel_id"].isin(theirs | _under_hard_limits(plan))
    return sorted(held.loc[stays & plan.moved & ~held["parcel_id"].isin(plan.taken), "parcel_id"])


def _under_hard_limits(plan: Exchange) -> set[str]:
    """Parcels whose inner point lies under a hard restriction: they stay."""
    limits = plan.view.written.restrictions
    hard = limits.geometry.to_numpy()[limits["hard"].fillna(0).astype(float).to_numpy() > 0]
    if len(hard) == 0:
        return set()
    inner = shapely.STRtree(shapely.point_on_surface(plan.view.shapes))
    return set(plan.view.ids[np.unique(inner.query(hard, predicate="intersects")[1])])


def wrongly_received(plan: Exchange) -> list[str]:
    """Parcels due to the acquirer that another has, and land received in zones not brought in."""
    held = plan.holdings
    if plan.view.document.certificate.objective is None:
        return []
    elsewhere = held["parcel_id"].isin(plan.taken) & (held["party_after"] != ACQUIRER)
    wrong = set(held.loc[elsewhere, "parcel_id"]) | _received_by_refusing(plan)
    part = plan.request.get("take_part")
    if isinstance(part, dict) and part.get("same_zone"):
        zone = held["parcel_id"].map(plan.view.parcels.set_index("parcel_id")["zone"]).fillna("–")
        own = set(zip(held["party_before"], zone, strict=True))
        pairs = zip(held["party_after"], zone, strict=True)
        new = np.array([pair not in own and pair[0] != ACQUIRER for pair in pairs], bool)
        wrong |= set(held.loc[new, "parcel_id"])
    return sorted(map(str, wrong))


def _received_by_refusing(plan: Exchange) -> set[str]:
    """Parcels that go to a party with an owner who refuses and of whom no site is taken."""
    held, refusing = plan.holdings, plan.refusing
    own = plan.statements["owners"].fillna("").str.split("; ")
    barred = {str(party) for party, names in own.items() if refusing & set(names)}
    barred -= {ACQUIRER, *held.loc[held["parcel_id"].isin(plan.taken), "party_before"]}
    return set(held.loc[plan.moved & held["party_after"].isin(barred), "parcel_id"])
