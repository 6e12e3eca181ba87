"""A budget over all demands and distances between sites: request, plan, reasons, edit, audit."""

import json
import tomllib

import pytest
from pydantic import ValidationError

from landplan.cadastre.reading import read_town
from landplan.planning.assemble.edit import judge_edit
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.run import run
from landplan.planning.assemble.words import request_words
from landplan.planning.form import form_data, parse_form
from landplan.proposal.audit import audit
from landplan.proposal.files import read_proposal, write_proposal
from tests.towns import squares, write_town

ROW = "ABCDEFGH"
PRICES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Eight squares of 100 m in a row, A the cheapest."""
    parcels = squares(ROW, price=[1000.0 * price for price in PRICES])
    folder = tmp_path_factory.mktemp("town")
    return read_town(write_town(folder, parcels, parcel_keys='cost = "price"\n')).require()


def ask(rules="", counts=(1, 1)):
    demands = "".join(
        f'[[demand]]\nid = "{name}"\narea_ha = [2.0, 2.0]\ncount = {count}\n'
        for name, count in zip("xy", counts, strict=False)
    )
    return AssembleRequest.model_validate(
        tomllib.loads(f'process = "assemble"\n{rules}\n{demands}')
    )


def sites(proposal):
    used = proposal.parcels[proposal.parcels["site_id"].notna()]
    return {s: "".join(sorted(own)) for s, own in used.groupby("site_id")["parcel_id"]}


def test_without_rules_the_sites_touch(town):
    assert set(sites(run(ask(), town, {})).values()) == {"AB", "CD"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [("x y >= 200 m", {"AB", "EF"}), ("x y >= 400 m", {"AB", "GH"})],
)
def test_sites_keep_the_distance_between_them(town, tmp_path, line, expected):
    proposal = run(ask(f"between = {json.dumps([line])}"), town, {})
    assert set(sites(proposal).values()) == expected
    assert proposal.certificate.status == "optimal"
    written = write_proposal(proposal, tmp_path / "plan")
    assert audit(tmp_path / "plan").failed == ()
    assert read_proposal(tmp_path / "plan") == written


def test_sites_of_one_demand_keep_it_too(town):
    proposal = run(ask('between = ["x x >= 100 m <= 150 m"]', (2,)), town, {})
    assert set(sites(proposal).values()) == {"AB", "DE"}


def test_a_distance_that_no_pair_of_sites_has_is_proven_impossible(town):
    proposal = run(ask('partial = true\nbetween = ["x y >= 401 m"]'), town, {})
    assert len(sites(proposal)) == 1
    reasons = [demand.reason["code"] for demand in proposal.demands if not demand.met]
    assert reasons == ["unmet.jointly_proven"]


def test_the_least_cost_that_a_budget_falls_short_of_is_proven(town):
    """Two sites cost at least 1 + 2 + 3 + 4 thousand."""
    assert len(sites(run(ask("[budget]\nmax_cost = 10000"), town, {}))) == 2
    proposal = run(ask("partial = true\n[budget]\nmax_cost = 9999.99"), town, {})
    assert list(sites(proposal).values()) == ["AB"]
    unmet = next(demand for demand in proposal.demands if not demand.met)
    assert unmet.reason["code"] == "unmet.budget"
    note = next(note for note in unmet.notes if note["code"] == "note.budget")
    assert note["params"]["least"] == 10000


def test_a_budget_below_the_cheapest_site_meets_nothing(town):
    proposal = run(ask("partial = true\n[budget]\nmax_cost = 2999", (1,)), town, {})
    assert sites(proposal) == {}
    assert proposal.demands[0].reason["code"] == "unmet.budget"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"budget": {"max_cost": 9999.0}}, "audit.plan.budget"),
        ({"between": [{"a": "x", "b": "y", "min_m": 1, "max_m": None}]}, "audit.plan.between"),
    ],
)
def test_the_audit_finds_a_plan_that_claims_what_it_does_not_keep(town, tmp_path, rules, code):
    write_proposal(run(ask(), town, {}), tmp_path)
    path = tmp_path / "proposal.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["request"] |= rules
    path.write_text(json.dumps(document), encoding="utf-8")
    assert code in {check.code for check in audit(tmp_path).failed}


def test_an_edit_names_the_pair_and_the_budget_it_breaks(town):
    rules = 'between = ["x y >= 100 m <= 200 m"]\n[budget]\nmax_cost = 15000'
    proposal = run(ask(rules), town, {})
    assert set(sites(proposal).values()) == {"AB", "DE"}
    other = next(site for site, own in sites(proposal).items() if own == "DE")
    for edit, codes in (
        ("CD", ["hand_edit.too_near"]),
        ("FG", ["hand_edit.budget", "hand_edit.too_far_apart"]),
    ):
        judged = judge_edit(proposal, town, GroundCache(), {other: list(edit)})
        assert [broken.code for broken in judged.broken] == codes
        for language in ("en", "zh"):
            assert not any("{" in warning_text(b, language) for b in judged.broken)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x y", "between.line"),
        ("x >= 3 m", "between.line"),
        ("x z >= 3 m", "between.unknown"),
        ("x x >= 3 m", "between.one_site"),
        ("x y >= 3 m <= 2 m", "place.order"),
    ],
)
def test_a_distance_between_sites_that_means_nothing_is_refused(line, code):
    with pytest.raises(ValidationError) as caught:
        ask(f"between = {json.dumps([line])}")
    assert caught.value.errors()[0]["ctx"]["error"].code == code
    data = {"demand.0.id": "x", "demand.1.id": "y", "between": line}
    data |= {f"demand.{d}.area_ha.{end}": "2 ha" for d in (0, 1) for end in ("min", "max")}
    faults = parse_form("assemble", data)[1]
    assert [(fault.path.split(".")[-1], fault.code) for fault in faults] == [
        ("between", f"form.{code}")
    ]


def test_the_form_holds_it_and_the_words_say_it(town):
    request = ask('between = ["y x >= 100 m <= 2 km"]\n[budget]\nmax_cost = 5000').canonical()
    data = form_data("assemble", request)
    assert data["between"] == "x y >= 100 m <= 2000 m"
    typed, faults = parse_form("assemble", data)
    assert faults == []
    assert AssembleRequest.model_validate(typed).canonical() == request
    said = " ".join(request_words(request, town.town, "en"))
    assert "Sites of x and y lie at least 100 m apart." in said
    assert "together costs at most" in said
