"""From a first assignment to one that keeps all limits: what the engine asks of `plan`."""

import numpy as np

from landplan.optimize.exchange.costs import terms_of
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.plan import improve
from landplan.optimize.exchange.problem import NO_LIMIT, IntArray, Problem, Stop
from landplan.optimize.exchange.result import outside_of

_CANDIDATES = 8


class PlanSearch:
    """Search for one problem; ``lists`` [n, k] are parties worth trying for each parcel."""

    def __init__(self, problem: Problem, params: Params, lists: IntArray) -> None:
        self.problem = problem
        self.params = params
        self.lists = np.ascontiguousarray(lists[:, :_CANDIDATES])
        self.trials = 0

    def cost(self, party: IntArray) -> int:
        """Return the objective of an assignment."""
        return sum(terms_of(self.problem, party).values())

    def keeps(self, party: IntArray) -> bool:
        """Whether an assignment keeps all limits."""
        most = NO_LIMIT if self.problem.max_moves is None else self.problem.max_moves
        moved = int((party != self.problem.holder).sum())
        return not outside_of(self.problem, party) and moved <= most

    def improve(self, party: IntArray, bound: float, stop: Stop | None) -> IntArray:
        """Return the best assignment met that keeps the limits; else the nearest to them."""
        first = self._with_least(party.copy())
        plan, trials = improve(
            self.problem,
            self.params,
            self.lists,
            first,
            None if stop is None else lambda best, _: stop(best, bound),
        )
        self.trials += trials
        return plan

    def _with_least(self, party: IntArray) -> IntArray:
        """Give parties that have too few parcels their own, or the nearest, of those with more."""
        problem = self.problem
        count = np.bincount(party, minlength=problem.m)
        for i in np.flatnonzero(count < problem.least):
            away = ((problem.xy - problem.reference[i]) ** 2).sum(axis=1)
            away[problem.holder == i] -= 1e18
            for j in np.argsort(away, kind="stable"):
                if count[i] >= problem.least[i]:
                    break
                giver = party[j]
                can = problem.holder[j] == i or problem.may_receive[i, problem.kind[j]]
                if (
                    problem.fixed[j]
                    or giver == i
                    or not can
                    or count[giver] <= problem.least[giver]
                ):
                    continue
                party[j] = i
                count[i] += 1
                count[giver] -= 1
        return party
