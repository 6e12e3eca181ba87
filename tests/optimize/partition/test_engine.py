from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.optimize.partition.atoms import strict_atoms
from landplan.optimize.partition.bound import component_bounds
from landplan.optimize.partition.engine import solve
from landplan.optimize.partition.params import Params
from landplan.optimize.partition.problem import Problem, heterogeneity, inertia
from landplan.optimize.partition.result import Result
from tests.optimize.partition.enumerate import is_site, most_sites, neighbours, sites_of, tiny

QUICK = Params(attempts=4, trials=100)


def row(areas: list[int], **rules: object) -> Problem:
    """Parcels in a row, each beside the next."""
    n = len(areas)
    return Problem(
        area=np.array(areas),
        xy=np.column_stack([np.arange(n), np.zeros(n)]).astype(float),
        links=np.column_stack([np.arange(n - 1), np.arange(1, n)]),
        eligible=np.ones(n, bool),
        **rules,  # type: ignore[arg-type]
    )


def check_plan(problem: Problem, result: Result) -> None:
    """Every site keeps every rule; the sites are numbered through."""
    beside = neighbours(problem)
    masks = sites_of(result.label)
    assert len(masks) == result.count <= min(result.bound, problem.max_sites)
    assert all(is_site(problem, mask, beside) for mask in masks)
    assert result.heterogeneity == heterogeneity(problem.attributes, result.label)


@pytest.mark.parametrize("block", range(8))
def test_no_plan_has_more_sites_than_the_bound_whatever_the_rules(block: int) -> None:
    open_seeds = []
    for seed in range(block * 40, block * 40 + 40):
        problem = tiny(seed)
        result = solve(problem, QUICK)
        check_plan(problem, result)
        most = most_sites(problem)
        assert result.count <= most <= result.bound, seed
        if result.count < most:
            open_seeds.append(seed)
        if result.status in ("optimal", "infeasible"):
            assert result.count == most == result.bound
    assert len(open_seeds) <= 2, open_seeds


def test_large_parcels_and_land_behind_one_parcel_lower_the_bound() -> None:
    # five parcels of 9 with sites of 10: two of five give two sites, area alone would say four
    pairs = row([9, 9, 9, 9, 9], area_min=10)
    assert int(pairs.area.sum()) // 10 == 4
    assert component_bounds(strict_atoms(pairs), 10).tolist() == [2]
    # a star: every site needs the middle
    star = replace(row([1, 9, 9, 9, 9], area_min=10), links=np.array([[0, k] for k in range(1, 5)]))
    assert component_bounds(strict_atoms(star), 10).tolist() == [1]


def test_heterogeneity_is_the_sum_over_pairs() -> None:
    attributes = np.array([[1, 0], [4, 0], [9, 5], [100, 7], [3, 3]])
    label = np.array([0, 0, 0, 1, -1])
    # |1 - 4| + |1 - 9| + |4 - 9| and 0 + 5 + 5
    assert heterogeneity(attributes, label) == 16 + 10
    assert heterogeneity(np.empty((5, 0), np.int64), label) == 0


def test_inertia_is_the_moment_about_the_centroid() -> None:
    area, xy = np.array([1, 1, 2]), np.array([[0.0, 0.0], [6.0, 0.0], [3.0, 0.0]])
    assert inertia(area, xy, np.array([0, 0, 0])) == pytest.approx(18.0)
    assert inertia(area, xy, np.array([0, 1, -1])) == pytest.approx(0.0)


def test_slack_makes_up_for_parcels_that_do_not_fit_by_themselves() -> None:
    rng = np.random.default_rng(1)
    result = solve(fabric(30, rng), Params(trials=0))
    assert result.count >= 0.96 * result.area_bound


def test_annealing_makes_sites_more_alike_and_never_fewer() -> None:
    # fewer sites than there can be, so that there is room to move
    problem = replace(fabric(20, np.random.default_rng(2)), max_sites=34)
    before, after = (solve(problem, Params(trials=trials)) for trials in (0, 200))
    assert after.count == before.count
    assert after.heterogeneity < 0.9 * before.heterogeneity
    compact = replace(problem, attributes=np.empty((400, 0), np.int64))
    before, after = (solve(compact, Params(trials=trials)) for trials in (0, 200))
    assert after.inertia < 0.9 * before.inertia


def test_the_same_problem_and_seed_give_the_same_plan() -> None:
    problem = fabric(15, np.random.default_rng(3))
    one, other = (solve(problem, Params(7, trials=50)) for _ in range(2))
    assert np.array_equal(one.label, other.label)
    assert one.work == other.work


def test_a_search_that_is_stopped_returns_a_plan_with_its_bound() -> None:
    problem = fabric(15, np.random.default_rng(4))
    result = solve(problem, Params(), stop=lambda best, bound: True)
    assert result.status == "stopped"
    assert 0 < result.count < result.bound
    assert (result.label >= 0).all()


@settings(max_examples=30, deadline=None)
@given(
    side=st.integers(3, 9),
    low=st.integers(15, 120),
    room=st.sampled_from([1.4, 2.0, 1e12]),
    seed=st.integers(0, 10_000),
)
def test_plans_of_larger_towns_keep_every_rule(side: int, low: int, room: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = side * side
    problem = replace(
        fabric(side, rng),
        eligible=rng.random(n) < 0.9,
        area_min=low,
        area_max=int(low * room),
        together=(rng.choice(n, 3, replace=False),),
        apart=rng.choice(n, (1, 2), replace=False),
    )
    result = solve(problem, QUICK)
    assert result.count <= result.bound <= result.area_bound
    beside = neighbours(problem)
    assert all(is_site(problem, mask, beside) for mask in sites_of(result.label))


def fabric(side: int, rng: np.random.Generator) -> Problem:
    """Squares of unequal area beside each other, sites of about ten."""
    number = np.arange(side * side).reshape(side, side)
    links = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    return Problem(
        area=rng.integers(5, 20, side * side),
        xy=np.column_stack([number.ravel() % side, number.ravel() // side]).astype(float),
        links=links,
        eligible=np.ones(side * side, np.bool_),
        area_min=120,
        attributes=rng.integers(0, 1_000, (side * side, 2)),
    )


def test_the_bound_by_weights_and_blocks_alone_holds_on_every_small_graph() -> None:
    for seed in range(250):
        problem = tiny(10_000 + seed)
        bounds = component_bounds(strict_atoms(problem), problem.area_min)
        assert most_sites(problem) <= int(bounds.sum()), seed
