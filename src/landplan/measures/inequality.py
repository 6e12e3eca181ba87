"""How evenly something is spread: over holdings, or over owners that gain and lose."""

import numpy as np
import pandas as pd

from landplan.measures.holdings import FloatArray, numbers


def gini(amounts: "pd.Series[float]") -> float | None:
    """Return Σᵢⱼ |xᵢ − xⱼ| / (2 n² x̄); no unit, range [0, 1 − 1/n], 0: all have the same.

    Missing amounts are left out. None without an amount, or where the sum is 0.

    Source: Gini (1912), Variabilità e mutabilità; as the mean difference form of Sen (1973), On
    Economic Inequality, section 2.7.

    Raises
    ------
    ValueError
        An amount below 0: the index has no range then.
    """
    x = np.sort(_amounts(amounts))
    if not len(x) or x.sum() <= 0:
        return None
    rank = np.arange(1, len(x) + 1)
    return float((2.0 * rank - len(x) - 1.0) @ x / (len(x) * x.sum()))


def theil(amounts: "pd.Series[float]") -> float | None:
    """Return (1/n) Σ (x/x̄) ln(x/x̄); no unit (nats), range [0, ln n], 0: all have the same.

    Missing amounts are left out, 0 counts 0 (the limit of x ln x). None without an amount, or where
    the sum is 0.

    Source: Theil (1967), Economics and Information Theory, chapter 4.

    Raises
    ------
    ValueError
        An amount below 0.
    """
    x = _amounts(amounts)
    if not len(x) or x.sum() <= 0:
        return None
    ratio = x[x > 0] / x.mean()
    return max(float((ratio * np.log(ratio)).sum() / len(x)), 0.0)


def _amounts(amounts: "pd.Series[float]") -> FloatArray:
    x = numbers(amounts)
    x = x[np.isfinite(x)]
    if len(x) and x.min() < 0:
        raise ValueError("an amount below 0 has no share of a sum")
    return x
