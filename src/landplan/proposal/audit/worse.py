"""Who an exchange leaves worse off: that the table names all and only those, where files tell it.

Value, area, parcels, pieces, mean area and mean distance are counted again from the statements
(which are themselves counted again from the parcels). What the table says of shape, spread, road
access and of indices is not counted again.
"""

from typing import Final

from landplan.proposal.audit.accounts import ACQUIRER
from landplan.proposal.audit.view import View

_LESS_IS_BETTER: Final = ("parcels", "pieces", "home_distance_m")
_WHOEVER: Final = ("value", "area_m2")
"""What is compared with what is due, also for parties with land on one side only."""
_TOLD: Final = {
    "parcels": ("parcels_before", "parcels_after"),
    "pieces": ("pieces_before", "pieces_after"),
    "home_distance_m": ("distance_before_m", "distance_after_m"),
    "mean_area_m2": ("mean_before", "mean_after"),
    "value": ("claim_value", "value_after"),
    "area_m2": ("claim_area", "area_after_m2"),
}
_NEAR: Final = 1e-6
"""Amounts whose difference is a smaller share of them may count either way: rounding."""


def wrong_worse_off(view: View) -> list[str]:
    """Parties and measures that are missing from the table or stand there wrongly."""
    told = view.written.raw["statements"].set_index("party_id", drop=False)
    held = view.written.raw["holdings"]
    moved = held[held["party_before"] != held["party_after"]]
    touched = {*moved["party_before"], *moved["party_after"]} - {ACQUIRER}
    told = told[told.index.isin(touched)].copy()
    for when in ("before", "after"):
        parcels = told[f"parcels_{when}"].where(told[f"parcels_{when}"] > 0)
        told[f"mean_{when}"] = told[f"area_{when}_m2"] / parcels
    told["claim_area"] = (told["area_before_m2"] * (1.0 - _contribution(view)) * 100).round() / 100
    stated = _stated(view)
    wrong = {f"{party} {name}" for party, name in stated if name in _TOLD and party not in touched}
    both = (told["parcels_before"] > 0) & (told["parcels_after"] > 0)
    for name, (old, new) in _TOLD.items():
        judged = both | (name in _WHOEVER)
        for party, one, other, asked in zip(told.index, told[old], told[new], judged, strict=True):
            if _wrong(name, float(one), float(other), bool(asked), stated.get((party, name))):
                wrong.add(f"{party} {name}")
    return sorted(wrong)


def _wrong(
    name: str, before: float, after: float, judged: bool, stated: tuple[float, float] | None
) -> bool:
    """Whether the table is wrong about one party and measure."""
    loss = after - before if name in _LESS_IS_BETTER else before - after
    sure = abs(loss) > _NEAR * max(abs(before), abs(after))
    if (stated is not None) != (judged and loss > 0) and (sure or not judged):
        return True
    return stated is not None and _differs(stated, before, after)


def _stated(view: View) -> dict[tuple[str, str], tuple[float, float]]:
    """Return (before, after) by party and measure as the table has them."""
    table = view.written.raw.get("worse_off")
    if table is None:
        return {}
    names = ("party_id", "measure", "before", "after")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    return {(party, measure): (before, after) for party, measure, before, after in rows}


def _differs(stated: tuple[float, float], before: float, after: float) -> bool:
    pairs = zip(stated, (before, after), strict=True)
    return any(not abs(one - other) <= _NEAR * max(1.0, abs(other)) for one, other in pairs)


def _contribution(view: View) -> float:
    acquirer = view.document.request.get("acquirer")
    share = acquirer.get("contribution_share", 0.0) if isinstance(acquirer, dict) else 0.0
    return float(share) if isinstance(share, int | float) else 0.0
