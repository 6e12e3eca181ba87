"""Sites that are judged whole: the search goes on past those turned down, and stays honest."""

import math
from dataclasses import replace

import numpy as np
import pytest

from landplan.optimize.assembly.accepted import exchanges
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.judge import with_judges
from landplan.optimize.assembly.model import build_model
from landplan.optimize.assembly.nogood import other_than
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, Reason, SiteDemand
from tests.optimize.assembly.fabrics import grid, random_problem, with_terms
from tests.optimize.assembly.oracles import all_sites, in_reach


def row_of_five(accept: object) -> Problem:
    """Cost of a row of five parcels of 10 dm², of which two are wanted: 4 1 2 3 9."""
    return Problem(
        cost=np.array([4, 1, 2, 3, 9]),
        area=np.full(5, 10),
        xy=np.column_stack([np.arange(5.0) * 10, np.zeros(5)]),
        borders=np.array([[0, 1], [1, 2], [2, 3], [3, 4]]),
        bridges=np.empty((0, 2), np.int64),
        demands=(SiteDemand(np.ones(5, np.bool_), 20, 20, accept=accept),),
    )


def test_the_next_best_site_is_found_and_proven_where_the_best_is_turned_down() -> None:
    result = solve(row_of_five(lambda parcels: parcels.tolist() != [1, 2]), Params(starts=0))
    assert result.sites[0].parcels.tolist() in ([0, 1], [2, 3])
    assert (result.status, result.objective, result.bound) == ("optimal", 5, 5.0)


def test_where_every_site_is_turned_down_it_is_proven_that_there_is_none() -> None:
    judged: list[tuple[int, ...]] = []

    def never(parcels: np.ndarray) -> bool:
        judged.append(tuple(parcels.tolist()))
        return False

    result = solve(row_of_five(never), Params())
    assert result.status == "infeasible"
    assert result.demands[0].proven_infeasible
    assert sorted(judged) == [(0, 1), (1, 2), (2, 3), (3, 4)]  # each once


def test_where_the_work_ends_before_a_site_is_accepted_no_proof_is_claimed() -> None:
    params = Params(starts=1, trials=1, lp_solves=1, polish_lp_solves=1)
    result = solve(row_of_five(lambda parcels: 4 in parcels), params)
    if result.status != "optimal":
        assert result.status == "stopped"
        assert not result.demands[0].proven_infeasible
        assert result.demands[0].bound <= 12
        assert result.limit_hit


def test_the_row_that_excludes_a_site_is_kept_by_every_other_site() -> None:
    """Every pair of sites of small random towns, around every root that both have."""
    pairs = tight = 0
    for seed in range(5000, 5060):
        problem = random_problem(seed, 9)
        demand = problem.demands[0]
        site = build_model(problem, demand)
        sites = [members for _, members in all_sites(problem, demand)][:60]
        for one in sites:
            members = np.searchsorted(site.parcels, sorted(one))
            for root in one:
                if not in_reach(problem, demand, set(one), root):
                    continue
                leave, enter = other_than(site, int(np.searchsorted(site.parcels, root)), members)
                out, new = set(site.parcels[leave].tolist()), set(site.parcels[enter].tolist())
                assert out <= one
                assert not new & one
                for other in sites:
                    if root in other and other != one and in_reach(problem, demand, other, root):
                        assert len(out - other) + len(new & other) >= 1, (seed, root, one, other)
                        pairs += 1
                        tight += len(out) < len(one) - 1
    assert pairs > 3000
    assert tight > 1000


@pytest.mark.parametrize("starts", [0, 2])
def test_with_a_judgement_the_engine_finds_what_enumeration_finds(starts: int) -> None:
    found = 0
    for seed in range(80):
        problem = with_terms(random_problem(seed, 12), ["accept"], seed)
        sites = all_sites(problem, problem.demands[0])
        result = solve(problem, Params(starts=starts, trials=100, seed=seed))
        if not sites:
            assert result.status == "infeasible", seed
            continue
        found += 1
        assert result.status == "optimal", seed
        assert result.objective == sites[0][0] == result.bound, seed
    assert found > 20


