"""The door of the assembly engine."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from landplan.optimize.assembly.columns import Column, column_of
from landplan.optimize.assembly.conflict import ConflictSearch
from landplan.optimize.assembly.joint import (
    ORDERS,
    Plan,
    first_columns,
    improve_plan,
    most_sites,
    one_after_another,
    pricing_limits,
)
from landplan.optimize.assembly.judge import with_judges
from landplan.optimize.assembly.objective import Terms, terms_of
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.parts import PartSearch
from landplan.optimize.assembly.problem import IntArray, Problem, Progress, Stop
from landplan.optimize.assembly.result import DemandBound, Result, Site, Status
from landplan.optimize.assembly.single import Outcome, find_site
from landplan.optimize.assembly.start import Start
from landplan.optimize.assembly.together import Together
from landplan.optimize.assembly.work import Figures, Work


def solve(
    problem: Problem,
    params: Params,
    stop: Stop | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
) -> Result:
    """Find the plan of least cost and prove how good it is.

    Every demand is first solved alone. The sum of these minima bounds the joint plan; where the
    sites are disjoint, they are the plan. Where they meet, prices on contested parcels and a search
    over who gets them follow. Demands without a site are left out. If no plan holds the sites of
    all others, sites are dropped: those that found no room when the sites were placed one after the
    other, in the order that placed most.

    A ``start`` shortens the search; the result is then another one only within its gap.

    Returns
    -------
    Result
        Its status is ``optimal`` where the bound meets the objective, ``feasible`` where work ran
        out before, ``infeasible`` where it is proven that not even one site exists, and ``stopped``
        where none was found in time. Unmet demands stand in ``demands``; objective and bound are
        about the sites that are planned.
    """
    problem = with_judges(problem)
    together = Together(problem)
    work = Work(params, stop, progress)
    start = Start() if start is None else start
    first = start.plan(problem)
    first = first if together.keeps(first) else []
    if first and sum(column.cost for column in first) <= start.bound:
        return _known(first, problem, start, work)
    alone: list[Outcome] = []
    several = sum(demand.count for demand in problem.demands) > 1
    floor = 0.0 if several else start.bound
    # prices from before say more about several sites than each alone does
    limits = pricing_limits(params, -1) if several and len(start.price) else None
    for d in range(len(problem.demands)):
        work.whole = _figures_so_far(problem, alone)
        known = start.of_demand(d)
        alone.append(_alone(problem, d, together, work, known, limits, floor))
    counts = [
        demand.count if outcome.found else 0
        for demand, outcome in zip(problem.demands, alone, strict=True)
    ]
    plan = _disjoint(problem, alone, counts, together)
    wanted = plan
    if plan.cost == math.inf or (limits is not None and plan.open):
        if first and sum(column.cost for column in first) < plan.cost:
            plan.columns = first
            plan.bound = max(plan.bound, start.bound)
        if len(start.price):
            plan.price = start.price
        plan = _contested(problem, alone, plan, work)
    work.whole = None
    work.tell("done", plan.cost, plan.bound)
    return _result(plan, wanted, alone, problem, work)


def _alone(
    problem: Problem,
    d: int,
    together: Together,
    work: Work,
    known: tuple[tuple[IntArray, int], ...],
    limits: Params | None,
    floor: float,
) -> Outcome:
    """Solve a demand alone; with a budget, the site may cost no more than all of it."""
    demand = problem.demands[d]
    if problem.budget is not None and not together.money_is_all:
        demand = together.beside(d, [])[1]
    outcome = find_site(problem, demand, work, known=known, limits=limits, floor=floor)
    if outcome.found and outcome.bound <= together.ceiling < outcome.cost:
        # good enough for the gap asked, and too dear: the search must see the budget
        demand = together.beside(d, [])[1]
        outcome = find_site(problem, demand, work, known=known, limits=limits, floor=floor)
    if outcome.bound > together.ceiling:
        return replace(outcome, parcels=outcome.parcels[:0], cost=math.inf, bound=math.inf, pool=())
    return outcome


def _known(first: list[Column], problem: Problem, start: Start, work: Work) -> Result:
    """Return the known plan, which costs no more than any plan does, without a search."""
    counts = [demand.count for demand in problem.demands]
    plan = Plan(
        counts, first, start.bound, np.zeros(len(problem.cost), np.int64), Together(problem)
    )
    own = {column.demand: column for column in first}
    alone = [
        Outcome(own[d].parcels, own[d].centre, float(own[d].cost), 0.0)
        for d in range(len(problem.demands))
    ]
    work.tell("done", plan.cost, plan.bound)
    return _result(plan, plan, alone, problem, work)


def _figures_so_far(problem: Problem, alone: list[Outcome]) -> Figures:
    """Return what figures of the next demand's site say about the whole plan.

    No plan costs less than the sum of the minima. A demand counts once it has a site: before, it
    may still be left out. Where it is not the only site, finding one makes no plan yet.
    """
    solved = list(zip(problem.demands, alone, strict=False))
    proven = sum(demand.count * outcome.bound for demand, outcome in solved if outcome.found)
    count = problem.demands[len(alone)].count
    only = len(problem.demands) == 1 and count == 1

    def whole(best: float, bound: float) -> tuple[float, float]:
        if only:
            return best, bound
        return math.inf, proven + count * bound if best < math.inf else proven

    return whole


def _figures_of(plan: Plan) -> Figures:
    """Return what is known of a plan, whichever site is being looked for."""
    return lambda _best, _bound: (plan.cost, plan.bound)


def _alone_bound(alone: list[Outcome], counts: list[int]) -> float:
    """Return the sum of the minima: no plan with these numbers of sites costs less."""
    return sum(count * outcome.bound for outcome, count in zip(alone, counts, strict=True) if count)


def _disjoint(
    problem: Problem, alone: list[Outcome], counts: list[int], together: Together
) -> Plan:
    """Return the plan of the cheapest sites if they are disjoint, else a plan without sites."""
    columns = [
        column_of(problem, d, outcome.parcels, outcome.centre)
        for d, outcome in enumerate(alone)
        if outcome.found
    ]
    used = np.concatenate([np.empty(0, np.int64), *(column.parcels for column in columns)])
    fits = max(counts, default=0) <= 1 and len(np.unique(used)) == len(used)
    fits = fits and together.keeps(columns)
    no_price = np.zeros(len(problem.cost), np.int64)
    return Plan(counts, columns if fits else [], _alone_bound(alone, counts), no_price, together)


def _contested(problem: Problem, alone: list[Outcome], plan: Plan, work: Work) -> Plan:
    """Plan sites that want the same parcels; drop sites where no plan holds all."""
    work.alone_lp_solves = work.done["lp_solves"]
    work.whole = _figures_of(plan)
    columns = first_columns(problem, alone)
    orders = 2 if plan.price.any() else ORDERS
    together = plan.together
    start = one_after_another(problem, plan.counts, alone, columns, work, together, orders)
    if len(start) == sum(plan.counts) and sum(column.cost for column in start) < plan.cost:
        plan.columns = start
    improve_plan(plan, columns)
    if plan.cost < math.inf:
        PartSearch(problem, plan, columns, work).run()
    if plan.open and not work.stopped:
        ConflictSearch(problem, plan, columns, work).run()
    if plan.cost < math.inf:
        return plan
    more = most_sites(plan, columns)
    start = more if len(more) > len(start) else start
    placed = Counter(column.demand for column in start)
    counts = [placed[d] for d in range(len(plan.counts))]
    no_price = np.zeros_like(plan.price)
    smaller = Plan(counts, start, _alone_bound(alone, counts), no_price, together)
    work.whole = _figures_of(smaller)
    improve_plan(smaller, columns)
    PartSearch(problem, smaller, columns, work).run()
    if smaller.open and not work.stopped:
        ConflictSearch(problem, smaller, columns, work).run()
    return smaller


def _result(plan: Plan, wanted: Plan, alone: list[Outcome], problem: Problem, work: Work) -> Result:
    """Return the answer in the engine's words, sites in the order of their demands.

    ``wanted`` is the plan with all the sites that demands alone can have.
    """
    chosen = sorted(plan.columns, key=lambda column: (column.demand, column.parcels.tolist()))
    sites = tuple(Site(c.demand, np.sort(c.parcels), c.centre) for c in chosen)
    placed = Counter(site.demand for site in sites)
    demands = tuple(
        DemandBound(
            outcome.bound,
            placed[d],
            not outcome.found and outcome.bound == math.inf,
            outcome.found,
        )
        for d, outcome in enumerate(alone)
    )
    objective = sum(column.cost for column in chosen)
    undecided = any(not o.found and o.bound < math.inf for o in alone)
    proven = not plan.open or plan.bound >= objective
    status: Status
    if sites:
        status = "optimal" if proven else "feasible"
    else:
        status = "infeasible" if all(d.proven_infeasible for d in demands) else "stopped"
    return Result(
        status=status,
        sites=sites,
        objective=objective,
        bound=float(min(plan.bound, objective)) if sites else 0.0,
        demands=demands,
        work=dict(sorted(work.done.items())),
        jointly_impossible=wanted.cost == math.inf and wanted.bound == math.inf,
        limit_hit=work.limit_hit and (undecided or (bool(sites) and not proven)),
        history=tuple(work.history),
        terms=sum(
            (terms_of(problem, problem.demands[c.demand], c.parcels, c.centre) for c in chosen),
            Terms(),
        ),
        price=plan.price,
    )
