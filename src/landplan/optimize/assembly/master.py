"""The choice among known sites: prices on parcels, and the best plan.

The plan chooses, for every group of wanted sites, as many as it asks for, no parcel twice. Its
linear program has a value theta_g for a site of every group and a price lambda_v >= 0 for every
parcel (of either sign, but not below minus its cost, where the parcel must be used). Extreme prices
sit on a few parcels that the next sites simply avoid; so each price is made of segments, each a
little dearer for the dual than the one before, which spreads it over the contested land (dual
smoothing in the sense of du Merle et al. 1999, doi 10.1016/S0012-365X(98)00213-1).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack

from landplan.optimize.assembly.columns import Column, Columns
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray
from landplan.optimize.assembly.together import Together

_SEGMENTS = 8
_SEGMENT_SHARE = 0.02
_SEGMENT_FEE = 0.004
_MASTER_NODES = 2_000
_MOST_PRICED = 4_000
_MOST_CHOSEN = 2_500
_MOST_LEARNT = 40
"""Plans that break a distance, one after the other, before the search for one is given up."""


@dataclass(frozen=True, slots=True)
class Group:
    """From ``low`` to ``high`` sites of a demand with centres among some; None: all, [n]."""

    demand: int
    low: int
    high: int
    centres: BoolArray | None = None

    def takes(self, column: Column) -> bool:
        """Whether a site can be one of the group."""
        if column.demand != self.demand or self.high == 0:
            return False
        return self.centres is None or bool(self.centres[column.centre])


@dataclass(frozen=True, slots=True)
class Part:
    """A part of all plans.

    Attributes
    ----------
    counts
        Sites of each demand.
    groups
        How many of them have their centres where; the groups of a demand do not overlap.
    barred
        [n] parcels that no site may hold.
    used
        Parcels that some site must hold.
    """

    counts: tuple[int, ...]
    groups: tuple[Group, ...]
    barred: BoolArray
    used: frozenset[int] = frozenset()

    def least(self, worth: list[float]) -> float:
        """Return the least sum of the sites when one of a group is worth ``worth`` at least."""
        total = 0.0
        for demand, count in enumerate(self.counts):
            own = [g for g, group in enumerate(self.groups) if group.demand == demand]
            left = count - sum(self.groups[g].low for g in own)
            total += sum(self.groups[g].low * worth[g] for g in own if self.groups[g].low)
            for g in sorted(own, key=lambda g: worth[g]):
                more = min(left, self.groups[g].high - self.groups[g].low)
                total += more * worth[g] if more else 0.0
                left -= more
            if left:
                return math.inf
        return total


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices [n] on parcels and how much of each site is used by the linear program.

    ``sites`` are the places of the columns among the known ones, ``group`` and ``share`` theirs.
    ``solved``: whether there was a solution.
    """

    parcel: IntArray
    sites: IntArray
    group: IntArray
    share: FloatArray
    value: float
    solved: bool = True


def candidates(columns: Columns, part: Part) -> tuple[IntArray, IntArray]:
    """Return the places of the known sites that a part of the plans can hold, and their groups."""
    sites, groups = [], []
    for i, column in enumerate(columns.known):
        if part.barred[column.parcels].any():
            continue
        for g, group in enumerate(part.groups):
            if group.takes(column):
                sites.append(i)
                groups.append(g)
                break
    return np.array(sites, np.int64), np.array(groups, np.int64)


def prices(columns: Columns, part: Part, before: IntArray, fee: float = _SEGMENT_FEE) -> Prices:
    """Return prices for every parcel from the dual of the plan's linear program.

    Parameters
    ----------
    before
        [n] prices so far: only the cheapest sites at these take part, where there are many.
    """
    problem = columns.problem
    price = np.zeros(len(problem.cost), np.int64)
    sites, group = candidates(columns, part)
    sites, group = _cheapest(columns, sites, group, before, _MOST_PRICED)
    known = [columns.known[i] for i in sites]
    nothing = Prices(price, sites, group, np.zeros(len(sites)), np.inf, solved=False)
    if not known:
        return nothing
    incidence, parcels = _incidence(known, part.used)
    cost = np.array([column.cost for column in known], np.float64)
    scale = max(1.0, float(cost.mean()))
    density = cost.sum() / sum(float(problem.area[c.parcels].sum()) for c in known)
    area = problem.area[parcels].astype(np.float64)
    ceiling = 4.0 * float(cost.max()) / scale + 1.0
    used = np.isin(parcels, list(part.used))
    refund = eye_array(len(parcels), format="csr")[np.flatnonzero(used)]
    choose, gain = _choice(part, known, group)
    matrix: Any = hstack(
        [choose, *[-incidence.T] * _SEGMENTS, incidence.T @ refund.T], format="csr"
    )
    fees = np.repeat(1.0 + fee * np.arange(_SEGMENTS), len(parcels))
    width = _SEGMENT_SHARE * max(density, 1e-9) * area / scale
    top = np.concatenate([np.tile(width, _SEGMENTS - 1), np.full(len(parcels), ceiling)])
    floor = problem.cost[parcels[used]] / scale
    k = choose.shape[1]
    highest = np.concatenate([np.full(k, 4.0 * ceiling), top, floor])
    objective = np.concatenate([gain, fees, -np.ones(int(used.sum()))])
    box = [(0.0, float(high)) for high in highest]
    answer = linprog(objective, A_ub=matrix, b_ub=cost / scale, bounds=box, method="highs")
    if answer.x is None or answer.fun is None or (answer.x[:k] > 3.9 * ceiling).any():
        return nothing
    first = k + _SEGMENTS * len(parcels)
    spread = answer.x[k:first].reshape(_SEGMENTS, -1).sum(axis=0)
    spread[used] -= answer.x[first:]
    price[parcels] = np.maximum(np.rint(spread * scale), -problem.cost[parcels]).astype(np.int64)
    share = -np.asarray(answer.ineqlin.marginals)
    return Prices(price, sites, group, share, -float(answer.fun) * scale)


