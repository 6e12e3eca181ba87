"""Good prices for the bound, found by smoothing and Newton's method: `DualSearch`.

The minimum in the bound (`bound`) is smoothed to −τ v_j log Σ_i exp(−·/τ v_j), with τ falling
(entropic smoothing, Cuturi 2013, arXiv 1306.0895; Newton's method on the dual of transport, Mérigot
2011, doi 10.1111/j.1467-8659.2011.02032.x), on the parties nearest in price to each parcel. While τ
is large, a sample of the parcels is enough. `crossover` takes the prices from there to the best.
"""

import numpy as np
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

from landplan.optimize.exchange.bound import Dual, bound_at, nearest_parties
from landplan.optimize.exchange.costs import arcs_of
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.plan import curve
from landplan.optimize.exchange.problem import FloatArray, Problem
from landplan.optimize.exchange.smoothing import arc_costs, limits, new_table, smoothed

_LISTED = 12
_STEP = 20.0
"""The longest step of a price, in temperatures."""
_DAMPING = 1e-4
_ARMIJO = 1e-4
_REBUILD = 5
_BALANCED = 12
_LEAP = 4.0
_NEARLY = 0.05
_SOLVED = 3e-4
_BY_VALUE = 2
"""Levels on value alone, before area joins."""
_COOL, _WARM_STEPS = 0.02, 3
_SAMPLED = 5_000
_LOOKED_AT = {0.1: (9, 128), 0.03: (4, 64), 0.01: (1, 24), 0.003: (1, 16)}
"""Of so many parcels or more, every how manieth is looked at by level, and the parties for each.

While τ is large many parties share a parcel: lists too short for that give prices far off.
"""


