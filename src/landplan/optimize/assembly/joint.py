"""Several sites at once: prices on contested parcels give a bound, branching closes the gap.

For any prices lambda >= 0 on parcels, no plan costs less than

    sum over demands of count_d * (least cost of a site of d when every parcel costs lambda more) -
    sum of lambda,

because a parcel is used at most once.
"""

import math
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from landplan.optimize.assembly.columns import Column, Columns, column_of
from landplan.optimize.assembly.master import Group, Part, best_plan
from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import IntArray, Problem
from landplan.optimize.assembly.single import Outcome, find_site
from landplan.optimize.assembly.together import Together
from landplan.optimize.assembly.work import Work

_KNOWN = 20
_MOST_COLUMNS = 600
ORDERS = 6
"""In so many orders the sites are placed one after the other."""
PROOF = 2
"""The level of work at which a pricing is a full proof."""


@dataclass(slots=True)
class Plan:
    """The best plan so far for given numbers of sites, and the best bound with its prices."""

    counts: list[int]
    columns: list[Column]
    bound: float
    price: IntArray
    together: Together

    @property
    def cost(self) -> float:
        """Cost of the plan, inf if there is none yet."""
        if len(self.columns) < sum(self.counts):
            return math.inf
        return float(sum(column.cost for column in self.columns))

    @property
    def open(self) -> bool:
        """Whether the bound has not met the cost."""
        return self.bound < self.cost


def first_columns(problem: Problem, alone: list[Outcome]) -> Columns:
    """Return the sites met while each demand was solved alone."""
    columns = Columns(problem)
    for d, outcome in enumerate(alone):
        for parcels, centre in outcome.pool[:_MOST_COLUMNS]:
            columns.add(d, parcels, centre)
    return columns


def one_after_another(
    problem: Problem,
    counts: list[int],
    alone: list[Outcome],
    columns: Columns,
    work: Work,
    together: Together,
    most: int = ORDERS,
) -> list[Column]:
    """Place the sites one by one, in several orders; return the plan of most sites at least cost.

    At most ``most`` orders. All sites met on the way are kept as columns.
    """
    demands = [d for d, count in enumerate(counts) if count]
    by_area = sorted(demands, key=lambda d: (-problem.demands[d].area_min, d))
    orders = [tuple(by_area), tuple(by_area[::-1])]
    if len(by_area) <= 4:
        orders = list(permutations(by_area))
    nothing = np.zeros(len(problem.cost), np.bool_)
    placed = {(d, nothing.tobytes(), b""): outcome for d, outcome in enumerate(alone)}
    best: list[Column] = []
    for order in orders[:most]:
        slots = [d for d in order for _ in range(counts[d])]
        plan = _place(problem, slots, placed, columns, work, together)
        if (-len(plan), sum(c.cost for c in plan)) < (-len(best), sum(c.cost for c in best)):
            best = plan
        if work.stopped:
            break
    return best


def _place(
    problem: Problem,
    slots: list[int],
    placed: dict[tuple[int, bytes, bytes], Outcome],
    columns: Columns,
    work: Work,
    together: Together,
) -> list[Column]:
    """Place one site per slot on what the ones before leave; a slot without a site stays empty."""
    taken = np.zeros(len(problem.cost), np.bool_)
    nothing = np.zeros(len(problem.cost), np.int64)
    limits = pricing_limits(work.params, -1)
    plan: list[Column] = []
    for d in slots:
        # with rules between sites it matters whose the parcels taken are
        whose = b"|".join(b"%d:%b" % (c.demand, c.parcels.tobytes()) for c in plan)
        key = (d, taken.tobytes(), whose if together.asked else b"")
        if key not in placed:
            known = columns.cheapest(d, nothing, 10 * _KNOWN)
            barred, demand = together.beside(d, plan)
            placed[key] = find_site(
                problem, demand, work, forbidden=taken | barred, known=known, limits=limits
            )
        outcome = placed[key]
        for parcels, centre in outcome.pool[:_KNOWN]:
            columns.add(d, parcels, centre)
        if outcome.found:
            taken[outcome.parcels] = True
            plan.append(column_of(problem, d, outcome.parcels, outcome.centre))
    return plan


def pricing_limits(params: Params, level: int = 0) -> Params:
    """Return the work of one pricing: little search, since good sites are known.

    Each level proves more.
    """
    share = 4 ** (PROOF - level)
    return replace(
        params,
        starts=max(1, params.starts // 4),
        trials=params.trials // 4,
        lp_solves=params.lp_solves // share,
        polish_lp_solves=params.polish_lp_solves // share,
        gap=max(params.gap, 2e-3 / 4**level if level < PROOF else 0.0),
    )


def improve_plan(plan: Plan, columns: Columns) -> None:
    """Take the best plan that the known sites make, if it is better."""
    chosen = best_plan(columns, whole(plan), plan.price, plan.together)
    if chosen is not None and sum(column.cost for column in chosen) < plan.cost:
        plan.columns = chosen


def most_sites(plan: Plan, columns: Columns) -> list[Column]:
    """Return the plan of known sites that has the most of those wanted; empty where asked in vain.

    Only worth asking where rules over several sites keep one placed after the other from being all.
    """
    if not plan.together.asked:
        return []
    groups = tuple(Group(d, 0, n) for d, n in enumerate(plan.counts) if n)
    part = Part(tuple(plan.counts), groups, np.zeros(len(plan.price), np.bool_))
    return best_plan(columns, part, plan.price, plan.together, all_sites=False) or []


def whole(plan: Plan) -> Part:
    """Return all plans as one part."""
    groups = tuple(Group(d, n, n) for d, n in enumerate(plan.counts) if n)
    return Part(tuple(plan.counts), groups, np.zeros(len(plan.price), np.bool_))
