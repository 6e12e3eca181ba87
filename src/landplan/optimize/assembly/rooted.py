"""The linear program of the sites around one root: node separators added until none is violated.

Columns are the parcels of the ball, root first, then the bridges between them (a bridge is a node
without area between its two parcels), then the owners that have a price or a rule. Rows are the
area range, the least number of parcels, the most bridges, linear rules, y_o >= x_v for every parcel
of an owner, and separators: x(C) >= x_v for node sets C between root and v. At most ``max_bridges``
chosen bridges that join the chosen parcels are exactly a site that falls into at most
``max_bridges + 1`` pieces. Every bound that leaves here is a safe dual bound in minor money units,
not an LP value.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyscipopt
from numba import njit
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.optimize.assembly.covers import violated_covers
from landplan.optimize.assembly.first_rows import (
    RowList,
    add_block_rows,
    add_turn_rows,
    column_costs,
    first_rows,
    owner_columns,
)
from landplan.optimize.assembly.judge import Judge
from landplan.optimize.assembly.model import SiteModel, neighbour_lists
from landplan.optimize.assembly.nogood import Clause, Exclusions
from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray
from landplan.optimize.assembly.safebound import Rows, dual_bound
from landplan.optimize.assembly.separation import split_graph, violated_separators

_CUTS = 80
_VIOLATION = 1e-3
_COVER_VIOLATION = 1e-2
_INTEGRAL = 1e-6
_NESTED = 3
_PURGE_EVERY = 4
_PURGE_AGE = 3
_PURGE_LEAST = 40
_TAIL_ROUNDS = 8
_GUESS_EVERY = 6
_NEVER_PURGED = -(2**40)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A safe ``bound`` and the point ``x`` [columns]; None: pruned, or not solved."""

    bound: float
    x: FloatArray | None


@njit(cache=True)
def paths_to(start: IntArray, to: IntArray, weight: FloatArray, high: FloatArray) -> FloatArray:
    """Return the least weight of a path from node 0 to each node, through ``high`` > 0 only."""
    dist = np.full(len(weight), np.inf)
    dist[0] = 0.0
    heap = [(0.0, 0)]
    while len(heap) > 0:
        length, u = heapq.heappop(heap)
        if length > dist[u]:
            continue
        for k in range(start[u], start[u + 1]):
            v = to[k]
            total = length + weight[v]
            if high[v] > 0.0 and total < dist[v]:
                dist[v] = total
                heapq.heappush(heap, (total, v))
    return dist


