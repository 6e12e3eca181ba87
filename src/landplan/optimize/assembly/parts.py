"""Closing the gap of a plan of several sites: prices for all plans, then for parts of them.

A part of the plans says how many sites have their centres in which regions, which parcels some site
must hold and which none may. For prices lambda on the parcels that are not barred (lambda >= 0, of
either sign where a parcel must be used) no plan of the part costs less than the least sum, over all
numbers of sites the part allows, of the cheapest sites of its groups at cost plus lambda, less the
sum of lambda. Where the prices have nothing left to give, the part is split in two: at a region
that holds, say, one and a half sites, or at a parcel that is half used.
"""

import heapq
import math
from dataclasses import dataclass, replace

import numpy as np

from landplan.optimize.assembly.columns import Columns
from landplan.optimize.assembly.joint import Plan, improve_plan, whole
from landplan.optimize.assembly.master import Group, Part, Prices, prices
from landplan.optimize.assembly.pricing import Ask, Pricer
from landplan.optimize.assembly.problem import BoolArray, IntArray, Problem
from landplan.optimize.assembly.work import Work

_ROUNDS = 60
_LOOKS = 3
"""Rounds of search between two proofs, while search finds better sites."""
_FIRST_SLACK = 0.01
_SLACK = 0.2
"""The share of the gap that a proof may leave open."""
_SMOOTH = 0.4
"""The share of the best prices so far in the next ones."""
_PROOF_LPS = 12_000
_PROOFS = 4
"""Proofs from one search for the best plan to the next."""
_WHOLE = 1e-4
_TRIED = 5
"""Ways to split a part that are compared."""


@dataclass(slots=True)
class _Open:
    part: Part
    bound: float
    price: IntArray
    prices: Prices | None = None
    done: bool = False


