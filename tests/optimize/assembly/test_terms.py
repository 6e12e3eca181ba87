"""Prices on owners, bridges and distance, rows and judgements: the engine against enumeration."""

import math
from collections import Counter
from dataclasses import asdict

import pytest

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem
from tests.optimize.assembly.fabrics import TERMS, random_problem, with_terms
from tests.optimize.assembly.oracles import (
    all_sites,
    cheapest_plan,
    price_of,
    terms_of,
    why_not_a_site,
)

ALONE = [(term,) for term in TERMS]
PRICES = ("moment", "owners", "bridges", "bridge fees")


def compare(problem: Problem, params: Params, label: object) -> Counter[str]:
    """Compare one problem of one demand with enumeration; return what was seen."""
    demand = problem.demands[0]
    sites = all_sites(problem, demand)
    result = solve(problem, params)
    if not sites:
        assert result.status == "infeasible", label
        assert result.demands[0].proven_infeasible, label
        return Counter(lp_solves=result.work.get("lp_solves", 0))
    assert result.status == "optimal", label
    assert result.objective == sites[0][0] == result.bound, label
    site = result.sites[0]
    assert why_not_a_site(problem, demand, site.parcels, site.centre) == "", label
    assert price_of(problem, demand, site.parcels, site.centre) == result.objective, label
    assert asdict(result.terms) == terms_of(problem, demand, site.parcels, site.centre), label
    assert result.terms.total == result.objective
    return Counter(found=1, lp_solves=result.work.get("lp_solves", 0))


@pytest.mark.parametrize("terms", [*ALONE, PRICES, TERMS], ids=" ".join)
def test_without_local_search_the_proof_alone_finds_what_enumeration_finds(
    terms: tuple[str, ...],
) -> None:
    seen: Counter[str] = Counter()
    for seed in range(40):
        problem = with_terms(random_problem(seed, 12), terms, seed)
        seen += compare(problem, Params(starts=0, seed=seed), (terms, seed))
    assert seen["found"] > 3
    assert seen["lp_solves"] > 50


@pytest.mark.parametrize("terms", [*ALONE, PRICES, TERMS], ids=" ".join)
def test_with_local_search_the_engine_finds_what_enumeration_finds(terms: tuple[str, ...]) -> None:
    for seed in range(100, 125):
        problem = with_terms(random_problem(seed, 12), terms, seed)
        compare(problem, Params(starts=4, trials=300), (terms, seed))


def test_any_choice_of_terms_up_to_sixteen_parcels_is_what_enumeration_finds() -> None:
    found = 0
    for seed in range(200, 240):
        terms = [term for k, term in enumerate(TERMS) if seed >> k & 1]
        problem = with_terms(random_problem(seed, 16), terms, seed)
        found += compare(problem, Params(starts=1, trials=100), (terms, seed))["found"]
    assert found > 8


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_with_all_terms_a_bound_is_valid_wherever_the_work_ends(limit: int) -> None:
    params = Params(starts=1, trials=5, lp_solves=limit, polish_lp_solves=limit)
    for seed in range(300, 330):
        problem = with_terms(random_problem(seed, 12), TERMS[seed % 2 * 3 :], seed)
        sites = all_sites(problem, problem.demands[0])
        best = sites[0][0] if sites else math.inf
        result = solve(problem, params)
        assert result.demands[0].bound <= best, seed
        if result.sites:
            assert result.bound <= best <= result.objective, seed
        if result.demands[0].proven_infeasible:
            assert not sites, seed


@pytest.mark.parametrize("terms", [*ALONE, PRICES, TERMS], ids=" ".join)
def test_plans_of_two_demands_are_what_enumeration_finds(terms: tuple[str, ...]) -> None:
    seen: Counter[str] = Counter()
    for seed in range(400, 430):
        problem = with_terms(random_problem(seed, 11, 2, (1, 1, 2)), terms, seed)
        result = solve(problem, Params(starts=2, trials=100))
        objective = 0
        for site in result.sites:
            demand = problem.demands[site.demand]
            assert why_not_a_site(problem, demand, site.parcels, site.centre) == "", seed
            objective += price_of(problem, demand, site.parcels, site.centre)
        assert result.objective == objective == result.terms.total, seed
        used = [v for site in result.sites for v in site.parcels.tolist()]
        assert len(used) == len(set(used))
        best = cheapest_plan(problem, [demand.met for demand in result.demands])
        if result.sites:
            assert result.bound <= best <= result.objective, seed
        if result.status == "optimal":
            assert result.objective == best, seed
        seen[result.status] += 1
    assert seen["optimal"] > 3
