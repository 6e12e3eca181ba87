"""Several sites at once, against the enumeration of every plan."""

import math
from collections import Counter

import numpy as np
import pytest

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from tests.optimize.assembly.fabrics import random_problem
from tests.optimize.assembly.oracles import cheapest_plan, why_not_a_site


def assert_plan_holds(problem: Problem, result: object) -> None:
    used: list[int] = []
    for site in result.sites:
        demand = problem.demands[site.demand]
        assert why_not_a_site(problem, demand, site.parcels, site.centre) == ""
        used += site.parcels.tolist()
    assert len(used) == len(set(used))
    assert result.objective == sum(int(problem.cost[v]) for v in used)
    met = Counter(site.demand for site in result.sites)
    assert [demand.met for demand in result.demands] == [
        met[d] for d in range(len(problem.demands))
    ]


@pytest.mark.parametrize(("seeds", "most", "demands"), [(range(120), 12, 2), (range(40), 14, 3)])
def test_plans_of_several_sites_are_what_enumeration_finds(
    seeds: range, most: int, demands: int
) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        problem = random_problem(seed, most, demands, (1, 1, 2))
        result = solve(problem, Params(starts=2, trials=200))
        assert_plan_holds(problem, result)
        met = [demand.met for demand in result.demands]
        wanted = [demand.count for demand in problem.demands]
        best = cheapest_plan(problem, met)
        seen[result.status] += 1
        seen["searched"] += result.work.get("joint_nodes", 0) > 0
        if result.status == "optimal":
            assert result.objective == best, seed
        if result.sites:
            assert result.bound <= best <= result.objective, seed
        if met != wanted:
            assert cheapest_plan(problem, wanted) == math.inf, seed
    assert seen["optimal"] > len(seeds) // 3
    assert seen["searched"] > 0


@pytest.mark.parametrize("rounds", [0, 2])
def test_the_joint_bound_is_valid_wherever_the_work_ends(rounds: int) -> None:
    params = Params(starts=1, trials=20, joint_rounds=rounds, joint_nodes=rounds, lp_solves=2)
    for seed in range(500, 560):
        problem = random_problem(seed, 11, 2, (1, 2))
        result = solve(problem, params)
        assert_plan_holds(problem, result)
        if result.sites:
            best = cheapest_plan(problem, [demand.met for demand in result.demands])
            assert result.bound <= best <= result.objective


def test_two_sites_that_want_the_same_parcel_share_out_the_row() -> None:
    """Cost of a row of five parcels of 10 dm²; both demands want 20 to 20 dm².

    9 1 1 1 9   alone each takes two of the three cheap parcels; together one must take a dear one.
    """
    problem = Problem(
        cost=np.array([9, 1, 1, 1, 9]),
        area=np.full(5, 10),
        xy=np.column_stack([np.arange(5.0) * 10, np.zeros(5)]),
        borders=np.array([[0, 1], [1, 2], [2, 3], [3, 4]]),
        bridges=np.empty((0, 2), np.int64),
        demands=(SiteDemand(np.ones(5, np.bool_), 20, 20, count=2),),
    )
    result = solve(problem, Params())
    assert (result.status, result.objective, result.bound) == ("optimal", 12, 12.0)
    assert result.demands[0].bound == 2.0


def test_a_site_that_finds_no_room_is_dropped_and_named() -> None:
    """Three parcels in a row, 10 dm² each; two demands of 20 dm²: both need the one in the middle.

    5 1 2
    """
    problem = Problem(
        cost=np.array([5, 1, 2]),
        area=np.full(3, 10),
        xy=np.zeros((3, 2)),
        borders=np.array([[0, 1], [1, 2]]),
        bridges=np.empty((0, 2), np.int64),
        demands=tuple(SiteDemand(np.ones(3, np.bool_), 20, 20) for _ in range(2)),
    )
    result = solve(problem, Params())
    assert result.status == "optimal"
    assert sorted(demand.met for demand in result.demands) == [0, 1]
    assert not any(demand.proven_infeasible for demand in result.demands)
    assert result.objective == 3 == result.bound
