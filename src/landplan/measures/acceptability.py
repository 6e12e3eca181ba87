"""How often each of several plans is best, second … if nobody knows how the criteria weigh.

Stochastic multicriteria acceptability analysis, the inverse of asking for weights: over all weights
that are possible, each as likely as any other, count which plan wins. Sources: R. Lahdelma,
J. Hokkanen and P. Salminen, "SMAA – Stochastic multiobjective acceptability analysis", European
Journal of Operational Research 106(1), 1998, 137–143; all ranks after R. Lahdelma and P. Salminen,
"SMAA-2", Operations Research 49(3), 2001, 444–454.

A criterion counts from 0 for the worst of the plans to 1 for the best, in a straight line between
them; the value of a plan is the weighted sum. Plans that are equal in everything share their ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SAMPLES: Final = 10_000
_EXACT_CRITERIA: Final = 3


@dataclass(frozen=True, eq=False)
class Acceptability:
    """What the weights say of p plans and c criteria.

    Attributes
    ----------
    ranks
        [p, p] share of the weights drawn that give a plan (row) a rank (column); rows and columns
        sum to 1.
    best
        [p] how often each plan is best.
    central
        [p, c] the mean of the weights for which a plan is best; NaN where it never is.
    confidence
        [p] how often a plan is best with its central weights, when figures are as uncertain as the
        draws say; NaN where it has none.
    exact
        Whether ``best`` and ``central`` are computed as areas rather than counted: with certain
        figures and up to three criteria.
    """

    ranks: FloatArray
    best: FloatArray
    central: FloatArray
    confidence: FloatArray
    exact: bool


def acceptability(
    values: FloatArray,
    order: Sequence[int] = (),
    draws: FloatArray | None = None,
    samples: int = SAMPLES,
    seed: int = 1,
) -> Acceptability:
    """Return how plans rank over all weights.

    Parameters
    ----------
    values
        [p, c] figures of the plans; lower is better in every column.
    order
        Criteria known to matter more than the next one named, most important first; criteria that
        are not named may weigh anything.
    draws
        [d, p, c] the figures as they might turn out, each draw as likely as any other; None: they
        are certain.
    samples, seed
        Weights drawn, evenly from all that are possible, and their seed.

    Raises
    ------
    ValueError
        There is no plan or no criterion, a figure is not finite, or ``order`` names no criterion.
    """
    plans, criteria = values.shape
    if plans == 0 or criteria == 0 or not np.isfinite(values).all():
        raise ValueError("acceptability needs finite figures of at least one plan and criterion")
    if len(set(order)) != len(order) or not set(order) <= set(range(criteria)):
        raise ValueError(f"order {list(order)} does not name {criteria} criteria once each")
    weights = _weights(samples, criteria, order, seed)
    turned_out = values[None] if draws is None else draws
    worth = np.stack([_worth(figures) for figures in turned_out])
    ranks, central = _counted(worth, weights)
    best = ranks[:, 0]
    exact = draws is None and criteria <= _EXACT_CRITERIA
    if exact:
        best, central = _areas(worth[0], order)
    return Acceptability(ranks, best, central, _confidence(worth, central), exact)


def _weights(samples: int, criteria: int, order: Sequence[int], seed: int) -> FloatArray:
    """Draw [samples, criteria] weights evenly; an order of importance is put in by sorting.

    Of all the ways to exchange the weights of the criteria named, each is as likely as any other,
    and exactly one keeps the order.
    """
    drawn = np.random.default_rng(seed).dirichlet(np.ones(criteria), samples)
    named = list(order)
    drawn[:, named] = -np.sort(-drawn[:, named], axis=1)
    return drawn


def _worth(values: FloatArray) -> FloatArray:
    """Return [p, c] from 0 for the worst plan to 1 for the best; 0 for all where they are equal."""
    low, high = values.min(axis=0), values.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return np.asarray((high - values) / span)


def _counted(worth: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Count ranks and average winning weights; sample s meets draw s modulo their number."""
    samples, criteria = weights.shape
    plans = worth.shape[1]
    ranks = np.zeros((plans, plans))
    winning = np.zeros((plans, criteria))
    for number in range(min(len(worth), samples)):
        own = weights[number :: len(worth)]
        place = np.argsort(np.argsort(-(own @ worth[number].T), axis=1, kind="stable"), axis=1)
        for group in _equal(worth[number]):
            for plan in group:
                counts = np.bincount(place[:, plan], minlength=plans)
                ranks[group] += counts / len(group)
                winning[group] += own[place[:, plan] == 0].sum(axis=0) / len(group)
    won = ranks[:, :1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return ranks / samples, np.where(won > 0, winning / won, np.nan)


def _equal(worth: FloatArray) -> list[NDArray[np.int64]]:
    """Return the plans in groups that are equal in every criterion."""
    _, group = np.unique(worth, axis=0, return_inverse=True)
    return [np.flatnonzero(group.ravel() == one) for one in range(int(group.max()) + 1)]


def confidence(draws: FloatArray, central: FloatArray) -> FloatArray:
    """Return [p] how often each plan is best with its weights [p, c] over draws [d, p, c]."""
    return _confidence(np.stack([_worth(figures) for figures in draws]), central)


def _confidence(worth: FloatArray, central: FloatArray) -> FloatArray:
    """Return how often each plan wins with its central weights over all draws."""
    found = np.full(len(central), np.nan)
    for plan, weights in enumerate(central):
        if np.isfinite(weights).all():
            total = worth @ weights
            found[plan] = float((total[:, plan] >= total.max(axis=1) - 1e-12).mean())
    return found


def _region(worth: FloatArray, plan: int, order: Sequence[int]) -> FloatArray:
    """Return the corners [k, c] of the weights that keep the order and for which a plan is best.

    All possible weights are the polygon (of one, two or three corners) between the unit vectors;
    every other plan, and every pair of the order, cuts off a half of it.
    """
    criteria = worth.shape[1]
    corners = np.eye(criteria)
    for more, less in pairwise(order):
        corners = _cut(corners, np.eye(criteria)[more] - np.eye(criteria)[less])
    for other in range(len(worth)):
        if not np.array_equal(worth[other], worth[plan]):
            corners = _cut(corners, worth[plan] - worth[other])
    return corners


def _cut(corners: FloatArray, normal: FloatArray) -> FloatArray:
    """Return the part of a polygon (or segment, or point) where ``corner · normal >= 0``."""
    kept: list[FloatArray] = []
    for number, corner in enumerate(corners):
        after = corners[(number + 1) % len(corners)]
        side, next_side = float(corner @ normal), float(after @ normal)
        if side >= 0:
            kept.append(corner)
        if side * next_side < 0:
            kept.append(corner + (after - corner) * (side / (side - next_side)))
    return np.array(kept).reshape(-1, corners.shape[1])


def _size(corners: FloatArray) -> tuple[float, FloatArray]:
    """Return area (length, where there are two criteria) and centre of a region."""
    criteria = corners.shape[1]
    if len(corners) == 0:
        return 0.0, np.full(criteria, np.nan)
    if criteria == 1:
        return 1.0, np.ones(1)
    if criteria == 2:
        return float(np.ptp(corners[:, 0])), np.asarray(
            (corners.min(axis=0) + corners.max(axis=0)) / 2
        )
    area, centre = 0.0, np.zeros(criteria)
    for first, second in pairwise(corners[1:]):
        part = float(np.linalg.norm(np.cross(first - corners[0], second - corners[0]))) / 2
        area += part
        centre += part * (corners[0] + first + second) / 3
    return area, centre / area if area > 0 else np.full(criteria, np.nan)


def _areas(worth: FloatArray, order: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return [p] how large the region is in which each plan is best, of all, and [p, c] centres."""
    sizes, centres = zip(
        *(_size(_region(worth, plan, order)) for plan in range(len(worth))), strict=True
    )
    best = np.array(sizes)
    for group in _equal(worth):
        best[group] /= len(group)
    return best / best.sum(), np.array(centres)
