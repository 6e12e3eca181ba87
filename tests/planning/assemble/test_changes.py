"""What is called enough is enough: the changed request is asked, and met."""

import tomllib

import pytest

from landplan.cadastre.reading import read_town
from landplan.messages import LANGUAGES, has
from landplan.planning.assemble.change_trials import patched
from landplan.planning.assemble.change_words import lines
from landplan.planning.assemble.changes import (
    changes_sentence,
    checked_completely,
    smallest_changes,
)
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.planning.form import form_data, parse_form
from tests.optimize.assembly.oracles import all_sites
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
    changes = smallest_changes(proposal, town, GroundCache()).changes
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
    assert changes["area_min"].smallest
    assert changes["area_min"].patch == (("demand.0.area_ha", [4.0, 6.0]),)
    assert changes["crossings"].proven
    assert changes["crossings"].smallest
    assert checked_completely(proposal)
    said = changes_sentence(proposal, list(changes.values()), "en")
    assert said == (
        "No set of parcels meets all these conditions. This was checked completely; it is not a "
        "fault of the system. Any one of these changes would be enough: allow one street "
        "crossing; at least 4 ha (60 mu) instead of 5 ha (75 mu). Other changes may also work."
    )


def test_excluded_parcels_and_the_spread_are_offered(tmp_path):
    _, changes = found(tmp_path, 3.5, 4.0, more='never = ["E"]')
    assert changes["free"].proven
    assert changes["free"].patch == (("demand.0.never", []),)
    folder = tmp_path / "far"
    folder.mkdir()
    _, changes = found(folder, 4.0, 4.0, factor=1.0)
    # 200 m from the parcel in the middle, in radii of 112.8 m
    assert changes["spread"].patch == (("shape.max_radius_factor", 1.78),)
    assert changes["spread"].proven
    assert changes["spread"].smallest


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


def test_what_another_site_takes_is_not_at_hand(tmp_path):
    """The other demand takes three of four in the lower row: 3 ha are left above, not 4."""
    rest = DEMAND.format(id="e", low=3.0, high=3.0, more='must = ["E"]')
    _, changes = found(tmp_path, 5.0, 6.0, rest=rest)
    assert changes["area_min"].patch == (("demand.0.area_ha", [3.0, 6.0]),)
    assert changes["area_min"].proven


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


def one_step_less(change):
    (path, value), *_ = change.patch
    key = path.split(".")[-1]
    if change.code == "change.area_max":
        return ((path, [value[0], round(value[1] - 0.01, 2)]),)
    if change.code == "change.area_min":
        return ((path, [round(value[0] + 0.01, 2), value[1]]),)
    steps = {"max_bridges": -1, "min_parcels": 1, "max_radius_factor": -0.01, "min_m": 1.0}
    return ((path, round(value + steps[key], 2)),)


def sites_of(town, request, patch):
    """Enumerate every site of the only demand of a changed request."""
    asked = AssembleRequest.model_validate(patched(request, patch))
    problem = GroundCache().get(town).formulation(asked).problem
    return all_sites(problem, problem.demands[0])


RANDOM = [
    ("ABC\n DE\n\nFGH", 5.5, 6.2, "max_bridges = 0", 1.2),
    ("ABC\n DE\n\nFGH", 2.5, 2.8, "", 0.0),
    ("AB CD\n\nEF GH", 5.0, 5.5, "max_bridges = 1", 3.0),
    ("ABCDEFGH", 3.0, 5.0, "min_parcels = 5", 1.0),
    ("ABCD\nEFGH", 3.0, 3.0, 'must = ["A", "H"]', 0.0),
    ("ABCD\n\nEFGH", 4.0, 5.0, 'never = ["B", "F"]\nmust = ["A"]', 0.0),
]


@pytest.mark.parametrize("case", range(len(RANDOM)))
def test_enumeration_agrees_that_a_change_is_enough_and_that_one_step_less_is_not(tmp_path, case):
    picture, low, high, more, factor = RANDOM[case]
    town, proposal = make(tmp_path, low, high, more, factor, picture=picture)
    assert not proposal.demands[0].met
    advice = smallest_changes(proposal, town, GroundCache())
    assert advice.undecided == ()
    assert advice.changes
    for change in advice.changes:
        assert change.proven
        assert sites_of(town, proposal.request, change.patch), change
        if change.smallest and change.code.split(".")[1] not in ("free", "unlock"):
            assert not sites_of(town, proposal.request, one_step_less(change)), change


def test_a_request_to_stop_ends_the_trials(tmp_path):
    town, proposal = make(tmp_path, 5.0, 6.0)
    advice = smallest_changes(proposal, town, GroundCache(), stop=lambda best, bound: True)
    assert advice.changes == ()
    assert "change.area_min" in advice.undecided


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_names_what_is_proven(tmp_path, language):
    town, proposal = make(tmp_path, 5.0, 6.0)
    advice = smallest_changes(proposal, town, GroundCache())
    text = "\n".join(lines(proposal, advice, language))
    assert "change" not in text.replace("changes", "").replace("change ", "")
    assert "{" not in text
    for kind in ("area_min", "crossing_width", "add_use", "consent_heads", "street_contact"):
        assert has(f"change.{kind}.kind", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_is_left_in_the_sentence(tmp_path, language):
    town, proposal = make(tmp_path, 5.0, 6.0, more='never = ["E"]\nmust = ["A"]', factor=1.0)
    advice = smallest_changes(proposal, town, GroundCache())
    text = changes_sentence(proposal, advice.changes, language)
    assert "change" not in text.replace("changes", "").replace("change ", "")
    assert "{" not in text
