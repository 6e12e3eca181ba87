"""Whom to invite: bounds and curves against every set of parties and every assignment."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.optimize.participation import gain_curve, losses, pressures, set_bounds


class Small:
    """Four parties, seven parcels: every gain by trying all assignments."""

    def __init__(self, seed: int, tolerance: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.m, self.n = 4, 7
        self.cost = rng.integers(0, 60, (self.m, self.n))
        self.holder = np.concatenate([np.arange(self.m), rng.integers(0, self.m, self.n - self.m)])
        self.value = rng.integers(1, 4, self.n)
        held = np.bincount(self.holder, weights=self.value, minlength=self.m).astype(np.int64)
        self.low, self.high = held - tolerance, held + tolerance
        self.known: dict[tuple[int, ...], int] = {}

    def cost_of(self, rows):
        return self.cost[:, rows]

    def gain(self, parties) -> int:
        members = tuple(int(party) for party in parties)
        if members not in self.known:
            self.known[members] = self._gain(members)
        return self.known[members]

    def _gain(self, members) -> int:
        if not members:
            return 0
        free = np.flatnonzero(np.isin(self.holder, members))
        before = self.cost[self.holder[free], free].sum()
        best = 0
        for taken in product(members, repeat=len(free)):
            ends = np.bincount(taken, weights=self.value[free], minlength=self.m)[list(members)]
            if (ends >= self.low[list(members)]).all() and (ends <= self.high[list(members)]).all():
                best = max(best, int(before - self.cost[np.array(taken), free].sum()))
        return best

    def pressure(self, multiplier):
        data = (self.holder, self.value, self.low, self.high)
        return pressures(self.cost_of, *data, np.asarray(multiplier, float))


@given(st.integers(0, 30), st.lists(st.floats(-20, 20), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_no_set_gains_more_than_the_pressures_of_its_parties(seed, multiplier):
    small = Small(seed)
    p = small.pressure(multiplier)
    assert (p >= 0).all()
    bounds = set_bounds(p)
    for k in range(5):
        for members in combinations(range(4), k):
            found = small.gain(members)
            assert found <= p[list(members)].sum()
            assert found <= bounds[k]


@pytest.mark.parametrize("seed", range(6))
def test_the_curve_begins_with_the_best_pair_and_ends_with_all_that_can_be_gained(seed):
    small = Small(seed)
    curve = gain_curve(small.gain, small.pressure([0.0] * 4), 4)
    gains = [step.gain for step in curve.steps]
    assert gains == sorted(gains)
    assert all(step.gain <= step.bound for step in curve.steps)
    pairs = [small.gain(pair) for pair in combinations(range(4), 2)]
    assert gains[1] == max(pairs)
    assert len({step.party for step in curve.steps}) == 4
    assert gains[-1] == small.gain(range(4))
    assert not curve.limit_hit


def test_whoever_takes_part_anyway_comes_first_and_counts_in_the_bound():
    small = Small(3)
    p = small.pressure([0.0] * 4)
    curve = gain_curve(small.gain, p, 2, base=(1,))
    assert 1 not in {step.party for step in curve.steps}
    assert curve.steps[0].gain == max(small.gain(sorted((1, other))) for other in (0, 2, 3))
    assert set_bounds(p, (1,))[0] == p[1]
    assert set_bounds(p, total=5).max() <= 5


def test_few_tries_and_a_stop_are_told():
    small = Small(2)
    p = small.pressure([0.0] * 4)
    assert gain_curve(small.gain, p, 4, tries=1).limit_hit
    stopped = gain_curve(small.gain, p, 4, stop=lambda: True)
    assert stopped.steps == ()
    assert stopped.evaluated == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_refusal_costs_what_the_others_cannot_gain_without_it(seed):
    small = Small(seed)
    found = losses(small.gain, range(4), [2, 0])
    for party, loss in found.items():
        others = [other for other in range(4) if other != party]
        assert loss == small.gain(range(4)) - small.gain(others)


def test_pieces_saved_count_in_the_bound_and_broken_bounds_are_refused():
    small = Small(1)
    data = (small.holder, small.value, small.low, small.high)
    zero = np.zeros(4)
    plain = pressures(small.cost_of, *data, zero)
    more = pressures(small.cost_of, *data, zero, np.array([5, 0, 0, 1]))
    assert (more - plain).tolist() == [5, 0, 0, 1]
    with pytest.raises(ValueError, match="breaks a bound"):
        pressures(small.cost_of, small.holder, small.value, small.high, small.high, zero)