def _choice(part: Part, known: list[Column], group: IntArray) -> tuple[csr_array, FloatArray]:
    """Return the columns of the dual that say how many sites are chosen, and their costs.

    One for each demand (its number of sites), then, for each group, those of its least and most.
    """
    demands = [d for d, count in enumerate(part.counts) if count]
    own = np.array([demands.index(column.demand) for column in known])
    rows = np.arange(len(known))
    blocks = [csr_array((np.ones(len(own)), (rows, own)), shape=(len(own), len(demands)))]
    n = len(part.groups)
    whole = [g.low == g.high == part.counts[g.demand] for g in part.groups]
    bound = np.array([not w for w in whole], np.float64)
    sign = bound[group]
    blocks += [
        csr_array((sign, (rows, group)), shape=(len(own), n)),
        csr_array((-sign, (rows, group)), shape=(len(own), n)),
    ]
    gain = np.array(
        [-float(part.counts[d]) for d in demands]
        + [-float(g.low) for g in part.groups]
        + [float(g.high) for g in part.groups]
    )
    gain[len(demands) : len(demands) + n][np.array(whole)] = 0.0
    return hstack(blocks, format="csr"), gain


def _cheapest(
    columns: Columns, sites: IntArray, group: IntArray, price: IntArray, most: int
) -> tuple[IntArray, IntArray]:
    """Return the cheapest sites at given prices, about equally many of each group."""
    if len(sites) <= most:
        return sites, group
    cost = columns.priced(price)[sites]
    kept = []
    share = most // max(1, len(np.unique(group)))
    for g in np.unique(group):
        own = np.flatnonzero(group == g)
        kept.append(own[np.argsort(cost[own], kind="stable")[:share]])
    order = np.sort(np.concatenate(kept))
    return sites[order], group[order]


def best_plan(
    columns: Columns, part: Part, price: IntArray, together: Together, *, all_sites: bool = True
) -> list[Column] | None:
    """Return the cheapest plan made of known sites, None if they make none.

    Parameters
    ----------
    price
        [n]: only the cheapest sites at these prices take part, where there are many.
    together
        What the sites keep together; learns a row from every plan that breaks a distance.
    all_sites
        Whether every wanted site must be there; else the most sites, then the least cost.
    """
    for _ in range(_MOST_LEARNT):
        chosen = _chosen(columns, part, price, together, all_sites)
        if chosen is None or not together.asked or not together.learn(chosen):
            return chosen if chosen is None or together.keeps(chosen) else None
    return None


def _chosen(
    columns: Columns, part: Part, price: IntArray, together: Together, all_sites: bool
) -> list[Column] | None:
    """Return the cheapest plan made of known sites that keeps the rows learnt so far."""
    sites, group = candidates(columns, part)
    sites, group = _cheapest(columns, sites, group, price, _MOST_CHOSEN)
    known = [columns.known[i] for i in sites]
    demands = [d for d, count in enumerate(part.counts) if count]
    if not demands:
        return []
    if not known or (all_sites and len({column.demand for column in known}) < len(demands)):
        return None
    incidence, parcels = _incidence(known, part.used)
    choose, gain = _choice(part, known, group)
    k, n = len(demands), len(part.groups)
    wanted = -gain[:k]
    cost = np.array([column.cost for column in known], np.float64)
    low = np.where(np.isin(parcels, list(part.used)), 1.0, -np.inf)
    rows, limits = together.rows(known, part.counts)
    # so much that one more site is worth any cost
    worth = 0.0 if all_sites else 2.0 * float(wanted.sum())
    answer = milp(
        cost / max(1.0, float(cost.max())) - worth,
        constraints=[
            LinearConstraint(incidence, low, 1.0),
            LinearConstraint(choose[:, :k].T, wanted if all_sites else -np.inf, wanted),
            LinearConstraint(choose[:, k : k + n].T, -gain[k : k + n], gain[k + n :]),
            *([LinearConstraint(rows, -np.inf, limits)] if len(rows) else []),
        ],
        integrality=np.ones(len(group), np.int64),
        bounds=Bounds(0, 1),
        options={"node_limit": _MASTER_NODES, "mip_rel_gap": 0.0},
    )
    if answer.x is None:
        return None
    return [column for column, x in zip(known, answer.x, strict=True) if x > 0.5]


def _incidence(columns: list[Column], used: frozenset[int]) -> tuple[csr_array, IntArray]:
    """Return the 0-1 matrix [parcels, columns] of the parcels that at least two columns hold.

    And those that must be ``used``.
    """
    rows = np.concatenate([column.parcels for column in columns])
    place = np.repeat(np.arange(len(columns)), [len(column.parcels) for column in columns])
    parcels, row, uses = np.unique(rows, return_inverse=True, return_counts=True)
    contested = (uses > 1) | np.isin(parcels, list(used))
    number = np.cumsum(contested) - 1
    kept = contested[row]
    ones: FloatArray = np.ones(int(kept.sum()))
    matrix = csr_array(
        (ones, (number[row[kept]], place[kept])), shape=(int(contested.sum()), len(columns))
    )
    return matrix, np.asarray(parcels[contested], np.int64)
