"""What exchanges among some parties gain, and what the presence of each can bring at most."""

from dataclasses import replace
from typing import Final

import numpy as np

from landplan.optimize.exchange.costs import arcs_of, cost_table, pieces_of, terms_of
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem
from landplan.optimize.participation import pressures
from landplan.planning.process import StopAsked

_BARRED: Final = 2**49
"""What a parcel costs with a party that may not have it: more than any plan, still a whole number
that can be scaled."""


def among(problem: Problem, parties: IntArray) -> Problem:
    """Return the exchange of some parties [k] (sorted), who are numbered anew: all others keep all.

    Exact: parcels of others never join pieces of theirs.
    """
    number = np.full(problem.m, -1, np.int64)
    number[parties] = np.arange(len(parties))
    rows = np.flatnonzero(number[problem.holder] >= 0)
    at = np.full(problem.n, -1, np.int64)
    at[rows] = np.arange(len(rows))
    edges = at[problem.edges]
    return replace(
        problem,
        value=problem.value[rows],
        area=problem.area[rows],
        xy=problem.xy[rows],
        holder=number[problem.holder[rows]],
        fixed=problem.fixed[rows],
        reference=problem.reference[parties],
        value_low=problem.value_low[parties],
        value_high=problem.value_high[parties],
        area_low=problem.area_low[parties],
        area_high=problem.area_high[parties],
        least=problem.least[parties],
        kind=problem.kind[rows],
        may_receive=problem.may_receive[parties],
        edges=edges[(edges >= 0).all(axis=1)],
        extra=None if problem.extra is None else problem.extra[np.ix_(parties, rows)],
    )


class Gains:
    """What exchanges among some parties gain, cents, each searched for once."""

    def __init__(self, problem: Problem, params: Params, stop: StopAsked | None) -> None:
        self.problem = problem
        self.params = params
        self.stop = stop
        self.ended: list[bool] = []
        self.known: dict[tuple[int, ...], tuple[int, IntArray]] = {}

    def stopped(self) -> bool:
        """Whether the caller wants no more."""
        if self.stop is not None and self.stop(float("inf"), 0.0):
            self.ended.append(True)
        return bool(self.ended)

    def of(self, parties: IntArray) -> int:
        """Return the gain of the best plan found among some parties; never below 0."""
        return self.best(parties)[0]

    def best(self, parties: IntArray) -> tuple[int, IntArray]:
        """Return the same and the plan, parties numbered as they are given."""
        key = tuple(parties.tolist())
        if key not in self.known:
            sub = among(self.problem, parties)
            today = sum(terms_of(sub, sub.holder).values())
            result = solve(sub, self.params, lambda _best, _bound: self.stopped())
            gain = today - result.objective
            kept = result.status in ("optimal", "feasible") and gain > 0
            self.known[key] = (gain, result.party) if kept else (0, sub.holder)
        return self.known[key]


def most_brought(problem: Problem, multiplier: FloatArray) -> IntArray:
    """Return what the presence of each party [m] can bring any set at most, cents."""
    whole = int(problem.value.sum())
    m = problem.m
    arcs = arcs_of(problem)

    def costs(rows: IntArray) -> IntArray:
        return np.asarray(cost_table(arcs, rows, _BARRED))

    must = (problem.least > 0) | (problem.value_low > 0) | (problem.area_low > 0)
    fixed = np.bincount(problem.holder[problem.fixed], minlength=m) > 0
    label = problem.holder.astype(np.int64)
    count = _pieces_each(problem, label)
    savings = problem.piece_price * np.maximum(0, count - (must | fixed))
    low, high = problem.value_low.clip(0), np.minimum(problem.value_high, whole)
    return pressures(costs, label, problem.value, low, high, np.asarray(multiplier, float), savings)


def _pieces_each(problem: Problem, party: IntArray) -> IntArray:
    """Return the number of pieces [m] of each party."""
    found = [
        pieces_of(among(problem, np.array([i])), np.zeros(int((party == i).sum()), np.int64))
        for i in range(problem.m)
    ]
    return np.array(found, np.int64)
