"""One run in a process of its own: `python -m benchmarks.measure 'JSON'` prints a line per seed.

Kernels are compiled before the clock starts. Seconds are those of the processor; the engine is
asked to stop at the limit and answers with the best plan and its bound, as the peers do.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.cases import Case, Run
from benchmarks.judge import why_wrong
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand
from landplan.optimize.assembly.warmup import warm_up

Peer = Callable[[Problem, SiteDemand, float], Any]


def measured(run: Run) -> list[dict[str, Any]]:
    """Return a record for every seed of a run, made in a process of its own."""
    request = json.dumps({**asdict(run), "case": run.case._asdict()})
    command = [sys.executable, "-m", "benchmarks.measure", request]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    last = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
    missing = [{"seed": seed, "skipped": last} for seed in range(len(records), run.seeds)]
    common = {"name": run.case.name, "case": run.case._asdict(), "solver": run.solver}
    return [{**common, "limit": run.seconds, **record} for record in records + missing]


def records_of(run: Run) -> Iterator[dict[str, Any]]:
    """Solve the instance of every seed and yield what came of it."""
    if run.solver == "landplan":
        warm_up()
    for seed in range(run.seeds):
        problem = run.case.problem(seed)
        wall, cpu = time.perf_counter(), time.process_time()
        answer = _by_engine(problem, run) if run.solver == "landplan" else _by_peer(problem, run)
        seconds = time.process_time() - cpu
        sites = answer.pop("sites")
        yield {
            "seed": seed,
            "seconds": round(seconds, 4),
            "wall": round(time.perf_counter() - wall, 4),
            **answer,
            "parcels": [len(parcels) for _, parcels in sites],
            "wrong": _wrong(problem, sites, answer["objective"]),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def _by_engine(problem: Problem, run: Run) -> dict[str, Any]:
    end = time.process_time() + run.seconds
    result = solve(problem, Params(), stop=lambda best, bound: time.process_time() > end)
    return {
        "objective": result.objective if result.sites else None,
        "bound": result.bound if result.sites else None,
        "proven": result.status in ("optimal", "infeasible"),
        "sites": [(site.demand, site.parcels) for site in result.sites],
        "work": {key: result.work.get(key, 0) for key in ("survivors", "lp_solves", "nodes")},
    }


def _by_peer(problem: Problem, run: Run) -> dict[str, Any]:
    answer = peer_of(run.solver)(problem, problem.demands[0], run.seconds)
    found = len(answer.parcels) > 0
    nothing = answer.bound == float("inf")
    reached = found and answer.bound >= answer.objective * (1 - 1e-6)
    return {
        "objective": answer.objective if found else None,
        "bound": None if nothing or answer.bound < 0 else answer.bound,
        "proven": bool(nothing or reached),
        "sites": [(0, answer.parcels)] if found else [],
    }


def peer_of(name: str) -> Peer:
    """Return a peer by its name; imports only what it needs, CP-SAT and HiGHS never meet."""
    if name == "greedy":
        from benchmarks.peer_greedy import solve_greedily

        return solve_greedily
    if name == "CP-SAT tree":
        from benchmarks.peer_cpsat import solve_with_cpsat

        return solve_with_cpsat
    if name == "SCIP cuts":
        from benchmarks.peer_cuts import solve_with_cuts

        return solve_with_cuts
    from benchmarks.peers import solve_with_highs, solve_with_scip

    return {"flow HiGHS": solve_with_highs, "flow SCIP": solve_with_scip}[name]


def _wrong(problem: Problem, sites: list[tuple[int, IntArray]], objective: float | None) -> str:
    cost = sum(int(problem.cost[parcels].sum()) for _, parcels in sites)
    if sites and abs(cost - (objective or 0)) > 0.5:
        return "cost"
    return why_wrong(problem, sites)


def main() -> None:
    """Do the run that the argument describes."""
    request = json.loads(sys.argv[1])
    run = Run(**{**request, "case": Case(**request["case"])})
    for record in records_of(run):
        print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
