"""From a rounded assignment to one that keeps all limits: annealing, repair, descent."""

import numpy as np
from scipy.sparse import coo_array

from landplan.optimize.exchange.costs import Arcs, arcs_of, terms_of
from landplan.optimize.exchange.moves import Limits, Room, anneal
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import BoolArray, IntArray, Problem, Stop
from landplan.optimize.exchange.result import outside_of

_RINGS = 3
_REPAIR_TRIALS = 60
_GROWTH = 1.6
_CANDIDATES = 8
_CHUNKS = 10
_NEVER = 2**60


class PlanSearch:
    """Search for one problem; ``lists`` [n, k] are parties worth trying for each parcel."""

    def __init__(self, problem: Problem, params: Params, lists: IntArray) -> None:
        self.problem = problem
        self.params = params
        self.arcs: Arcs = arcs_of(problem)
        self.lists = np.ascontiguousarray(lists[:, :_CANDIDATES])
        n = problem.n
        pairs = np.concatenate([problem.edges, problem.edges[:, ::-1]])
        links = coo_array(
            (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (n, n)
        ).tocsr()
        self.room = Room(
            links.indptr.astype(np.int64),
            links.indices.astype(np.int64),
            np.zeros(n + 1, np.int64),
            np.empty(n + 1, np.int64),
        )
        value, area = float(problem.value.sum()), float(problem.area.sum())
        moves = _NEVER if problem.max_moves is None else problem.max_moves
        self.limits = Limits(
            problem.value_low.astype(np.int64),
            problem.value_high.astype(np.int64),
            problem.area_low.astype(np.int64),
            problem.area_high.astype(np.int64),
            problem.least.astype(np.int64),
            problem.area.astype(np.int64),
            value / area,
            float(problem.piece_price),
            moves,
        )
        self.free = np.flatnonzero(~problem.fixed)
        self.trials = 0

    def cost(self, party: IntArray) -> int:
        """Return the objective of an assignment."""
        return sum(terms_of(self.problem, party).values())

    def keeps(self, party: IntArray) -> bool:
        """Whether an assignment keeps all limits."""
        moved = int((party != self.problem.holder).sum())
        return not outside_of(self.problem, party) and moved <= self.limits.max_moves

    def improve(self, party: IntArray, bound: float, stop: Stop | None) -> IntArray:
        """Return the best assignment met that keeps the limits; else the nearest to them."""
        party = self._with_least(party.copy())
        if len(self.free) == 0:
            return party
        mean = max(1.0, (self.cost(party) - self.limits.piece) / max(1, self.problem.n))
        per_value = mean * self.problem.n / float(self.problem.value.sum())
        trials = self.params.trials * len(self.free)
        seed = self.params.seed
        self._run(
            self.free,
            party,
            trials,
            (0.3 * mean, 3e-3 * mean),
            (3 * per_value, 60 * per_value),
            seed,
        )
        if stop is None or not stop(np.inf, bound):
            cold = (0.05 * mean, 1e-3 * mean)
            self._run(
                self.free, party, trials // 2, cold, (60 * per_value, 600 * per_value), seed + 1
            )
        self._repair(party, mean, per_value)
        best = party.copy() if self.keeps(party) else None
        hard = 1e6 * per_value
        for turn in range(3):
            self._run(
                self.free,
                party,
                trials // 6,
                (0.01 * mean, 1e-4 * mean),
                (hard, hard),
                seed + 7 + turn,
            )
            if self.keeps(party) and (best is None or self.cost(party) < self.cost(best)):
                best = party.copy()
        return party if best is None else best

    def _run(
        self,
        pool: IntArray,
        party: IntArray,
        trials: int,
        heat: tuple[float, float],
        penalty: tuple[float, float],
        seed: int,
    ) -> None:
        self.trials += trials
        anneal(
            self.arcs,
            self.limits,
            self.room,
            self.lists,
            pool,
            party,
            trials,
            heat,
            penalty,
            np.random.default_rng(seed),
        )

    def _repair(self, party: IntArray, mean: float, per_value: float) -> None:
        """Search around the parties outside their limits until none is, at rising penalties."""
        penalty = 600.0 * per_value
        for turn in range(self.params.repairs):
            outside = outside_of(self.problem, party)
            if not outside:
                return
            pool = self._around(party, np.array([one.party for one in outside]))
            trials = _REPAIR_TRIALS * len(pool)
            heat = (0.3 * mean, 0.01 * mean)
            self._run(
                pool, party, trials, heat, (penalty, 10.0 * penalty), self.params.seed + 100 + turn
            )
            penalty = min(penalty * _GROWTH, 1e6 * per_value)

    def _around(self, party: IntArray, wrong: IntArray) -> IntArray:
        """Return the free parcels of some parties, of those they hold or want, and rings around."""
        near: BoolArray = np.isin(party, wrong) | np.isin(self.problem.holder, wrong)
        edges = self.problem.edges
        for _ in range(_RINGS):
            touched = near[edges[:, 0]] | near[edges[:, 1]]
            near = near.copy()
            near[edges[touched].ravel()] = True
        return np.asarray(np.flatnonzero(near & ~self.problem.fixed), np.int64)

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
