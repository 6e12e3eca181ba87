from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.reach import Unreachable, unreachable
from tests.optimize.exchange.instances import FREE, best, field


def test_no_set_of_two_large_parcels_meets_a_window_between_them() -> None:
    # sums 0, 10, 20: the window 13 to 16 is missed by 3 at least
    limits = {"value_low": np.array([13, -FREE]), "value_high": np.array([16, FREE])}
    problem = field(2, 1, [0, 1], **limits)
    assert unreachable(problem) == (Unreachable(0, "value", -3),)
    assert solve(problem, Params.of("quick")).status == "infeasible"


def test_fixed_land_above_the_limit_cannot_be_given_away() -> None:
    fixed = np.array([True, False])
    problem = field(2, 1, [0, 1], fixed=fixed, area_high=np.array([7, FREE]))
    assert unreachable(problem) == (Unreachable(0, "area", 3),)


def test_too_few_parcels_may_be_received() -> None:
    closed = {"may_receive": np.array([[False], [True]]), "least": np.array([2, 0])}
    assert unreachable(field(2, 1, [0, 1], **closed)) == (Unreachable(0, "parcels", -1),)


def test_without_limits_every_party_is_within_reach() -> None:
    assert unreachable(field(3, 1, [0, 1, 0])) == ()


@pytest.mark.parametrize("block", range(4))
@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=2, max_size=5), st.integers(-2, 40), st.integers(0, 6))
def test_the_miss_is_the_least_of_all_sets(
    block: int, value: list[int], low: int, width: int
) -> None:
    n, high = len(value), low + width
    fixed = np.zeros(n, bool)
    fixed[0] = block % 2 == 0
    problem = field(
        n,
        1,
        [0, *[1] * (n - 1)],
        value=np.array(value),
        fixed=fixed,
        least=np.zeros(2, np.int64),
        value_low=np.array([low, -FREE]),
        value_high=np.array([high, FREE]),
    )
    rest = value[1:] if fixed[0] else value
    held = value[0] if fixed[0] else 0
    sums = [held + sum(c) for k in range(len(rest) + 1) for c in combinations(rest, k)]
    miss = min(max(low - s, s - high, 0) for s in sums)
    found = unreachable(problem)
    assert (abs(found[0].by) if found else 0) == miss
    assert bool(found) == (best(problem) == np.inf)
