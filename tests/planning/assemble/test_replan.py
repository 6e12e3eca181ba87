"""A plan made from another keeps its promise, says where it began, and passes the audit."""

import json
import tomllib
from dataclasses import replace

import pytest

from landplan.cadastre.reading import read_town
from landplan.errors import InputError, ManyErrors
from landplan.messages import LANGUAGES, say
from landplan.planning.assemble.counterfactual import compared, worth
from landplan.planning.assemble.counterfactual_words import lines, to_json
from landplan.planning.assemble.ground import GroundCache, TownGround
from landplan.planning.assemble.known import start_from
from landplan.planning.assemble.replan import Wish, changed_request, replan
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.proposal.audit import audit
from landplan.proposal.files import write_proposal
from tests.towns import squares, write_town

REQUEST = """process = "assemble"
effort = "quick"
[[demand]]
id = "d"
area_ha = [2.0, 2.5]
"""
ROW = "ABCDE"
"""Five squares in a row; prices 5, 1, 1, 4, 4: the cheapest two are B and C."""
PRICES = [5.0, 1.0, 1.0, 4.0, 4.0]


@pytest.fixture
def made(tmp_path):
    parcels = squares(ROW, price=PRICES)
    town_file = write_town(tmp_path, parcels, parcel_keys='cost = "price"\nowner = "id"\n')
    town = read_town(town_file).require()
    return town, run(AssembleRequest.model_validate(tomllib.loads(REQUEST)), town, {})


def chosen(proposal):
    parcels = proposal.parcels
    return "".join(parcels.loc[parcels["site_id"].notna(), "parcel_id"])


WISHES = {
    "lock in": (Wish(lock=("B",)), "BC", 2.0),
    "lock another": (Wish(lock=("A",)), "AB", 6.0),
    "exclude": (Wish(never=("B",)), "CD", 5.0),
    "owner": (Wish(never_owners=("C",)), "AB", 6.0),
    "more": (Wish(area_ha=(3.0, 3.5)), "BCD", 6.0),
    "less": (Wish(area_ha=(1.0, 2.0)), "B", 1.0),
}


@pytest.mark.parametrize("case", WISHES)
def test_a_changed_question_is_answered_as_from_scratch(made, case):
    town, plan = made
    wish, parcels, cost = WISHES[case]
    request = changed_request(plan, wish)
    warm, cold = replan(plan, town, request), run(request, town, {})
    assert warm.certificate.objective == cold.certificate.objective == cost
    assert warm.certificate.bound == cold.certificate.bound == cost
    assert len(chosen(warm)) == len(parcels)
    assert warm.id != cold.id


def test_what_only_tightens_keeps_the_bound_and_needs_no_search(made):
    town, plan = made
    ground = TownGround.of(town)

    def bound(**wish):
        return start_from(plan, changed_request(plan, Wish(**wish)), ground).bound

    assert bound(lock=("B",)) == bound(never=("E",)) == bound(area_ha=(2.0, 2.0)) == 200.0
    assert bound(area_ha=(1.0, 2.5)) == bound(area_ha=(2.0, 3.0)) == 0.0
    assert replan(plan, town, changed_request(plan, Wish(lock=("B",)))).certificate.work == {}
    foreign = replace(plan, version="0")
    assert start_from(foreign, changed_request(plan, Wish(lock=("B",))), ground).bound == 0.0


def test_its_files_pass_the_audit_and_another_origin_does_not(made, tmp_path):
    town, plan = made
    again = replan(plan, town, changed_request(plan, Wish(never=("B",))), within=0.5)
    out = tmp_path / "out"
    written = write_proposal(again, out, lambda folder: audit(folder).to_json())
    assert written.audit["passed"]
    document = json.loads((out / "proposal.json").read_text(encoding="utf-8"))
    (said,) = (entry for entry in document["assumptions"] if entry["code"] == "replan.from")
    assert said["params"] == {"id": plan.id, "within": 0.5}
    said["params"]["id"] = "000000000000"
    (out / "proposal.json").write_text(json.dumps(document), encoding="utf-8")
    failed = {check["code"] for check in audit(out).to_json()["checks"] if not check["passed"]}
    assert "audit.files.id" in failed


def test_wishes_that_make_no_sense_are_refused_by_name(made):
    _, plan = made
    for wish, code in (
        (Wish(), "replan.no_wish"),
        (Wish(lock=("A",), demand="x"), "replan.demand_unknown"),
    ):
        with pytest.raises(InputError) as refused:
            changed_request(plan, wish)
        assert refused.value.code == code
    with pytest.raises(ManyErrors):
        changed_request(plan, Wish(area_ha=(3.0, 1.0)))


def test_of_two_demands_a_lock_goes_to_the_site_that_has_the_parcel(tmp_path):
    parcels = squares(ROW, price=PRICES)
    town = read_town(write_town(tmp_path, parcels, parcel_keys='cost = "price"\n')).require()
    second = '[[demand]]\nid = "e"\narea_ha = [1.0, 1.0]\n'
    plan = run(AssembleRequest.model_validate(tomllib.loads(REQUEST + second)), town, {})
    parcel = str(plan.parcels.loc[plan.parcels["site_id"] == "e-1", "parcel_id"].iloc[0])
    locked = changed_request(plan, Wish(lock=(parcel,)))
    assert [demand.must for demand in locked.demand] == [[], [parcel]]
    free = next(p for p in "ABCDE" if p not in chosen(plan))
    for wish in (Wish(lock=(free,)), Wish(area_ha=(1.0, 2.0))):
        with pytest.raises(InputError) as refused:
            changed_request(plan, wish)
        assert refused.value.code == "replan.demand_needed"
    everywhere = changed_request(plan, Wish(never=(parcel,)))
    assert all(demand.never == [parcel] for demand in everywhere.demand)


def test_what_a_parcel_is_worth_is_told_with_its_bound(made):
    town, plan = made
    inside, outside, far = worth(plan, town, ["B", "D", "E"], GroundCache())
    assert inside.inside
    assert inside.difference is not None
    assert (inside.difference.verdict, inside.difference.least) == ("exact", 3.0)
    assert not outside.inside
    assert outside.difference is not None
    assert (outside.difference.verdict, outside.difference.most) == ("exact", 3.0)
    assert far.difference is None
    assert far.reasons[0].code == "why.far"
    text = next(lines([inside], "CNY", "en"))
    assert text.endswith("Without it, the cheapest plan costs CNY 3 more; this is proven.")
    assert to_json(plan, [inside])["parcels"][0]["otherwise"]["least"] == 3.0
    assert compared(plan, run(changed_request(plan, Wish(never=("B",))), town, {})).most == 3.0


def test_a_parcel_without_which_there_is_no_plan_is_named_so(made):
    town, _ = made
    whole = REQUEST.replace("[2.0, 2.5]", "[5.0, 5.5]")
    plan = run(AssembleRequest.model_validate(tomllib.loads(whole)), town, {})
    (only,) = worth(plan, town, ["C"], GroundCache())
    assert only.difference is not None
    assert only.difference.verdict == "none"
    with pytest.raises(ManyErrors):
        worth(plan, town, ["Z"], GroundCache())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "verdict", ["exact", "between", "found", "found_less", "same", "none", "not_found"]
)
def test_every_verdict_has_its_words(language, verdict):
    amounts = dict.fromkeys(("amount", "least", "most"), "1")
    for code in (f"why.without.{verdict}", f"why.with.{verdict}", f"plan.why.{verdict}"):
        assert code not in say(code, amounts, language)
