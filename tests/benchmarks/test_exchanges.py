"""The exchange instances and the peers they are given to."""

import importlib.util
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks import exchange, peer_exchange
from benchmarks.exchanges import instance
from landplan.optimize.exchange.problem import IntArray, Problem

PEERS: dict[str, Callable[[Problem, float], IntArray | None]] = {
    "swaps": peer_exchange.by_swaps,
    "mip": peer_exchange.by_mip,
}
if importlib.util.find_spec("ortools"):
    PEERS["cpsat"] = peer_exchange.by_cpsat
if importlib.util.find_spec("pymoo"):
    PEERS["genes"] = peer_exchange.by_genes


@pytest.mark.parametrize("family", ["vor", "gui"])
def test_today_keeps_the_limits_and_land_is_scattered(family: str) -> None:
    problem = instance(300, 12, 2, family, by_area=True)
    gap, pieces, outside = exchange.judged(problem, problem.holder, 1.0)
    assert outside == 0
    assert pieces > 4
    assert gap > 0
    assert np.array_equal(problem.holder, instance(300, 12, 2, family).holder)


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_keeps_the_limits_and_never_beats_the_bound(name: str) -> None:
    problem = instance(80, 5, 1)
    bound = exchange.bounded(problem).bound
    party = PEERS[name](problem, 1.0)
    assert party is not None
    gap, _, outside = exchange.judged(problem, party, bound)
    assert outside == 0
    assert gap > -1e-9
    today = exchange.judged(problem, problem.holder, bound)[0]
    assert gap < today


def test_a_suite_prints_a_line_for_every_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(exchange.SUITES, "quick", ((90, 6, False),))
    exchange.main(["--suite", "quick", "--seeds", "2"])
    told = capsys.readouterr().out
    assert told.count("0 outside") == 2
    assert "medians" in told
