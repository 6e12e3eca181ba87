"""What a search tells while it goes on: the bound never falls, the best never rises."""

import itertools

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem
from landplan.optimize.assembly.result import Result
from tests.optimize.assembly.fabrics import random_problem

Told = list[tuple[str, float, float]]


def told_of(problem: Problem) -> tuple[Result, Told]:
    told: Told = []
    result = solve(
        problem,
        Params(starts=2, trials=200),
        progress=lambda phase, best, bound: told.append((phase, best, bound)),
    )
    return result, told


def goes_back(told: Told) -> list[tuple[str, float, float]]:
    """Return what was told with a lower bound or a dearer plan than just before."""
    pairs = itertools.pairwise(told)
    return [
        later
        for before, later in pairs
        if later[2] < before[2] - 1e-6 * max(1.0, abs(before[2])) or later[1] > before[1]
    ]


def test_of_one_site_the_bound_never_falls_and_the_best_never_rises() -> None:
    lengths = []
    for seed in range(40):
        result, told = told_of(random_problem(seed, 14, 1, (1,)))
        assert not goes_back(told), seed
        assert told[-1][2] <= result.bound + 1e-6
        lengths.append(len(told))
    assert max(lengths) > 2


def test_of_several_sites_they_do_so_as_long_as_all_are_planned() -> None:
    planned = 0
    for seed in range(40):
        result, told = told_of(random_problem(seed, 14, 2, (1,)))
        if all(demand.met for demand in result.demands):
            assert not goes_back(told), seed
            planned += 1
    assert planned > 10
