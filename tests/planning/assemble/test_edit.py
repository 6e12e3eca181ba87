"""An edit names every rule it breaks, and keeps the bound while it breaks none."""

import json
import tomllib
from itertools import combinations

import numpy as np
import pytest

from landplan.cadastre.reading import read_town
from landplan.errors import AuditFailed, InputError, ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.planning.assemble.edit import edited_proposal, judge_edit
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.run import run
from landplan.proposal.audit import audit
from landplan.proposal.certificate import Certificate
from landplan.proposal.files import read_proposal, write_proposal
from tests.towns import squares, write_town

PICTURE = """
ABCDE
FGHIJ

KLMNO
"""
PRICES = [5.0, 3.0, 8.0, 2.0, 9.0, 4.0, 1.0, 7.0, 6.0, 2.5, 3.5, 1.5, 8.5, 4.5, 0.5]
REQUEST = """process = "assemble"
[bridge]
max_width_m = 120.0
[shape]
max_radius_factor = {factor}
[[demand]]
id = "d"
area_ha = [3.0, 4.0]
max_bridges = {bridges}
min_parcels = 3
must = ["G"]
never = ["A"]
"""


def make(folder, request, picture=PICTURE, prices=PRICES, keys=""):
    parcels = squares(picture, price=prices, holder=[f"o{n}" for n in range(len(prices))])
    town = write_town(folder, parcels, parcel_keys='cost = "price"\nowner = "holder"\n' + keys)
    asked = AssembleRequest.model_validate(tomllib.loads(request))
    ground = read_town(town).require()
    return ground, run(asked, ground, {})


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """A plan that may cross the empty street once."""
    return make(tmp_path_factory.mktemp("crossed"), REQUEST.format(factor=2.0, bridges=1))


@pytest.fixture(scope="module")
def cache():
    return GroundCache()


def broken(edit):
    return [rule.code.removeprefix("hand_edit.") for rule in edit.broken]


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ("BCG", []),
        ("FGL", []),
        ("GILMN", ["too_large", "too_many_crossings"]),
        ("GHL", []),
        ("BCD", ["must_missing"]),
        ("ABG", ["not_allowed"]),
        ("BG", ["too_small", "too_few"]),
        ("BCGHD", ["too_large"]),
        ("GBD", ["apart"]),
        ("GBE", ["apart", "too_far"]),
        ("", ["empty"]),
    ],
)
def test_every_broken_rule_is_named(crossed, cache, parcels, expected):
    town, proposal = crossed
    edit = judge_edit(proposal, town, cache, {"d-1": list(parcels)})
    assert broken(edit) == expected
    assert (edit.certificate is None) == bool(expected)
    for rule in edit.broken:
        for language in LANGUAGES:
            assert has(rule.code, language)
            text = warning_text(rule, language)
            assert "hand_edit." not in text
            assert "{" not in text


def test_a_broken_site_says_where(crossed, cache):
    town, proposal = crossed
    (apart,) = judge_edit(proposal, town, cache, {"d-1": ["G", "B", "D"]}).broken
    assert apart.ids == ("D",)
    (barred,) = judge_edit(proposal, town, cache, {"d-1": ["A", "B", "G"]}).broken
    assert warning_text(barred, "en") == ("A cannot be in site d-1: it was excluded by hand.")


def test_a_site_that_spreads_too_far_says_from_where(tmp_path, cache):
    """Four in a row: from the second of them the last is 200 m away; 135 m are allowed."""
    town, proposal = make(tmp_path, REQUEST.format(factor=1.2, bridges=0))
    (rule,) = judge_edit(proposal, town, cache, {"d-1": list("GHIJ")}).broken
    assert rule.ids == ("J",)
    assert warning_text(rule, "en") == (
        "Site d-1 spreads too far: J up to 200 m from H; 135 m are allowed."
    )


def test_the_engines_own_plan_breaks_nothing_and_costs_the_same(crossed, cache):
    town, proposal = crossed
    edit = judge_edit(proposal, town, cache, {})
    assert edit.broken == ()
    assert edit.cost == proposal.certificate.objective
    assert (edit.added, edit.removed, edit.more) == ((), (), 0.0)
    assert edit.distance_above_bound == 0.0
    assert sum(site.area_m2 for site in edit.sites) == proposal.sites["area_m2"].sum()


def test_the_sentence_says_how_far_your_version_is(crossed, cache):
    """G, L, F or B, …: the cheapest with G is 1 + 1.5 + 3; B-C-G costs 12."""
    town, proposal = crossed
    assert proposal.certificate.objective == 5.5
    edit = judge_edit(proposal, town, cache, {"d-1": ["B", "C", "G"]})
    assert edit.cost == 12.0
    assert edit.distance_above_bound == 1.182
    assert "Your version costs CNY 12: at most 118.2 % more" in edit.sentence("en")
    assert "您调整后的版本" in edit.sentence("zh")


