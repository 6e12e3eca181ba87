"""The same problem, parameters and seed give the same answer in another process."""

import subprocess
import sys

import numpy as np

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.warmup import warm_up
from tests.optimize.assembly.fabrics import grid

SCRIPT = "from tests.optimize.assembly.test_determinism import answer; print(answer())"


def answer() -> str:
    """Solve a town of 400 parcels with two sites at work limits that are hit."""
    from landplan.optimize.assembly.problem import Problem, SiteDemand

    rng = np.random.default_rng(3)
    xy, borders = grid(20, 20)
    demands = tuple(
        SiteDemand(np.ones(400, np.bool_), least, int(least * 1.1), radius_m=600.0, min_parcels=4)
        for least in (1500, 900)
    )
    problem = Problem(
        rng.integers(10**6, 10**7, 400),
        rng.integers(50, 150, 400),
        xy,
        borders,
        borders[:0],
        demands,
    )
    limits = Params(
        starts=3, trials=500, lp_solves=40, polish_lp_solves=40, joint_rounds=3, joint_nodes=3
    )
    result = solve(problem, limits)
    assert result.limit_hit
    assert result.status == "feasible"
    assert result.bound < result.objective
    sites = [(site.demand, site.parcels.tolist(), site.centre) for site in result.sites]
    return repr((sites, result.objective, result.bound, result.work, result.history))


def test_two_processes_agree_where_the_work_limit_decides() -> None:
    other = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=300
    )
    assert other.stdout.strip() == answer()


def test_warming_up_solves_its_toy_town() -> None:
    assert warm_up().status == "optimal"


def test_the_caller_can_stop_and_gets_the_bound_so_far() -> None:
    from tests.optimize.assembly.fabrics import random_problem

    calls: list[tuple[float, float]] = []

    def stop(best: float, bound: float) -> bool:
        calls.append((best, bound))
        return True

    stopped = [solve(random_problem(seed, 13), Params(starts=0), stop) for seed in range(20)]
    assert calls
    assert any(result.status == "stopped" and result.limit_hit for result in stopped)
