import numpy as np
import pytest

from landplan.optimize.partition.atoms import strict_atoms
from landplan.optimize.partition.bound import component_bounds
from landplan.optimize.partition.engine import solve
from landplan.optimize.partition.params import Params
from landplan.optimize.partition.problem import Problem, heterogeneity
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


def test_the_bound_by_weights_and_blocks_alone_holds_on_every_small_graph() -> None:
    for seed in range(400):
        problem = tiny(10_000 + seed)
        bounds = component_bounds(strict_atoms(problem), problem.area_min)
        assert most_sites(problem) <= int(bounds.sum()), seed
