"""Branch and bound over the sites around one root, in steps, so that roots can take turns."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from landplan.optimize.assembly.gains import Gains
from landplan.optimize.assembly.problem import FloatArray, IntArray
from landplan.optimize.assembly.rooted import RootedLp

_CANDIDATES = 16
_LOOK_AHEAD = 4
_FIRST_ROUNDS = 400
_ROUNDS = 25
_FIRST_TAIL = 2e-5
_TAIL = 2e-4
_INTEGRAL = 1e-6
_SEARCH_NODES = 20

Offer = Callable[[IntArray], float]
"""Takes a set of parcels, keeps it if it is a better site, and returns the new cost aimed at."""

Guess = Callable[[RootedLp, FloatArray], float]
"""Looks for a site near a fractional point; returns the cost aimed at from then on."""


@dataclass(slots=True)
class _Node:
    bound: float
    low: FloatArray
    high: FloatArray


def _beyond(bound: float, aim: float) -> bool:
    """Whether nothing that costs at most ``aim`` is left above a bound."""
    return bound > aim or bound == np.inf


class RootSearch:
    """The open nodes of one root; no site still to be found here costs less than ``bound``.

    Nodes are pruned when nothing of cost at most ``aim`` can be left in them; so once no node is
    open, every site around this root costs more than the aim of that moment.
    """

    def __init__(self, make_lp: Callable[[], RootedLp], bound: float) -> None:
        self._make_lp = make_lp
        self._lp: RootedLp | None = make_lp()
        self.open: list[tuple[float, int, _Node]] = []
        self.next: _Node | None = _Node(bound, self.lp.low.copy(), self.lp.high.copy())
        self.gains = Gains(self.lp.n)
        self.made = 0
        self.nodes = 0
        self._solves = 0
        self._cuts = 0

    @property
    def lp(self) -> RootedLp:
        """The LP; made anew after `release`, then without its cuts."""
        if self._lp is None:
            self._lp = self._make_lp()
        return self._lp

    def release(self) -> None:
        """Give back the memory of the LP but keep the open nodes."""
        if self._lp is not None:
            self._solves += self._lp.solves
            self._cuts += self._lp.cuts
            self._lp = None

    @property
    def solves(self) -> int:
        """LPs solved so far."""
        return self._solves + (self._lp.solves if self._lp is not None else 0)

    @property
    def cuts(self) -> int:
        """Separators added so far."""
        return self._cuts + (self._lp.cuts if self._lp is not None else 0)

    @property
    def bound(self) -> float:
        """The least bound of an open node, inf where none is open."""
        least = self.open[0][0] if self.open else np.inf
        return min(least, self.next.bound if self.next is not None else np.inf)

    def step(self, aim: float, offer: Offer, guess: Guess) -> float:
        """Work on one node; return the aim after it."""
        node = self._take(aim)
        if node is None:
            return aim
        self.nodes += 1
        lp = self.lp
        low, high = node.low.copy(), node.high.copy()
        lp.set_box(low, high)
        first = self.nodes == 1
        relaxed = lp.cut_loop(
            aim,
            _FIRST_ROUNDS if first else _ROUNDS,
            _FIRST_TAIL if first else _TAIL,
            low,
            high,
            (lambda x: guess(lp, x)) if first else None,
        )
        bound = max(relaxed.bound, node.bound)
        x = relaxed.x
        if _beyond(bound, aim):
            return aim
        if x is None:
            return self._unsolved(bound, low, high, aim, offer)
        fractional = np.flatnonzero(np.abs(x - np.round(x)) > _INTEGRAL)
        if len(fractional) == 0:
            aim = offer(lp.parcels_of(x))
        elif self.nodes < _SEARCH_NODES or self.nodes % 5 == 0:
            aim = guess(lp, x)
        if _beyond(bound, aim):
            return aim
        if len(fractional) == 0:
            if lp.exclude(lp.parcels_of(x)):
                self.next = _Node(bound, low, high)  # the same sites but this one
                return aim
            return self._split_whole(bound, low, high, aim, x)
        return self._split(bound, low, high, aim, x, fractional)

    def _take(self, aim: float) -> _Node | None:
        """Return the node to work on: a child of the last one, else the one of least bound."""
        node, self.next = self.next, None
        while node is None or _beyond(node.bound, aim):
            if not self.open:
                return None
            node = heapq.heappop(self.open)[2]
        return node

    def _keep(self, node: _Node) -> None:
        self.made += 1
        heapq.heappush(self.open, (node.bound, self.made, node))

    def _split_whole(
        self, bound: float, low: FloatArray, high: FloatArray, aim: float, x: FloatArray
    ) -> float:
        """Go on below a whole point that settles nothing: the LP's tolerance hid a violation."""
        free = np.flatnonzero((high > 0.5) & (low < 0.5))
        if len(free) == 0:
            return aim  # one point only, which has been offered: nothing better is left here
        column = int(free[np.argmax(self.lp.area[free])])
        self._branch(column, bound, low, high, bool(x[column] > 0.5), (bound, bound))
        return aim

    def _unsolved(
        self, bound: float, low: FloatArray, high: FloatArray, aim: float, offer: Offer
    ) -> float:
        """Go on where the LP solver failed: split without its advice."""
        free = np.flatnonzero((high > 0.5) & (low < 0.5))
        if len(free) == 0:
            return offer(self.lp.parcels_of(low))
        self._branch(
            int(free[np.argmax(self.lp.area[free])]), bound, low, high, True, (bound, bound)
        )
        return aim

    def _split(
        self,
        bound: float,
        low: FloatArray,
        high: FloatArray,
        aim: float,
        x: FloatArray,
        fractional: IntArray,
    ) -> float:
        """Branch on the column whose two children promise most.

        The LPs of the children are solved for columns about which not enough is known; the search
        ends after some that promise no more than the best.
        """
        lp = self.lp
        lp.set_box(low, high)
        ceiling = aim if aim < np.inf else bound + abs(bound) + 1.0
        least = 1e-6 * max(1.0, abs(bound))
        expected = self.gains.expected(fractional, x[fractional], least)
        choice, promise, children, failed = -1, -1.0, (bound, bound), 0
        for place in self._by_promise(x, fractional, expected)[:_CANDIDATES].tolist():
            column, part = int(fractional[place]), float(x[fractional[place]])
            bounds, gain = (bound, bound), float(expected[place])
            if not self.gains.reliable(column):
                bounds = self._try(column, low, high)
                if _beyond(min(bounds), aim):
                    return aim
                down, up = (max(least, min(value, ceiling) - bound) for value in bounds)
                self.gains.learn(column, part, (down, up))
                gain = down * up
            failed += 1
            if gain > promise:
                choice, promise, children, failed = column, gain, bounds, 0
            if failed >= _LOOK_AHEAD:
                break
        taken = children[1] <= children[0] if children[0] != children[1] else x[choice] > 0.5
        self._branch(choice, bound, low, high, bool(taken), children)
        self._drop_hopeless(aim)
        return aim

    def _by_promise(self, x: FloatArray, fractional: IntArray, expected: FloatArray) -> IntArray:
        """Return the places of the fractional columns, those to try first in front.

        What was learnt says more than the size of a parcel, once there is any.
        """
        weight = self.lp.area[fractional] + 0.3 * self.lp.area.sum() / self.lp.n_parcels
        split = np.minimum(x[fractional], 1.0 - x[fractional]) * weight
        if self.gains.known(fractional).any():
            return np.lexsort((-split, -expected))
        return np.argsort(-split, kind="stable")

    def _try(self, column: int, low: FloatArray, high: FloatArray) -> tuple[float, float]:
        """Return the bounds of the two children of a column: left out, taken in."""
        bounds = []
        for value in (0.0, 1.0):
            below, above = low.copy(), high.copy()
            below[column] = above[column] = value
            self.lp.set_box(below, above)
            bounds.append(self.lp.solve()[0].bound)
        self.lp.set_box(low, high)
        return bounds[0], bounds[1]

    def _branch(
        self,
        column: int,
        bound: float,
        low: FloatArray,
        high: FloatArray,
        taken_first: bool,
        children: tuple[float, float],
    ) -> None:
        """Open the two children of a column; the better one comes next."""
        nodes = []
        for value in (0.0, 1.0):
            below, above = low.copy(), high.copy()
            below[column] = above[column] = value
            nodes.append(_Node(max(bound, children[int(value)]), below, above))
        better = 1 if taken_first else 0
        self.next = nodes[better]
        self._keep(nodes[1 - better])

    def _drop_hopeless(self, aim: float) -> None:
        """Forget the next node if it is already beyond the aim."""
        if self.next is not None and _beyond(self.next.bound, aim):
            self.next = None
        if self.open and _beyond(self.open[0][0], aim):
            self.open.clear()