class RootedLp:
    """LP of one root over its ball; bounds of columns are set from outside by branching."""

    def __init__(self, site: SiteModel, ball: IntArray, turn: IntArray, seed: int) -> None:
        self.site = site
        self.ball = ball
        self.n_parcels = len(ball)
        borders, bridges, bridge_cost = _local_pairs(site, ball)
        self.n_nodes = self.n_parcels + len(bridges)
        owners = owner_columns(site, ball)
        blocks = _blocks(borders, bridges, self.n_parcels)
        self.n = self.n_nodes + len(owners.owners) + len(blocks)
        ends = np.arange(self.n_parcels, self.n_nodes)
        links = np.concatenate(
            [
                borders,
                np.column_stack([bridges[:, 0], ends]),
                np.column_stack([bridges[:, 1], ends]),
            ]
        )
        self.start, self.to = neighbour_lists(self.n_nodes, links)
        self.graph = split_graph(self.start, self.to)
        cost = column_costs(site, ball, bridge_cost, owners)
        cost = np.concatenate([cost, np.zeros(len(blocks))])
        self.scale = 2.0 ** math.floor(math.log2(max(1.0, float(cost.max())) / 64.0))
        self.cost = cost / self.scale
        self.area = np.concatenate([site.area[ball], np.zeros(self.n - self.n_parcels)])
        self.area[self.n - len(blocks) :] = [site.area[ball[block]].sum() for block in blocks]
        self.low = np.zeros(self.n)
        self.high = np.ones(self.n)
        self.low[: self.n_parcels][site.forced[ball]] = 1.0
        self.low[0] = 1.0
        self.rows = Rows(self.n)
        self.age = np.zeros(0, np.int64)
        self.random = np.random.default_rng(seed)
        self.dual = np.zeros(0)
        self.error = 0.0
        self.solves = 0
        self.cuts = 0
        self.exclusions = Exclusions(site, ball)
        self.lp = pyscipopt.LP("rooted", sense="minimize")
        self.lp.addCols(
            [[] for _ in range(self.n)],
            objs=self.cost.tolist(),
            lbs=self.low.tolist(),
            ubs=self.high.tolist(),
        )
        rows = first_rows(site, ball, bridges, (self.start, self.to), owners)
        add_turn_rows(rows, site, ball, turn)
        if blocks:
            first = self.n - len(blocks)
            add_block_rows(rows, blocks, bridges, first, self.n_parcels, site.max_bridges)
        self._add_rows(rows.columns, rows.values, rows.lower, rows.upper)
        self.first_rows = len(self.rows)

    def _add_rows(
        self,
        columns: list[IntArray],
        values: list[FloatArray],
        lower: list[float],
        upper: list[float],
    ) -> None:
        infinity = self.lp.infinity()
        if not columns:
            return
        self.lp.addRows(
            [
                list(zip(part.tolist(), value.tolist(), strict=True))
                for part, value in zip(columns, values, strict=True)
            ],
            lower,
            [infinity if side == np.inf else side for side in upper],
        )
        self.rows.add(columns, values, lower, upper)
        self.age = np.concatenate([self.age, np.zeros(len(columns), np.int64)])

    def heed(self, judge: Judge) -> None:
        """Leave out from the start what the judge of whole sites has turned down so far."""
        self.exclusions.judge = judge
        self._add_clauses([*self.exclusions.reasons(), *self.exclusions.unexplained()])

    def exclude(self, members: IntArray) -> bool:
        """Let these parcels of the site model not be found again; return if that is news."""
        clauses = self.exclusions.against(np.sort(members))
        self._add_clauses(clauses)
        return len(clauses) > 0

    def _add_clauses(self, clauses: list[Clause]) -> None:
        """Add rows that say: one of ``leave`` is out or one of ``enter`` is in."""
        for leave, enter in clauses:
            columns = np.concatenate([leave, enter])
            values = np.concatenate([-np.ones(len(leave)), np.ones(len(enter))])
            if len(columns):
                self._add_rows([columns], [values], [1.0 - len(leave)], [np.inf])
            else:  # no site around this root is left
                self._add_rows([np.zeros(1, np.int64)], [-np.ones(1)], [0.0], [np.inf])
            self.age[-1] = _NEVER_PURGED

    def set_box(self, low: FloatArray, high: FloatArray) -> None:
        """Set the bounds of all columns."""
        for j in np.flatnonzero((low != self.low) | (high != self.high)):
            self.lp.chgBound(int(j), float(low[j]), float(high[j]))
        self.low = low.copy()
        self.high = high.copy()

    def solve(self) -> tuple[Relaxed, FloatArray]:
        """Solve once; return outcome and reduced costs (scaled). Unproven failure: bound −inf."""
        self.solves += 1
        nothing = np.zeros(self.n)
        try:
            self.lp.solve(dual=True)
            solved = bool(self.lp.isOptimal())
        except (
            Exception
        ):  # the solver raises bare exceptions on numerical trouble: nothing is proven then
            return Relaxed(-np.inf, None), nothing
        if solved:
            self.dual = np.array(self.lp.getDual())
            proof = dual_bound(self.cost, self.rows, self.dual, self.low, self.high)
            self.error = proof.error
            x = np.array(self.lp.getPrimal())
            return Relaxed(proof.bound * self.scale, x), proof.reduced
        try:
            ray = self.lp.getDualRay()
        except Exception:
            ray = None
        if ray is not None:
            y = np.array(ray, dtype=np.float64)
            for sign in (1.0, -1.0):
                proof = dual_bound(nothing, self.rows, sign * y, self.low, self.high)
                if proof.bound > 0.0:
                    return Relaxed(np.inf, None), nothing
        return Relaxed(-np.inf, None), nothing

    def tighten(
        self, bound: float, reduced: FloatArray, aim: float, low: FloatArray, high: FloatArray
    ) -> bool:
        """Fix in ``low`` and ``high`` what all solutions of cost <= ``aim`` share; return if any.

        A solution that holds column v costs at least the bound plus the positive reduced costs
        along a path from the root to v.
        """
        spare = (aim - bound) / self.scale
        weight = np.where(low > 0.5, 0.0, np.maximum(reduced - self.error, 0.0))
        away = weight.copy()
        k = self.n_nodes
        away[:k] = paths_to(self.start, self.to, weight[:k], high[:k])
        slack = 1e-9 * (1.0 + abs(spare)) + self.error
        out = (high > 0.5) & (low < 0.5) & (away > spare + slack)
        stay = (high > 0.5) & (low < 0.5) & (-reduced > spare + slack) & ~out
        high[out] = 0.0
        low[stay] = 1.0
        return bool(out.any() or stay.any())

    def cut_loop(
        self,
        aim: float,
        most_rounds: int,
        tail: float,
        low: FloatArray,
        high: FloatArray,
        guess: Callable[[FloatArray], float] | None = None,
    ) -> Relaxed:
        """Solve, fix and separate until nothing is violated, ``aim`` is exceeded or it stalls.

        ``guess`` looks for a site near the point every few rounds and returns the cost aimed at.
        ``low`` and ``high`` are tightened in place. An integral point is never returned while it
        violates a separator.
        """
        history: list[float] = []
        best = -np.inf
        x: FloatArray | None = None
        while True:
            relaxed, reduced = self.solve()
            best = max(best, relaxed.bound)
            if relaxed.x is None:
                return Relaxed(best, None)
            if best > aim:
                return Relaxed(best, None)
            x = np.clip(relaxed.x, 0.0, 1.0)
            history.append(best)
            if guess is not None and len(history) % _GUESS_EVERY == 0:
                aim = min(aim, guess(x))
            if aim < np.inf and self.tighten(relaxed.bound, reduced, aim, low, high):
                self.set_box(low, high)
            if len(history) % _PURGE_EVERY == 0:
                self._purge()
            if self._separate(x) == 0:
                return Relaxed(best, x)
            whole = np.abs(x - np.round(x)).max() <= _INTEGRAL
            if whole:
                continue
            if len(history) >= most_rounds:
                return Relaxed(best, x)
            if len(history) > _TAIL_ROUNDS + 2:
                gain = history[-1] - history[-_TAIL_ROUNDS]
                if gain < tail * abs(history[-1]):
                    return Relaxed(best, x)

    def _separate(self, x: FloatArray) -> int:
        """Add violated separators; return how many."""
        rows = self._separators(x[: self.n_nodes])
        area, parcels = self.area[: self.n_parcels], x[: self.n_parcels]
        for columns, counts, least in violated_covers(
            area, self.site.area_min, parcels, _COVER_VIOLATION
        ):
            rows.add(columns, counts, least, np.inf)
        self._add_rows(rows.columns, rows.values, rows.lower, rows.upper)
        self.cuts += len(rows.lower)
        return len(rows.lower)

    def _separators(self, x: FloatArray) -> RowList:
        """Return separators that x [nodes] violates, those with the most behind them first."""
        found = np.flatnonzero(x > _VIOLATION)
        order = found[np.argsort(-x[found], kind="stable")]
        nodes, start, members = violated_separators(
            self.graph, 0, x, order, _CUTS, _VIOLATION, _NESTED
        )
        rows = RowList()
        for i, node in enumerate(nodes):
            rows.at_most(members[start[i] : start[i + 1]], int(node))
        return rows

    def add_separators(self, separators: list[tuple[IntArray, int]]) -> None:
        """Add x(C) >= x_v for pairs of places C in the ball and v, which must hold here."""
        rows = RowList()
        for members, node in separators:
            rows.at_most(members, node)
        self._add_rows(rows.columns, rows.values, rows.lower, rows.upper)

    def active_separators(self) -> list[IntArray]:
        """Return the separators of parcels alone that bear a dual: their places, then v."""
        found = []
        for number in np.flatnonzero(np.abs(self.dual) > 1e-9):
            if number < self.first_rows:
                continue
            own = self.rows.row == number
            columns, values = self.rows.column[own], self.rows.value[own]
            is_separator = (values[:-1] == 1.0).all() and values[-1] == -1.0
            if is_separator and columns.max() < self.n_parcels:
                found.append(columns)
        return found

    def _purge(self) -> None:
        """Delete separators that have carried no dual for a while."""
        carries = (np.abs(self.dual) > 1e-9) & (self.age >= 0)
        self.age = np.where(carries, 0, self.age + 1)
        gone = self.age > _PURGE_AGE
        gone[: self.first_rows] = False
        if gone.sum() < _PURGE_LEAST:
            return
        numbers = np.flatnonzero(gone)
        for run in np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)[::-1]:
            self.lp.delRows(int(run[0]), int(run[-1]))
        self.rows.delete(gone)
        self.age = self.age[~gone]
        self.dual = self.dual[~gone]

    def parcels_of(self, x: FloatArray) -> IntArray:
        """Return the parcels of the site model that are chosen in a whole point."""
        return np.asarray(self.ball[x[: self.n_parcels] > 0.5], np.int64)