class DualSearch:
    """Prices for one problem; in units of cost per value, and per area of the mean ratio."""

    def __init__(self, problem: Problem, params: Params) -> None:
        self.problem = problem
        self.params = params
        self.arcs = arcs_of(problem)
        self.unit = float(problem.area.sum() / problem.value.sum())
        self.order = curve(problem.xy)
        total = float(problem.value.sum())
        self.by_area = problem.by_area
        self.all_low = np.column_stack([problem.value_low, problem.area_low / self.unit]).clip(
            0, total
        )
        high = np.column_stack([problem.value_high, problem.area_high / self.unit])
        self.all_high = np.maximum(high.clip(0, total), self.all_low)
        self.price = np.zeros((problem.m, 2))
        self.table = new_table(problem.m)
        self.steps = 0
        self.scale = self._scale()

    def run(self, start: tuple[FloatArray, FloatArray] | None = None) -> Dual:
        """Return the best prices found; ``start``: prices of an earlier search."""
        levels = self.params.levels
        best = self._dual()
        if start is not None:
            self.price = np.column_stack([start[0], start[1] * self.unit])
            levels = levels[-1:]
            best = max(best, self._dual(), key=lambda one: one.bound)
        elif self.by_area:  # first on value alone: from there area is a small step
            self.by_area = False
            for level in levels[:_BY_VALUE]:
                self._newton(level)
            levels = levels[_BY_VALUE - 1 :]
            self.by_area = True
        for level in levels:
            self._newton(level)
        return max(best, self._dual(), key=lambda one: one.bound)

    def _scale(self) -> float:
        """Return the mean cost of distance per value today."""
        arcs = self.arcs
        away = (arcs.x - arcs.rx[arcs.holder]) ** 2 + (arcs.y - arcs.ry[arcs.holder]) ** 2
        weighted = float((arcs.value.astype(float) @ away) / arcs.value.sum())
        return max(weighted * arcs.price, 1e-12)

    def _dual(self) -> Dual:
        w, u = self.price[:, 0].copy(), self.price[:, 1] / self.unit
        return Dual(w, u, bound_at(self.problem, w, u)[0])

    def _look_at(self, step: int, most: int) -> None:
        """Take every so-manieth parcel along the curve, and so many parties for each."""
        problem = self.problem
        self.which = np.ascontiguousarray(self.order[::step])
        self.most = min(problem.m, most)
        self.value = problem.value[self.which].astype(float)
        self.ratio = problem.area[self.which] / self.value / self.unit
        share = np.array([self.value.sum(), (self.ratio * self.value).sum()])
        share /= float(problem.value.sum())
        self.low, self.high = self.all_low * share, self.all_high * share
        self._relist()

    def _relist(self) -> None:
        w, u = self.price[:, 0], self.price[:, 1] / self.unit
        self.lists = nearest_parties(self.problem, w, u, self.most, self.which)
        self.cost = arc_costs(self.arcs, self.lists, self.which)

    def _value_of(
        self, price: FloatArray, tau: float, wanted: bool
    ) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Return smoothed dual, gradient [m, 2], curvature of the limits [m, 2] and own [m, 3]."""
        m = self.problem.m
        load, own = np.empty((m, 2)), np.empty((m, 3))
        total = smoothed(
            self.cost,
            self.lists,
            self.value,
            self.ratio,
            price[:, 0],
            price[:, 1],
            tau,
            load,
            own,
            self.table,
            wanted,
        )
        gradient, bend = np.zeros((m, 2)), np.zeros((m, 2))
        for side in range(2 if self.by_area else 1):
            part, asked, bend[:, side] = limits(
                price[:, side], self.low[:, side], self.high[:, side], tau
            )
            gradient[:, side] = asked - load[:, side]
            total += part
        return total, gradient, bend, own

    def _newton(self, level: float) -> None:
        """Raise the smoothed dual at one temperature."""
        tau = level * self.scale
        step, most = _LOOKED_AT.get(level, (1, _LISTED))
        self._look_at(step if self.problem.n >= _SAMPLED else 1, most)
        self._balance(tau)
        weight = self.value.sum()
        few = level > _COOL and not self.by_area
        for number in range(_WARM_STEPS if few else self.params.newton_steps):
            if number % _REBUILD == 0:
                self._relist()
            now, gradient, bend, own = self._value_of(self.price, tau, wanted=True)
            if np.abs(gradient).sum() < _SOLVED * weight:
                return
            move = self._direction(gradient, bend, own, tau)
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
        for number in range(_BALANCED):
            gradient = self._value_of(self.price, tau, wanted=False)[1][:, 0]
            if np.abs(gradient).sum() < _NEARLY * self.value.sum():
                return
            asked = limits(self.price[:, 0], self.low[:, 0], self.high[:, 0], tau)[1]
            load = asked - gradient
            wanted = np.maximum(asked, 1e-12 * self.value.mean())
            off = np.log(wanted / np.maximum(load, 1e-12 * wanted))
            self.price[:, 0] += tau * np.clip(off, -_LEAP, _LEAP)
            if number % 4 == 1:
                self._relist()

    def _direction(
        self, gradient: FloatArray, bend: FloatArray, own: FloatArray, tau: float
    ) -> FloatArray:
        """Solve the Newton system; prices of value and area alternate."""
        m = self.problem.m
        used = np.flatnonzero(self.table.key >= 0)
        r, c = np.divmod(self.table.key[used], m)
        weight = self.table.weight[used]
        r, c = np.r_[r, c], np.r_[c, r]
        damping = _DAMPING * np.maximum(self.low[:, 0], self.value.mean()) / tau
        if not self.by_area:
            matrix = coo_array((-np.tile(weight[:, 0], 2), (r, c)), (m, m)).tocsc()
            matrix = matrix + diags_array(own[:, 0] + bend[:, 0] + damping, format="csc")
            move = np.zeros((m, 2))
            move[:, 0] = _solved(matrix, gradient[:, 0])
            return move
        d = 2 * np.arange(m)
        i = np.concatenate([2 * r, 2 * r, 2 * r + 1, 2 * r + 1, d, d, d + 1, d + 1])
        j = np.concatenate([2 * c, 2 * c + 1, 2 * c, 2 * c + 1, d, d + 1, d, d + 1])
        off = [-np.tile(weight[:, p], 2) for p in (0, 1, 1, 2)]
        on = [own[:, 0] + bend[:, 0] + damping, own[:, 1], own[:, 1]]
        on.append(own[:, 2] + bend[:, 1] + damping)
        matrix = coo_array((np.concatenate([*off, *on]), (i, j)), (2 * m, 2 * m)).tocsc()
        return np.asarray(_solved(matrix, gradient.ravel()).reshape(m, 2))


def _solved(matrix: csc_array, right: FloatArray) -> FloatArray:
    factors = splu(
        matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True, "DiagPivotThresh": 0.0}
    )
    return np.asarray(factors.solve(right))
