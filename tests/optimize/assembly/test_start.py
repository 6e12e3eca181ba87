"""A search that begins with what is known ends where one that begins with nothing does."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.optimize.assembly.result import Result
from landplan.optimize.assembly.start import Start, tightens
from tests.optimize.assembly.fabrics import random_problem, with_terms
from tests.optimize.assembly.oracles import all_sites, cheapest_plan

PARAMS = Params(starts=1, trials=50)
FEW = settings(max_examples=40, deadline=None)
SEEDS = st.integers(0, 10**6)


def changed(problem: Problem, result: Result, seed: int) -> Problem:
    """Lock a parcel in or out, or move the area range, of one demand."""
    rng = np.random.default_rng([seed, 9])
    d = int(rng.integers(len(problem.demands)))
    demand = problem.demands[d]
    parcel = int(rng.integers(len(problem.cost)))
    own = [site.parcels for site in result.sites if site.demand == d]
    if own and rng.random() < 0.5:
        parcel = int(rng.choice(own[0]))
    kind = rng.integers(4)
    if kind == 0:
        demand = replace(demand, must=np.union1d(demand.must, [parcel]))
    elif kind == 1:
        without = demand.eligible.copy()
        without[parcel] = False
        demand = replace(demand, eligible=without, must=np.setdiff1d(demand.must, [parcel]))
    elif kind == 2:
        demand = replace(demand, area_min=max(1, int(demand.area_min * rng.uniform(0.7, 1.1))))
    else:
        demand = replace(demand, area_max=int(demand.area_max * rng.uniform(0.95, 1.2)) + 1)
    demands = (*problem.demands[:d], demand, *problem.demands[d + 1 :])
    return replace(problem, demands=demands)


def start_of(before: Result, old: Problem, new: Problem) -> Start:
    """Return what the earlier answer tells about the new question."""
    met = all(
        bound.met == demand.count for bound, demand in zip(before.demands, old.demands, strict=True)
    )
    known = met and tightens(old, new, same_judges=False)
    return Start(before.sites, before.bound if known else 0.0, before.price)


@FEW
@given(SEEDS)
def test_one_site_warm_and_cold_cost_the_same_and_are_the_cheapest(seed: int) -> None:
    old = with_terms(random_problem(seed, 10), ("moment", "owners", "rows")[: seed % 4], seed)
    before = solve(old, PARAMS)
    new = changed(old, before, seed)
    warm = solve(new, PARAMS, start=start_of(before, old, new))
    sites = all_sites(new, new.demands[0])
    assert warm.status == ("optimal" if sites else "infeasible")
    if sites:
        assert warm.objective == warm.bound == sites[0][0]


@FEW
@given(SEEDS)
def test_several_sites_warm_keep_a_true_bound(seed: int) -> None:
    old = random_problem(seed, 9, 2, (1, 1, 2))
    before = solve(old, PARAMS)
    new = changed(old, before, seed)
    warm = solve(new, PARAMS, start=start_of(before, old, new))
    cold = solve(new, PARAMS)
    numbers = [bound.met for bound in warm.demands]
    if warm.sites:
        best = cheapest_plan(new, numbers)
        assert warm.bound <= best <= warm.objective
    assert len(warm.sites) >= len(cold.sites)
    if len(warm.sites) == len(cold.sites) and warm.status == cold.status == "optimal":
        assert numbers != [b.met for b in cold.demands] or warm.objective == cold.objective


@FEW
@given(SEEDS)
def test_what_tightens_a_problem_never_costs_less(seed: int) -> None:
    old = random_problem(seed, 9)
    new = changed(old, solve(old, PARAMS), seed)
    if not tightens(old, new, same_judges=True):
        return
    before, after = (all_sites(one, one.demands[0]) for one in (old, new))
    assert {members for _, members in after} <= {members for _, members in before}


@pytest.mark.parametrize(
    ("more", "tighter"),
    [
        ({"area_min": 3}, True),
        ({"area_min": 1}, False),
        ({"area_max": 9}, True),
        ({"area_max": 11}, False),
        ({"radius_m": 100.0}, True),
        ({"max_bridges": 2}, False),
        ({"min_parcels": 2}, True),
        ({"count": 2}, False),
        ({"must": np.array([1])}, True),
        ({"moment_price": 1.0}, False),
    ],
)
def test_each_rule_tightens_in_its_own_direction(more: dict[str, object], tighter: bool) -> None:
    demand = SiteDemand(np.ones(3, np.bool_), 2, 10, radius_m=200.0, max_bridges=1)
    none = np.empty((0, 2), np.int64)
    three = np.ones(3, np.int64)
    old = Problem(three, three, np.zeros((3, 2)), none, none, (demand,))
    new = replace(old, demands=(replace(demand, **more),))
    assert tightens(old, new, same_judges=False) is tighter
    assert tightens(old, replace(old, cost=2 * three), same_judges=False) is False


def test_a_known_plan_at_its_bound_is_returned_without_a_search() -> None:
    old = random_problem(1004, 12)
    before = solve(old, PARAMS)
    assert before.status == "optimal"
    again = solve(old, PARAMS, start=Start(before.sites, before.bound))
    assert (again.status, again.objective, again.bound) == (
        "optimal",
        before.objective,
        before.bound,
    )
    assert again.sites[0].parcels.tolist() == before.sites[0].parcels.tolist()
    assert again.work == {}


@pytest.mark.parametrize(("demands", "counts"), [(1, (1,)), (2, (1,)), (1, (2,))])
def test_wherever_it_is_stopped_the_bound_is_true_and_the_figures_only_improve(
    demands: int, counts: tuple[int, ...]
) -> None:
    """Asked for the k-th time, the caller wants no more, for every k until none is reached."""
    stopped = 0
    for seed in range(16):
        problem = random_problem(seed, 9, demands, counts)
        for k in range(12):
            told: list[tuple[str, float, float]] = []
            asked = iter(range(1000))
            result = solve(
                problem,
                Params(starts=1, trials=5),
                lambda best, bound, k=k, asked=asked: next(asked) >= k,
                lambda *figures, told=told: told.append(figures),
            )
            best = cheapest_plan(problem, [bound.met for bound in result.demands])
            if result.sites:
                assert result.bound <= best <= result.objective, (seed, k)
                assert (result.status == "optimal") <= (result.objective == best), (seed, k)
            for d, bound in enumerate(result.demands):
                sites = all_sites(problem, problem.demands[d])
                assert bound.bound <= (sites[0][0] if sites else math.inf), (seed, k)
                assert not (bound.proven_infeasible and sites), (seed, k)
            costs = [cost for _, cost, _ in told if cost < math.inf]
            assert costs == sorted(costs, reverse=True), (seed, k)
            stopped += result.limit_hit
            if next(asked) <= k:
                break
    assert stopped > 1, "else nothing was tested"
