"""Peers at an exchange: greedy swaps, a mixed-integer program, CP-SAT, a genetic algorithm.

Each gets the instance and a limit of seconds, and answers the party of every parcel; `None` where
it has no answer in time. CP-SAT and pymoo come with the extra `peers`.
"""

import time
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack
from scipy.spatial import cKDTree

from landplan.optimize.exchange.problem import IntArray, Problem

FloatArray = NDArray[np.float64]
_CANDIDATES = 10
_SLICE = 500_000


def costs(problem: Problem, parcel: IntArray, party: IntArray) -> FloatArray:
    """Return what it costs to give parcels to parties."""
    away = ((problem.xy[parcel] - problem.reference[party]) ** 2).sum(axis=1)
    return np.asarray(np.rint(problem.distance_price * problem.value[parcel] * away))


def candidates(problem: Problem) -> tuple[IntArray, IntArray]:
    """Return arcs (parcel, party): the nearest parties, and the holder."""
    k = min(problem.m, _CANDIDATES)
    near = cKDTree(problem.reference).query(problem.xy, k=k)[1].reshape(problem.n, k)
    both = np.column_stack([near, problem.holder])
    pairs = np.unique(np.repeat(np.arange(problem.n), k + 1) * problem.m + both.ravel())
    parcel, party = np.divmod(pairs, problem.m)
    return parcel, party


def by_swaps(problem: Problem, seconds: float) -> IntArray:
    """Swap and shift at random from the status quo; what is cheaper and keeps the limits stays."""
    party = problem.holder.astype(np.int64).copy()
    held = np.bincount(party, problem.value, minlength=problem.m)
    size = np.bincount(party, problem.area, minlength=problem.m)
    away = ((problem.xy[:, None, :] - problem.reference[None]) ** 2).sum(axis=2)
    cost = np.rint(problem.distance_price * problem.value[:, None] * away)
    count = np.bincount(party, minlength=problem.m)
    began, dice = time.perf_counter(), np.random.default_rng(0)
    while time.perf_counter() - began < seconds:
        swap = dice.random(_SLICE) < 0.7
        other = np.where(swap, dice.integers(problem.n, size=_SLICE), -1)
        _swaps(
            *(cost, problem.value, problem.area, party, held, size, count),
            *(problem.value_low.astype(float), problem.value_high.astype(float)),
            *(problem.area_low.astype(float), problem.area_high.astype(float)),
            *(dice.integers(problem.n, size=_SLICE), other, dice.integers(problem.m, size=_SLICE)),
        )
    return party


@njit(cache=True)
def _swaps(
    cost: FloatArray,
    value: IntArray,
    area: IntArray,
    party: IntArray,
    held: FloatArray,
    size: FloatArray,
    count: IntArray,
    low: FloatArray,
    high: FloatArray,
    area_low: FloatArray,
    area_high: FloatArray,
    first: IntArray,
    second: IntArray,
    taker: IntArray,
) -> None:
    for t in range(len(first)):
        j, k = first[t], second[t]
        p = party[j]
        q = party[k] if k >= 0 else taker[t]
        if p == q or (k < 0 and count[p] <= 1):
            continue
        gain = cost[j, p] - cost[j, q]
        dv, da = float(value[j]), float(area[j])
        if k >= 0:
            gain += cost[k, q] - cost[k, p]
            dv -= value[k]
            da -= area[k]
        if gain <= 0.0:
            continue
        if not (low[p] <= held[p] - dv <= high[p] and low[q] <= held[q] + dv <= high[q]):
            continue
        if not (area_low[p] <= size[p] - da <= area_high[p]):
            continue
        if not (area_low[q] <= size[q] + da <= area_high[q]):
            continue
        held[p] -= dv
        held[q] += dv
        size[p] -= da
        size[q] += da
        party[j] = q
        if k >= 0:
            party[k] = p
        else:
            count[p] -= 1
            count[q] += 1


def by_mip(problem: Problem, seconds: float) -> IntArray | None:
    """Solve the assignment as a mixed-integer program with HiGHS, on candidate arcs."""
    parcel, party = candidates(problem)
    arcs, m = len(parcel), problem.m
    every = np.arange(arcs)
    once = coo_array((np.ones(arcs), (parcel, every)), shape=(problem.n, arcs))
    rows, low, high = [once], [np.ones(problem.n)], [np.ones(problem.n)]
    sides = [(problem.value, problem.value_low, problem.value_high)]
    if problem.by_area:
        sides.append((problem.area, problem.area_low, problem.area_high))
    sides.append((np.ones_like(problem.value), problem.least, np.full(m, problem.n)))
    for amount, least, most in sides:
        rows.append(coo_array((amount[parcel].astype(float), (party, every)), shape=(m, arcs)))
        low.append(least.astype(float))
        high.append(most.astype(float))
    price = costs(problem, parcel, party)
    answer = milp(
        price / price.mean(),
        integrality=np.ones(arcs),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack(rows).tocsc(), np.hstack(low), np.hstack(high)),
        options={"time_limit": seconds},
    )
    if answer.x is None:
        return None
    chosen = answer.x > 0.5
    found = problem.holder.astype(np.int64).copy()
    found[parcel[chosen]] = party[chosen]
    return found


