"""The door of the assembly engine."""

import math

from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Problem, Progress, Stop
from landplan.optimize.assembly.result import DemandBound, Result, Site, Status
from landplan.optimize.assembly.single import find_site
from landplan.optimize.assembly.work import Work


def solve(
    problem: Problem, params: Params, stop: Stop | None = None, progress: Progress | None = None
) -> Result:
    """Find the plan of least cost and prove how good it is.

    Every demand is first solved alone. The sum of these minima bounds the joint plan, and where the
    sites are disjoint they are it.

    Returns
    -------
    Result
        Its status is ``optimal`` where the bound meets the objective, ``feasible`` where work ran
        out before, ``infeasible`` where it is proven that not even one site exists, and ``stopped``
        where none was found in time.
    """
    work = Work(params, stop, progress)
    alone = [find_site(problem, demand, work) for demand in problem.demands]
    sites = tuple(
        Site(i, outcome.parcels, outcome.centre) for i, outcome in enumerate(alone) if outcome.found
    )
    objective = sum(int(problem.cost[site.parcels].sum()) for site in sites)
    bound = sum(outcome.bound for outcome in alone if outcome.found)
    demands = tuple(
        DemandBound(o.bound, int(o.found), not o.found and o.bound == math.inf) for o in alone
    )
    status: Status
    if sites:
        status = "optimal" if bound >= objective else "feasible"
    else:
        status = "infeasible" if all(d.proven_infeasible for d in demands) else "stopped"
    return Result(
        status,
        sites,
        objective,
        float(bound),
        demands,
        dict(work.done),
        work.limit_hit,
        tuple(work.history),
    )
