"""Sites met so far, each once, at their true costs."""

from dataclasses import dataclass, field, replace

import numpy as np

from landplan.optimize.assembly.objective import cost_of
from landplan.optimize.assembly.problem import FloatArray, IntArray, Problem


@dataclass(frozen=True, slots=True)
class Column:
    """A site of one demand at its true cost."""

    demand: int
    parcels: IntArray
    centre: int
    cost: int


def column_of(problem: Problem, demand: int, parcels: IntArray, centre: int) -> Column:
    """Return a site as a column, at its true cost."""
    cost = cost_of(problem, problem.demands[demand], parcels, centre)
    return Column(demand, parcels, centre, cost)


@dataclass(slots=True)
class Columns:
    """All sites met so far.

    ``turns`` says, for a demand, in which order [n] parcels are looked at as centres: a site's
    centre is then the one of least turn that it can have.
    """

    problem: Problem
    known: list[Column] = field(default_factory=list)
    index: dict[tuple[int, bytes], int] = field(default_factory=dict)
    turns: dict[int, IntArray] = field(default_factory=dict)

    def knows(self, demand: int, parcels: IntArray) -> bool:
        """Whether a site (sorted parcels) is known."""
        return (demand, parcels.tobytes()) in self.index

    def add(self, demand: int, parcels: IntArray, centre: int) -> bool:
        """Keep a site; return whether it is new."""
        parcels = np.sort(parcels)
        key = (demand, parcels.tobytes())
        if key in self.index:
            return False
        centre = self._first_centre(demand, parcels, centre)
        self.index[key] = len(self.known)
        self.known.append(column_of(self.problem, demand, parcels, centre))
        return True

    def take_turns(self, demand: int, turn: IntArray) -> None:
        """Take the turns [n] of a demand and give its known sites their centres by them."""
        self.turns[demand] = turn
        for i, column in enumerate(self.known):
            if column.demand == demand:
                centre = self._first_centre(demand, column.parcels, column.centre)
                self.known[i] = replace(column, centre=centre)

    def _first_centre(self, demand: int, parcels: IntArray, centre: int) -> int:
        """Return the centre of least turn that a site can have; ``centre`` where turns are none."""
        turn = self.turns.get(demand)
        if turn is None or not turn.any():
            return centre
        radius = self.problem.demands[demand].radius_m
        xy = self.problem.xy[parcels]
        away = xy[:, None, :] - xy[None, :, :]
        can = (away[:, :, 0] ** 2 + away[:, :, 1] ** 2 <= radius * radius).all(axis=1)
        able = parcels[can]
        return int(able[np.argmin(turn[able])])

    def cost_at(self, demand: int, parcels: IntArray, price: IntArray) -> float:
        """Return what a known site costs with prices."""
        column = self.known[self.index[(demand, parcels.tobytes())]]
        return float(column.cost + int(price[parcels].sum()))

    def priced(self, price: IntArray) -> FloatArray:
        """Return what every known site costs with prices [n]."""
        if not self.known:
            return np.zeros(0)
        starts = np.cumsum([0, *(len(column.parcels) for column in self.known[:-1])])
        extra = np.add.reduceat(price[np.concatenate([c.parcels for c in self.known])], starts)
        return np.asarray(extra + np.array([c.cost for c in self.known]), np.float64)

    def cheapest(
        self, demand: int, price: IntArray, number: int
    ) -> tuple[tuple[IntArray, int], ...]:
        """Return the cheapest sites of a demand at given prices, as (parcels, centre)."""
        cost = self.priced(price)
        own = [i for i, column in enumerate(self.known) if column.demand == demand]
        own.sort(key=lambda i: cost[i])
        return tuple((self.known[i].parcels, self.known[i].centre) for i in own[:number])
