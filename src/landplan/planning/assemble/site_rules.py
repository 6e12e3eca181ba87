"""Every rule of a site, checked on parcels that anybody may have chosen.

The rules are those of `landplan.optimize.assembly.problem`, on the same integers. Linear rows are
told by what they stand for: consent by heads and area, metres along roads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landplan.optimize.assembly.problem import Problem, Row, SiteDemand
from landplan.planning.assemble.elsewhere import elsewhere_row, lies_on
from landplan.planning.assemble.formulate import SQUARE_DECIMETRES, Formulation
from landplan.planning.assemble.formulate_terms import DECIMETRES
from landplan.planning.assemble.ground import TownGround
from landplan.planning.assemble.owners import Owners, area_in_favour, area_row, heads_row
from landplan.planning.assemble.site_cost import NamedSite, site_pieces
from landplan.planning.assemble.whole_site import WholeSite
from landplan.rules.eligibility import Verdict

IntArray = NDArray[np.int64]
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that an edited plan breaks; ``ids`` are the parcels to look at."""

    code: str
    params: Mapping[str, object]
    ids: tuple[str, ...] = ()


def broken_rules(
    site: NamedSite, number: int, ground: TownGround, formulation: Formulation
) -> list[Broken]:
    """Return every rule of its demand that a site breaks."""
    problem = formulation.problem
    demand = problem.demands[number]
    if len(site.parcels) == 0:
        return [Broken("hand_edit.empty", {"site": site.site_id})]
    return [
        *_not_allowed(site, formulation.verdicts[number], ground),
        *_amounts(site, problem, demand),
        *_forgotten(site, demand, ground),
        *_apart(site, problem, demand, ground),
        *_too_far(site, problem, demand, ground),
        *_without_consent(site, formulation, ground),
        *_little_frontage(site, formulation),
        *_not_elsewhere(site, formulation, ground),
        *_whole(site, demand, ground),
    ]


def _not_allowed(site: NamedSite, verdict: Verdict, ground: TownGround) -> list[Broken]:
    barred = site.parcels[~verdict.eligible[site.parcels]]
    if len(barred) == 0:
        return []
    why = verdict.exclusions[verdict.exclusions["parcel_id"].isin(ground.ids[barred])]
    return [
        Broken(
            "hand_edit.not_allowed",
            {
                "site": site.site_id,
                "id": row["parcel_id"],
                "rule": row["rule"],
                "measured": None if pd.isna(row["measured"]) else row["measured"],
                "limit": None if pd.isna(row["limit"]) else row["limit"],
                "unit": row["unit"],
            },
            (str(row["parcel_id"]),),
        )
        for row in why.to_dict("records")
    ]


def _amounts(site: NamedSite, problem: Problem, demand: SiteDemand) -> list[Broken]:
    broken = []
    area = int(problem.area[site.parcels].sum())
    for code, limit, fails in (
        ("hand_edit.too_small", demand.area_min, area < demand.area_min),
        ("hand_edit.too_large", demand.area_max, area > demand.area_max),
    ):
        if fails:
            figures = {"area_m2": area / SQUARE_DECIMETRES, "limit_m2": limit / SQUARE_DECIMETRES}
            broken.append(Broken(code, {"site": site.site_id, **figures}))
    if len(site.parcels) < demand.min_parcels:
        params = {"site": site.site_id, "n": len(site.parcels), "limit": demand.min_parcels}
        broken.append(Broken("hand_edit.too_few", params))
    return broken


def _forgotten(site: NamedSite, demand: SiteDemand, ground: TownGround) -> list[Broken]:
    ids = tuple(ground.ids[np.setdiff1d(demand.must, site.parcels)])
    if not ids:
        return []
    params = {"site": site.site_id, "n": len(ids), "ids": ids}
    return [Broken("hand_edit.must_missing", params, ids)]


def _apart(
    site: NamedSite, problem: Problem, demand: SiteDemand, ground: TownGround
) -> list[Broken]:
    """Check that the site is one piece with no more crossings than allowed; say which are not."""
    rows = site.parcels
    crossings = int(site_pieces(rows, problem.borders).max())
    if crossings == 0:
        return []
    joins = [problem.borders, problem.bridges] if demand.max_bridges else [problem.borders]
    label = site_pieces(rows, np.concatenate(joins))
    if label.max() > 0:
        # the parcels away from the largest part, which are what a planner wants to see
        land = np.bincount(label, weights=problem.area[rows].astype(float))
        away = tuple(ground.ids[rows[label != np.argmax(land)]])
        params = {"site": site.site_id, "n": len(land), "ids": away}
        return [Broken("hand_edit.apart", params, away)]
    if crossings > demand.max_bridges:
        params = {"site": site.site_id, "n": crossings, "limit": demand.max_bridges}
        return [Broken("hand_edit.too_many_crossings", params)]
    return []


