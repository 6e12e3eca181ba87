import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.optimize.exchange import plan
from landplan.optimize.exchange.params import Params
from landplan.optimize.exchange.plan import curve
from landplan.optimize.exchange.problem import IntArray, Problem, Stop
from tests.optimize.exchange.instances import FREE, best, field, inside, objective

SMALL = Params(trials=1_000, repairs=10)


def improve(
    problem: Problem, params: Params, party: IntArray, stop: Stop | None = None
) -> IntArray:
    """Search with all parties worth trying for every parcel."""
    lists = np.tile(np.arange(problem.m), (problem.n, 1))
    return plan.improve(problem, params, lists, party, stop)[0]


def test_two_interleaved_rows_come_apart() -> None:
    # 0 1 0 1      0 0 1 1   where party 1 is at the right end
    problem = field(4, 1, [0, 1, 0, 1], value_low=np.array([20, 20]), piece_price=50)
    problem.reference[1] = (300.0, 0.0)
    assert improve(problem, SMALL, problem.holder.astype(np.int64)).tolist() == [0, 0, 1, 1]


def test_what_is_fixed_stays() -> None:
    fixed = np.array([True, False, False, False])
    problem = field(4, 1, [1, 0, 0, 1], fixed=fixed, value_low=np.array([20, 20]))
    assert improve(problem, SMALL, np.array([0, 0, 1, 1]))[0] == 1


def test_a_plan_outside_returns_inside() -> None:
    tight = {"value_low": np.array([30, 30]), "value_high": np.array([30, 30])}
    problem = field(3, 2, [0, 1, 0, 1, 0, 1], **tight)
    assert inside(problem, improve(problem, SMALL, np.zeros(6, np.int64)))


def test_no_more_parcels_move_than_may() -> None:
    problem = field(4, 2, [0, 1, 0, 1, 1, 0, 1, 0], max_moves=2, piece_price=500)
    party = improve(problem, SMALL, np.zeros(8, np.int64))
    assert (party != problem.holder).sum() <= 2
    assert objective(problem, party) == pytest.approx(best(problem))


def test_an_agreed_plan_that_holds_is_left_alone_where_leaving_is_dear() -> None:
    agreed = np.array([1, 0, 1, 0], np.int64)
    problem = field(4, 1, [0, 1, 0, 1], agreed=agreed, leave_price=10**9)
    assert (improve(problem, SMALL, agreed.astype(np.int64)) == agreed).all()


def test_first_holdings_inside_are_never_made_dearer() -> None:
    problem = field(3, 1, [0, 1, 2], move_price=10**9)
    assert improve(problem, SMALL, np.array([2, 0, 1])).tolist() == [0, 1, 2]


def test_the_same_seed_gives_the_same_plan() -> None:
    rng = np.random.default_rng(4)
    problem = field(6, 6, rng.integers(0, 4, 36).tolist(), piece_price=100)
    given = problem.holder.astype(np.int64)
    first, again = (improve(problem, SMALL, given) for _ in range(2))
    assert (first == again).all()


def test_stopping_at_once_still_gives_a_plan_inside() -> None:
    problem = field(3, 2, [0, 1, 0, 1, 0, 1], value_low=np.array([30, 30]))
    party = improve(problem, SMALL, np.zeros(6, np.int64), lambda best, bound: True)
    assert inside(problem, party)


def test_excess_of_one_unit_is_removed_at_any_price_of_pieces() -> None:
    exact = {"value_low": np.array([29, 31]), "value_high": np.array([29, 31])}
    value = np.array([10, 10, 9, 11, 10, 10])
    problem = field(6, 1, [0, 1, 0, 1, 0, 1], value=value, piece_price=10**6, **exact)
    assert inside(problem, improve(problem, SMALL, problem.holder))


def test_no_parcels_give_no_plan() -> None:
    problem = field(1, 1, [0])
    empty = np.empty(0, np.int64)
    assert len(curve(np.empty((0, 2)))) == 0
    none = Problem(
        **{
            name: getattr(problem, name)[:0]
            for name in ("value", "area", "xy", "holder", "fixed", "kind")
        },
        **{
            name: getattr(problem, name)
            for name in (
                "reference",
                "value_low",
                "value_high",
                "area_low",
                "area_high",
                "least",
                "may_receive",
                "edges",
                "distance_price",
            )
        },
    )
    assert len(improve(none, SMALL, empty)) == 0


@st.composite
def exchanges(draw: st.DrawFn) -> Problem:
    """Six parcels of two or three parties with any mixture of rules."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    m = draw(st.integers(2, 3))
    holder = [*range(m), *rng.integers(0, m, 6 - m).tolist()]
    value, area = rng.integers(5, 15, 6), rng.integers(5, 15, 6)
    held = np.bincount(holder, weights=value, minlength=m).astype(int)
    owned = np.bincount(holder, weights=area, minlength=m).astype(int)
    room, space = draw(st.sampled_from([2, 6, FREE])), draw(st.sampled_from([3, FREE]))
    rules: dict[str, object] = {
        "value": value,
        "area": area,
        "value_low": held - room,
        "value_high": held + room,
        "area_low": owned - space,
        "area_high": owned + space,
        "kind": rng.integers(0, 2, 6).astype(np.int64),
        "may_receive": rng.random((m, 2)) < draw(st.sampled_from([0.7, 1.0])),
        "fixed": rng.random(6) < draw(st.sampled_from([0.0, 0.3])),
        "piece_price": draw(st.sampled_from([0, 100])),
        "move_price": draw(st.sampled_from([0, 30])),
        "max_moves": draw(st.sampled_from([None, 2, 4])),
        "extra": draw(st.sampled_from([None, rng.integers(0, 200, (m, 6))])),
    }
    return field(3, 2, holder, **rules)


@settings(max_examples=60, deadline=None)
@given(exchanges())
def test_small_exchanges_are_inside_and_near_the_best_of_all_assignments(problem: Problem) -> None:
    given_plan = problem.holder.astype(np.int64)
    party = improve(problem, SMALL, given_plan)
    assert inside(problem, party)
    assert best(problem) - 1e-6 <= objective(problem, party) <= objective(problem, given_plan)
