"""What is called enough is enough: the changed request is asked, and met."""

import tomllib

import pytest

from landplan.cadastre.reading import read_town
from landplan.messages import LANGUAGES
from landplan.planning.assemble.changes import (
    changes_sentence,
    checked_completely,
    patched,
    smallest_changes,
)
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.planning.form import form_data, parse_form
from tests.towns import squares, write_town

PICTURE = """
ABC

DEFG
"""
HEAD = """process = "assemble"
partial = true
effort = "quick"
[bridge]
max_width_m = 120.0
[shape]
max_radius_factor = {factor}
"""
DEMAND = '[[demand]]\nid = "{id}"\narea_ha = [{low}, {high}]\n{more}\n'


def make(folder, low, high, more="", factor=0.0, rest="", picture=PICTURE):
    parcels = squares(
        picture,
        price=[float(n + 1) for n in range(len(picture.replace(" ", "").replace("\n", "")))],
    )
    town = write_town(folder, parcels, parcel_keys='cost = "price"\n')
    text = HEAD.format(factor=factor) + DEMAND.format(id="d", low=low, high=high, more=more) + rest
    request = AssembleRequest.model_validate(tomllib.loads(text))
    ground = read_town(town).require()
    return ground, run(request, ground, {})


def found(folder, *words, **more):
    town, proposal = make(folder, *words, **more)
    changes = smallest_changes(proposal, town, GroundCache())
    for change in changes:
        if change.proven:
            asked = AssembleRequest.model_validate(patched(proposal.request, change.patch))
            assert all(demand.met for demand in run(asked, town, {}).demands), change
    return proposal, {change.code.removeprefix("change."): change for change in changes}


def test_less_land_or_a_crossing_would_be_enough(tmp_path):
    """Rows of 3 ha and 4 ha, a street between: 5 ha need a crossing, or no more than 4 ha."""
    proposal, changes = found(tmp_path, 5.0, 6.0)
    assert set(changes) == {"area_min", "crossings"}
    assert changes["area_min"].proven
    assert changes["area_min"].patch == (("demand.0.area_ha", [4.0, 6.0]),)
    assert changes["crossings"].proven
    assert checked_completely(proposal)
    said = changes_sentence(proposal, list(changes.values()), "en")
    assert said == (
        "No set of parcels meets all these conditions. This was checked completely; it is not a "
        "fault of the system. Any one of these changes would be enough: at least 4.00 ha (60.0 mu) "
        "instead of 5.00 ha (75.0 mu); allow one street crossing. Other changes may also work."
    )


def test_excluded_parcels_and_the_spread_are_offered(tmp_path):
    _, changes = found(tmp_path, 3.5, 4.0, more='never = ["E"]')
    assert changes["free"].proven
    assert changes["free"].patch == (("demand.0.never", []),)
    folder = tmp_path / "far"
    folder.mkdir()
    _, changes = found(folder, 4.0, 4.0, factor=1.0)
    assert changes["spread"].patch == (("shape.max_radius_factor", 0.0),)
    assert changes["spread"].proven


def test_a_locked_parcel_that_stands_in_the_way_is_offered(tmp_path):
    _, changes = found(tmp_path, 2.0, 4.0, more='must = ["A", "D"]')
    assert changes["unlock"].proven
    assert changes["crossings"].proven


def test_a_site_too_many_may_be_given_up(tmp_path):
    proposal, changes = found(tmp_path, 3.0, 4.0, more="count = 3")
    assert changes["count"].params["n"] == 2
    assert changes["count"].proven
    assert not checked_completely(proposal)
    assert changes_sentence(proposal, [], "en").startswith("Not every demand could be met")


def test_with_another_unmet_demand_one_change_is_never_enough(tmp_path):
    rest = DEMAND.format(id="e", low=50.0, high=60.0, more="")
    _, changes = found(tmp_path, 5.0, 6.0, rest=rest)
    assert not any(change.proven for change in changes.values())


def test_a_site_that_would_take_anothers_land_is_not_called_enough(tmp_path):
    """The other demand takes three of four in the lower row; 4 ha are not at hand any more."""
    rest = DEMAND.format(id="e", low=3.0, high=3.0, more='must = ["E"]')
    _, changes = found(tmp_path, 5.0, 6.0, rest=rest)
    assert not changes["area_min"].proven


def test_a_met_plan_needs_no_change(tmp_path):
    proposal, changes = found(tmp_path, 3.0, 4.0)
    assert changes == {}
    assert changes_sentence(proposal, [], "en") == ""


def test_the_patched_request_fills_the_form(tmp_path):
    proposal, changes = found(tmp_path, 5.0, 6.0)
    change = changes["area_min"]
    request, errors = parse_form(
        "assemble", form_data("assemble", patched(proposal.request, change.patch))
    )
    assert errors == []
    assert request["demand"][0]["area_ha"] == [4.0, 6.0]
    assert proposal.request["demand"][0]["area_ha"] == [5, 6]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_is_left_in_the_sentence(tmp_path, language):
    town, proposal = make(tmp_path, 5.0, 6.0, more='never = ["E"]\nmust = ["A"]', factor=1.0)
    text = changes_sentence(proposal, smallest_changes(proposal, town, GroundCache()), language)
    assert "change" not in text.replace("changes", "").replace("change ", "")
    assert "{" not in text
