"""The bound: prices on what each party ends with, found by smoothing and Newton's method.

For any prices w_i on value and u_i on area no assignment inside the limits costs less than

    Σ_j min_i (c_ij − w_i v_j − u_i a_j) + Σ_i (w_i⁺ value_low_i − w_i⁻ value_high_i)
                                         + Σ_i (u_i⁺ area_low_i − u_i⁻ area_high_i),

the minimum over all parties that may get j. Good prices are found for the smoothed minimum
−τ v_j log Σ_i exp(−·/τ v_j), with τ falling (entropic smoothing, Cuturi 2013, arXiv 1306.0895;
Newton's method on the dual of transport, Mérigot 2011, doi 10.1111/j.1467-8659.2011.02032.x), on
the parties nearest in price to each parcel; the bound itself is evaluated over all arcs.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from landplan.optimize.exchange.costs import Arcs, arcs_of, cost_of, may_get
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import NO_LIMIT, FloatArray, IntArray, Problem

_NEAREST = 24
_ALL_PARTIES = 40
"""With at most so many parties every list holds all of them."""
_STEP = 20.0
"""The longest step of a price, in temperatures."""
_PRUNED = 1e-3
_DAMPING = 1e-4
_ARMIJO = 1e-4
_REBUILD = 5
_BALANCED = 12
_LEAP = 4.0
_NEARLY = 0.05
_BY_VALUE = 3
_COOL = 0.02
_WARM_STEPS = 3
_SLIP = 1e-12
"""Relative rounding error of a sum, taken off the bound."""


@dataclass(slots=True)
class Dual:
    """Prices [m] on value and area, and the best bound with any of those tried."""

    value_price: FloatArray
    area_price: FloatArray
    bound: float


@njit(cache=True)
def _least(
    arcs: Arcs, area: IntArray, w: FloatArray, u: FloatArray
) -> tuple[float, float, IntArray]:
    """Return Σ_j of the least reduced cost over all arcs, the sum of sizes, and where it is."""
    n, m = len(arcs.value), len(w)
    value, x, y, rx, ry = arcs.value, arcs.x, arcs.y, arcs.rx, arcs.ry
    kind, allowed, price = arcs.kind, arcs.open, arcs.price
    total, size = 0.0, 0.0
    best = np.empty(n, np.int64)
    changing = arcs.move + arcs.leave
    for j in range(n):
        v, a, k = float(value[j]), float(area[j]), kind[j]
        at = arcs.holder[j]
        least = cost_of(arcs, j, at) - w[at] * v - u[at] * a
        other = arcs.agreed[j]
        if other != at and may_get(arcs, j, other):
            reduced = cost_of(arcs, j, other) - w[other] * v - u[other] * a
            if reduced < least:
                least, at = reduced, other
        if not arcs.fixed[j]:
            for i in range(m):
                dx, dy = x[j] - rx[i], y[j] - ry[i]
                # what changes hands and leaves the plan costs both; all else was looked at above
                reduced = price * v * (dx * dx + dy * dy) - w[i] * v - u[i] * a + changing - 0.5
                if reduced < least and allowed[i, k]:
                    reduced = cost_of(arcs, j, i) - w[i] * v - u[i] * a
                    if reduced < least:
                        least, at = reduced, i
        total += least
        size += abs(least)
        best[j] = at
    return total, size, best


def bound_at(problem: Problem, w: FloatArray, u: FloatArray) -> tuple[float, IntArray]:
    """Return the bound that prices give over all arcs, and the party [n] of least reduced cost."""
    total, size, best = _least(arcs_of(problem), problem.area.astype(np.int64), w, u)
    for price, low, high, amount in (
        (w, problem.value_low, problem.value_high, problem.value),
        (u, problem.area_low, problem.area_high, problem.area),
    ):
        # nobody ends with less than nothing, or with more than all there is
        everything = int(amount.sum())
        up, down = price > 0, price < 0
        least, most = low.clip(0, None).astype(float), high.clip(None, everything).astype(float)
        part = price[up] @ least[up] + price[down] @ most[down]
        total += float(part)
        size += abs(float(part))
    return total - _SLIP * size, best


def nearest_parties(problem: Problem, w: FloatArray, u: FloatArray, most: int) -> IntArray:
    """Return [n, k] parties of about the least reduced cost for each parcel; −1 where fewer.

    d² − w/p − u a/(v p) is least at the nearest of the points (reference, z, √(M − w/p − z²)),
    z = u/2ps, seen from (place, s a/v, 0): a power diagram lifted by one dimension for the
    constant and one for the ratio.
    """
    m = problem.m
    price = max(problem.distance_price, 1e-300)
    if m <= max(most, _ALL_PARTIES):
        return np.tile(np.arange(m), (problem.n, 1))
    ratio = problem.area / problem.value
    scale = 1_000.0 / float(ratio.mean())
    z = u / price / (2.0 * scale)
    lift = w / price + z * z
    sites = np.column_stack([problem.reference, z, np.sqrt(np.maximum(lift.max() - lift, 0.0))])
    seen = np.column_stack([problem.xy, scale * ratio, np.zeros(problem.n)])
    return np.asarray(cKDTree(sites).query(seen, k=most)[1], np.int64)


@njit(cache=True)
def _costs(arcs: Arcs, lists: IntArray, whose: IntArray) -> FloatArray:
    """Return [n, k] costs per value of the listed arcs; inf where a party may not get a parcel.

    The last column becomes the holder's where the list does not have it.
    """
    n, k = lists.shape
    cost = np.full((n, k), np.inf)
    value, x, y, rx, ry = arcs.value, arcs.x, arcs.y, arcs.rx, arcs.ry
    kind, allowed, fixed, price = arcs.kind, arcs.open, arcs.fixed, arcs.price
    agreed, has_extra = arcs.agreed, arcs.extra.shape[0] > 0
    move, leave = float(arcs.move), float(arcs.leave)
    for j in range(n):
        met = False
        for a in range(k):
            met |= lists[j, a] == whose[j]
        if not met:
            lists[j, k - 1] = whose[j]
        for a in range(k):
            i = lists[j, a]
            if i != whose[j] and (fixed[j] or not allowed[i, kind[j]]):
                continue
            dx, dy = x[j] - rx[i], y[j] - ry[i]
            more = (move if i != whose[j] else 0.0) + (leave if i != agreed[j] else 0.0)
            more += arcs.extra[i, j] if has_extra else 0.0
            cost[j, a] = price * (dx * dx + dy * dy) + more / value[j]
    return cost


@njit(cache=True)
def _smoothed(
    cost: FloatArray,
    lists: IntArray,
    value: FloatArray,
    ratio: FloatArray,
    w: FloatArray,
    u: FloatArray,
    tau: float,
    load: FloatArray,
    rows: IntArray,
    columns: IntArray,
    weight: FloatArray,
    own: FloatArray,
    wanted: bool,
) -> tuple[float, int]:
    """Return the smoothed sum; fills loads [m, 2] and, if wanted, pairs of the Hessian.

    ``weight`` [pairs, 3] and ``own`` [m, 3]: blocks value–value, value–area, area–area.
    """
    n, k = lists.shape
    part = np.empty(k)
    load[:] = 0.0
    own[:] = 0.0
    total, pairs = 0.0, 0
    for j in range(n):
        least = np.inf
        for a in range(k):
            i = lists[j, a]
            part[a] = cost[j, a] - w[i] - u[i] * ratio[j]
            least = min(least, part[a])
        mass = 0.0
        for a in range(k):
            gap = (part[a] - least) / tau
            part[a] = np.exp(-gap) if gap < 35.0 else 0.0
            mass += part[a]
        total += value[j] * (least - tau * np.log(mass))
        for a in range(k):
            part[a] /= mass
            if part[a] > 0.0:
                load[lists[j, a], 0] += value[j] * part[a]
                load[lists[j, a], 1] += value[j] * ratio[j] * part[a]
        if not wanted:
            continue
        for a in range(k):
            if part[a] < _PRUNED:
                continue
            for b in range(a):
                both = part[a] * part[b]
                if both < _PRUNED or pairs >= len(rows):
                    continue
                c = value[j] * both / tau
                rows[pairs], columns[pairs] = lists[j, a], lists[j, b]
                for power in range(3):
                    weight[pairs, power] = c
                    own[lists[j, a], power] += c
                    own[lists[j, b], power] += c
                    c *= ratio[j]
                pairs += 1
    return total, pairs


def _limits(
    price: FloatArray, low: FloatArray, high: FloatArray, tau: float
) -> tuple[float, FloatArray, FloatArray]:
    """Return the smoothed minimum of price · s over low <= s <= high, the s and its curvature."""
    share = 1.0 / (1.0 + np.exp(np.clip(price / tau, -500.0, 500.0)))
    width = high - low
    total = low * price - width * tau * np.logaddexp(0.0, -price / tau)
    return float(total.sum()), low + width * share, width * share * (1.0 - share) / tau


class DualSearch:
    """Prices for one problem; in units of cost per value, and per area of the mean ratio."""

    def __init__(self, problem: Problem, params: Params) -> None:
        self.problem = problem
        self.params = params
        self.arcs = arcs_of(problem)
        self.value = problem.value.astype(float)
        self.unit = float(problem.area.sum() / problem.value.sum())
        self.ratio = problem.area / problem.value / self.unit
        total = float(problem.value.sum())
        self.by_area = problem.by_area
        self.low = np.column_stack([problem.value_low, problem.area_low / self.unit]).clip(0, total)
        high = np.column_stack([problem.value_high, problem.area_high / self.unit])
        self.high = np.maximum(high.clip(0, total), self.low)
        self.price = np.zeros((problem.m, 2))
        capacity = 60 * problem.n
        self.rows = np.empty(capacity, np.int64)
        self.columns = np.empty(capacity, np.int64)
        self.weight = np.empty((capacity, 3))
        self.steps = 0
        self._relist()

    def run(self, start: tuple[FloatArray, FloatArray] | None = None) -> Dual:
        """Return the best prices found; ``start``: prices of an earlier search."""
        scale = self._scale()
        levels = self.params.levels
        if start is not None:
            self.price = np.column_stack([start[0], start[1] * self.unit])
            levels = levels[-2:]
        best = self._dual()
        if self.problem.by_area:  # first on value alone: from there area is a small step
            self.by_area = False
            for level in levels[:_BY_VALUE]:
                self._newton(level * scale)
            levels = levels[_BY_VALUE - 1 :]
            self.by_area = True
        for number, level in enumerate(levels, 1):
            self._newton(level * scale)
            if number >= len(levels) - 1:
                found = self._dual()
                best = found if found.bound > best.bound else best
        return best

    def _scale(self) -> float:
        """Return the mean cost of distance per value today."""
        arcs = self.arcs
        away = (arcs.x - arcs.rx[arcs.holder]) ** 2 + (arcs.y - arcs.ry[arcs.holder]) ** 2
        return max(float((self.value @ away) / self.value.sum()) * arcs.price, 1e-12)

    def _dual(self) -> Dual:
        w, u = self.price[:, 0].copy(), self.price[:, 1] / self.unit
        return Dual(w, u, bound_at(self.problem, w, u)[0])

    def _relist(self) -> None:
        w, u = self.price[:, 0], self.price[:, 1] / self.unit
        most = min(self.problem.m, _NEAREST)
        self.lists = nearest_parties(self.problem, w, u, most)
        self.cost = _costs(self.arcs, self.lists, self.arcs.holder)

    def _value_of(
        self, price: FloatArray, tau: float, wanted: bool
    ) -> tuple[float, FloatArray, FloatArray, FloatArray, int]:
        """Return smoothed dual, gradient [m, 2], curvature of the limits [m, 2], own, pairs."""
        m = self.problem.m
        load, own = np.empty((m, 2)), np.empty((m, 3))
        total, pairs = _smoothed(
            self.cost,
            self.lists,
            self.value,
            self.ratio,
            price[:, 0],
            price[:, 1],
            tau,
            load,
            self.rows,
            self.columns,
            self.weight,
            own,
            wanted,
        )
        by_value, asked, curve = _limits(price[:, 0], self.low[:, 0], self.high[:, 0], tau)
        gradient, bend = np.zeros((m, 2)), np.zeros((m, 2))
        gradient[:, 0], bend[:, 0] = asked - load[:, 0], curve
        total += by_value
        if self.by_area:
            by_area, asked, curve = _limits(price[:, 1], self.low[:, 1], self.high[:, 1], tau)
            gradient[:, 1], bend[:, 1] = asked - load[:, 1], curve
            total += by_area
        return total, gradient, bend, own, pairs

    def _newton(self, tau: float) -> None:
        """Raise the smoothed dual at one temperature."""
        weight = self.value.sum()
        self._relist()
        self._balance(tau)
        for step in range(
            self.params.newton_steps if tau <= _COOL * self._scale() else _WARM_STEPS
        ):
            if step % _REBUILD == 0:
                self._relist()
            now, gradient, bend, own, pairs = self._value_of(self.price, tau, wanted=True)
            if np.abs(gradient).sum() < 1e-4 * weight:
                return
            move = self._direction(gradient, bend, own, pairs, tau)
            move = np.clip(move, -_STEP * tau, _STEP * tau)
            slope = float((gradient * move).sum())
            length = 1.0
            for _ in range(12):
                value = self._value_of(self.price + length * move, tau, wanted=False)[0]
                if value >= now + _ARMIJO * length * slope:
                    break
                length *= 0.4
            else:
                return
            self.price = self.price + length * move
            self.steps += 1

    def _balance(self, tau: float) -> None:
        """Raise or lower each price on value by how far its load is off (Sinkhorn's step)."""
        for _ in range(_BALANCED):
            gradient, _, load = self._loads(tau)
            if np.abs(gradient).sum() < _NEARLY * self.value.sum():
                return
            wanted = np.maximum(gradient + load, 1e-12 * self.value.mean())
            off = np.log(wanted / np.maximum(load, 1e-12 * wanted))
            self.price[:, 0] += tau * np.clip(off, -_LEAP, _LEAP)
            self._relist()

    def _loads(self, tau: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return gradient and curvature by value, and the value that each party gets."""
        _, gradient, bend, _, _ = self._value_of(self.price, tau, wanted=False)
        asked = _limits(self.price[:, 0], self.low[:, 0], self.high[:, 0], tau)[1]
        return gradient[:, 0], bend[:, 0], asked - gradient[:, 0]

    def _direction(
        self, gradient: FloatArray, bend: FloatArray, own: FloatArray, pairs: int, tau: float
    ) -> FloatArray:
        """Solve the Newton system; prices of value and area alternate."""
        m = self.problem.m
        rows, columns, weight = self.rows[:pairs], self.columns[:pairs], self.weight[:pairs]
        damping = _DAMPING * np.maximum(self.low[:, 0], self.value.mean()) / tau
        if not self.by_area:
            matrix = coo_array(
                (-np.tile(weight[:, 0], 2), (np.r_[rows, columns], np.r_[columns, rows])), (m, m)
            ).tocsc() + diags_array(own[:, 0] + bend[:, 0] + damping, format="csc")
            move = np.zeros((m, 2))
            move[:, 0] = _solved(matrix, gradient[:, 0])
            return move
        place = np.arange(m)
        r, c = np.r_[rows, columns], np.r_[columns, rows]
        i = np.concatenate([2 * r, 2 * r, 2 * r + 1, 2 * r + 1])
        j = np.concatenate([2 * c, 2 * c + 1, 2 * c, 2 * c + 1])
        off = np.concatenate([-np.tile(weight[:, p], 2) for p in (0, 1, 1, 2)])
        d = 2 * place
        i = np.concatenate([i, d, d, d + 1, d + 1])
        j = np.concatenate([j, d, d + 1, d, d + 1])
        on = [
            own[:, 0] + bend[:, 0] + damping,
            own[:, 1],
            own[:, 1],
            own[:, 2] + bend[:, 1] + damping,
        ]
        matrix = coo_array((np.concatenate([off, *on]), (i, j)), (2 * m, 2 * m)).tocsc()
        return np.asarray(_solved(matrix, gradient.ravel()).reshape(m, 2))


def _solved(matrix: csc_array, right: FloatArray) -> FloatArray:
    factors = splu(
        matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True, "DiagPivotThresh": 0.0}
    )
    return np.asarray(factors.solve(right))


def unlimited(amount: IntArray) -> IntArray:
    """Return limits cut to ± `NO_LIMIT`."""
    return np.clip(amount, -NO_LIMIT, NO_LIMIT).astype(np.int64)
