"""Land to leave aside and the number of owners: from the request to plan, audit and words."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.cadastre.reading import read_town
from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES
from landplan.planning.answer import answer
from landplan.planning.assemble.edit import judge_edit
from landplan.planning.assemble.elsewhere import share_allowed
from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.remaining import remaining
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.run import run
from landplan.planning.assemble.words import request_words
from landplan.planning.form import form, form_data, parse_form
from landplan.proposal.audit import audit
from landplan.proposal.canonical import canonical_json
from landplan.proposal.files import write_proposal
from tests.optimize.assembly.oracles import cheapest_plan
from tests.towns import squares, write_town

PICTURE = """
ABCDE
FGHIJ
"""
PRICES = [10.0, 20, 10, 50, 80, 90, 95, 30, 97, 91]
OWNERS = ["li", "wu", "li", "ma", "ma", "x", "y", "z", "q", "r"]


@pytest.fixture(scope="module")
def town_file(tmp_path_factory):
    parcels = squares(PICTURE, price=PRICES, who=OWNERS)
    keys = 'cost = "price"\nowner = "who"\n'
    return write_town(tmp_path_factory.mktemp("town"), parcels, parcel_keys=keys)


@pytest.fixture(scope="module")
def town(town_file):
    return read_town(town_file).require()


def asked(**more):
    return AssembleRequest.model_validate(
        {"process": "assemble", "demand": [{"id": "d", "area_ha": [3.0, 3.5]}], **more}
    )


def aside(parcels="ABC", share=0.4):
    return [{"name": "plan 1", "parcels": list(parcels), "max_share": share}]


def used(plan):
    return set(plan.parcels.loc[plan.parcels["site_id"].notna(), "parcel_id"])


def test_a_plan_shares_no_more_land_than_allowed_with_the_one_to_leave_aside(town):
    assert used(run(asked(), town, {})) == set("ABC")
    # one of three parcels is a third of the land: B, C and anything would be two of them
    assert used(run(asked(elsewhere=aside()), town, {})) == set("CDH")
    assert used(run(asked(elsewhere=aside(share=0.0)), town, {})) == set("DHI")


def test_a_share_is_meant_down_to_ten_thousandths():
    assert share_allowed(0.5) == share_allowed(0.50009)
    assert float(share_allowed(0.57)) == 0.57
    assert share_allowed(0.00009) == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from("ABCDEFGHIJ"), min_size=1),
            st.sampled_from([0, 0.3, 0.34, 0.5, 0.7]),
        ),
        max_size=3,
    ),
    st.integers(0, 3),
)
def test_plans_equal_the_enumeration_with_any_such_rules(town, lands, most):
    request = asked(
        elsewhere=[
            {"name": str(i), "parcels": sorted(parcels), "max_share": share}
            for i, (parcels, share) in enumerate(lands)
        ],
        consent={"max_owners": most},
    )
    plan = run(request, town, {})
    best = cheapest_plan(formulate(request, town).problem, [1])
    if best == float("inf"):
        assert plan.certificate.status == "infeasible"
    else:
        assert plan.certificate.objective == best / 100
        assert plan.certificate.status == "optimal"


def test_the_audit_finds_land_and_owners_that_the_request_forbids(town, tmp_path):
    written = write_proposal(run(asked(), town, {}), tmp_path)
    assert audit(tmp_path).passed
    for more, code in (
        ({"elsewhere": aside()}, "audit.sites.elsewhere"),
        ({"consent": {"max_owners": 1}}, "audit.sites.max_owners"),
    ):
        tampered = replace(written, request=asked(**more).canonical(), audit=None)
        write_proposal(tampered, tmp_path)
        assert code in {check.code for check in audit(tmp_path).failed}


def test_a_hand_edit_is_told_what_it_breaks(town):
    request = asked(elsewhere=aside(), consent={"max_owners": 3})
    plan = run(request, town, {})
    site = plan.sites["site_id"].iloc[0]
    broken = judge_edit(plan, town, GroundCache(), {site: list("BCH")}).broken
    assert [fault.code for fault in broken] == ["hand_edit.elsewhere"]
    assert set(broken[0].ids) == {"B", "C"}
    narrow = asked(consent={"max_owners": 2})
    plan = run(narrow, town, {})
    broken = judge_edit(plan, town, GroundCache(), {site: list("BCD")}).broken
    assert [fault.code for fault in broken] == ["hand_edit.too_many_owners"]
    assert all(warning_text(fault, language) for fault in broken for language in LANGUAGES)


def test_unknown_parcels_stop_a_run_and_warn_in_a_draft(town):
    request = asked(elsewhere=aside("AZ"))
    with pytest.raises(ManyErrors) as caught:
        run(request, town, {})
    assert caught.value.errors[0].params["id"] == "Z"
    warned = remaining(request, town, GroundCache()).warnings
    assert [one.code for one in warned] == ["request.unknown_parcel"]
    unfinished = {"demand": [{}], "elsewhere": [{"max_share": 0.5}]}
    assert remaining(unfinished, town, GroundCache()).possible


def test_equal_questions_have_equal_text_and_words_name_the_land(town):
    one = asked(elsewhere=[*aside("CAB"), {"name": "a", "parcels": ["D"]}])
    two = asked(elsewhere=[{"name": "a", "parcels": ["D", "D"]}, *aside("ABC")])
    assert canonical_json(one.canonical()) == canonical_json(two.canonical())
    for language in LANGUAGES:
        assert any("plan 1" in said for said in request_words(one.canonical(), town.town, language))


def test_the_form_holds_what_the_request_says_and_nothing_where_it_says_nothing():
    request = asked(elsewhere=aside()).canonical()
    data = form_data("assemble", request)
    assert data["elsewhere.0.parcels"] == "A\nB\nC"
    back, errors = parse_form("assemble", data)
    assert not errors
    assert AssembleRequest.model_validate(back).canonical() == request
    plain, errors = parse_form(
        "assemble", {"demand.0.area_ha.min": "3", "demand.0.area_ha.max": "4"}
    )
    assert not errors
    assert plain.get("elsewhere") == []
    assert not any(f.path.startswith("elsewhere") for f in form("assemble", 2).fields())
    named = form("assemble", {"demand": 1, "elsewhere": 1})
    assert {f.path for f in named.fields()} >= {"elsewhere.0.name", "elsewhere.0.max_share"}


def test_a_request_file_says_it_in_a_table_of_its_own(town_file, tmp_path):
    (tmp_path / "r.toml").write_text(
        'process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [3.0, 3.5]\n'
        '[[elsewhere]]\nname = "plan 1"\nparcels = ["A", "B", "C"]\nmax_share = 0.4\n',
        encoding="utf-8",
    )
    plan = answer(town_file, tmp_path / "r.toml", tmp_path / "out")
    assert plan.audit["passed"]
    told = json.loads((tmp_path / "out" / "proposal.json").read_text(encoding="utf-8"))
    assert told["request"]["elsewhere"][0]["parcels"] == ["A", "B", "C"]
