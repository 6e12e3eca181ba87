"""What the sites of a plan must keep together: a budget, and distances from each other.

Prices and branching know nothing of these rules: leaving them out only widens the choice, so bounds
stay bounds. Here plans are held against them, and a plan that breaks one gives a row that it
violates and every allowed plan keeps (proofs: docs/explanation/assembly-bounds.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from landplan.optimize.assembly.columns import Column
from landplan.optimize.assembly.problem import (
    Between,
    BoolArray,
    FloatArray,
    IntArray,
    Problem,
    Row,
    SiteDemand,
)

ROUNDING_M = 1e-6
"""A distance that misses a limit by less keeps it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Two sites of a plan that break a rule; ``first`` is of its demand a, ``second`` of b."""

    rule: Between
    first: int
    second: int
    too_near: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """Sites of demand a that exclude sites of demand b.

    Those that hold the one parcel exclude those with a parcel of ``near`` [n]; where ``whole``, the
    site of just these ``parcels`` excludes those without one.
    """

    rule: Between
    parcels: IntArray
    near: BoolArray
    whole: bool


@dataclass(slots=True)
class Together:
    """The rules over several sites of a problem, and the rows learnt from plans that broke them."""

    problem: Problem
    cuts: list[_Cut] = field(default_factory=list)
    _away: dict[bytes, FloatArray] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether there is any such rule."""
        return self.problem.budget is not None or bool(self.problem.between)

    @property
    def money_is_all(self) -> bool:
        """Whether the objective is the money that the budget counts, and nothing else."""
        problem = self.problem
        priced = bool(problem.owner_price.any()) or bool(problem.bridge_costs().any())
        return not priced and not any(demand.moment_price for demand in problem.demands)

    @property
    def ceiling(self) -> float:
        """The largest objective that may keep the budget; inf where other terms count too."""
        budget = self.problem.budget
        return float(budget) if budget is not None and self.money_is_all else math.inf

    def money(self, parcels: IntArray) -> int:
        """Return what the land of a site costs."""
        return int(self.problem.cost[parcels].sum())

    def away(self, parcels: IntArray) -> FloatArray:
        """Return the distance [n] of every parcel from the nearest of some, m."""
        key = parcels.tobytes()
        if key not in self._away:
            assert self.problem.apart is not None
            self._away[key] = self.problem.apart(parcels)
        return self._away[key]

    def within(self, parcel: int, metres: float) -> BoolArray:
        """Which parcels [n] lie nearer than so many metres to one parcel."""
        return self.away(np.array([parcel], np.int64)) < metres - ROUNDING_M

    def rules(self, one: int, other: int) -> list[Between]:
        """Return the rules between sites of two demands."""
        pair = {one, other}
        return [rule for rule in self.problem.between if {rule.first, rule.second} == pair]

    def over_budget(self, sites: Sequence[IntArray]) -> bool:
        """Whether the land of some sites costs more than the budget."""
        budget = self.problem.budget
        return budget is not None and sum(self.money(parcels) for parcels in sites) > budget

    def broken(self, demands: Sequence[int], sites: Sequence[IntArray]) -> Broken | None:
        """Return the first pair of sites, given with their demands, that breaks a distance."""
        for i, j in combinations(range(len(sites)), 2):
            for rule in self.rules(demands[i], demands[j]):
                a, b = (i, j) if demands[i] == rule.first else (j, i)
                metres = float(self.away(sites[a])[sites[b]].min())
                if metres < rule.min_m - ROUNDING_M:
                    return Broken(rule, a, b, too_near=True)
                if metres > rule.max_m + ROUNDING_M:
                    return Broken(rule, a, b, too_near=False)
        return None

    def keeps(self, columns: Sequence[Column]) -> bool:
        """Whether a plan keeps the budget and all distances."""
        if not self.asked:
            return True
        sites = [column.parcels for column in columns]
        demands = [column.demand for column in columns]
        return not self.over_budget(sites) and self.broken(demands, sites) is None

    def beside(self, d: int, placed: Sequence[Column]) -> tuple[BoolArray, SiteDemand]:
        """Return the parcels [n] that a further site may not hold beside placed ones, its demand.

        With the sites placed, all rules between are linear: parcels too near are barred, one
        parcel must be near enough, and the budget has so much left.
        """
        demand = self.problem.demands[d]
        barred = np.zeros(len(self.problem.cost), np.bool_)
        rows: list[Row] = []
        for column in placed:
            for rule in self.rules(d, column.demand):
                away = self.away(column.parcels)
                barred |= away < rule.min_m - ROUNDING_M
                if rule.max_m < math.inf:
                    rows.append(Row((away <= rule.max_m + ROUNDING_M).astype(np.int64), 1))
        if self.problem.budget is not None:
            left = self.problem.budget - sum(self.money(column.parcels) for column in placed)
            rows.append(Row(-self.problem.cost, -left))
        return barred, replace(demand, rows=(*demand.rows, *rows)) if rows else demand

    def learn(self, plan: Sequence[Column]) -> bool:
        """Keep a row that a plan violates; return whether there is one."""
        sites = [column.parcels for column in plan]
        found = self.broken([column.demand for column in plan], sites)
        if found is None:
            return False
        first, second = sites[found.first], sites[found.second]
        if found.too_near:
            away = self.away(second)
            parcel = first[[int(np.argmin(away[first]))]]
            near = self.within(int(parcel[0]), found.rule.min_m)
            self.cuts.append(_Cut(found.rule, parcel, near, whole=False))
        else:
            near = self.away(first) <= found.rule.max_m + ROUNDING_M
            self.cuts.append(_Cut(found.rule, first, near, whole=True))
        return True

    def rows(self, known: Sequence[Column], counts: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Return what was learnt, and the budget, as rows [r, columns] with their limits [r]."""
        rows, limits = [], []
        for cut in self.cuts:
            most = float(counts[cut.rule.second])
            holds = np.array([_is_first(cut, column) for column in known], np.bool_)
            meets = np.array([_is_second(cut, column) for column in known], np.bool_)
            rows.append(np.where(holds, most, 0.0) + np.where(meets & ~holds, 1.0, 0.0))
            limits.append(most)
        if self.problem.budget is not None:
            scale = max(1.0, float(self.problem.budget))
            rows.append(np.array([self.money(column.parcels) for column in known]) / scale)
            # rounding of the solver; plans are counted in whole numbers afterwards
            limits.append(self.problem.budget / scale)
        return np.array(rows).reshape(len(rows), len(known)), np.array(limits)


def _is_first(cut: _Cut, column: Column) -> bool:
    """Whether a site is one of those of demand a that the row speaks of."""
    if column.demand != cut.rule.first:
        return False
    if cut.whole:
        return np.array_equal(column.parcels, cut.parcels)
    return bool((column.parcels == cut.parcels[0]).any())


def _is_second(cut: _Cut, column: Column) -> bool:
    """Whether a site of demand b is excluded by them."""
    if column.demand != cut.rule.second:
        return False
    return bool(cut.near[column.parcels].any()) != cut.whole
