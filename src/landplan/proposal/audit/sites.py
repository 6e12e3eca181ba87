"""The sites: the ground of their parcels, hanging together, and what was asked for."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from landplan.proposal.audit.contiguity import borders, pieces
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.shape import elongations, shape_measures
from landplan.proposal.audit.view import Geometries, IntArray, View

GROUND_M2 = 0.05
"""Two unions of the same polygons differ by rounding alone."""
CLOSED_SEAM_M = 2e-3
SHAPE_ERROR = 2e-6
BORDER_LENIENT, BORDER_STRICT = 0.9, 1.5
"""A common border is measured in more than one way; near its least length either answer is
accepted."""


def check_sites(view: View) -> Iterator[Check]:
    """Check every site: membership, ground, sums, shape, range, radius, contiguity."""
    sites = view.written.sites
    named = sites["site_id"]
    unknown = set(view.members) ^ set(named.dropna())
    yield none_of("sites.unknown", [*sorted(unknown), *named[named.duplicated()]])
    yield none_of("sites.members", _strays(view))
    yield at_most("sites.geometry", _ground_errors(view), GROUND_M2)
    yield none_of("sites.disjoint", _overlapping(view))
    yield from _sums(view)
    yield at_most("sites.shape", _shape_errors(view), SHAPE_ERROR)
    yield none_of("sites.area_range", _out_of_range(view))
    yield none_of("sites.min_parcels", _too_few(view))
    yield none_of("sites.elsewhere", _on_land_to_leave(view))
    yield none_of("sites.max_owners", _too_many_owners(view))
    yield at_most("sites.radius", _radii(view), 1.0)
    yield none_of(
        "sites.contiguous", [site for site in view.members if not _hangs_together(view, site)]
    )


def _site_rows(view: View) -> list[tuple[int, str, IntArray]]:
    """Row in the sites layer, id, and rows of its parcels; only sites that both layers know."""
    named = view.written.sites["site_id"]
    return [
        (row, site, view.members[site]) for row, site in enumerate(named) if site in view.members
    ]


def _strays(view: View) -> list[str]:
    """Parcels whose inner point lies in another site than they claim, or in one they do not."""
    shapes = view.written.sites.geometry.to_numpy()
    owner = np.full(len(view.ids), None, dtype=object)
    inner = shapely.point_on_surface(view.shapes)
    grounds = shapely.make_valid(shapes)
    shapely.prepare(grounds)
    site, parcel = shapely.STRtree(inner).query(grounds, predicate="intersects")
    owner[parcel] = view.written.sites["site_id"].to_numpy()[site]
    # a parcel with a data error may lie on top of a site's ground: it belongs to none
    claimed = view.parcels["site_id"].to_numpy()
    asked = view.in_site | (pd.notna(owner) & view.usable & ~view.faulty)
    return [str(view.ids[row]) for row in np.flatnonzero(asked) if owner[row] != claimed[row]]


def _ground_errors(view: View) -> list[tuple[object, float]]:
    """Area by which a site's polygon differs from the union of its parcels, m²."""
    shapes = view.written.sites.geometry.to_numpy()
    errors: list[tuple[object, float]] = []
    for row, site, rows in _site_rows(view):
        if shapes[row] is None or not shapely.is_valid(shapes[row]):
            errors.append((site, float("nan")))
            continue
        closed = closed_ground(view, site)
        ground = shapely.union_all([*view.shapes[rows], *closed])
        # closed ground reaches a little into its parcels, which are on the other side of that line
        seam = CLOSED_SEAM_M * float(shapely.length(closed).sum())
        differs = float(shapely.symmetric_difference(shapes[row], ground).area)
        errors.append((site, max(differs - seam, 0.0)))
    return errors


def closed_ground(view: View, site: str) -> Geometries:
    """Return the street ground that joins a site, stretch by stretch."""
    bridges = view.written.bridges
    mine = (bridges["site_id"] == site) & (bridges["closed_m2"].fillna(0.0) > 0)
    shapes = bridges.geometry.to_numpy()[mine.to_numpy(dtype=bool)]
    return np.asarray(shapes[~shapely.is_missing(shapes)], dtype=object)


def _overlapping(view: View) -> list[str]:
    """Pairs of sites with common ground."""
    names = list(view.members)
    united = [
        shapely.union_all([*view.shapes[rows], *closed_ground(view, site)])
        for site, rows in view.members.items()
    ]
    grounds = np.array(united, dtype=object)
    left, right = shapely.STRtree(grounds).query(grounds, predicate="intersects")
    left, right = left[left < right], right[left < right]
    common = shapely.intersection(grounds[left], grounds[right])
    hair = max(view.document.tolerance_m, 1e-6)
    wide = 2 * shapely.area(common) > hair * np.maximum(shapely.length(common), 1e-12) * 1.01
    return sorted(f"{names[left[k]]}+{names[right[k]]}" for k in np.flatnonzero(wide))


