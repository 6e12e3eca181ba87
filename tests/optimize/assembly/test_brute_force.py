"""The engine against the enumeration of every site: same cost, valid bound, same verdict."""

import math

import pytest

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from tests.optimize.assembly.fabrics import random_problem
from tests.optimize.assembly.oracles import all_sites, why_not_a_site


def compare(seed: int, most: int, params: Params) -> tuple[bool, int]:
    """Compare one random problem; return whether it had a site and the LPs solved."""
    problem = random_problem(seed, most)
    demand = problem.demands[0]
    sites = all_sites(problem, demand)
    result = solve(problem, params)
    if not sites:
        assert result.status == "infeasible", seed
        assert result.demands[0].proven_infeasible
        assert result.sites == ()
        return False, result.work.get("lp_solves", 0)
    assert result.status == "optimal", seed
    assert result.objective == sites[0][0] == result.bound, seed
    assert not result.limit_hit
    site = result.sites[0]
    assert why_not_a_site(problem, demand, site.parcels, site.centre) == ""
    assert sum(int(problem.cost[v]) for v in site.parcels) == result.objective
    return True, result.work.get("lp_solves", 0)


@pytest.mark.parametrize("block", range(6))
def test_without_local_search_the_proof_alone_finds_what_enumeration_finds(block: int) -> None:
    outcomes = [
        compare(seed, 13, Params(starts=0, seed=seed))
        for seed in range(60 * block, 60 * block + 60)
    ]
    assert sum(found for found, _ in outcomes) > 20
    assert sum(solves for _, solves in outcomes) > 100


@pytest.mark.parametrize("block", range(2))
def test_with_local_search_the_engine_finds_what_enumeration_finds(block: int) -> None:
    params = Params(starts=4, trials=300)
    for seed in range(1000 + 60 * block, 1060 + 60 * block):
        compare(seed, 13, params)


def test_up_to_eighteen_parcels_the_engine_finds_what_enumeration_finds() -> None:
    outcomes = [compare(seed, 18, Params(starts=0)) for seed in range(2000, 2040)]
    assert sum(found for found, _ in outcomes) > 12


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_a_bound_is_valid_wherever_the_work_ends(limit: int) -> None:
    hit = 0
    for seed in range(3000, 3060):
        problem = random_problem(seed, 12)
        sites = all_sites(problem, problem.demands[0])
        best = sites[0][0] if sites else math.inf
        result = solve(problem, Params(starts=1, trials=5, lp_solves=limit, polish_lp_solves=limit))
        assert result.demands[0].bound <= best
        if result.sites:
            assert result.bound <= best <= result.objective
        if result.status == "optimal":
            assert result.objective == best
        if result.demands[0].proven_infeasible:
            assert not sites
        hit += result.limit_hit
    assert hit > 0 or limit == 0


@pytest.mark.parametrize("gap", [0.05, 0.3])
def test_within_an_allowed_gap_the_bound_stays_valid(gap: float) -> None:
    for seed in range(4000, 4060):
        problem = random_problem(seed, 12)
        sites = all_sites(problem, problem.demands[0])
        result = solve(problem, Params(starts=2, trials=20, gap=gap))
        if not sites:
            assert result.status == "infeasible"
            continue
        assert result.bound <= sites[0][0] <= result.objective
        assert result.objective - result.bound <= gap * result.objective + 1
