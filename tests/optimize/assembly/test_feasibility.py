"""The largest contiguous area, against enumeration."""

from dataclasses import replace

import numpy as np

from landplan.optimize.assembly.feasibility import largest_contiguous_area
from landplan.optimize.assembly.problem import Problem, SiteDemand
from tests.optimize.assembly.fabrics import random_problem
from tests.optimize.assembly.oracles import all_sites, why_not_a_site


def test_each_further_bridge_joins_the_next_piece() -> None:
    """Areas of three pieces in a row; = is a border, ~ a bridge.

    5=5 ~ 7 ~ 9
    """
    problem = Problem(
        cost=np.zeros(4, np.int64),
        area=np.array([5, 5, 7, 9]),
        xy=np.column_stack([np.arange(4.0), np.zeros(4)]),
        borders=np.array([[0, 1]]),
        bridges=np.array([[1, 2], [2, 3]]),
        demands=(),
    )
    demand = SiteDemand(np.ones(4, np.bool_), 50, 60)
    land = [largest_contiguous_area(problem, replace(demand, max_bridges=b)) for b in range(3)]
    assert [answer.found for answer in land] == [10, 17, 26]
    assert [answer.exact for answer in land[::2]] == [True, True]
    assert all(answer.bound >= answer.found for answer in land)
    assert land[0].parcels.tolist() == [0, 1]


def test_nothing_eligible_is_no_land() -> None:
    problem = random_problem(1, 8)
    demand = SiteDemand(np.zeros(len(problem.cost), np.bool_), 1, 2)
    assert largest_contiguous_area(problem, demand).bound == 0


def test_locks_too_far_apart_for_any_centre_leave_no_land() -> None:
    """Three in a row, 100 m apart; no parcel is within 90 m of both ends."""
    problem = Problem(
        cost=np.zeros(3, np.int64),
        area=np.array([5, 5, 5]),
        xy=np.column_stack([100.0 * np.arange(3), np.zeros(3)]),
        borders=np.array([[0, 1], [1, 2]]),
        bridges=np.empty((0, 2), np.int64),
        demands=(),
    )
    demand = SiteDemand(np.ones(3, np.bool_), 5, 15, radius_m=90.0, must=np.array([0, 2]))
    land = largest_contiguous_area(problem, demand)
    assert (land.found, land.bound, land.exact, len(land.parcels)) == (0, 0, True, 0)


def test_the_bound_is_valid_and_without_bridges_and_radius_exact() -> None:
    exact = 0
    for seed in range(60):
        problem = random_problem(seed, 10)
        demand = problem.demands[0]
        free = replace(demand, area_min=1, area_max=10**6, min_parcels=1)
        most = max(
            (int(problem.area[list(members)].sum()) for _, members in all_sites(problem, free)),
            default=0,
        )
        land = largest_contiguous_area(problem, demand)
        assert land.found <= most <= land.bound
        if land.found:
            assert why_not_a_site(problem, free, land.parcels) == ""
        if demand.max_bridges == 0 and demand.radius_m == float("inf"):
            assert land.found == most == land.bound
            exact += 1
    assert exact > 3
