"""Small instances with proven optima: `python -m benchmarks.prove` writes `benchmarks/instances/`.

Each file holds the arrays of a problem of one demand, its least cost, a site that has it (null:
there is no site), and who proved it: brute force over all sets of parcels where they are few,
branch and cut by SCIP, the flow model by HiGHS, and the engine. All who prove must agree.
"""

import json
import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Case
from benchmarks.judge import why_no_site
from benchmarks.peer_cuts import solve_with_cuts
from benchmarks.peers import solve_with_highs
from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand

FOLDER = Path(__file__).parent / "instances"
SECONDS = 60.0
MOST_FOR_BRUTE_FORCE = 16
CASES = {
    "vor-16": (Case("vor", 16, 3.0), 0),
    "gui-16": (Case("gui", 16, 3.0), 0),
    "street-16": (Case("street", 16, 8.0, bridges=1), 0),
    "street-16-none": (Case("street", 16, 8.0, bridges=0), 1),
    "vor-16-plateau": (Case("vor", 16, 4.0, plateau=True), 1),
    "vor-60": (Case("vor", 60, 6.0), 1),
    "gui-60": (Case("gui", 60, 6.0), 1),
    "street-60": (Case("street", 60, 8.0, bridges=2), 1),
    "vor-60-free": (Case("vor", 60, 6.0, radius=False), 2),
    "gui-60-blocked": (Case("gui", 60, 6.0, blocked=0.4), 2),
}


def main() -> None:
    """Write every instance; raises AssertionError where two who prove disagree."""
    FOLDER.mkdir(exist_ok=True)
    for name, (case, seed) in CASES.items():
        document = proven(case, seed)
        (FOLDER / f"{name}.json").write_text(json.dumps(document) + "\n", "ascii")
        print(name, document["cost"], document["proven_by"], flush=True)


def proven(case: Case, seed: int) -> dict[str, Any]:
    """Return an instance with its optimum and who proved it."""
    problem = case.problem(seed)
    demand = problem.demands[0]
    answers = dict(_proofs(problem, demand))
    costs = {cost for cost, _ in answers.values()}
    assert len(costs) == 1, answers
    cost = costs.pop()
    site = next(iter(answers.values()))[1]
    assert cost == math.inf or not why_no_site(problem, demand, site)
    return {
        "about": f"{case.name}, seed {seed}; cost in 1/100 000 of a thousand, area in dm2, xy in m",
        "cost": None if cost == math.inf else int(cost),
        "site": None if cost == math.inf else site.tolist(),
        "proven_by": list(answers),
        "problem": written(problem, demand),
    }


def _proofs(problem: Problem, demand: SiteDemand) -> Iterator[tuple[str, tuple[float, IntArray]]]:
    """Yield who proves what; those who do not get there in time are silent."""
    if len(problem.cost) <= MOST_FOR_BRUTE_FORCE:
        yield "brute force", brute_force(problem, demand)
    for name, peer in (
        ("branch and cut by SCIP", solve_with_cuts),
        ("flow model by HiGHS", solve_with_highs),
    ):
        answer = peer(problem, demand, SECONDS)
        if answer.bound == math.inf or answer.bound >= answer.objective * (1 - 1e-7):
            yield name, (answer.objective, np.sort(answer.parcels))
    result = solve(problem, Params())
    if result.status == "infeasible":
        yield "landplan", (math.inf, np.empty(0, np.int64))
    elif result.status == "optimal":
        yield "landplan", (result.objective, result.sites[0].parcels)


def brute_force(problem: Problem, demand: SiteDemand) -> tuple[float, IntArray]:
    """Return the least cost of all sets of parcels that are sites, and one that has it."""
    eligible = np.flatnonzero(demand.eligible)
    best, site = math.inf, np.empty(0, np.int64)
    for size in range(1, len(eligible) + 1):
        for chosen in combinations(eligible.tolist(), size):
            parcels = np.array(chosen)
            cost = int(problem.cost[parcels].sum())
            if cost < best and not why_no_site(problem, demand, parcels):
                best, site = cost, parcels
    return best, site


def written(problem: Problem, demand: SiteDemand) -> dict[str, Any]:
    """Return a problem as lists."""
    return {
        "cost": problem.cost.tolist(),
        "area": problem.area.tolist(),
        "xy": problem.xy.tolist(),
        "borders": problem.borders.tolist(),
        "bridges": problem.bridges.tolist(),
        "eligible": demand.eligible.astype(int).tolist(),
        "area_min": demand.area_min,
        "area_max": demand.area_max,
        "radius_m": None if demand.radius_m == math.inf else demand.radius_m,
        "max_bridges": demand.max_bridges,
    }


def read(document: dict[str, Any]) -> Problem:
    """Return the problem that `written` made lists of."""
    data = document["problem"]
    radius = data["radius_m"]
    demand = SiteDemand(
        eligible=np.array(data["eligible"], np.bool_),
        area_min=data["area_min"],
        area_max=data["area_max"],
        radius_m=math.inf if radius is None else radius,
        max_bridges=data["max_bridges"],
    )
    return Problem(
        cost=np.array(data["cost"], np.int64),
        area=np.array(data["area"], np.int64),
        xy=np.array(data["xy"], np.float64),
        borders=np.array(data["borders"], np.int64).reshape(-1, 2),
        bridges=np.array(data["bridges"], np.int64).reshape(-1, 2),
        demands=(demand,),
    )


if __name__ == "__main__":
    main()
