"""Distances, budget, owners and land set aside: what gives way just enough, and is proven so."""

import pytest

from landplan.messages import LANGUAGES
from landplan.planning.assemble.change_words import lines
from landplan.planning.assemble.changes import smallest_changes
from landplan.planning.assemble.ground import GroundCache
from tests.planning.assemble.test_changes import found, make

# Seven hectares in two rows of 3 and 4, a street of 100 m between them; parcel n costs n.
#   ABC
#
#   DEFG


def test_a_least_distance_gives_way_to_where_the_land_lies(tmp_path):
    """All within 200 m of G are F, E, and C above: only 2 ha of 3 are left in the first row."""
    place = '[[demand.place]]\nlayer = "parcels"\nnames = ["G"]\nmin_m = 250'
    _, changes = found(tmp_path, 3.0, 3.0, place)
    assert "place_min" in changes
    change = changes["place_min"]
    assert change.proven
    assert change.params["from_m"] == 250
    assert 0 < change.params["to_m"] < 250


def test_a_largest_distance_grows_to_the_next_parcel(tmp_path):
    place = '[[demand.place]]\nlayer = "parcels"\nnames = ["D"]\nmax_m = 50'
    _, changes = found(tmp_path, 3.0, 3.0, place)
    change = changes["place_max"]
    assert (change.proven, change.smallest) == (True, True)
    assert change.params["to_m"] == 100.0


def test_the_least_budget_is_that_of_the_cheapest_site(tmp_path):
    """A and B cost 3 together; the budget allows 2."""
    _, changes = found(tmp_path, 2.0, 2.0, rest="[budget]\nmax_cost = 2\n")
    change = changes["budget"]
    assert (change.proven, change.smallest) == (True, True)
    assert change.params["to_money"] == pytest.approx(3.0)


def test_land_set_aside_may_be_used_as_far_as_needed(tmp_path):
    """3 ha in a row of three, one of them set aside: a third of the site lies on it."""
    rest = '[[elsewhere]]\nname = "earlier"\nparcels = ["B", "E", "F"]\nmax_share = 0.1\n'
    _, changes = found(tmp_path, 3.0, 3.0, rest=rest)
    change = changes["elsewhere"]
    assert change.proven
    assert change.params["to_share"] == pytest.approx(0.34)


def test_every_change_has_its_words(tmp_path):
    place = '[[demand.place]]\nlayer = "parcels"\nnames = ["G"]\nmin_m = 250'
    town, proposal = make(tmp_path, 3.0, 3.0, place)
    advice = smallest_changes(proposal, town, GroundCache())
    for language in LANGUAGES:
        text = "\n".join(lines(proposal, advice, language))
        assert "{" not in text
        assert "G" in text
