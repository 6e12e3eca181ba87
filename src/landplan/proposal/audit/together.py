"""What the sites of a plan keep together: the budget, and distances from each other."""

import math
from collections.abc import Iterator
from itertools import combinations

import shapely

from landplan.proposal.audit.accounts import site_costs
from landplan.proposal.audit.places import SLACK_M
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.view import View


def check_together(view: View) -> Iterator[Check]:
    """Check the land cost of all sites and the distance of every pair of them."""
    costs = site_costs(view).values()
    total, slack = math.fsum(cost for cost, _ in costs), math.fsum(shift for _, shift in costs)
    limit = view.document.asked.max_cost
    over = [("", max(total - slack - limit, 0.0))] if limit > 0 else []
    yield at_most("plan.budget", over, 0.005)
    yield none_of("plan.between", _wrong_pairs(view))


def _wrong_pairs(view: View) -> list[str]:
    """Return the pairs of sites too near to each other, or too far apart."""
    wrong = []
    grounds = {
        site: shapely.union_all(view.shapes[rows])
        for site, rows in view.members.items()
        if site in view.demand_of and view.document.asked.between
    }
    for one, other in combinations(sorted(grounds), 2):
        demands = {view.demand_of[one].id, view.demand_of[other].id}
        away = float(shapely.distance(grounds[one], grounds[other]))
        for rule in view.document.asked.between:
            far = rule.max_m is not None and away > rule.max_m + SLACK_M
            if rule.demands == demands and (far or away < rule.min_m - SLACK_M):
                wrong.append(f"{one}:{other}")
    return wrong
