"""An exchange as its parties read it: everything adds up, rings close."""

import pytest

from landplan.proposal.exchange import parcels_by_party, rings_of, statements_of
from landplan.proposal.files import read_proposal, write_proposal
from tests.exchanging import exchange_of
from tests.serving import prepared

__all__ = ["prepared"]


@pytest.fixture(scope="module")
def exchange(prepared):
    return exchange_of(read_proposal(prepared.folder / "proposals" / prepared.proposal))


def test_what_is_written_is_read_back(exchange, tmp_path):
    write_proposal(exchange, tmp_path / "out")
    again = read_proposal(tmp_path / "out")
    assert again.statements.equals(exchange.statements)
    assert again.holdings.equals(exchange.holdings)


def test_a_plan_without_parties_has_no_such_tables(prepared):
    plan = read_proposal(prepared.folder / "proposals" / prepared.proposal)
    assert plan.statements.empty
    assert plan.holdings.empty
    assert statements_of(plan) == []
    assert rings_of(plan) == []


def test_before_is_kept_and_given_and_after_is_kept_and_received(exchange):
    for one in statements_of(exchange):
        assert one.before.parcels == one.kept.parcels + one.given.parcels
        assert one.after.parcels == one.kept.parcels + one.received.parcels
        assert one.after.area_m2 == pytest.approx(one.kept.area_m2 + one.received.area_m2)


def test_the_largest_loss_comes_first(exchange):
    changes = [one.relative for one in statements_of(exchange)]
    assert changes == sorted(changes)
    assert changes[0] < 0 < changes[-1]


def test_what_one_gives_another_receives(exchange):
    own = parcels_by_party(exchange)
    given = {
        (row.id, party, row.other) for party in own for row in own[party] if row.fate == "given"
    }
    taken = {
        (row.id, row.other, party) for party in own for row in own[party] if row.fate == "received"
    }
    assert given == taken
    assert given


def test_rings_close_and_money_comes_last(exchange):
    *rings, loose = rings_of(exchange)
    for ring in rings:
        assert ring.steps[0][0] == ring.steps[-1][1]
        assert all(
            one[1] == other[0] for one, other in zip(ring.steps, ring.steps[1:], strict=False)
        )
    assert loose.number == 0
