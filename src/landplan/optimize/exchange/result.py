"""What the exchange engine found and proved."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from landplan.optimize.exchange.problem import FloatArray, IntArray, Problem

Status = Literal["optimal", "feasible", "infeasible", "stopped"]


@dataclass(frozen=True, slots=True)
class Outside:
    """A party outside its limits, by how much: below < 0, above > 0."""

    party: int
    value: int
    area: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Result:
    """An assignment, its cost, and what no assignment inside the limits costs less than.

    Attributes
    ----------
    status
        ``optimal``: the bound meets the objective; ``feasible``; ``infeasible``: proven that no
        assignment keeps the limits; ``stopped``: none was found that keeps them.
    party
        [n] new holders; where none keeps the limits, the ones that come nearest.
    objective, bound, terms
        Minor units of money; terms travel, extra, moves, leaving, pieces sum to the objective.
    outside
        Parties outside their limits; empty unless ``infeasible`` or ``stopped``.
    value_price, area_price
        [m] multipliers of the bound, per unit of value and of area.
    work, limit_hit
        Work done; whether a limit of work ended the search.
    """

    status: Status
    party: IntArray
    objective: int
    bound: float
    terms: dict[str, int]
    outside: tuple[Outside, ...]
    value_price: FloatArray
    area_price: FloatArray
    work: dict[str, int] = field(default_factory=dict)
    limit_hit: bool = False

    @property
    def gap(self) -> float:
        """The gap as a fraction of the objective."""
        return (self.objective - self.bound) / max(1.0, float(self.objective))


def outside_of(problem: Problem, party: IntArray) -> tuple[Outside, ...]:
    """Return the parties that an assignment [n] leaves outside their limits."""
    m = problem.m
    value = np.zeros(m, np.int64)
    area = np.zeros(m, np.int64)
    np.add.at(value, party, problem.value)
    np.add.at(area, party, problem.area)
    count = np.bincount(party, minlength=m)
    by_value = np.minimum(0, value - problem.value_low) + np.maximum(0, value - problem.value_high)
    by_area = np.minimum(0, area - problem.area_low) + np.maximum(0, area - problem.area_high)
    short = np.minimum(0, count - problem.least)
    wrong = np.flatnonzero((by_value != 0) | (by_area != 0) | (short != 0))
    return tuple(Outside(int(i), int(by_value[i]), int(by_area[i]), int(short[i])) for i in wrong)
