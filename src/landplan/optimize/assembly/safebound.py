"""Bounds that hold whatever the tolerances of the LP solver.

Neumaier & Shcherbina 2004, doi 10.1007/s10107-003-0433-3.

For min c x subject to lower <= A x <= upper and a box on x, any multipliers y give the bound

    sum over rows of y_i (lower_i if y_i > 0 else upper_i) + sum over columns of min over the box of
    (c − A'y)_j x_j.

The solver's duals are only a good guess at y; the bound is computed here, and lowered by more than
its rounding error.
"""

from dataclasses import dataclass, field

import numpy as np

from landplan.optimize.assembly.problem import BoolArray, FloatArray, IntArray

_ROUNDOFF = 2.0**-52


@dataclass(slots=True)
class Rows:
    """Sparse rows ``lower <= A x <= upper`` that can be added to and deleted from."""

    n_columns: int
    row: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    column: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    value: FloatArray = field(default_factory=lambda: np.empty(0))
    lower: FloatArray = field(default_factory=lambda: np.empty(0))
    upper: FloatArray = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lower)

    def add(
        self,
        columns: list[IntArray],
        values: list[FloatArray],
        lower: list[float],
        upper: list[float],
    ) -> None:
        """Append rows."""
        lengths = [len(part) for part in columns]
        numbers = np.arange(len(self), len(self) + len(columns))
        self.row = np.concatenate([self.row, np.repeat(numbers, lengths)])
        self.column = np.concatenate([self.column, *columns])
        self.value = np.concatenate([self.value, *values])
        self.lower = np.concatenate([self.lower, lower])
        self.upper = np.concatenate([self.upper, upper])

    def delete(self, gone: BoolArray) -> None:
        """Delete the rows marked in ``gone``."""
        number = np.cumsum(~gone) - 1
        kept = ~gone[self.row]
        self.row = number[self.row[kept]]
        self.column = self.column[kept]
        self.value = self.value[kept]
        self.lower = self.lower[~gone]
        self.upper = self.upper[~gone]


@dataclass(frozen=True, slots=True)
class DualBound:
    """A bound that holds, and the reduced costs c − A'y behind it with the error they may have."""

    bound: float
    reduced: FloatArray
    error: float


def dual_bound(
    cost: FloatArray, rows: Rows, multipliers: FloatArray, low: FloatArray, high: FloatArray
) -> DualBound:
    """Return a proven lower bound of the LP over the box ``low <= x <= high``.

    Parameters
    ----------
    cost
        [columns]; all zero to test a proof of infeasibility: the LP has no solution if the bound is
        positive.
    multipliers
        [rows], any numbers; those that would need an infinite side count as zero.
    """
    y = np.where(np.isfinite(multipliers), multipliers, 0.0)
    side = np.where(y > 0, rows.lower, rows.upper)
    y = np.where(np.isfinite(side), y, 0.0)
    side = np.where(y != 0, side, 0.0)
    n = rows.n_columns
    products = rows.value * y[rows.row]
    reduced = cost - np.bincount(rows.column, weights=products, minlength=n)
    size = np.abs(cost) + np.bincount(rows.column, weights=np.abs(products), minlength=n)
    reach = np.maximum(np.abs(low), np.abs(high))
    bound = float(y @ side) + float(np.where(reduced > 0, reduced * low, reduced * high).sum())
    magnitude = float(np.abs(y) @ np.abs(side)) + float(size @ reach)
    terms = len(rows) + n + 10
    error = terms * _ROUNDOFF * magnitude
    return DualBound(bound - error, reduced, terms * _ROUNDOFF * float(size.max(initial=0.0)))
