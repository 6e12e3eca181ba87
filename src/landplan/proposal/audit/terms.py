"""What every site counts for beside its land, from rights, owners, bridges and coordinates."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import shapely

from landplan.proposal.audit.accounts import HALF_CENT, site_costs
from landplan.proposal.audit.holders import refusal_probability
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.sites import owners_of
from landplan.proposal.audit.view import IntArray, View

TERMS = ("acquisition", "owners", "refusals", "crossings", "closing", "distance")
CENT = 0.01
RADIUS_M = 0.01
Amounts = Mapping[str, tuple[float, float]]


def check_terms(view: View) -> Iterator[Check]:
    """Check the centre of every site and the amounts stated for it."""
    sites = view.written.sites
    wrong: list[str] = []
    errors: list[tuple[object, float]] = []
    counted = site_terms(view)
    for record in sites.drop(columns="geometry").to_dict("records"):
        site = str(record["site_id"])
        if site not in view.members:
            continue
        if record["centre_parcel"] is None and not any(_prices(view).values()):
            continue
        if not _is_centre(view, site, record["centre_parcel"]):
            wrong.append(site)
        for name in TERMS[1:]:
            amount, slack = counted[site][name]
            error = abs(float(record[f"price_{name}"]) - amount)
            errors.append((f"{site}:{name}", max(error - slack, 0.0) if error == error else error))
    yield none_of("sites.centre", wrong)
    yield at_most("sites.terms", errors, HALF_CENT)


def site_terms(view: View) -> dict[str, Amounts]:
    """Return every term of every site, and by how much rounding may shift it."""
    prices, costs = _prices(view), site_costs(view)
    centres = dict(
        zip(view.written.sites["site_id"], view.written.sites["centre_parcel"], strict=True)
    )
    bridges = view.written.bridges["site_id"].value_counts()
    found: dict[str, Amounts] = {}
    for site, rows in view.members.items():
        owners = sorted(owners_of(view, rows))
        risk = [refusal_probability(view, owner) for owner in owners] if prices["refusals"] else []
        refusals = [
            round(-prices["refusals"] * math.log1p(-p), 2) if p < 1 else math.inf for p in risk
        ]
        distance = _distance(view, rows, centres.get(site), prices["distance"])
        found[site] = {
            "acquisition": costs[site],
            "owners": (prices["owners"] * len(owners), 0.0),
            # a logarithm near half a cent may be rounded either way
            "refusals": (math.fsum(refusals), CENT * sum(_near_half(view, risk))),
            "crossings": (prices["crossings"] * int(bridges.get(site, 0)), 0.0),
            "closing": _closing(view, site, prices["closing"]),
            "distance": (distance, CENT * len(rows) * (prices["distance"] > 0)),
        }
    return found


def _prices(view: View) -> dict[str, float]:
    asked = view.document.asked
    return {
        "owners": round(asked.per_owner, 2),
        "refusals": asked.per_survival,
        "crossings": round(asked.per_bridge, 2),
        "closing": asked.per_closed_m2,
        "distance": asked.moment,
    }


def _closing(view: View, site: str, price: float) -> tuple[float, float]:
    """Return what the street ground of a site costs, and what rounding each stretch may shift."""
    bridges = view.written.bridges
    closed = bridges.loc[bridges["site_id"] == site, "closed_m2"].fillna(0.0).to_numpy(float)
    return math.fsum(np.round(closed * price, 2)), CENT * len(closed) * (price > 0)


def _near_half(view: View, chances: list[float]) -> list[bool]:
    price = view.document.asked.per_survival
    cents = [-100.0 * price * math.log1p(-p) for p in chances if p < 1]
    return [abs(abs(cent - math.floor(cent)) - 0.5) < 1e-4 for cent in cents]


def _distance(view: View, rows: IntArray, centre: object, price: float) -> float:
    """Sum of price · area in ha · (distance from the centre in 100 m)² over the parcels."""
    if price == 0:
        return 0.0
    if centre not in view.row_of:
        return math.inf
    points = _points(view, rows)
    middle = _points(view, np.array([view.row_of[centre]], dtype=np.int64))
    squared = ((points - middle) ** 2).sum(axis=1) / 100.0**2
    hectares = view.parcels["area_m2"].to_numpy()[rows] / 10_000.0
    return float(np.round(price * hectares * squared, 2).sum())


def _is_centre(view: View, site: str, centre: object) -> bool:
    """Whether a parcel is one of its site and has all of it within the radius."""
    rows = view.members[site]
    if centre not in set(view.ids[rows]):
        return False
    demand, factor = view.demand_of.get(site), view.document.max_radius_factor
    if demand is None or factor <= 0:
        return True
    middle = _points(view, np.array([view.row_of[centre]], dtype=np.int64))
    farthest = float(np.hypot(*(_points(view, rows) - middle).T).max())
    return farthest <= factor * math.sqrt(demand.area_max_m2 / math.pi) + RADIUS_M


def _points(view: View, rows: IntArray) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return shapely.get_coordinates(shapely.point_on_surface(view.shapes[rows]))
