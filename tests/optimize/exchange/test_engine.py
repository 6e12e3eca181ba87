"""The bound holds for every assignment, and the plan is what the engine says it is."""

import numpy as np
from hypothesis import given, settings

from landplan.optimize.exchange.costs import least_pieces, terms_of
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.problem import Problem
from tests.optimize.exchange.instances import best, field, inside, objective
from tests.optimize.exchange.test_plan import exchanges

QUICK = Params.of("quick")


def test_two_owners_with_each_others_fields_swap_and_nothing_better_exists() -> None:
    # A B        the parcels of each lie at the other's reference point
    xy = np.array([[100.0, 0.0], [0.0, 0.0]])
    problem = field(2, 1, [0, 1], reference=xy)
    result = solve(problem, QUICK)
    assert result.party.tolist() == [1, 0]
    assert (result.status, result.objective, result.bound) == ("optimal", 0, 0.0)


def test_too_little_land_for_all_claims_is_proven() -> None:
    problem = field(2, 1, [0, 1], value_low=np.array([20, 10]))
    result = solve(problem, QUICK)
    assert result.status == "infeasible"
    assert [one.party for one in result.outside]


def test_fixed_parcels_that_nothing_can_join_are_pieces_of_their_own() -> None:
    # A b A      b is fixed to B, so A is in two pieces whatever happens
    problem = field(3, 1, [0, 1, 0], fixed=np.ones(3, bool))
    assert least_pieces(problem) == 3
    assert least_pieces(field(3, 1, [0, 1, 0], fixed=np.array([True, False, True]))) == 2


def test_without_parcels_there_is_nothing_to_do() -> None:
    none = field(1, 1, [0])
    empty = Problem(
        **{
            name: getattr(none, name)[:0]
            for name in ("value", "area", "xy", "holder", "fixed", "kind", "edges")
        },
        **{
            name: getattr(none, name)
            for name in (
                *("reference", "value_low", "value_high", "area_low", "area_high"),
                *("may_receive", "distance_price"),
            )
        },
        least=np.zeros(1, np.int64),
    )
    assert solve(empty, QUICK).status == "optimal"


@settings(max_examples=60, deadline=None)
@given(exchanges())
def test_no_assignment_inside_the_limits_costs_less_than_the_bound(problem: Problem) -> None:
    result = solve(problem, QUICK)
    least = best(problem)
    assert result.status in ("optimal", "feasible")  # the holdings of today keep the limits
    assert inside(problem, result.party)
    assert result.objective == sum(terms_of(problem, result.party).values())
    assert abs(result.objective - objective(problem, result.party)) < 1e-6
    assert result.bound <= least + 1e-6 <= result.objective + 2e-6
    again = solve(problem, QUICK)
    assert (again.party == result.party).all()
    assert again.bound == result.bound
