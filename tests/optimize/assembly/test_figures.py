"""Figures told while a search goes on are about the whole plan, never about one of its sites."""

import math

import pytest

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.result import Result
from tests.optimize.assembly.fabrics import random_problem

Told = list[tuple[str, float, float]]


def solved(seed: int, demands: int, counts: tuple[int, ...]) -> tuple[Result, int, Told]:
    told: Told = []
    problem = random_problem(seed, 12, demands, counts)
    result = solve(problem, Params(starts=2), None, lambda *figures: told.append(figures))
    return result, sum(demand.count for demand in problem.demands), told


@pytest.mark.parametrize(("demands", "counts"), [(1, (1,)), (1, (2,)), (2, (1, 2)), (3, (1,))])
def test_told_figures_hold_for_the_plan_that_comes_out(
    demands: int, counts: tuple[int, ...]
) -> None:
    complete = 0
    for seed in range(60):
        result, wanted, told = solved(seed, demands, counts)
        assert told[-1][0] == "done"
        if len(result.sites) < wanted:
            continue
        complete += 1
        assert all(best == math.inf or best >= result.objective for _, best, _ in told), seed
        assert all(bound <= result.objective for _, _, bound in told), seed
    assert complete >= 4, "else nothing was tested"
