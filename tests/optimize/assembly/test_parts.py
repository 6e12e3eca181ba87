"""Parts of all plans: the least sum that their numbers of sites allow, and splitting by regions."""

import math
from dataclasses import replace

import numpy as np

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.master import Group, Part
from landplan.optimize.assembly.params import Params
from tests.optimize.assembly.fabrics import random_problem
from tests.optimize.assembly.oracles import cheapest_plan

NOTHING = np.zeros(4, np.bool_)
WEST = np.array([True, True, False, False])


def test_a_part_fills_up_from_the_cheapest_region_after_the_least_numbers() -> None:
    """Three sites, at most one in the west at 10 each, one to three in the east at 15 each."""
    groups = (Group(0, 0, 1, WEST), Group(0, 1, 3, ~WEST))
    part = Part((3,), groups, NOTHING)
    assert part.least([10.0, 15.0]) == 10 + 2 * 15
    assert part.least([20.0, 15.0]) == 3 * 15
    assert part.least([10.0, math.inf]) == math.inf


def test_a_part_whose_regions_take_too_few_sites_is_empty() -> None:
    part = Part((3,), (Group(0, 0, 1, WEST), Group(0, 0, 1, ~WEST)), NOTHING)
    assert part.least([1.0, 1.0]) == math.inf


def test_demands_are_summed() -> None:
    part = Part((1, 2), (Group(0, 1, 1), Group(1, 2, 2)), NOTHING)
    assert part.least([7.0, 5.0]) == 17


def test_three_sites_within_a_radius_are_what_enumeration_finds() -> None:
    searched = 0
    for seed in range(700, 760):
        problem = random_problem(seed, 12, 1, (3,))
        demand = replace(problem.demands[0], area_min=20, area_max=90, radius_m=180.0)
        demand = replace(demand, must=np.empty(0, np.int64), min_parcels=1)
        problem = replace(problem, demands=(demand,))
        result = solve(problem, Params(starts=2, trials=200))
        if not result.sites:
            continue
        best = cheapest_plan(problem, [result.demands[0].met])
        searched += result.work.get("joint_nodes", 0) > 0
        assert result.bound <= best <= result.objective, seed
        assert result.status != "optimal" or result.objective == best, seed
    assert searched > 0