def _sums(view: View) -> Iterator[Check]:
    sites = view.written.sites
    area, counts, owners = [], [], []
    for row, site, rows in _site_rows(view):
        error = abs(sites["area_m2"].iloc[row] - view.area[rows].sum())
        area.append((site, error / max(len(rows), 1)))
        if sites["parcel_count"].iloc[row] != len(rows):
            counts.append(site)
        if sites["owner_count"].iloc[row] != len(owners_of(view, rows)):
            owners.append(site)
    yield at_most("sites.area", area, 0.01)
    yield none_of("sites.parcel_count", counts)
    yield none_of("sites.owner_count", owners)


def owners_of(view: View, rows: IntArray) -> set[str]:
    """Owners with a right in a site; the acquirer's own count as none."""
    rights = view.written.rights
    held = rights.loc[rights["parcel_id"].isin(view.ids[rows]), "owner_id"]
    return set(held.dropna()) - view.document.acquirer_owners


def _shape_errors(view: View) -> list[tuple[object, float]]:
    """Largest relative difference between a stored shape measure and its own formula, per site."""
    sites = view.written.sites
    errors: list[tuple[object, float]] = []
    for row, site, _ in _site_rows(view):
        shape = sites.geometry.iloc[row]
        if shape is None or not shape.area > 0 or not shape.is_valid:
            errors.append((site, float("nan")))
            continue
        measured = shape_measures(shape)
        possible = elongations(shape)
        told = float(sites["elongation"].iloc[row])
        measured["elongation"] = float(possible[np.argmin(np.abs(possible - told))])
        stored = sites[list(measured)].iloc[row].to_numpy(dtype=float)
        formula = np.array(list(measured.values()))
        # measures are stored to six decimals: small ones are compared absolutely
        errors.append((site, float(np.max(np.abs(stored - formula) / np.maximum(formula, 1.0)))))
    return errors


def _out_of_range(view: View) -> list[str]:
    """Sites whose measured area lies outside the range of their demand, rounding apart.

    Areas are stored to 0.01 m², so each parcel may be off by half of that.
    """
    wrong = []
    for site, rows in view.members.items():
        demand = view.demand_of.get(site)
        area, slack = float(view.area[rows].sum()), 0.01 * len(rows)
        if demand and not demand.area_min_m2 - slack <= area <= demand.area_max_m2 + slack:
            wrong.append(site)
    return wrong


def _too_few(view: View) -> list[str]:
    fewest = {site: demand.min_parcels for site, demand in view.demand_of.items()}
    return [
        site
        for site, rows in view.members.items()
        if len(set(view.ids[rows])) < fewest.get(site, 1)
    ]


def _on_land_to_leave(view: View) -> list[str]:
    """Sites with too much of their area on land that the request asks them to leave aside."""
    wrong = []
    for land in view.document.asked.elsewhere:
        on_it = view.parcels["parcel_id"].isin(land.parcels).to_numpy()
        for site, rows in view.members.items():
            whole = float(view.area[rows].sum())
            part = float(view.area[rows[on_it[rows]]].sum())
            # areas are stored to 0.01 m², so each parcel may be off by half of that
            if part > land.max_share * whole + 0.01 * len(rows):
                wrong.append(f"{site}:{land.name}")
    return wrong


def _too_many_owners(view: View) -> list[str]:
    most = view.document.asked.max_owners
    if most == 0:
        return []
    return [site for site, rows in view.members.items() if len(owners_of(view, rows)) > most]


def _radii(view: View) -> list[tuple[object, float]]:
    """Radius of every site around its best centre parcel, as a share of the radius allowed."""
    factor = view.document.max_radius_factor
    if factor <= 0:
        return []
    shares: list[tuple[object, float]] = []
    for site, rows in view.members.items():
        if site not in view.demand_of:
            continue
        allowed = factor * np.sqrt(view.demand_of[site].area_max_m2 / np.pi)
        points = shapely.get_coordinates(shapely.point_on_surface(view.shapes[rows]))
        apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        radius = float(apart.max(axis=1).min())
        # a centimetre for coordinates that went through a file
        shares.append((site, max(radius - 0.01, 0.0) / allowed))
    return shares


def bordering(view: View, site: str, factor: float) -> IntArray:
    """Pairs [e, 2] of a site's parcels (positions among its rows) that share a border."""
    pairs, length = borders(view.shapes[view.members[site]], view.document.tolerance_m)
    return pairs[length >= factor * view.document.min_border_m]


def bridging(view: View, site: str) -> IntArray:
    """Pairs [b, 2] of a site's parcels (positions among its rows) that a written bridge joins."""
    position = {parcel: k for k, parcel in enumerate(view.ids[view.members[site]])}
    bridges = view.written.bridges
    own = bridges[bridges["site_id"] == site]
    ends = [
        (position[a], position[b])
        for a, b in zip(own["parcel_a"], own["parcel_b"], strict=True)
        if a in position and b in position
    ]
    return np.array(ends, dtype=np.int64).reshape(-1, 2)


def _hangs_together(view: View, site: str) -> bool:
    rows = view.members[site]
    joins = np.vstack([bordering(view, site, BORDER_LENIENT), bridging(view, site)])
    return int(pd.unique(pieces(len(rows), joins)).size) == 1
