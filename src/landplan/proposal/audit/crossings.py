"""The bridges: that each crosses street space only, no farther and no narrower than allowed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from landplan.proposal.audit.contiguity import pieces
from landplan.proposal.audit.facing import facing_length
from landplan.proposal.audit.report import Check, at_least, at_most, none_of
from landplan.proposal.audit.sites import BORDER_STRICT, bordering
from landplan.proposal.audit.view import Geometries, IntArray, View

THIRD_PARCEL_M2, THIRD_PARCEL_SHARE = 0.5, 0.01
"""A corridor may overlap a third parcel by digitising noise: half a square metre, or 1 % of the
corridor."""
BARRIER = 0.5
"""m² of a barrier's area, or m of its line, that a corridor may graze."""
FARTHEST_M = 1e6
"""No town is wider; a larger width in the document would overflow."""
FACING_SHARE = 0.9
"""Facing is sampled; so much of the least length must be found again."""
FACING_STATED = 0.25


@dataclass(frozen=True, slots=True)
class Crossing:
    """One written bridge whose ends are known: parcel rows and what was stated about it."""

    name: str
    first: int
    second: int
    corridor: BaseGeometry
    width_m: float
    facing_m: float


def check_crossings(view: View) -> Iterator[Check]:
    """Check every bridge and the number of them."""
    known, faulty = _crossings(view)
    shapes, document = view.shapes, view.document
    reach = max(document.tolerance_m, 1e-3) * 1.05
    yield none_of(
        "bridges.ends", [*faulty, *(c.name for c in known if not _touches_both(view, c, reach))]
    )
    apart = {c.name: float(shapely.distance(shapes[c.first], shapes[c.second])) for c in known}
    width = [(c.name, np.maximum(c.width_m, apart[c.name])) for c in known]
    yield at_most("bridges.width", width, document.max_width_m + document.tolerance_m)
    short = [(c.name, apart[c.name] - c.width_m) for c in known]
    yield at_most("bridges.width_stated", short, max(document.tolerance_m, 0.01))
    land = np.flatnonzero(~view.street & ~shapely.is_empty(shapes))
    barriers = _barriers(view)
    facing = {c.name: _facing(view, c, land, barriers) for c in known}
    least = FACING_SHARE * document.min_facing_m
    yield at_least(
        "bridges.facing", [(c.name, min(facing[c.name], c.facing_m)) for c in known], least
    )
    stated = [(c.name, abs(c.facing_m - facing[c.name]) / max(facing[c.name], 1.0)) for c in known]
    yield at_most("bridges.facing_stated", stated, FACING_STATED)
    yield at_most(
        "bridges.third_parcel",
        [(c.name, _over_third(view, c, land)) for c in known],
        THIRD_PARCEL_M2,
    )
    yield at_most("bridges.barrier", [(c.name, _over_barrier(c, barriers)) for c in known], BARRIER)
    yield from _numbers(view)


def _crossings(view: View) -> tuple[list[Crossing], list[str]]:
    """Bridges between two parcels of their site, and the names of the others."""
    bridges = view.written.bridges
    known, faulty = [], []
    columns = [bridges[name] for name in ("site_id", "parcel_a", "parcel_b", "width_m", "facing_m")]
    for site, one, two, width, facing, corridor in zip(*columns, bridges.geometry, strict=True):
        name = f"{site}:{one}-{two}"
        first, second = view.row_of.get(one), view.row_of.get(two)
        claimed = [view.parcels["site_id"].iloc[end] for end in (first, second) if end is not None]
        inside = all(claim == site for claim in claimed)
        whole = corridor is not None and not corridor.is_empty and corridor.is_valid
        if first is None or second is None or first == second or not inside or not whole:
            faulty.append(name)
        else:
            known.append(Crossing(name, first, second, corridor, float(width), float(facing)))
    return known, faulty


def _touches_both(view: View, crossing: Crossing, reach: float) -> bool:
    ends = view.shapes[[crossing.first, crossing.second]]
    return bool(shapely.dwithin(ends, crossing.corridor, reach).all())


def _barriers(view: View) -> Geometries:
    """Collect what no bridge may cross: named restrictions and roads, and water parcels."""
    never = {word.casefold() for word in view.document.never_over}
    found: list[BaseGeometry] = []
    for frame, column in ((view.written.restrictions, "kind"), (view.written.roads, "class")):
        named = [str(kind or "").casefold() in never for kind in frame[column]]
        found.extend(frame.geometry.to_numpy()[np.array(named, dtype=bool)])
    if "water" in never:
        found.extend(view.shapes[view.water])
    return np.array(
        [shape for shape in found if shape is not None and not shape.is_empty], dtype=object
    )


def _facing(view: View, crossing: Crossing, land: IntArray, barriers: Geometries) -> float:
    """Length along which both parcels face each other across free ground, m.

    Of the two views, from either side, the smaller counts.
    """
    first, second = view.shapes[crossing.first], view.shapes[crossing.second]
    reach = min(view.document.max_width_m, FARTHEST_M)
    around = shapely.intersection(shapely.buffer(first, reach), shapely.buffer(second, reach))
    near = view.tree.query(around, predicate="intersects")
    third = np.setdiff1d(np.intersect1d(near, land), [crossing.first, crossing.second])
    hair = max(view.document.tolerance_m, 1e-3) / 2
    # what merely runs along a line of sight does not block it
    blockers = [
        *shapely.buffer(view.shapes[third], -hair),
        *barriers[shapely.intersects(barriers, around)],
    ]
    obstacle = shapely.union_all(np.array(blockers, dtype=np.object_))
    there = facing_length(first, second, obstacle, reach, view.document.tolerance_m)
    back = facing_length(second, first, obstacle, reach, view.document.tolerance_m)
    return min(there, back)


def _over_third(view: View, crossing: Crossing, land: IntArray) -> float:
    """Largest overlap of a corridor with a third parcel that is no street, m²; 1 % is noise."""
    near = view.tree.query(crossing.corridor, predicate="intersects")
    third = np.setdiff1d(np.intersect1d(near, land), [crossing.first, crossing.second])
    overlap = shapely.area(shapely.intersection(view.shapes[third], crossing.corridor))
    worst = float(overlap.max(initial=0.0))
    return 0.0 if worst <= THIRD_PARCEL_SHARE * crossing.corridor.area else worst


def _over_barrier(crossing: Crossing, barriers: Geometries) -> float:
    """Area (m²) or length (m) that a corridor has in common with polygons or lines of barriers."""
    common = shapely.intersection(barriers, crossing.corridor)
    surface = shapely.get_dimensions(barriers) == 2
    return float(shapely.area(common[surface]).sum() + shapely.length(common[~surface]).sum())


def _numbers(view: View) -> Iterator[Check]:
    """Check that every bridge of a site is needed and stated, and that the demand allows them."""
    sites, bridges = view.written.sites, view.written.bridges
    written = bridges["site_id"].value_counts()
    wrong, many = [], []
    for site, stated in zip(sites["site_id"], sites["bridge_count"], strict=True):
        if site not in view.members:
            continue
        count = int(written.get(site, 0))
        n = len(view.members[site])
        most = pd.unique(pieces(n, bordering(view, site, BORDER_STRICT))).size - 1
        # too few bridges for the pieces is another fault: such a site fails to hang together
        if stated != count or count > most:
            wrong.append(str(site))
        if site in view.demand_of and count > view.demand_of[site].max_bridges:
            many.append(str(site))
    yield none_of("bridges.count", wrong)
    yield none_of("bridges.limit", many)
