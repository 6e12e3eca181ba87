"""The owners of the sites: who refuses, who is in favour, and what share that is."""

import math
from collections.abc import Iterator
from fractions import Fraction

import pandas as pd

from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import IntArray, View

SHARE_ERROR = 1e-4
"""Areas are whole square decimetres to the engine: a share may differ by so much."""


def check_holders(view: View) -> Iterator[Check]:
    """Check the shares in favour by heads and by area, where they are asked for."""
    asked = view.document.asked
    heads, land = [], []
    for site, rows in view.members.items():
        favour, total = _heads(view, rows)
        if asked.heads > 0 and total and Fraction(favour, total) < _meant(asked.heads):
            heads.append(site)
        area_favour, area_total = _land(view, rows)
        if asked.area > 0 and area_favour < (_meant(asked.area) - SHARE_ERROR) * area_total:
            land.append(site)
    yield none_of("rules.consent_heads", heads)
    yield none_of("rules.consent_area", land)


def refusing(view: View) -> frozenset[str]:
    """Return owners whose land may not be used because they refuse, or are certain to."""
    asked, owners = view.document.asked, view.written.owners
    found: set[str] = set()
    if asked.refused_excluded:
        found |= set(owners.loc[owners["consent"] == "refused", "owner_id"])
    if asked.per_survival > 0:
        found |= set(owners.loc[owners["refusal_probability"] >= 1.0, "owner_id"])
    return frozenset(found - {None}) - view.document.acquirer_owners


def refusal_probability(view: View, owner: str) -> float:
    """Return the probability that an owner refuses, as stated or as the request assumes."""
    known = _told(view)
    chance = known["refusal_probability"].get(owner, math.nan)
    if chance >= 0:
        return min(float(chance), 1.0)
    agreed = known["consent"].get(owner) == "agreed"
    return 0.0 if agreed else view.document.asked.refusal_unknown


def _told(view: View) -> pd.DataFrame:
    return view.written.owners.drop_duplicates("owner_id").set_index("owner_id")


def _favours(view: View) -> dict[str, bool]:
    known = _told(view)["consent"]
    unknown = view.document.asked.unknown_for
    return {
        str(owner): consent == "agreed" or (consent != "refused" and unknown)
        for owner, consent in known.items()
    }


def _held(view: View, rows: IntArray) -> pd.DataFrame:
    rights = view.written.rights
    held = rights[rights["parcel_id"].isin(view.ids[rows]) & rights["owner_id"].notna()]
    return held[~held["owner_id"].isin(view.document.acquirer_owners)]


def _heads(view: View, rows: IntArray) -> tuple[int, int]:
    """Owners of a site in favour, and all of them."""
    favours, unknown = _favours(view), view.document.asked.unknown_for
    owners = set(_held(view, rows)["owner_id"])
    return sum(favours.get(str(owner), unknown) for owner in owners), len(owners)


def _land(view: View, rows: IntArray) -> tuple[float, float]:
    """Land of a site whose owners are in favour, and all land that has owners, m²."""
    favours, unknown = _favours(view), view.document.asked.unknown_for
    held = _held(view, rows)
    area = view.area[[view.row_of[parcel] for parcel in held["parcel_id"]]] * held["share"]
    said = held["owner_id"].map(lambda owner: favours.get(str(owner), unknown)).astype(bool)
    return float(area[said].sum()), float(area.sum())


def _meant(share: float) -> Fraction:
    """Read 0.6667 as two thirds: a fraction with a denominator up to 20 within 0.0005."""
    for below in range(1, 21):
        above = round(share * below)
        if abs(above / below - share) <= 0.0005:
            return Fraction(above, below)
    return Fraction(round(share * 10_000), 10_000)
