"""What makes a site, checked in whole numbers before the engine believes in one."""

import numpy as np

from landplan.optimize.assembly.model import pieces, renumber
from landplan.optimize.assembly.objective import owners_of
from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand


def is_site(problem: Problem, demand: SiteDemand, parcels: IntArray, centre: int) -> bool:
    """Whether ``parcels`` with this centre are a site of the demand."""
    area = int(problem.area[parcels].sum())
    if not demand.eligible[parcels].all() or not demand.area_min <= area <= demand.area_max:
        return False
    if len(parcels) < demand.min_parcels or not np.isin(demand.must, parcels).all():
        return False
    if not keeps_rules(problem, demand, parcels):
        return False
    offset = problem.xy[parcels] - problem.xy[centre]
    away = offset[:, 0] ** 2 + offset[:, 1] ** 2
    if centre not in parcels or (away > demand.radius_m * demand.radius_m).any():
        return False
    chosen = np.zeros(len(problem.cost), np.bool_)
    chosen[parcels] = True
    borders = renumber(problem.borders, chosen)
    by_border = int(pieces(len(parcels), borders).max()) + 1
    if by_border > demand.max_bridges + 1:
        return False
    joined = np.concatenate([borders, renumber(problem.bridges, chosen)])
    if by_border > 1 and int(pieces(len(parcels), joined).max()) > 0:
        return False
    return demand.accept is None or demand.accept(np.sort(parcels))


def keeps_rules(problem: Problem, demand: SiteDemand, parcels: IntArray) -> bool:
    """Whether the linear rules on parcels and on owners hold for a set of parcels."""
    if any(int(row.coef[parcels].sum()) < row.low for row in demand.rows):
        return False
    if not demand.owner_rows:
        return True
    owners = owners_of(problem, parcels)
    return all(int(row.coef[owners].sum()) >= row.low for row in demand.owner_rows)
