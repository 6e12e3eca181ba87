"""Streets that sites close: only named ones, by their area, and nobody else's only street."""

from collections.abc import Iterator

import numpy as np
import shapely

from landplan.proposal.audit.crossings import THIRD_PARCEL_SHARE
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import FloatArray, Geometries, IntArray, View

AREA_M2 = 0.02
"""Areas of stretches are stored to 0.01 m²."""
MET_M, CLEARLY_MET_M = 0.25, 1.0
"""A road met along less is drawing noise; in between either answer is accepted."""
SHARED_M2 = 0.05
CONTACT_SHARE = 0.5
"""Contact with street space is sampled; what is left must be half of the least length."""
WAY_M, FRAME_M, BEYOND_M2 = 2.0, 20.0, 1e12
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
    """Parcels in no site that had a way out along street space and have none that is left.

    Ways narrower than `WAY_M` are none. Of each connected piece of street space the largest part
    that is not closed is the way out, or the one that goes on beyond the town.
    """
    if len(ground) == 0:
        return []
    land = np.flatnonzero(~view.street & ~shapely.is_empty(view.shapes))
    closed = shapely.union_all(ground)
    frame = shapely.buffer(shapely.box(*shapely.total_bounds(view.shapes[land])), FRAME_M)
    before, edge = _street_space(view.shapes[land], frame), shapely.boundary(frame)
    open_, lost = [], [closed]
    for piece in before[shapely.intersects(before, closed)]:
        left = shapely.get_parts(shapely.difference(piece, closed))
        beyond = shapely.area(left) + BEYOND_M2 * shapely.intersects(left, edge)
        open_.append(left[np.argmax(beyond)])
        lost.extend(np.delete(left, np.argmax(beyond)))
    kept = np.array([*open_, *before[~shapely.intersects(before, closed)]], dtype=object)
    concerned = view.tree.query(np.array(lost, dtype=object), "dwithin", distance=2.0 * WAY_M)[1]
    beside = np.setdiff1d(np.intersect1d(concerned, land), np.flatnonzero(view.in_site))
    least = max(view.document.min_border_m, 2.0 * view.document.tolerance_m)
    had, has = _contacts(view, beside, before), _contacts(view, beside, kept)
    gone = (had >= least) & (has < CONTACT_SHARE * least)
    return [str(view.ids[row]) for row in beside[gone]]


def _street_space(land: Geometries, frame: shapely.Geometry) -> Geometries:
    """Return the connected pieces of a frame that no land covers, ways of `WAY_M` or wider."""
    solid = shapely.buffer(shapely.union_all(shapely.make_valid(land)), WAY_M / 2.0)
    return np.asarray(shapely.get_parts(shapely.difference(frame, solid)), dtype=object)


def _contacts(view: View, rows: IntArray, space: Geometries) -> FloatArray:
    """Return the metres of outline of some parcels that lie along street space."""
    metres = np.zeros(len(rows))
    tree = shapely.STRtree(space)
    for k, row in enumerate(rows):
        outline = shapely.boundary(view.shapes[row])
        around = shapely.buffer(shapely.envelope(outline), 2.0 * WAY_M)
        near = shapely.intersection(space[tree.query(around, "intersects")], around)
        along = shapely.union_all(shapely.buffer(near, WAY_M / 2.0 + _BESIDE_M))
        metres[k] = float(shapely.length(shapely.intersection(outline, along)))
    return metres