class PartSearch:
    """Best-first search over parts of all plans; updates plan and bound."""

    def __init__(self, problem: Problem, plan: Plan, columns: Columns, work: Work) -> None:
        self.problem = problem
        self.plan = plan
        self.columns = columns
        self.work = work
        self.pricers = {
            d: Pricer(problem, d, columns, work) for d, count in enumerate(plan.counts) if count
        }

    def run(self) -> None:
        """Search until the gap is closed, or nothing is left to split, or the work is used up."""
        plan, work = self.plan, self.work
        heap: list[tuple[float, int, _Open]] = []
        first = _Open(whole(plan), plan.bound, plan.price)
        if plan.price.any():  # from an earlier search: what they are worth here
            self._look(first.part, plan.price, prices(self.columns, first.part, plan.price, 0.0))
            gap = max(1.0, plan.cost - plan.bound)
            first.bound = max(first.bound, self._prove(first.part, plan.price, _FIRST_SLACK * gap))
            first.price = np.zeros_like(plan.price)
        heapq.heappush(heap, (first.bound, 0, first))
        made, stuck = 0, math.inf
        while heap:
            self._take(min(heap[0][0], stuck))
            if not plan.open or work.joint_done(plan.cost, plan.bound):
                return
            if made > 2 * work.params.joint_nodes:
                work.limit_hit = True
                return
            _, _, node = heapq.heappop(heap)
            others = min(heap[0][0] if heap else math.inf, stuck)
            self._relax(node, others)
            if made == 0:
                plan.price = node.price
            if node.bound >= plan.cost:
                continue
            if work.stopped or node.prices is None:
                stuck = min(stuck, node.bound)
                continue
            work.done["joint_nodes"] += 1
            children = self._split(node)
            if not children:
                stuck = min(stuck, node.bound)
            for part in children:
                made += 1
                child = _Open(part, node.bound, node.price)
                heapq.heappush(heap, (child.bound, made, child))
        self._take(stuck)
        if plan.open:
            work.limit_hit = True

    def _take(self, bound: float) -> None:
        """Raise the bound of the plan to that of the open parts."""
        self.plan.bound = max(self.plan.bound, min(bound, self.plan.cost))
        self.work.tell("joint", self.plan.cost, self.plan.bound)

    def _relax(self, node: _Open, others: float) -> None:
        """Raise the bound of a part by prices until these have nothing left to give."""
        plan, work, part = self.plan, self.work, node.part
        looked = proofs = stalled = 0
        for _ in range(_ROUNDS):
            if node.bound >= plan.cost or work.joint_done(plan.cost, plan.bound):
                return
            fee = min(0.004, 0.1 * (plan.cost - node.bound) / max(1.0, plan.cost))
            node.prices = prices(self.columns, part, node.price, fee)
            price = self._smoothed(node) if stalled == 0 else node.prices.parcel
            known, before = len(self.columns.known), node.bound
            work.done["price_rounds"] += 1
            gained = self._look(part, price, node.prices)
            gap = max(1.0, plan.cost - node.bound)
            if gained > 0.1 * gap and looked < _LOOKS:
                looked += 1
                continue
            looked = 0
            bound = self._prove(part, price, _SLACK * gap)
            if bound > node.bound:
                node.bound, node.price = bound, price
                self._take(min(node.bound, others))
            done = node.prices.value - node.bound <= 1.2 * _SLACK * (plan.cost - node.bound)
            proofs += 1
            if done or proofs % _PROOFS == 0:
                improve_plan(plan, self.columns)
            gain = node.bound - before > 0.02 * gap
            stalled = 0 if gain or len(self.columns.known) > known else stalled + 1
            if done or stalled > 1:
                return

    def _smoothed(self, node: _Open) -> IntArray:
        """Return prices between those of the best bound and those of the linear program.

        Wentges 1997, doi 10.1016/S0969-6016(97)00001-4.
        """
        duals = node.prices
        assert duals is not None
        if not duals.solved:
            return node.price
        if not node.price.any():
            return duals.parcel
        mixed = np.rint(_SMOOTH * node.price + (1.0 - _SMOOTH) * duals.parcel).astype(np.int64)
        mixed[node.part.barred] = 0
        return np.asarray(mixed, np.int64)

    def _known_value(self, part: Part, price: IntArray) -> float:
        """Return the bound that these prices would give if all sites were known."""
        return part.least(self._cheapest(part, price)) - float(price[~part.barred].sum())

    def _cheapest(self, part: Part, price: IntArray) -> list[float]:
        """Return the least price of a known site of every group."""
        cost = self.columns.priced(price)
        least = [math.inf] * len(part.groups)
        for column, value in zip(self.columns.known, cost, strict=True):
            for g, group in enumerate(part.groups):
                if value >= least[g] or not group.takes(column):
                    continue
                if not part.barred[column.parcels].any():
                    least[g] = float(value)
        return least

    def _look(self, part: Part, price: IntArray, duals: Prices) -> float:
        """Search for better sites; return how much the known value sinks."""
        before = self._known_value(part, price)
        starts = max(4, self.work.params.starts // 2)
        for pricer in self.pricers.values():
            pricer.set_prices(price, part.barred)
        for group in part.groups:
            if group.high:
                self.pricers[group.demand].look(
                    Ask(group.centres, math.inf, math.inf), starts, self.work.params.trials // 2
                )
        for i in duals.sites[np.argsort(-duals.share, kind="stable")[: 2 * starts]]:
            column = self.columns.known[i]
            trials = self.work.params.trials // 4
            self.pricers[column.demand].again(column.parcels, column.centre, trials)
        after = self._known_value(part, price)
        return math.inf if before == math.inf else before - after

    def _prove(self, part: Part, price: IntArray, slack: float) -> float:
        """Return the bound that prices give to a part, up to about ``slack``."""
        each = slack / max(1, sum(part.counts))
        known = self._cheapest(part, price)
        worth = []
        for g, group in enumerate(part.groups):
            if group.high == 0:
                worth.append(math.inf)
                continue
            ask = Ask(group.centres, known[g], math.inf)
            worth.append(
                self.pricers[group.demand].prove(
                    ask, each, min(_PROOF_LPS, self.work.params.lp_solves)
                )
            )
        return part.least(worth) - float(price[~part.barred].sum())

    def _split(self, node: _Open) -> list[Part]:
        """Split a part at a region or a parcel that the linear program is undecided about."""
        assert node.prices is not None
        options = [*self._regions(node), *self._parcels(node)]
        best: list[Part] = []
        promise = -math.inf
        for children in options[:_TRIED]:
            values = [prices(self.columns, child, node.price).value for child in children]
            values = [min(value, self.plan.cost) - node.bound for value in values]
            score = min(values) + 0.1 * max(values)
            if score > promise:
                promise, best = score, children
        return best

    def _regions(self, node: _Open) -> list[list[Part]]:
        """Return the most promising ways to split a group at a disc around a centre."""
        duals, part = node.prices, node.part
        assert duals is not None
        found: list[tuple[float, int, float, int]] = []
        for g, group in enumerate(part.groups):
            own = (duals.group == g) & (duals.share > _WHOLE)
            if not self.pricers[group.demand].has_regions or own.sum() < 2:
                continue
            centres = np.array([self.columns.known[i].centre for i in duals.sites[own]])
            share = duals.share[own]
            for middle in np.unique(centres):
                offset = self.problem.xy[centres] - self.problem.xy[middle]
                away = np.sqrt((offset**2).sum(axis=1))
                order = np.argsort(away, kind="stable")
                inside = np.cumsum(share[order])
                margin = np.diff(away[order])
                part_of_one = np.abs(inside[:-1] - np.round(inside[:-1]))
                score = part_of_one * (1.0 + np.minimum(margin, 300.0) / 100.0)
                for at in np.argsort(-score, kind="stable")[:2]:
                    if part_of_one[at] > 0.05 and margin[at] > 0.0:
                        radius = float(away[order][at] + 0.5 * margin[at])
                        found.append((-float(score[at]), int(middle), radius, g))
        found.sort()
        options, seen = [], set()
        for _, middle, radius, g in found:
            offset = self.problem.xy - self.problem.xy[middle]
            disc = (offset**2).sum(axis=1) <= radius * radius
            group = part.groups[g]
            region = disc if group.centres is None else disc & group.centres
            own = (duals.group == g) & (duals.share > _WHOLE)
            key = tuple(int(i) for i in duals.sites[own] if region[self.columns.known[i].centre])
            if key in seen:
                continue
            seen.add(key)
            f = sum(
                float(s)
                for i, s in zip(duals.sites[own], duals.share[own], strict=True)
                if region[self.columns.known[i].centre]
            )
            options.append(_halves(part, g, region, math.floor(f)))
            if len(options) >= _TRIED - 1:
                break
        return options

    def _parcels(self, node: _Open) -> list[list[Part]]:
        """Return the split at the parcel that is used the most nearly by half."""
        duals, part = node.prices, node.part
        assert duals is not None
        use = np.zeros(len(self.problem.cost))
        for i, share in zip(duals.sites, duals.share, strict=True):
            use[self.columns.known[i].parcels] += share
        use = np.minimum(use, 1.0)
        weight = np.minimum(use, 1.0 - use) * self.problem.area
        v = int(np.argmax(weight))
        if min(use[v], 1.0 - use[v]) <= 10 * _WHOLE or v in part.used:
            return []
        barred = part.barred.copy()
        barred[v] = True
        return [[replace(part, barred=barred), replace(part, used=part.used | {v})]]


def _halves(part: Part, g: int, region: BoolArray, most: int) -> list[Part]:
    """Split a group at a region: at most ``most`` sites there, or more."""
    group = part.groups[g]
    count = part.counts[group.demand]
    rest = ~region if group.centres is None else group.centres & ~region
    halves = []
    for low, high in ((0, min(most, group.high)), (most + 1, group.high)):
        inner = Group(group.demand, low, high, region)
        outer = Group(group.demand, max(0, group.low - high), min(count, group.high - low), rest)
        groups = (*part.groups[:g], inner, outer, *part.groups[g + 1 :])
        halves.append(replace(part, groups=groups))
    return halves