def test_an_edited_plan_is_written_and_passes_the_audit(crossed, cache, tmp_path):
    town, proposal = crossed
    edited = edited_proposal(proposal, town, cache, {"d-1": ["B", "C", "G"]})
    assert edited.id != proposal.id
    assert edited.request == proposal.request
    assert edited.certificate.bound == proposal.certificate.bound
    assert edited.certificate.solver == "landplan hand edit 1"
    assert {"code": "hand_edit.from", "params": {"id": proposal.id}} in edited.assumptions
    written = write_proposal(edited, tmp_path / "e", lambda folder: audit(folder).to_json())
    assert written.audit["passed"], [c for c in written.audit["checks"] if not c["passed"]]
    assert read_proposal(tmp_path / "e") == written


def test_the_audit_sees_when_an_edited_plan_was_given_another_id(crossed, cache, tmp_path):
    """The id of a hand edit holds its sites: those of another edit do not fit."""
    town, proposal = crossed
    edited = edited_proposal(proposal, town, cache, {"d-1": ["B", "C", "G"]})
    other = edited_proposal(proposal, town, cache, {"d-1": ["G", "H", "L"]})
    assert edited.id != other.id
    write_proposal(edited, tmp_path / "e")
    document = json.loads((tmp_path / "e" / "proposal.json").read_text("utf-8"))
    document["id"] = other.id
    (tmp_path / "e" / "proposal.json").write_text(json.dumps(document), encoding="utf-8")
    assert "audit.files.id" in {check.code for check in audit(tmp_path / "e").failed}


def test_editing_an_edit_keeps_bound_and_origin(crossed, cache):
    town, proposal = crossed
    first = edited_proposal(proposal, town, cache, {"d-1": ["B", "C", "G"]})
    second = edited_proposal(first, town, cache, {"d-1": ["G", "H", "L"]})
    assert second.certificate.bound == proposal.certificate.bound
    origins = [item for item in second.assumptions if item["code"] == "hand_edit.from"]
    assert origins == [{"code": "hand_edit.from", "params": {"id": proposal.id}}]


def test_what_cannot_be_saved_says_why(crossed, cache):
    town, proposal = crossed
    own = proposal.parcels.loc[proposal.parcels["site_id"].notna(), "parcel_id"].tolist()
    for sites, code in (
        ({"d-1": own}, "hand_edit.nothing_changed"),
        ({"d-1": []}, "hand_edit.breaks_rules"),
    ):
        with pytest.raises(InputError) as caught:
            edited_proposal(proposal, town, cache, sites)
        assert caught.value.code == code


def test_ids_that_do_not_exist_are_all_named(crossed, cache):
    town, proposal = crossed
    with pytest.raises(ManyErrors) as caught:
        judge_edit(proposal, town, cache, {"d-1": ["G", "ZZ", "YY"], "d-9": ["B"]})
    assert {error.code for error in caught.value.errors} == {
        "hand_edit.unknown_site",
        "hand_edit.unknown_parcel",
    }
    assert len(caught.value.errors) == 3


def test_other_data_is_refused(crossed, cache, tmp_path):
    _, proposal = crossed
    other, _ = make(tmp_path, REQUEST.format(factor=2.0, bridges=1), prices=[2 * p for p in PRICES])
    with pytest.raises(InputError) as caught:
        judge_edit(proposal, other, cache, {})
    assert caught.value.code == "hand_edit.other_data"


def test_a_plan_below_its_bound_is_never_passed_over(crossed, cache):
    """A bound that is too high is a fault of ours, and stops everything."""
    from dataclasses import replace

    town, proposal = crossed
    wrong = Certificate("min", "CNY", 99.0, 99.0, "optimal", {"acquisition": 99.0}, "s", 1)
    with pytest.raises(AuditFailed):
        judge_edit(replace(proposal, certificate=wrong), town, cache, {"d-1": ["B", "C", "G"]})


def test_a_parcel_in_two_sites_is_named(tmp_path, cache):
    request = 'process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [2.0, 2.0]\ncount = 2\n'
    town, proposal = make(tmp_path, request, "ABCD", [1.0, 2.0, 3.0, 4.0])
    edit = judge_edit(proposal, town, cache, {"d-1": ["A", "B"], "d-2": ["B", "C"]})
    assert broken(edit) == ["twice"]
    assert edit.broken[0].ids == ("B",)


@pytest.mark.parametrize("seed", range(5))
def test_no_legal_edit_is_below_the_bound_and_the_best_one_is_the_engines(tmp_path, cache, seed):
    """All subsets of a small town: those without a broken rule cost at least the bound."""
    chance = np.random.default_rng(seed)
    prices = chance.integers(1, 60, 8).astype(float).tolist()
    request = REQUEST.format(factor=chance.choice([0.0, 1.2, 2.0]), bridges=chance.integers(0, 2))
    request = request.replace('must = ["G"]', "").replace("min_parcels = 3", "min_parcels = 2")
    town, proposal = make(tmp_path, "partial = true\n" + request, "ABC\nDEF\n\nGH ", prices)
    assert proposal.certificate.status == "optimal"
    legal = []
    for size in range(1, 6):
        for chosen in combinations("ABCDEFGH", size):
            edit = judge_edit(proposal, town, cache, {"d-1": list(chosen)})
            if not edit.broken:
                assert edit.bound is not None
                assert edit.cost >= edit.bound
                legal.append(edit.cost)
    assert min(legal) == proposal.certificate.objective
