"""What the sites of a plan changed by hand break together."""

from itertools import combinations

from landplan.optimize.assembly.problem import Problem
from landplan.optimize.assembly.together import Together
from landplan.planning.assemble.owners import MINOR_UNITS
from landplan.planning.assemble.site_cost import NamedSite
from landplan.planning.assemble.site_rules import Broken


def broken_together(sites: list[NamedSite], problem: Problem, currency: str) -> list[Broken]:
    """Return what the sites of an edited plan break together."""
    together = Together(problem)
    filled = [site for site in sites if len(site.parcels)]
    broken = []
    if together.over_budget([site.parcels for site in filled]):
        cost = sum(together.money(site.parcels) for site in filled)
        amounts = {
            "cost": f"{cost / MINOR_UNITS:,.2f} {currency}",
            "limit": f"{(problem.budget or 0) / MINOR_UNITS:,.2f} {currency}",
        }
        broken.append(Broken("hand_edit.budget", amounts))
    for one, other in combinations(filled, 2):
        found = together.broken([one.demand, other.demand], [one.parcels, other.parcels])
        if found is None:
            continue
        away = float(together.away(one.parcels)[other.parcels].min())
        limit = found.rule.min_m if found.too_near else found.rule.max_m
        code = "hand_edit.too_near" if found.too_near else "hand_edit.too_far_apart"
        params = {"first": one.site_id, "second": other.site_id, "away_m": away, "limit_m": limit}
        broken.append(Broken(code, params))
    return broken
