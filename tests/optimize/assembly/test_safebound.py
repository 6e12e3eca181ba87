"""Safe dual bounds: whatever the multipliers, never above the truth."""

import numpy as np
import pytest
from scipy.optimize import linprog

from landplan.optimize.assembly.safebound import Rows, dual_bound


def random_rows(rng: np.random.Generator, n: int, m: int) -> tuple[Rows, np.ndarray]:
    """Return rows that the point 0.5 satisfies, as rows and as a dense matrix."""
    dense = rng.integers(-3, 4, (m, n)).astype(np.float64)
    middle = dense @ np.full(n, 0.5)
    rows = Rows(n)
    rows.add(
        [np.arange(n)] * m,
        list(dense),
        [float(v) for v in middle - rng.integers(0, 3, m)],
        [float(v) for v in np.where(rng.random(m) < 0.5, np.inf, middle + rng.integers(0, 3, m))],
    )
    return rows, dense


def exact(cost: np.ndarray, rows: Rows, dense: np.ndarray) -> tuple[float, np.ndarray]:
    finite = np.isfinite(rows.upper)
    answer = linprog(
        cost,
        A_ub=np.vstack([-dense, dense[finite]]),
        b_ub=np.concatenate([-rows.lower, rows.upper[finite]]),
        bounds=(0, 1),
        method="highs",
    )
    duals = -answer.ineqlin.marginals
    multipliers = duals[: len(rows)].copy()
    multipliers[finite] -= duals[len(rows) :]
    return float(answer.fun), multipliers


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e11])
def test_any_multipliers_give_a_bound_and_the_best_ones_give_the_optimum(scale: float) -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        n, m = int(rng.integers(2, 12)), int(rng.integers(1, 8))
        rows, dense = random_rows(rng, n, m)
        cost = rng.normal(0, 1, n)
        best, duals = exact(cost, rows, dense)
        cost, best, duals = scale * cost, scale * best, scale * duals
        box = np.zeros(n), np.ones(n)
        tolerance = 1e-9 * scale
        assert dual_bound(cost, rows, duals, *box).bound == pytest.approx(best, abs=1e-6 * scale)
        for noise in (0.0, 1e-7, 0.1, 10.0):
            y = duals + noise * scale * rng.normal(0, 1, m)
            assert dual_bound(cost, rows, y, *box).bound <= best + tolerance


def test_multipliers_of_infinite_sides_and_nonsense_count_as_zero() -> None:
    rows = Rows(2)
    rows.add([np.array([0, 1])], [np.array([1.0, 1.0])], [1.0], [np.inf])
    low, high = np.zeros(2), np.ones(2)
    cost = np.array([2.0, 3.0])
    assert dual_bound(cost, rows, np.array([2.0]), low, high).bound == pytest.approx(2.0)
    assert dual_bound(cost, rows, np.array([-5.0]), low, high).bound <= 0.0
    assert dual_bound(cost, rows, np.array([np.nan]), low, high).bound <= 0.0


def test_a_ray_proves_that_nothing_fits() -> None:
    """x + y >= 3 within the unit square: with cost zero the bound 3 − 2 is positive."""
    rows = Rows(2)
    rows.add([np.array([0, 1])], [np.array([1.0, 1.0])], [3.0], [np.inf])
    proof = dual_bound(np.zeros(2), rows, np.array([1.0]), np.zeros(2), np.ones(2))
    assert proof.bound == pytest.approx(1.0)


def test_deleting_rows_leaves_the_others_as_they_were() -> None:
    rng = np.random.default_rng(1)
    rows, dense = random_rows(rng, 5, 6)
    gone = np.array([False, True, False, True, True, False])
    rows.delete(gone)
    kept = Rows(5)
    kept.add([np.arange(5)] * 3, list(dense[~gone]), rows.lower.tolist(), rows.upper.tolist())
    y = np.array([1.0, 2.0, -1.0])
    cost, low, high = rng.normal(0, 1, 5), np.zeros(5), np.ones(5)
    assert dual_bound(cost, rows, y, low, high).bound == dual_bound(cost, kept, y, low, high).bound
