"""Composite indices as data: factors with weights and value functions, written in TOML.

A value function is a chain of straight pieces through given points: what is measured → its value
between 0 (worst) and 1 (best), constant beyond both ends.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import pandas as pd

from landplan.measures.holdings import FloatArray, divide, numbers

Status = Literal["verified", "recalled", "estimate"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: its weight (>= 0) and value function; ``unit`` of what is measured."""

    name: str
    unit: str
    weight: float
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        at = [x for x, _ in self.points]
        if not at or at != sorted(set(at)):
            raise ValueError(f"factor {self.name}: points must rise")
        if any(not 0.0 <= value <= 1.0 for _, value in self.points) or self.weight < 0:
            raise ValueError(f"factor {self.name}: values lie in 0..1, a weight is not negative")

    def value(self, measured: FloatArray) -> FloatArray:
        """Return the values [n] of what is measured [n]; NaN stays NaN."""
        at, worth = zip(*self.points, strict=True)
        values = np.where(np.isnan(measured), np.nan, np.interp(measured, at, worth))
        return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The factors of an index, where they come from, and how sure that is."""

    name: str
    source: str
    status: Status
    factors: tuple[Factor, ...]

    def weighted(self, weights: Mapping[str, float]) -> "Scheme":
        """Return the scheme with other weights for some factors.

        Raises ValueError for a factor it does not have, a weight below 0, or no weight at all.
        """
        unknown = sorted(set(weights) - {factor.name for factor in self.factors})
        if unknown:
            raise ValueError(f"{self.name} has no factor {', '.join(unknown)}")
        changed = tuple(
            replace(factor, weight=float(weights.get(factor.name, factor.weight)))
            for factor in self.factors
        )
        if not sum(factor.weight for factor in changed) > 0:
            raise ValueError(f"{self.name} has no weight left")
        return replace(self, factors=changed)

    def score(self, values: pd.DataFrame) -> "pd.Series[float]":
        """Return Σ w V / Σ w over the factors that have a value; no unit, range [0, 1].

        ``values`` holds a column of **values** (0 … 1) per factor. A missing value drops the factor
        from that row; a row without any has no score: NaN.
        """
        worth = [numbers(values[factor.name]) for factor in self.factors]
        weight = [np.isfinite(v) * f.weight for v, f in zip(worth, self.factors, strict=True)]
        weighted = [np.nan_to_num(v) * w for v, w in zip(worth, weight, strict=True)]
        total = divide(np.sum(weighted, axis=0), np.sum(weight, axis=0))
        return pd.Series(total, index=values.index, name=self.name, dtype=float)

    def measured_score(self, measured: pd.DataFrame) -> "pd.Series[float]":
        """Return `score` of the values of what is measured, one column per factor."""
        values = {f.name: f.value(numbers(measured[f.name])) for f in self.factors}
        return self.score(pd.DataFrame(values, index=measured.index))


@cache
def read_scheme(name: str) -> Scheme:
    """Read a scheme of the package: ``psi`` or ``glfi``."""
    data = tomllib.loads(
        files("landplan.measures").joinpath(f"data/{name}.toml").read_text("utf-8")
    )
    factors = tuple(
        Factor(
            item["name"],
            item["unit"],
            float(item["weight"]),
            tuple((float(x), float(v)) for x, v in item["points"]),
        )
        for item in data["factor"]
    )
    return Scheme(data["name"], data["source"], data["status"], factors)
