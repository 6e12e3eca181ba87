"""The engine against a flow model solved by HiGHS, at sizes that enumeration cannot reach."""

import math

import pytest

from benchmarks.peers import solve_with_highs
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from tests.optimize.assembly.fabrics import random_problem
from tests.optimize.assembly.oracles import why_not_a_site


@pytest.mark.parametrize("block", range(3))
def test_on_up_to_sixty_parcels_the_flow_model_agrees(block: int) -> None:
    found = 0
    for seed in range(7000 + 5 * block, 7005 + 5 * block):
        problem = random_problem(seed, 60)
        demand = problem.demands[0]
        peer = solve_with_highs(problem, demand, seconds=20.0)
        result = solve(problem, Params(starts=5, trials=1_000))
        if result.status == "infeasible":
            assert peer.objective == math.inf
            continue
        site = result.sites[0]
        assert why_not_a_site(problem, demand, site.parcels, site.centre) == ""
        tolerance = 1e-5 * max(1, result.objective)
        assert peer.bound <= result.objective + tolerance, seed
        assert result.bound <= peer.objective, seed
        found += result.status == "optimal" and abs(peer.objective - result.objective) <= tolerance
    assert found > 0
