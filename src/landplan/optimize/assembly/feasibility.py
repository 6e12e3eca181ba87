"""How much contiguous land there is: numbers that explain why a demand cannot be met."""

from dataclasses import dataclass, replace

import numpy as np

from landplan.optimize.assembly.model import (
    SiteModel,
    build_model,
    neighbour_lists,
    pieces,
    renumber,
)
from landplan.optimize.assembly.problem import FloatArray, IntArray, Problem, SiteDemand
from landplan.optimize.assembly.scan import land_in_reach


@dataclass(frozen=True, slots=True)
class ContiguousLand:
    """The largest site that the land allows, whatever the area range asks for.

    Attributes
    ----------
    found
        Area of the largest set of parcels found that joins as the demand asks, dm².
    bound
        No such set is larger, dm².
    exact
        Whether ``found`` equals ``bound``.
    parcels
        The set found, ascending.
    """

    found: int
    bound: int
    exact: bool
    parcels: IntArray


def largest_contiguous_area(problem: Problem, demand: SiteDemand) -> ContiguousLand:
    """Return the most land one site could have under a demand's rules but for its area range.

    Eligible parcels of any size count; ``max_bridges``, ``must`` and the radius limit hold;
    ``min_parcels`` does not. Without bridges and radius limit the answer is exact: the largest
    piece of land. With b bridges the set found is a piece joined to the neighbouring piece that
    adds most, b times; with a radius limit it is what is joined to a centre within its radius.
    The bound is the land that paths with at most b bridges reach from the best centre: every
    site lies within it.
    """
    open_demand = replace(
        demand, area_min=0, area_max=int(problem.area.sum()), min_parcels=1, count=1
    )
    site = build_model(problem, open_demand)
    if len(site.centres) == 0:  # no land, or locks too far apart for any centre
        return ContiguousLand(0, 0, True, site.parcels[:0])
    areas = _reach_of_pieces(site) if np.isinf(site.radius_sq) else land_in_reach(site)
    bound = int(areas.max())
    best = np.empty(0, np.int64)
    most = -1
    _, first = np.unique(-areas, return_index=True)
    others = np.argsort(-areas, kind="stable")
    for root in site.centres[np.concatenate([first, others])[:_TRIED]]:
        away = site.xy - site.xy[root]
        near = away[:, 0] ** 2 + away[:, 1] ** 2 <= site.radius_sq
        members = _grown_piece(problem, site.parcels[near], int(site.parcels[root]), demand)
        area = int(problem.area[members].sum())
        if area > most and np.isin(demand.must, members).all():
            most, best = area, members
    return ContiguousLand(max(most, 0), bound, most == bound, np.sort(best))


_TRIED = 100
"""Centres with the most land in reach that are tried for a large set."""


def _reach_of_pieces(site: SiteModel) -> FloatArray:
    """Return the land in reach of each centre where no radius limits it: that of its piece."""
    n = len(site.parcels)
    borders = np.column_stack([np.repeat(np.arange(n), np.diff(site.border_start)), site.border_to])
    label = pieces(n, borders)
    links = np.column_stack([np.repeat(np.arange(n), np.diff(site.bridge_start)), site.bridge_to])
    n_pieces = int(label.max()) + 1
    none = np.zeros(n_pieces, np.int64)
    border_start, border_to = neighbour_lists(n_pieces, borders[:0])
    bridge_start, bridge_to = neighbour_lists(n_pieces, label[links])
    contracted = site._replace(
        area=np.bincount(label, weights=site.area).astype(np.float64),
        cost=none.astype(np.float64),
        xy=np.zeros((n_pieces, 2)),
        forced=none.astype(np.bool_),
        rank=none,
        border_start=border_start,
        border_to=border_to,
        bridge_start=bridge_start,
        bridge_to=bridge_to,
        bridge_cost=np.zeros(len(bridge_to)),
        centres=np.arange(n_pieces),
    )
    return np.asarray(land_in_reach(contracted)[label[site.centres]], np.float64)


def _grown_piece(problem: Problem, parcels: IntArray, root: int, demand: SiteDemand) -> IntArray:
    """Return the piece of land that holds ``root``, with those beyond bridges that add most."""
    kept = np.zeros(len(problem.cost), np.bool_)
    kept[parcels] = True
    order = np.flatnonzero(kept)
    label = pieces(len(order), renumber(problem.borders, kept))
    weights = problem.area[order].astype(np.float64)
    weights[np.isin(order, demand.must)] += float(problem.area.sum())
    area = np.bincount(label, weights=weights)
    links = label[renumber(problem.bridges, kept)].reshape(-1, 2)
    inside = np.zeros(len(area), np.bool_)
    inside[label[np.searchsorted(order, root)]] = True
    for _ in range(demand.max_bridges):
        beside = np.concatenate([links[inside[links[:, 0]], 1], links[inside[links[:, 1]], 0]])
        beside = beside[~inside[beside]]
        if len(beside) == 0:
            break
        inside[beside[np.argmax(area[beside])]] = True
    return np.asarray(order[inside[label]], np.int64)
