"""A check of answers that knows nothing of those who gave them."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand


def why_wrong(problem: Problem, sites: list[tuple[int, IntArray]]) -> str:
    """Return what is wrong with sites, given as (demand, parcels), or an empty string."""
    used = np.concatenate([np.empty(0, np.int64), *(parcels for _, parcels in sites)])
    if len(np.unique(used)) < len(used):
        return "sites overlap"
    wrong = (why_no_site(problem, problem.demands[d], parcels) for d, parcels in sites)
    return next(filter(None, wrong), "")


def why_no_site(problem: Problem, demand: SiteDemand, parcels: IntArray) -> str:
    """Return why parcels are no site of the demand, or an empty string."""
    if not demand.eligible[parcels].all():
        return "not eligible"
    if not demand.area_min <= problem.area[parcels].sum() <= demand.area_max:
        return "area"
    if len(parcels) < demand.min_parcels or not np.isin(demand.must, parcels).all():
        return "parcels asked for"
    apart = problem.xy[parcels, None] - problem.xy[None, parcels]
    if np.sqrt((apart**2).sum(axis=2)).max(axis=1).min() > demand.radius_m * (1 + 1e-12):
        return "radius"
    if pieces(problem, parcels, problem.borders) > demand.max_bridges + 1:
        return "bridges"
    if pieces(problem, parcels, np.concatenate([problem.borders, problem.bridges])) > 1:
        return "in pieces"
    return ""


def pieces(problem: Problem, parcels: IntArray, pairs: IntArray) -> int:
    """Count the pieces of some parcels joined by pairs."""
    number = np.full(len(problem.cost), -1)
    number[parcels] = np.arange(len(parcels))
    ends = number[pairs].reshape(-1, 2)
    ends = ends[(ends >= 0).all(axis=1)]
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(parcels),) * 2)
    return int(connected_components(graph, directed=False)[0])