@pytest.mark.parametrize("limit", [1, 3])
def test_with_a_judgement_a_bound_is_valid_wherever_the_work_ends(limit: int) -> None:
    params = Params(starts=1, trials=5, lp_solves=limit, polish_lp_solves=limit)
    for seed in range(100, 160):
        problem = with_terms(random_problem(seed, 12), ["accept"], seed)
        sites = all_sites(problem, problem.demands[0])
        best = sites[0][0] if sites else math.inf
        result = solve(problem, params)
        assert result.demands[0].bound <= best, seed
        if result.sites:
            assert result.bound <= best <= result.objective, seed
        if result.demands[0].proven_infeasible:
            assert not sites, seed


def test_demands_of_the_same_rule_share_one_memory() -> None:
    problem = row_of_five(lambda _parcels: True)
    twice = with_judges(replace(problem, demands=problem.demands * 2))
    assert twice.demands[0].accept is twice.demands[1].accept
    assert with_judges(twice).demands[0].accept is twice.demands[0].accept


def test_a_compact_site_is_found_where_cheap_ones_are_turned_down() -> None:
    """A grid of 8 by 8 with a cheap row: only sites of two rows and columns at least pass.

    The row costs 1 a parcel, all others 3; four parcels are wanted: two of the row, two beside it.
    """
    xy, borders = grid(8, 8)

    def wide(parcels: np.ndarray) -> bool:
        return bool(np.ptp(xy[parcels], axis=0).min() >= 100.0) and len(parcels) == 4

    problem = Problem(
        cost=np.where(np.arange(64) // 8 == 3, 1, 3),
        area=np.full(64, 10),
        xy=xy,
        borders=borders,
        bridges=np.empty((0, 2), np.int64),
        demands=(SiteDemand(np.ones(64, np.bool_), 40, 49, accept=wide),),
    )
    quick = solve(problem, Params(lp_solves=0, polish_lp_solves=0))
    assert quick.objective == 6  # three of the row and one beside it
    assert quick.bound <= 6
    result = solve(problem, Params())
    assert (result.status, result.objective) == ("optimal", 6)


def test_exchanges_come_cheapest_first_and_keep_the_area_allowed() -> None:
    problem = row_of_five(None)
    site = build_model(problem, problem.demands[0])
    found = [
        (gain, sorted(changed.tolist())) for gain, changed in exchanges(site, np.array([1, 2]), 1)
    ]
    assert found == [(1.0, [1, 3]), (2.0, [0, 1])]  # the root 1 stays; 1 and 3 are not joined


def test_a_named_reason_excludes_all_sites_like_the_one_turned_down() -> None:
    """A ring of eight squares around one: whoever holds the ring must hold the middle, at 50."""
    xy, borders = grid(3, 3)
    ring = np.array([0, 1, 2, 3, 5, 6, 7, 8])
    asked: list[list[int]] = []

    def accept(parcels: np.ndarray) -> bool:
        asked.append(parcels.tolist())
        return not np.isin(ring, parcels).all() or 4 in parcels

    def why(_parcels: np.ndarray) -> tuple[Reason, ...]:
        return (Reason(ring, np.array([4])),)

    problem = Problem(
        cost=np.array([1, 1, 1, 1, 50, 1, 1, 1, 1]),
        area=np.full(9, 10),
        xy=xy,
        borders=borders,
        bridges=np.empty((0, 2), np.int64),
        demands=(SiteDemand(np.ones(9, np.bool_), 80, 90, accept=accept, why=why),),
    )
    result = solve(problem, Params(starts=0))
    assert (result.status, result.objective, result.bound) == ("optimal", 57, 57.0)
    assert 4 in result.sites[0].parcels


def test_a_site_with_a_hole_is_mended_without_a_single_linear_program() -> None:
    """Five by five, dear in the middle; the cheap ring around it needs the middle as well."""
    xy, borders = grid(5, 5)
    ring = np.array([6, 7, 8, 11, 13, 16, 17, 18])
    cost = np.full(25, 40)
    cost[ring] = 1
    cost[12] = 60
    reason = Reason(ring, np.array([12]))
    problem = Problem(
        cost=cost,
        area=np.full(25, 10),
        xy=xy,
        borders=borders,
        bridges=np.empty((0, 2), np.int64),
        demands=(
            SiteDemand(
                np.ones(25, np.bool_),
                80,
                90,
                accept=lambda parcels: not np.isin(ring, parcels).all() or 12 in parcels,
                why=lambda _parcels: (reason,),
            ),
        ),
    )
    result = solve(problem, Params(starts=8, trials=2_000, lp_solves=0, polish_lp_solves=0))
    assert result.objective == 47  # seven of the ring and one beside it: mended, then descended
    assert solve(problem, Params(starts=0)).objective == 47
