"""A budget over all sites and distances between them, against the enumeration of every plan."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from landplan.optimize.assembly.engine import solve
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Between, Problem
from tests.optimize.assembly.fabrics import random_problem, with_terms
from tests.optimize.assembly.oracles import all_sites

FEW = Params(starts=2, trials=200)


def apart_of(problem: Problem):
    """Return the distance between points, as `Problem.apart` wants it."""
    xy = problem.xy

    def apart(parcels: np.ndarray) -> np.ndarray:
        offset = xy[:, None, :] - xy[parcels][None, :, :]
        return np.sqrt((offset**2).sum(axis=2)).min(axis=1)

    return apart


def distance(problem: Problem, one: frozenset[int], other: frozenset[int]) -> float:
    return min(math.dist(problem.xy[u], problem.xy[v]) for u in one for v in other)


def cheapest_together(problem: Problem, numbers: list[int]) -> float:
    """Return the least objective of plans that keep budget and distances, by enumeration."""
    slots = [d for d, number in enumerate(numbers) for _ in range(number)]
    sites = {d: all_sites(problem, problem.demands[d]) for d in set(slots)}
    best = math.inf

    def allowed(d: int, members: frozenset[int], plan: list[tuple[int, frozenset[int]]]) -> bool:
        for other, theirs in plan:
            if members & theirs:
                return False
            for rule in problem.between:
                if {rule.first, rule.second} == {d, other}:
                    metres = distance(problem, members, theirs)
                    if metres < rule.min_m - 1e-6 or metres > rule.max_m + 1e-6:
                        return False
        return True

    def extend(plan: list[tuple[int, frozenset[int]]], cost: int) -> None:
        nonlocal best
        money = sum(int(problem.cost[v]) for _, members in plan for v in members)
        if cost >= best or (problem.budget is not None and money > problem.budget):
            return
        if len(plan) == len(slots):
            best = cost
            return
        d = slots[len(plan)]
        for price, members in sites[d]:
            if cost + price >= best:
                break
            if allowed(d, members, plan):
                extend([*plan, (d, members)], cost + price)

    extend([], 0)
    return best


def random_rules(problem: Problem, seed: int, rules: str) -> Problem:
    rng = np.random.default_rng(seed)
    n_demands = len(problem.demands)
    span = float(np.ptp(problem.xy, axis=0).max())
    between = []
    if "n" in rules or "f" in rules:
        for _ in range(int(rng.integers(1, 3))):
            first, second = (int(d) for d in rng.integers(0, n_demands, 2))
            low = float(rng.uniform(0.1, 0.5) * span) if "n" in rules else 0.0
            high = low + float(rng.uniform(0.1, 0.5) * span) if "f" in rules else math.inf
            between.append(Between(first, second, low, high))
    budget = None
    if "b" in rules:
        numbers = [demand.count for demand in problem.demands]
        least = cheapest_together(replace(problem, between=tuple(between)), numbers)
        around = least if least < math.inf else float(problem.cost.sum()) / 2
        budget = int(around * rng.uniform(0.7, 1.2))
    return replace(problem, between=tuple(between), budget=budget, apart=apart_of(problem))


def assert_kept(problem: Problem, result: object) -> None:
    sites = [(site.demand, frozenset(site.parcels.tolist())) for site in result.sites]
    money = sum(int(problem.cost[v]) for _, members in sites for v in members)
    assert problem.budget is None or money <= problem.budget
    for i, (d, one) in enumerate(sites):
        for e, other in sites[:i]:
            assert not one & other
            for rule in problem.between:
                if {rule.first, rule.second} == {d, e}:
                    metres = distance(problem, one, other)
                    assert rule.min_m - 1e-6 <= metres <= rule.max_m + 1e-6


@pytest.mark.parametrize("terms", [(), ("owners", "bridges", "moment")])
@pytest.mark.parametrize("rules", ["b", "n", "f", "bnf"])
def test_plans_keep_what_enumeration_says_they_can(rules: str, terms: tuple[str, ...]) -> None:
    seen: Counter[str] = Counter()
    for seed in range(14):
        problem = random_problem(seed + 50 * len(rules), 10, 2, (1, 1, 2))
        if terms:
            problem = with_terms(problem, terms, seed)
        problem = random_rules(problem, seed, rules)
        result = solve(problem, FEW)
        assert_kept(problem, result)
        met = [demand.met for demand in result.demands]
        wanted = [demand.count for demand in problem.demands]
        best = cheapest_together(problem, met)
        seen[result.status] += 1
        seen["searched"] += result.work.get("joint_nodes", 0) > 0
        if result.sites:
            assert result.bound <= best <= result.objective, seed
        if result.status == "optimal":
            assert result.objective == best, seed
        alone = [n if b.found else 0 for n, b in zip(wanted, result.demands, strict=True)]
        if result.jointly_impossible:
            assert cheapest_together(problem, alone) == math.inf, seed
        if any(bound.proven_infeasible for bound in result.demands):
            d = [bound.proven_infeasible for bound in result.demands].index(True)
            single = [int(e == d) for e in range(len(wanted))]
            assert cheapest_together(problem, single) == math.inf, seed
        seen["all"] += met == wanted
        seen["impossible"] += result.jointly_impossible
        seen["missed"] += met != wanted and cheapest_together(problem, wanted) < math.inf
    assert seen["optimal"] > 0
    assert seen["missed"] == 0, seen


@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_a_plan_good_enough_for_the_gap_is_not_over_budget(gap: float) -> None:
    refused = 0
    for seed in range(40):
        problem = random_problem(seed, 12, 1, (1,))
        best = solve(problem, FEW)
        if best.objective < 2:
            continue
        tight = replace(problem, budget=int(best.objective) - 1)
        result = solve(tight, replace(FEW, gap=gap))
        money = sum(int(problem.cost[site.parcels].sum()) for site in result.sites)
        assert money <= int(best.objective) - 1, seed
        refused += not result.sites
    assert refused > 10
