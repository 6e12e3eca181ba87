"""Whether every parcel of a site may be used by its demand, derived anew from the layers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landplan.proposal.audit.document import Demand
from landplan.proposal.audit.holders import refusing
from landplan.proposal.audit.places import Distances, distances, misplaced
from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import BoolArray, FloatArray, IntArray, View
from landplan.proposal.audit.zoning import restricted_area

RESTRICTED_M2 = 1.0
"""A hard restriction excludes a parcel that it covers by more than this."""
OVERLAY_M2, OVERLAY_SHARE = 0.05, 1e-4
"""Overlays computed in different ways agree to this; within it, either verdict is accepted."""


def check_rules(view: View, shares: pd.DataFrame) -> Iterator[Check]:
    """Check the parcels of the sites rule by rule, and that every other parcel has its reasons.

    ``shares`` is the overlay of `landplan.proposal.audit.zoning.share_table`.
    """
    restricted = restricted_area(view)
    far = distances(view)
    rules = (*_RULES, "restriction", "zone", "place")
    broken: dict[str, list[object]] = {rule: [] for rule in rules}
    for site, rows in view.members.items():
        demand = view.demand_of.get(site)
        for rule, fails in _site_rules(view, demand, rows).items():
            broken[rule].extend(view.ids[rows[fails]])
        broken["restriction"].extend(view.ids[rows[restricted[rows] > RESTRICTED_M2 + OVERLAY_M2]])
        if demand:
            broken["place"].extend(view.ids[rows[misplaced(view, demand, far)[rows]]])
        if demand and demand.zones:
            share = _allowed_share(shares, demand, len(view.ids))[rows]
            broken["zone"].extend(view.ids[rows[share < demand.min_zone_share - OVERLAY_SHARE]])
    for rule, offenders in broken.items():
        yield none_of(f"rules.{rule}", offenders)
    yield none_of("rules.must", _forgotten(view))
    yield none_of("exclusions.reason", _without_reason(view, restricted, shares, far))


_RULES = (
    *("street", "fault", "water", "land_use", "cost", "never", "never_owner", "owner_refuses"),
    "excluded",
)


def _site_rules(view: View, demand: Demand | None, rows: IntArray) -> dict[str, BoolArray]:
    """Which of the given parcels break which rule of a demand; without a demand, of all demands."""
    parcels = view.parcels.iloc[rows]
    ids = parcels["parcel_id"]
    nothing = np.zeros(len(rows), dtype=bool)
    rules = {
        "street": view.street[rows],
        "fault": view.faulty[rows] | ~view.usable[rows],
        "water": view.water[rows],
        "land_use": nothing,
        "cost": _no_cost(view)[rows],
        "never": nothing,
        "never_owner": nothing,
        "owner_refuses": _held_by(view, refusing(view))[rows],
        "excluded": parcels["excluded_by"].notna().to_numpy(),
    }
    if demand:
        rules["land_use"] = ~_use_allowed(view, demand)[rows]
        rules["never"] = ids.isin(demand.never).to_numpy()
        rules["never_owner"] = _held_by(view, demand.never_owners)[rows]
    return rules


def _no_cost(view: View) -> BoolArray:
    """Parcels [n] without a cost; zero counts as none unless the request allows it."""
    cost = view.parcels["cost"].to_numpy()
    missing = ~(cost >= 0) | ((cost == 0) & (not view.document.allow_zero_cost))
    return np.asarray(missing, dtype=bool)


def _use_allowed(view: View, demand: Demand) -> BoolArray:
    """Parcels [n] with a use asked for; a code of a scheme stands for the longer ones below it."""
    uses = view.parcels["land_use"]
    if not demand.land_uses:
        return np.ones(len(uses), dtype=bool)
    if view.document.hierarchical_uses:
        return uses.map(
            lambda use: isinstance(use, str) and use.startswith(tuple(demand.land_uses))
        ).to_numpy(dtype=bool)
    return uses.isin(demand.land_uses).to_numpy()


def _held_by(view: View, owners: frozenset[str]) -> BoolArray:
    rights = view.written.rights
    held = rights.loc[rights["owner_id"].isin(owners), "parcel_id"]
    return (view.parcels["parcel_id"].isin(held) | view.parcels["owner_id"].isin(owners)).to_numpy()


def _allowed_share(shares: pd.DataFrame, demand: Demand, n: int) -> FloatArray:
    own = shares[shares["zone"].isin(demand.zones)]
    rows, share = own["row"].to_numpy(dtype=np.int64), own["share"].to_numpy(dtype=float)
    return np.asarray(np.bincount(rows, weights=share, minlength=n), dtype=float)


def _forgotten(view: View) -> list[str]:
    """Parcels that a demand must contain and that are in none of its sites, where it has any."""
    forgotten = []
    for demand in view.document.demands:
        sites = [site for site in view.members if view.demand_of.get(site) == demand]
        inside = {parcel for site in sites for parcel in view.ids[view.members[site]]}
        forgotten += [f"{demand.id}:{parcel}" for parcel in sorted(demand.must - inside) if sites]
    return forgotten


def _without_reason(
    view: View, restricted: FloatArray, shares: pd.DataFrame, far: Distances
) -> list[str]:
    """Parcels that a demand plainly may not use and whose exclusion is not reported."""
    table = view.written.exclusions
    silent = []
    for demand in view.document.demands:
        told = table.loc[(table["demand_id"] == demand.id) | table["demand_id"].isna(), "parcel_id"]
        reported = view.parcels["parcel_id"].isin(told).to_numpy()
        rules = _site_rules(view, demand, np.arange(len(view.ids), dtype=np.int64))
        barred = np.logical_or.reduce(
            [fails for rule, fails in rules.items() if rule != "excluded"]
        )
        barred |= restricted > RESTRICTED_M2 + OVERLAY_M2
        barred |= view.area > demand.area_max_m2 + 0.01
        barred |= misplaced(view, demand, far)
        if demand.zones:
            barred |= (
                _allowed_share(shares, demand, len(view.ids))
                < demand.min_zone_share - OVERLAY_SHARE
            )
        silent += [f"{demand.id}:{parcel}" for parcel in view.ids[barred & ~reported]]
    return silent
