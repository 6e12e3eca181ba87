"""Where the search stays outside the limits, the integer program finds a plan inside, if any."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings

from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.inside import plan_inside
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import Problem
from tests.optimize.exchange.instances import best, field, inside
from tests.optimize.exchange.test_plan import exchanges

QUICK = Params.of("quick")


def test_three_parties_are_served_by_the_one_split_there_is() -> None:
    # values 7 5 4 4 3 1: eight for each is 7 + 1, 5 + 3 and 4 + 4 only
    values = np.array([7, 5, 4, 4, 3, 1])
    problem = field(
        *(3, 2, [0, 0, 0, 1, 1, 2]), value=values, value_low=np.full(3, 8), value_high=np.full(3, 8)
    )
    found = plan_inside(problem)
    assert found is not None
    assert np.bincount(found, weights=values).tolist() == [8.0, 8.0, 8.0]


def test_nothing_is_said_where_nothing_can_be_found() -> None:
    problem = field(2, 1, [0, 1], value_low=np.array([20, 10]))
    assert plan_inside(problem) is None
    assert plan_inside(field(2, 1, [0, 1], fixed=np.ones(2, bool))) is None


@settings(max_examples=60, deadline=None)
@given(exchanges())
def test_an_exchange_has_a_plan_inside_whenever_any_assignment_is(problem: Problem) -> None:
    # everyone is due what another holds, so that the holdings of today keep no limit
    turned = {
        name: np.roll(getattr(problem, name), 1)
        for name in ("value_low", "value_high", "area_low", "area_high")
    }
    harder = replace(problem, **turned, least=np.minimum(problem.least, 1))
    assume(not inside(harder, harder.holder))
    exists = np.isfinite(best(harder))
    found = plan_inside(harder)
    assert (found is not None and inside(harder, found)) == exists
    result = solve(harder, QUICK)
    assert (result.status in ("optimal", "feasible")) == exists
    if exists:
        assert inside(harder, result.party)