def by_cpsat(problem: Problem, seconds: float) -> IntArray | None:
    """Solve with CP-SAT on candidate arcs, hinted with the status quo, on two threads."""
    from ortools.sat.python import cp_model

    parcel, party = candidates(problem)
    model = cp_model.CpModel()
    take = [model.new_bool_var("") for _ in parcel]
    price = costs(problem, parcel, party)
    scale = max(1.0, float(price.sum()) / 1e12)
    by_parcel: list[list[int]] = [[] for _ in range(problem.n)]
    by_party: list[list[int]] = [[] for _ in range(problem.m)]
    for arc, (j, i) in enumerate(zip(parcel.tolist(), party.tolist(), strict=True)):
        by_parcel[j].append(arc)
        by_party[i].append(arc)
        model.add_hint(take[arc], i == problem.holder[j])
    for arcs in by_parcel:
        model.add_exactly_one([take[arc] for arc in arcs])
    sides = [(problem.value, problem.value_low, problem.value_high)]
    if problem.by_area:
        sides.append((problem.area, problem.area_low, problem.area_high))
    for i, arcs in enumerate(by_party):
        model.add(sum(take[arc] for arc in arcs) >= int(problem.least[i]))
        for amount, least, most in sides:
            load = sum(take[arc] * int(amount[parcel[arc]]) for arc in arcs)
            model.add_linear_constraint(load, int(least[i]), int(most[i]))
    model.minimize(sum(t * int(p / scale) for t, p in zip(take, price, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = problem.holder.astype(np.int64).copy()
    for arc, taken in enumerate(take):
        if solver.boolean_value(taken):
            found[parcel[arc]] = party[arc]
    return found


def by_genes(problem: Problem, seconds: float) -> IntArray:
    """Evolve assignments from the status quo with pymoo: swaps mutate, parcels cross uniformly."""
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.core.crossover import Crossover
    from pymoo.core.mutation import Mutation
    from pymoo.core.problem import Problem as Model
    from pymoo.core.sampling import Sampling
    from pymoo.optimize import minimize

    n, m = problem.n, problem.m
    rng = np.random.default_rng(0)
    today = problem.holder.astype(np.int64)
    sides = [(problem.value, problem.value_low, problem.value_high)]
    if problem.by_area:
        sides.append((problem.area, problem.area_low, problem.area_high))

    def mutated(genes: IntArray, swaps: int) -> IntArray:
        for _ in range(swaps):
            j, k = rng.integers(n, size=2)
            genes[j], genes[k] = genes[k], genes[j]
        return genes

    class Start(Sampling):  # type: ignore[misc]
        def _do(self, _model: Any, count: int, **_: Any) -> Any:
            return np.array([mutated(today.copy(), i % 5) for i in range(count)])

    class Cross(Crossover):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(2, 2)

        def _do(self, _model: Any, parents: Any, **_: Any) -> Any:
            # near parcels come together: a half-plane of one parent, the rest of the other
            angle = rng.uniform(0, 2 * np.pi, (parents.shape[1], 1))
            along = np.cos(angle) * problem.xy[:, 0] + np.sin(angle) * problem.xy[:, 1]
            mask = along < np.median(along, axis=1, keepdims=True)
            one = np.where(mask, parents[0], parents[1])
            return np.stack([one, np.where(mask, parents[1], parents[0])])

    class Mutate(Mutation):  # type: ignore[misc]
        def _do(self, _model: Any, genes: Any, **_: Any) -> Any:
            return np.array([mutated(one.copy(), int(rng.integers(1, 4))) for one in genes])

    class Exchange(Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(n_var=n, n_obj=1, n_ieq_constr=1, xl=0, xu=m - 1, vtype=int)

        def _evaluate(self, genes: Any, out: Any, *_: Any, **__: Any) -> None:
            every = np.arange(n)
            out["F"] = np.array([[costs(problem, every, one).sum()] for one in genes])
            missed = []
            for one in genes:
                total = 0.0
                for amount, low, high in sides:
                    load = np.bincount(one, amount, minlength=m)
                    total += np.maximum(0, low - load).sum() + np.maximum(0, load - high).sum()
                missed.append([total])
            out["G"] = np.array(missed)

    genetic = GA(
        pop_size=60,
        sampling=Start(),
        crossover=Cross(),
        mutation=Mutate(),
        eliminate_duplicates=False,
    )
    clock = time.strftime("%H:%M:%S", time.gmtime(seconds))
    done = minimize(Exchange(), genetic, ("time", clock), seed=1, verbose=False)
    return today if done.X is None else np.asarray(done.X, np.int64)
