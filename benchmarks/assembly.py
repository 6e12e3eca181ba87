"""Speed and quality of the assembly engine: `python -m benchmarks.assembly --suite quick`.

Suites: quick, full, joint, peers. Prints one line per run and the median over seeds.
``LANDPLAN_INSTANCES`` may name a file with the published generators; the fabrics are then compared
with it first.
"""

import argparse
import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.instances import assembly_problem, guillotine_fabric, prices, voronoi_fabric
from benchmarks.peers import Answer, solve_with_highs, solve_with_scip
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Effort, Params
from landplan.optimize.assembly.problem import Problem, SiteDemand
from landplan.optimize.assembly.warmup import warm_up

Case = tuple[str, int, tuple[float, ...], int]
"""Family, parcels, hectares per site, count of each."""

SUITES: dict[str, tuple[list[Case], int]] = {
    "quick": ([("vor", 5_000, (20.0,), 1), ("vor", 5_000, (50.0,), 1)], 3),
    "full": (
        [
            (family, n, (size,), 1)
            for family in ("vor", "gui")
            for n in (5_000, 20_000)
            for size in (20.0, 50.0)
        ],
        5,
    ),
    "joint": (
        [
            ("vor", 2_000, (20.0, 8.0, 2.0), 1),
            ("gui", 2_000, (20.0, 8.0, 2.0), 1),
            ("vor", 1_000, (20.0,), 3),
        ],
        3,
    ),
    "peers": ([("vor", 200, (8.0,), 1), ("vor", 500, (8.0,), 1), ("vor", 1_000, (8.0,), 1)], 3),
}


def main() -> None:
    """Run a suite and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=SUITES, default="quick")
    parser.add_argument("--effort", choices=("quick", "normal", "thorough"), default="normal")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit of a peer")
    arguments = parser.parse_args()
    compare_with_published(os.environ.get("LANDPLAN_INSTANCES"))
    warm_up()
    cases, seeds = SUITES[arguments.suite]
    print(f"{'case':<26}{'seed':>4}{'objective':>12}{'gap %':>8}{'s':>8}  parcels per site; work")
    for case in cases:
        seconds = [run_case(case, seed, arguments.effort) for seed in range(seeds)]
        print(f"{label(case):<26} median {statistics.median(seconds):.2f} s")
        if arguments.suite == "peers":
            for seed in range(seeds):
                run_peers(case, seed, arguments.seconds)


def label(case: Case) -> str:
    """Return a short name of a case."""
    family, n, sizes, count = case
    wanted = "+".join(f"{size:g}" for size in sizes)
    return f"{family} {n} {wanted} ha" + (f" x{count}" if count > 1 else "")


def problem_of(case: Case, seed: int) -> Problem:
    """Return the problem of a case."""
    family, n, sizes, count = case
    problem = assembly_problem(family, n, sizes, seed)
    demands = tuple(replace(demand, count=count) for demand in problem.demands)
    return replace(problem, demands=demands)


def run_case(case: Case, seed: int, effort: Effort) -> float:
    """Run the engine on a case, print a line and return the seconds."""
    problem = problem_of(case, seed)
    start = time.perf_counter()
    result = solve(problem, Params.of(effort))
    seconds = time.perf_counter() - start
    gap = (result.objective - result.bound) / max(1, result.objective)
    work = {key: result.work.get(key, 0) for key in ("survivors", "lp_solves", "nodes")}
    print(
        f"{label(case):<26}{seed:>4}{result.objective / 1e5:>12.3f}{100 * gap:>8.3f}{seconds:>8.2f}"
        f"  {[len(site.parcels) for site in result.sites]}; {work}",
        flush=True,
    )
    return seconds


def run_peers(case: Case, seed: int, limit: float) -> None:
    """Run the flow model on a case of one demand and print how much longer it takes."""
    problem = problem_of(case, seed)
    start = time.perf_counter()
    own = solve(problem, Params())
    own_seconds = time.perf_counter() - start
    peers: dict[str, Callable[[Problem, SiteDemand, float], Answer]] = {
        "HiGHS flow": solve_with_highs,
        "SCIP flow": solve_with_scip,
    }
    for name, peer in peers.items():
        start = time.perf_counter()
        answer = peer(problem, problem.demands[0], limit)
        seconds = time.perf_counter() - start
        print(
            f"  {name:<12} seed {seed}: {answer.objective / 1e5:.3f} bound {answer.bound / 1e5:.3f}"
            f" (ours {own.objective / 1e5:.3f}), {seconds:.2f} s, {seconds / own_seconds:.0f} x",
            flush=True,
        )


def compare_with_published(path: str | None) -> None:
    """Check that the fabrics equal those of the published generators, where these are at hand."""
    if path is None:
        return
    spec = importlib.util.spec_from_file_location("published", path)
    assert spec is not None
    assert spec.loader is not None
    published = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(published)
    for own, theirs in ((voronoi_fabric, published.vor), (guillotine_fabric, published.gui)):
        for n, seed in ((300, 0), (2_000, 3)):
            fabric, other = own(n, seed), published.attributes(theirs(n, seed), seed)
            price, zoned_out = prices(fabric, seed)
            same = [
                np.array_equal(fabric.xy, other["xy"]),
                np.array_equal(fabric.area, other["area"]),
                np.array_equal(fabric.borders, other["e"]),
                np.array_equal(price, other["price"]),
                np.array_equal(zoned_out, other["bad"]),
            ]
            print(f"{own.__name__} {n} seed {seed}: {'equal' if all(same) else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
