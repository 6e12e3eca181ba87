"""Streets that sites close: only named ones, by their area, and nobody else's only street."""

from collections.abc import Iterator

import numpy as np
import shapely

from landplan.proposal.audit.crossings import THIRD_PARCEL_SHARE
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import Geometries, IntArray, View

AREA_M2 = 0.02
"""Areas of stretches are stored to 0.01 m²."""
MET_M, CLEARLY_MET_M = 0.25, 1.0
"""A road met along less is drawing noise; in between either answer is accepted."""
SHARED_M2 = 0.05
CONTACT_SHARE = 0.5
"""Contact with street space is sampled; what is left must be half of the least length."""
_BESIDE_M = 0.05


def check_closings(view: View) -> Iterator[Check]:
    """Check every stretch of street that is said to join a site."""
    bridges = view.written.bridges
    names = [
        f"{site}:{one}-{two}"
        for site, one, two in zip(
            bridges["site_id"], bridges["parcel_a"], bridges["parcel_b"], strict=True
        )
    ]
    stated = bridges["closed_m2"].fillna(0.0).to_numpy(float)
    ground = bridges.geometry.to_numpy()
    if not view.document.asked.closes:
        yield none_of("closings.asked", [names[k] for k in np.flatnonzero(stated != 0)])
        return
    area = np.nan_to_num(shapely.area(ground))
    errors = [(name, abs(a - b)) for name, a, b in zip(names, stated, area, strict=True)]
    yield at_most("closings.area", errors, AREA_M2)
    yield none_of("closings.class", _wrong_roads(view, names, ground))
    yield at_most("closings.twice", _shared(names, ground), SHARED_M2)
    yield none_of("closings.contact", _cut_off(view, ground))


def _wrong_roads(view: View, names: list[str], ground: Geometries) -> list[str]:
    """Stretches that no road of a named class crosses, or that one of another class does."""
    roads = view.written.roads
    lines, named = roads.geometry.to_numpy(), view.document.asked.closed_classes
    may = roads["class"].isin(named).to_numpy(dtype=bool)
    wrong = []
    for name, shape in zip(names, ground, strict=True):
        met = np.nan_to_num(shapely.length(shapely.intersection(lines, shape)))
        if not (met[may] >= MET_M).any() or (met[~may] >= CLEARLY_MET_M).any():
            wrong.append(name)
    return wrong


def _shared(names: list[str], ground: Geometries) -> list[tuple[object, float]]:
    """Ground that two stretches share, of whichever sites, m²."""
    found: list[tuple[object, float]] = []
    for i, one in enumerate(ground):
        for k in range(i):
            both = float(shapely.area(shapely.intersection(one, ground[k])))
            noise = THIRD_PARCEL_SHARE * min(one.area, ground[k].area)
            found.append((f"{names[k]}+{names[i]}", both if both > noise else 0.0))
    return found


def _cut_off(view: View, ground: Geometries) -> list[str]:
    """Parcels in no site that touched street space before, and touch none that is left."""
    if len(ground) == 0:
        return []
    document = view.document
    least = max(document.min_border_m, 2.0 * document.tolerance_m)
    reach = 2.0 * max(document.tolerance_m, 1e-3) + _BESIDE_M
    land = np.flatnonzero(~view.street & ~shapely.is_empty(view.shapes) & ~view.faulty)
    closed = shapely.union_all(ground)
    near = view.tree.query(shapely.buffer(closed, reach), predicate="intersects")
    beside = np.setdiff1d(np.intersect1d(near, land), np.flatnonzero(view.in_site))
    gone = []
    for row in beside:
        open_ = _open_boundary(view, int(row), land, reach)
        left = shapely.difference(open_, shapely.buffer(closed, reach + _BESIDE_M))
        had, has = float(shapely.length(open_)), float(shapely.length(left))
        if had >= least and has < CONTACT_SHARE * least:
            gone.append(str(view.ids[row]))
    return gone


def _open_boundary(view: View, row: int, land: IntArray, reach: float) -> shapely.Geometry:
    """Return the part of a parcel's boundary beside which no other land lies."""
    outline = shapely.boundary(view.shapes[row])
    near = np.intersect1d(view.tree.query(shapely.buffer(outline, reach)), land)
    others = shapely.buffer(view.shapes[near[near != row]], reach)
    left: shapely.Geometry = shapely.difference(outline, shapely.union_all(others))
    return left
