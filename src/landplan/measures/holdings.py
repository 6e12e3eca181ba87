"""Grouping parcels by the holding they belong to: what the measures of holdings stand on.

A holding is any label on a parcel: an owner, or a party of co-owners. A parcel without a label
belongs to no holding and takes no part.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Numbers = "pd.Series[float]"


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which parcels make up which holding.

    ``labels`` the sorted labels [h]; ``code`` [n] position of every parcel's label, -1 for none.
    """

    labels: "pd.Index[Any]"
    code: IntArray

    @classmethod
    def of(cls, holding: "pd.Series[Any]") -> "Grouping":
        """Group parcels by their label; equal labels are one holding."""
        code, labels = pd.factorize(holding, sort=True)
        return cls(pd.Index(labels, name=holding.name), code.astype(np.int64))

    @property
    def count(self) -> int:
        """Number of holdings."""
        return len(self.labels)

    def total(self, values: FloatArray, taking_part: BoolArray | None = None) -> FloatArray:
        """Return the sum [h] of values [n]; a value that is not a number counts as none."""
        inside = (self.code >= 0) & np.isfinite(values)
        if taking_part is not None:
            inside &= taking_part
        total = np.bincount(self.code[inside], weights=values[inside], minlength=self.count)
        return np.asarray(total, dtype=np.float64)

    def known(self, values: FloatArray) -> FloatArray:
        """Return how many values [n] of each holding are numbers [h]."""
        inside = (self.code >= 0) & np.isfinite(values)
        return np.bincount(self.code[inside], minlength=self.count).astype(np.float64)

    def series(self, values: FloatArray, name: str) -> "pd.Series[float]":
        """Return values [h] as a named Series on the labels."""
        return pd.Series(values, index=self.labels, name=name, dtype=float)


def divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    """Divide, giving NaN where there is nothing to divide by."""
    nothing = np.full(len(numerator), np.nan)
    with_some = np.asarray(denominator) > 0
    return np.asarray(
        np.divide(numerator, denominator, out=nothing, where=with_some), dtype=np.float64
    )


def numbers(values: "pd.Series[Any]") -> FloatArray:
    """Return a Series as float64 [n]; what is missing becomes NaN."""
    return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
