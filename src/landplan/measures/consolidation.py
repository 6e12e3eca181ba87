"""What a consolidation changed: rates between before and after, Series in, Series out."""

from typing import Any

import numpy as np
import pandas as pd

from landplan.measures.holdings import Grouping, divide, numbers


def consolidation_rate(before: "pd.Series[float]", after: "pd.Series[float]") -> "pd.Series[float]":
    """Return (n_b − n_a) / n_b of the parcels (or pieces) of each holding; range (-∞, 1).

    No unit; 0.5: half as many as before, below 0: more. NaN for a holding on one side only or with
    none before. Of the whole town: `consolidation_rate_of` the sums.

    Source: standard in land consolidation, "reduction rate"; for example Ertunç (2020) (recalled).
    """
    one, other = before.align(after)
    b, a = numbers(one), numbers(other)
    return pd.Series(divide(b - a, b), index=one.index, name="consolidation_rate", dtype=float)


def consolidation_rate_of(before: float, after: float) -> float | None:
    """Return (n_b − n_a) / n_b of two sums; None where there was nothing before."""
    return (before - after) / before if before > 0 else None


def kept_share(
    amount: "pd.Series[float]", before: "pd.Series[Any]", after: "pd.Series[Any]"
) -> "pd.Series[float]":
    """Return the share of a holding's amount that stays in place; no unit, range [0, 1].

    ``amount`` is the area (m²) or the value of every parcel, ``before`` and ``after`` the labels
    of the holding it belongs to. On the labels of ``before``.

    Source: the "location stability" of land-consolidation practice (recalled; sum over the parcels
    of a holding that it keeps, by area or value).
    """
    groups, amounts = Grouping.of(before), numbers(amount)
    stays = before.to_numpy(dtype=object) == after.to_numpy(dtype=object)
    share = divide(groups.total(amounts, np.asarray(stays, dtype=bool)), groups.total(amounts))
    return groups.series(share, "kept_share")


def relative_gain(before: "pd.Series[float]", after: "pd.Series[float]") -> "pd.Series[float]":
    """Return (a − b) / b of any amount of each holding; no unit, range [-1, ∞); NaN where b = 0."""
    one, other = before.align(after)
    b, a = numbers(one), numbers(other)
    return pd.Series(divide(a - b, b), index=one.index, name="relative_gain", dtype=float)
