"""Closing the gap of a joint plan: a search over which site gets a contested parcel.

A node says, for some parcels, which site must hold them or that none may. Its bound is the sum of
what its sites cost alone at fixed prices on parcels, less the prices (see `joint`). A parcel that
several sites of the node want, or, where none is contested, a priced parcel that none uses, splits
the node into one child per site that may hold it and one where none does: every plan is in exactly
one child. Sites of one demand that nothing has told apart yet are interchangeable, so one child
stands for all of them.
"""

import heapq
import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from landplan.optimize.assembly.columns import Columns, column_of
from landplan.optimize.assembly.joint import PROOF, Plan, improve_plan, pricing_limits
from landplan.optimize.assembly.problem import IntArray, Problem
from landplan.optimize.assembly.single import Outcome, find_site
from landplan.optimize.assembly.together import Broken
from landplan.optimize.assembly.work import Work

_KNOWN = 20
_NODES_OF_RULES = 10
"""So many times the nodes where sites also have rules to keep together."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """One site to be found: its demand, the parcels it must hold and those it may not."""

    demand: int
    must: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()

    def undecided(self, parcels: IntArray) -> list[int]:
        """Return those of some parcels that the site neither must nor may not hold."""
        settled = self.must | self.never
        return [int(v) for v in parcels if int(v) not in settled]


@dataclass(slots=True)
class _Node:
    slots: list[_Slot]
    outcomes: list[Outcome]
    bound: float


class ConflictSearch:
    """Best-first search over the parcels that several sites want."""

    def __init__(self, problem: Problem, plan: Plan, columns: Columns, work: Work) -> None:
        self.problem = problem
        self.plan = plan
        self.columns = columns
        self.work = work
        self.limits = pricing_limits(work.params, PROOF)
        self.together = plan.together
        many = _NODES_OF_RULES if plan.together.asked else 1
        self.most_nodes = many * work.params.joint_nodes
        self.ceiling = plan.together.ceiling
        self.solved: dict[_Slot, Outcome] = {}

    def run(self) -> None:
        """Search until the gap is closed or the nodes are used up; updates plan and bound."""
        plan, work = self.plan, self.work
        slots = [_Slot(d) for d, count in enumerate(plan.counts) for _ in range(count)]
        heap: list[tuple[float, int, _Node]] = []
        made = 0
        pending: list[list[_Slot]] | None = [slots]
        floor = plan.bound
        nodes = 0
        while pending is not None:
            for child in pending:
                node = self._open(child, floor)
                if node is not None and node.bound < plan.cost and node.bound <= self.ceiling:
                    made += 1
                    heapq.heappush(heap, (node.bound, made, node))
            bound = min(heap[0][0], plan.cost) if heap else plan.cost
            plan.bound = max(plan.bound, bound)
            if not heap or not plan.open:
                return
            if nodes >= self.most_nodes:
                work.limit_hit = True
                return
            if work.joint_done(plan.cost, plan.bound):
                return
            nodes += 1
            work.done["joint_nodes"] += 1
            floor, _, node = heapq.heappop(heap)
            pending = self._children(node)
            work.limit_hit |= pending is None
            work.tell("joint", plan.cost, plan.bound)

    def _solve(self, slot: _Slot) -> Outcome:
        """Return the best site of a slot at the fixed prices."""
        if slot in self.solved:
            return self.solved[slot]
        demand = self.problem.demands[slot.demand]
        forbidden = np.zeros(len(self.problem.cost), np.bool_)
        forbidden[list(slot.never)] = True
        if slot.must:
            must = np.union1d(demand.must, np.array(sorted(slot.must), np.int64))
            demand = replace(demand, must=must)
        outcome = find_site(
            self.problem,
            demand,
            self.work,
            extra_cost=self.plan.price,
            forbidden=forbidden,
            known=self.columns.cheapest(slot.demand, self.plan.price, 10 * _KNOWN),
            limits=self.limits,
        )
        for parcels, centre in outcome.pool[:_KNOWN]:
            self.columns.add(slot.demand, parcels, centre)
        self.solved[slot] = outcome
        return outcome

    def _open(self, slots: list[_Slot], floor: float) -> _Node | None:
        """Solve the sites of a node; None where one of them cannot exist."""
        barred = frozenset.intersection(*(slot.never for slot in slots))
        total = float(self.plan.price[list(barred)].sum() - self.plan.price.sum())
        outcomes = []
        for slot in slots:
            outcome = self._solve(slot)
            if outcome.bound == math.inf:
                return None
            total += outcome.bound
            outcomes.append(outcome)
        self._try_plan(slots, outcomes)
        return _Node(slots, outcomes, max(total, floor))

    def _try_plan(self, slots: list[_Slot], outcomes: list[Outcome]) -> None:
        """Take the sites of a node as a plan where they are disjoint.

        Else what all known sites make.
        """
        found = all(outcome.found for outcome in outcomes)
        if found and self._keeps(slots, outcomes):
            used = np.concatenate([outcome.parcels for outcome in outcomes])
            if len(np.unique(used)) == len(used):
                sites = [
                    column_of(self.problem, slot.demand, outcome.parcels, outcome.centre)
                    for slot, outcome in zip(slots, outcomes, strict=True)
                ]
                if sum(site.cost for site in sites) < self.plan.cost:
                    self.plan.columns = sites
                return
        improve_plan(self.plan, self.columns)

    def _keeps(self, slots: list[_Slot], outcomes: list[Outcome]) -> bool:
        sites = [outcome.parcels for outcome in outcomes]
        demands = [slot.demand for slot in slots]
        over = self.together.over_budget(sites)
        return not over and self.together.broken(demands, sites) is None

    def _children(self, node: _Node) -> list[list[_Slot]] | None:
        """Split a node at the parcel that matters most; None where no parcel splits it."""
        parcel = self._wanted_twice(node)
        if parcel is None and self.together.asked and all(o.found for o in node.outcomes):
            children = self._by_rules(node)
            if children is not None:
                return children
        parcel = self._idle(node) if parcel is None else parcel
        if parcel is None:
            return None
        never = [replace(slot, never=slot.never | {parcel}) for slot in node.slots]
        children = [never]
        seen: set[_Slot] = set()
        for i, slot in enumerate(node.slots):
            if parcel in slot.never or slot in seen or not self._may_hold(slot, parcel):
                continue
            seen.add(slot)
            child = list(never)
            child[i] = replace(slot, must=slot.must | {parcel})
            children.append(child)
        return children

    def _may_hold(self, slot: _Slot, parcel: int) -> bool:
        return bool(self.problem.demands[slot.demand].eligible[parcel])

    def _by_rules(self, node: _Node) -> list[list[_Slot]] | None:
        """Split a node whose sites break a rule over several sites; None where they keep all."""
        sites = [outcome.parcels for outcome in node.outcomes]
        broken = self.together.broken([slot.demand for slot in node.slots], sites)
        if broken is not None and broken.too_near:
            return self._too_near(node, broken)
        if broken is not None:
            places = [broken.first, broken.second]
        elif self.together.over_budget(sites):
            places = list(range(len(sites)))
        else:
            return None
        return self._whole_or_not(node, places)

    def _too_near(self, node: _Node, broken: Broken) -> list[list[_Slot]]:
        """Split at a parcel of one site too near to another site: not held, or nothing near it."""
        a, b = broken.first, broken.second
        first = node.outcomes[a].parcels
        away = self.together.away(node.outcomes[b].parcels)
        parcel = int(first[np.argmin(away[first])])
        children = []
        if parcel not in node.slots[a].must:
            children.append(_changed(node.slots, a, never={parcel}))
        near = self.together.within(parcel, broken.rule.min_m)
        barred = {int(v) for v in np.flatnonzero(near)}
        slots = _changed(node.slots, a, must={parcel})
        for i, slot in enumerate(slots):
            if i != a and slot.demand == broken.rule.second:
                slots = _changed(slots, i, never=barred)
        if not any(slot.must & slot.never for slot in slots):
            children.append(slots)
        return children

    def _whole_or_not(self, node: _Node, places: list[int]) -> list[list[_Slot]]:
        """Split at the dearest parcel that is not settled for one of some sites.

        Where all of their own are, at one that a site might still take in.
        """
        for pool in (False, True):
            options = []
            for i in places:
                slot = node.slots[i]
                eligible = np.flatnonzero(self.problem.demands[slot.demand].eligible)
                parcels = eligible if pool else node.outcomes[i].parcels
                options += [(int(self.problem.cost[v]), -v, i) for v in slot.undecided(parcels)]
            if options:
                _, v, i = max(options)
                return [
                    _changed(node.slots, i, never={-v}),
                    _changed(node.slots, i, must={-v}),
                ]
        return []

    def _wanted_twice(self, node: _Node) -> int | None:
        """Return the dearest parcel that several sites want."""
        uses = Counter(int(v) for outcome in node.outcomes for v in outcome.parcels)
        weight = self.problem.cost + self.plan.price
        several = [v for v, number in uses.items() if number > 1]
        if several:
            return max(several, key=lambda v: (uses[v], weight[v], -v))
        return None

    def _idle(self, node: _Node) -> int | None:
        """Return the parcel with the largest price that no site uses and that is not settled."""
        uses = {int(v) for outcome in node.outcomes for v in outcome.parcels}
        settled = {v for slot in node.slots for v in slot.must}
        barred = frozenset.intersection(*(slot.never for slot in node.slots))
        idle = [
            int(v)
            for v in np.flatnonzero(self.plan.price)
            if v not in uses and v not in settled and v not in barred
        ]
        if idle:
            return max(idle, key=lambda v: (self.plan.price[v], -v))
        return None


def _changed(
    slots: list[_Slot], place: int, must: Collection[int] = (), never: Collection[int] = ()
) -> list[_Slot]:
    """Return the slots with one of them bound further."""
    slot = slots[place]
    changed = replace(slot, must=slot.must | set(must), never=slot.never | set(never))
    return [*slots[:place], changed, *slots[place + 1 :]]