def _too_far(
    site: NamedSite, problem: Problem, demand: SiteDemand, ground: TownGround
) -> list[Broken]:
    """Check that all of the site lies within the radius of its best centre parcel."""
    best, away = _best_centre(problem.xy[site.parcels])
    far = away > demand.radius_m**2
    if not far.any():
        return []
    ids = tuple(ground.ids[site.parcels[far]])
    params = {
        "site": site.site_id,
        "centre": str(ground.ids[site.parcels[best]]),
        "measured_m": float(np.sqrt(away.max())),
        "limit_m": float(demand.radius_m),
        "n": len(ids),
        "ids": ids,
    }
    return [Broken("hand_edit.too_far", params, ids)]


def _best_centre(points: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]]:
    """Return the point whose farthest companion is nearest, and the squared distances from it."""
    best, nearest = 0, np.full(len(points), np.inf)
    for start in range(0, len(points), _AT_ONCE):
        away = points[start : start + _AT_ONCE, None, :] - points[None, :, :]
        squared = away[:, :, 0] ** 2 + away[:, :, 1] ** 2
        first = int(np.argmin(squared.max(axis=1)))
        if squared[first].max() < nearest.max():
            best, nearest = start + first, squared[first]
    return best, nearest


def _without_consent(site: NamedSite, formulation: Formulation, ground: TownGround) -> list[Broken]:
    """Check both shares in favour; the parcels to look at are those of owners who are not."""
    owners, consent = formulation.terms.owners, formulation.terms.consent
    if owners is None:
        return []
    problem, rows = formulation.problem, site.parcels
    present = owners.present(rows)
    against = present[~owners.in_favour[present]]
    theirs = [row for row in rows if np.isin(owners.of[_run(owners, row)], against).any()]
    ids = tuple(ground.ids[np.array(theirs, dtype=np.int64)])
    broken = []
    if consent.heads > 0 and not _kept(heads_row(owners, consent.heads), present):
        measured = 1.0 - len(against) / len(present)
        params = {"site": site.site_id, "measured_share": measured, "limit_share": consent.heads}
        broken.append(Broken("hand_edit.heads", params, ids))
    if 0 < consent.max_owners < len(present):
        params = {"site": site.site_id, "n": len(present), "limit": consent.max_owners}
        broken.append(Broken("hand_edit.too_many_owners", params))
    if consent.area > 0 and not _kept(area_row(owners, consent.area, problem.area), rows):
        favour, total = (part[rows].sum() for part in area_in_favour(owners, problem.area))
        params = {
            "site": site.site_id,
            "measured_share": float(favour) / max(float(total), 1.0),
            "limit_share": consent.area,
        }
        broken.append(Broken("hand_edit.land_in_favour", params, ids))
    return broken


def _run(owners: Owners, parcel: int) -> slice:
    return slice(int(owners.start[parcel]), int(owners.start[parcel + 1]))


def _kept(row: Row, held: IntArray) -> bool:
    return int(row.coef[held].sum()) >= row.low


def _little_frontage(site: NamedSite, formulation: Formulation) -> list[Broken]:
    metres, least = formulation.terms.frontage_m, formulation.terms.min_frontage_m
    if metres is None:
        return []
    tenths = np.floor(metres[site.parcels] * DECIMETRES).astype(np.int64).sum()
    if tenths >= np.ceil(round(least * DECIMETRES, 6)):
        return []
    params = {"site": site.site_id, "measured_m": int(tenths) / DECIMETRES, "limit_m": least}
    return [Broken("hand_edit.frontage", params)]


def _not_elsewhere(site: NamedSite, formulation: Formulation, ground: TownGround) -> list[Broken]:
    """Check the share of the site on land that is to be left aside."""
    broken = []
    area, ids = formulation.problem.area, ground.cadastre.parcels["parcel_id"]
    for asked in formulation.terms.elsewhere:
        if _kept(elsewhere_row(asked, ids, area), site.parcels):
            continue
        on_it = site.parcels[lies_on(asked, ids)[site.parcels]]
        params = {
            "site": site.site_id,
            "name": asked.name,
            "measured_share": float(area[on_it].sum() / area[site.parcels].sum()),
            "limit_share": asked.max_share,
        }
        broken.append(Broken("hand_edit.elsewhere", params, tuple(ground.ids[on_it])))
    return broken


def _whole(site: NamedSite, demand: SiteDemand, ground: TownGround) -> list[Broken]:
    """Ask the judge of whole sites, where the request has one, for every rule that is broken."""
    if not isinstance(demand.accept, WholeSite):
        return []
    return [
        Broken(
            f"hand_edit.{fault.code}",
            {"site": site.site_id, **fault.params},
            tuple(ground.ids[fault.parcels]),
        )
        for fault in demand.accept.faults(site.parcels)
    ]