def _blocks(borders: IntArray, bridges: IntArray, n: int) -> tuple[IntArray, ...]:
    """Return the parcels of each part that borders join, but for that of the root, place 0."""
    if len(bridges) == 0:
        return ()
    links = coo_array((np.ones(len(borders)), (borders[:, 0], borders[:, 1])), shape=(n, n))
    count, label = connected_components(links, directed=False)
    return tuple(np.flatnonzero(label == k) for k in range(count) if k != label[0])


def _local_pairs(site: SiteModel, ball: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return borders and bridges inside the ball, each once, in its numbering; bridges' costs."""
    number = np.full(len(site.cost), -1, np.int64)
    number[ball] = np.arange(len(ball))

    def pairs(start: IntArray, to: IntArray) -> tuple[IntArray, IntArray]:
        lengths = start[ball + 1] - start[ball]
        total = int(lengths.sum())
        offsets = np.repeat(start[ball] - np.cumsum(lengths) + lengths, lengths)
        u = np.repeat(np.arange(len(ball)), lengths)
        entry = offsets + np.arange(total)
        v = number[to[entry]]
        once: BoolArray = (v >= 0) & (u < v)
        return np.column_stack([u[once], v[once]]), entry[once]

    borders = pairs(site.border_start, site.border_to)[0]
    if site.max_bridges == 0:
        return borders, np.empty((0, 2), np.int64), np.empty(0)
    bridges, entry = pairs(site.bridge_start, site.bridge_to)
    return borders, bridges, site.bridge_cost[entry]
