"""How often plans are best over all weights: areas by hand, counts beside them, sums that hold."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.measures.acceptability import acceptability


def test_two_plans_that_trade_two_criteria_are_each_best_for_half_of_the_weights():
    found = acceptability(np.array([[1.0, 5.0], [2.0, 4.0]]))
    assert found.exact
    assert found.best == pytest.approx([0.5, 0.5])
    assert found.central == pytest.approx(np.array([[0.75, 0.25], [0.25, 0.75]]))
    assert found.confidence == pytest.approx([1.0, 1.0])


def test_a_plan_worse_in_everything_is_never_best_and_always_last():
    found = acceptability(np.array([[1.0, 5.0, 1.0], [2.0, 4.0, 0.5], [3.0, 6.0, 2.0]]))
    assert found.best[2] == 0
    assert found.ranks[2].tolist() == [0, 0, 1]
    assert np.isnan(found.central[2]).all()
    assert np.isnan(found.confidence[2])


def test_each_of_three_specialists_is_best_for_a_third_of_the_weights():
    found = acceptability(1.0 - np.eye(3))
    assert found.best == pytest.approx([1 / 3] * 3)
    # the kite of the first plan has corners (1,0,0), (½,½,0), (⅓,⅓,⅓), (½,0,½)
    assert found.central[0] == pytest.approx([11 / 18, 7 / 36, 7 / 36])


def test_knowing_that_one_criterion_matters_most_favours_its_plan():
    found = acceptability(1.0 - np.eye(3), order=[0, 1, 2])
    assert found.best == pytest.approx([1, 0, 0])
    some = acceptability(1.0 - np.eye(3), order=[0, 1])
    # where the first outweighs the second, half of the triangle, the third plan keeps a third
    assert some.best == pytest.approx([2 / 3, 0, 1 / 3])


def test_equal_plans_share_their_ranks_and_one_plan_is_best():
    found = acceptability(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 3.0]]))
    assert found.best == pytest.approx([0.5, 0.5, 0])
    assert found.ranks[0] == pytest.approx([0.5, 0.5, 0])
    alone = acceptability(np.array([[3.0, 4.0]]))
    assert alone.best.tolist() == [1]
    assert alone.ranks.tolist() == [[1]]


def test_uncertain_figures_lower_the_confidence():
    values = np.array([[1.0, 2.0], [2.0, 1.0]])
    draws = np.stack([values, values[::-1]])
    found = acceptability(values, draws=draws)
    assert not found.exact
    assert found.confidence == pytest.approx([0.5, 0.5], abs=0.51)
    assert found.best == pytest.approx([0.5, 0.5], abs=0.02)


@pytest.mark.parametrize("order", [[0, 0], [5]])
def test_an_order_names_each_criterion_once(order):
    with pytest.raises(ValueError, match="order"):
        acceptability(np.eye(2), order=order)


FIGURES = st.integers(1, 5).flatmap(
    lambda plans: st.integers(1, 3).flatmap(
        lambda criteria: st.lists(
            st.lists(st.integers(0, 6).map(float), min_size=criteria, max_size=criteria),
            min_size=plans,
            max_size=plans,
        )
    )
)


@settings(max_examples=60, deadline=None)
@given(FIGURES, st.permutations([0, 1, 2]), st.integers(0, 3))
def test_shares_sum_to_one_and_areas_agree_with_counting(figures, ranked, known):
    values = np.array(figures)
    order = [one for one in ranked if one < values.shape[1]][:known]
    found = acceptability(values, order, samples=4_000)
    assert found.ranks.sum(axis=0) == pytest.approx(np.ones(len(values)))
    assert found.ranks.sum(axis=1) == pytest.approx(np.ones(len(values)))
    assert found.best.sum() == pytest.approx(1.0)
    assert found.best == pytest.approx(found.ranks[:, 0], abs=0.05)
    won = found.best > 0
    assert found.central[won].sum(axis=1) == pytest.approx(np.ones(won.sum()))
    for first, second in pairwise(order):
        assert (found.central[won, first] >= found.central[won, second] - 1e-9).all()


def test_the_same_seed_draws_the_same():
    values = np.random.default_rng(3).random((4, 5))
    one, two = acceptability(values), acceptability(values)
    assert (one.ranks == two.ranks).all()
    assert one.best == pytest.approx(one.ranks[:, 0])
