"""A tree model for CP-SAT: every parcel but the centre has a parent one step nearer to the centre.

Columns: parcel chosen, parcel is the centre, parent arcs, and the step of each parcel. Arcs over a
bridge are counted; a site with b + 1 pieces has a tree with b of them. The greedy site is the hint.
"""

import math
from typing import Any

import numpy as np

from benchmarks.peer_greedy import solve_greedily
from benchmarks.peers import Answer
from landplan.optimize.assembly.problem import Problem, SiteDemand


def solve_with_cpsat(problem: Problem, demand: SiteDemand, seconds: float = 60.0) -> Answer:
    """Solve the tree model with CP-SAT, its portfolio of eight interleaved on one thread."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    parcels = np.flatnonzero(demand.eligible & (problem.area <= demand.area_max))
    number = {int(v): i for i, v in enumerate(parcels)}
    x = [model.new_bool_var("") for _ in parcels]
    centre = [model.new_bool_var("") for _ in parcels]
    steps = _most_parcels(problem, demand, parcels)
    step = [model.new_int_var(0, steps, "") for _ in parcels]
    inflow: list[list[Any]] = [[y] for y in centre]
    crossing = []
    pairs = [(p, False) for p in problem.borders.tolist()]
    pairs += [(p, True) for p in problem.bridges.tolist() if demand.max_bridges]
    for (one, other), over in pairs:
        if one not in number or other not in number:
            continue
        for tail, head in ((number[one], number[other]), (number[other], number[one])):
            arc = model.new_bool_var("")
            model.add_implication(arc, x[tail])
            model.add(step[head] == step[tail] + 1).only_enforce_if(arc)
            inflow[head].append(arc)
            if over:
                crossing.append(arc)
    model.add_exactly_one(centre)
    for i, arcs in enumerate(inflow):
        model.add(sum(arcs) == x[i])
        model.add(step[i] == 0).only_enforce_if(centre[i])
        model.add(step[i] == 0).only_enforce_if(~x[i])
        offset = problem.xy[parcels] - problem.xy[parcels[i]]
        far = np.flatnonzero((offset**2).sum(axis=1) > demand.radius_m**2)
        if len(far):
            model.add_at_most_one([x[i], *(centre[int(c)] for c in far)])
    model.add(sum(crossing) <= demand.max_bridges)
    model.add(sum(x) >= demand.min_parcels)
    for v in demand.must.tolist():
        model.add(x[number[v]] == 1) if v in number else model.add_bool_or([])
    area = sum(int(a) * one for a, one in zip(problem.area[parcels], x, strict=True))
    model.add_linear_constraint(area, demand.area_min, demand.area_max)
    model.minimize(sum(int(c) * one for c, one in zip(problem.cost[parcels], x, strict=True)))
    site = solve_greedily(problem, demand, seconds / 10).parcels
    for one, v in zip(x, parcels.tolist(), strict=True):
        model.add_hint(one, v in site)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 8
    solver.parameters.interleave_search = True
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return Answer(math.inf, math.inf, parcels[:0])
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(math.inf, max(0.0, solver.best_objective_bound), parcels[:0])
    chosen = parcels[[bool(solver.value(one)) for one in x]]
    return Answer(float(problem.cost[chosen].sum()), solver.best_objective_bound, chosen)


def _most_parcels(problem: Problem, demand: SiteDemand, parcels: np.ndarray) -> int:
    """Return how many parcels a site can have, which bounds the steps of its tree."""
    smallest = np.sort(problem.area[parcels]).cumsum()
    return max(1, int((smallest <= demand.area_max).sum()))
