"""What viewers get holds no owner and no amount: markers planted everywhere, bytes searched."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landplan.cadastre.reading import read_town
from landplan.messages import has
from landplan.planning.answer import answer
from landplan.proposal.certificate import Certificate
from landplan.proposal.document import to_document
from landplan.proposal.redaction import (
    PUBLIC_COLUMNS,
    public_certificate,
    public_certificate_sentence,
    public_document,
    public_layer,
)
from tests.proposal.example import example
from tests.towns import squares, write_town

OWNERS = [f"OWNERMARK{letter}" for letter in "ABCDEF"]
COSTS = [7_654_321.17, 7_654_323.19, 7_654_327.23, 7_654_331.29, 7_654_337.31, 7_654_339.37]
VALUES = [8_765_411.13, 8_765_417.17, 8_765_419.19, 8_765_423.23, 8_765_429.29, 8_765_431.31]
TOWN_KEYS = """owner = "holder"
cost = "price"
value = "worth"
keep = ["NOTE"]
"""
REQUEST = """process = "assemble"
acquirer_owners = ["OWNERMARKB"]
[[demand]]
id = "d"
area_ha = [2.0, 2.0]
never_owners = ["OWNERMARKF"]
[[demand]]
id = "alone"
area_ha = [1.0, 1.0]
must = ["D"]
[[demand]]
id = "never"
area_ha = [9.0, 9.0]
"""
RULE_OF_OWNERS = "never_owner"


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A town and its plan with a marker in every field of owners and money."""
    folder = tmp_path_factory.mktemp("marked")
    note = [f"KEPTMARK {owner}" for owner in OWNERS]
    parcels = squares("ABCDEF", holder=OWNERS, price=COSTS, worth=VALUES, NOTE=note)
    town = write_town(folder, parcels, parcel_keys=TOWN_KEYS)
    request = folder / "assemble.toml"
    request.write_text("partial = true\n" + REQUEST, encoding="utf-8")
    return read_town(town).require(), answer(town, request, folder / "out")


def public_bytes(town, proposal) -> str:
    frames = {name: proposal.layer(name) for name in PUBLIC_COLUMNS if hasattr(proposal, name)}
    frames["dataset"] = town.parcels
    texts = [json.dumps(public_document(to_document(proposal)), ensure_ascii=False)]
    for name, frame in frames.items():
        public = public_layer("parcels" if name == "dataset" else name, frame)
        texts.append(public.drop(columns="geometry", errors="ignore").to_csv())
        if "geometry" in public.columns:
            texts.append(public.to_json())
    return "\n".join(texts)


def markers(proposal) -> list[str]:
    amounts = [*COSTS, *VALUES, *proposal.sites["cost"], proposal.certificate.objective]
    amounts += [proposal.certificate.bound, *proposal.certificate.terms.values()]
    spelled = {f"{amount:.10g}".rstrip("0").rstrip(".") for amount in amounts}
    whole = {str(int(amount)) for amount in amounts}
    grouped = {f"{int(amount):,}" for amount in amounts}
    return [*OWNERS, "OWNERMARK", "KEPTMARK", RULE_OF_OWNERS, *spelled, *whole, *grouped]


def test_no_owner_and_no_amount_is_in_the_bytes_that_a_viewer_gets(marked):
    town, proposal = marked
    # the audit checks that rule in every plan, whether it was asked for or not
    text = public_bytes(town, proposal).replace(f"audit.rules.{RULE_OF_OWNERS}", "")
    assert [mark for mark in markers(proposal) if mark in text] == []


def test_the_markers_are_in_what_planners_get(marked):
    """Otherwise the search above would find nothing whatever went out."""
    _, proposal = marked
    text = json.dumps(to_document(proposal)) + "".join(
        proposal.layer(name).drop(columns="geometry", errors="ignore").to_csv()
        for name in ("sites", "parcels", "exclusions", "ledger", "rights")
    )
    assert all(owner in text for owner in OWNERS)
    assert RULE_OF_OWNERS in text
    assert all(str(cost) in text for cost in COSTS)


def test_the_plan_itself_goes_out(marked):
    _, proposal = marked
    document = public_document(to_document(proposal))
    assert document["audit"]["passed"]
    assert {check["code"] for check in document["audit"]["checks"]}
    assert [demand["met"] for demand in document["demands"]] == [True, True, False]
    assert document["demands"][2]["reason"]["code"].startswith("unmet.")
    sites = public_layer("sites", proposal.sites)
    assert sites["owner_count"].tolist() == proposal.sites["owner_count"].tolist()
    assert sites.crs == proposal.sites.crs


def test_refusing_an_owner_looks_like_excluding_by_hand(marked):
    _, proposal = marked
    parcels = public_layer("parcels", proposal.parcels)
    assert RULE_OF_OWNERS not in set(parcels["excluded_by"].dropna())
    counts = public_document(to_document(proposal))["exclusions"]
    assert counts["never"] == proposal.exclusion_counts[RULE_OF_OWNERS]


@pytest.mark.parametrize("name", ["rights", "owners", "something_new"])
def test_layers_that_nobody_decided_on_stay_inside(name):
    with pytest.raises(KeyError):
        public_layer(name, pd.DataFrame({"owner_id": ["o"]}))


def test_a_measure_in_money_is_hidden_and_others_are_kept():
    rows = [
        ("P1", "d", "cost.missing", 0.0, np.nan, "CNY"),
        ("P2", "d", "zone_share", 0.9, 0.95, "share"),
    ]
    columns = ["parcel_id", "demand_id", "rule", "measured", "limit", "unit"]
    public = public_layer("exclusions", pd.DataFrame(rows, columns=columns))
    assert public["measured"].isna().tolist() == [True, False]
    assert public["unit"].tolist()[1] == "share"


def test_the_frame_given_is_not_changed(marked):
    _, proposal = marked
    before = proposal.parcels.copy()
    public_layer("parcels", proposal.parcels)
    pd.testing.assert_frame_equal(before, proposal.parcels)


def plan(objective, bound, status="feasible", **others):
    terms = {} if objective is None else {"acquisition": objective}
    return Certificate("min", "CNY", objective, bound, status, terms, "s", 1, **others)


@pytest.mark.parametrize(
    ("certificate", "english", "chinese"),
    [
        (
            plan(124.80, 123.81),
            "This plan is within 0.8 % of the least possible cost.",
            "本方案的成本与可能的最低成本相差不超过0.8%。",
        ),
        (
            plan(100.01, 100.0),
            "This plan is within 0.1 % of the least possible cost.",
            "本方案的成本与可能的最低成本相差不超过0.1%。",
        ),
        (
            plan(100.0, 100.0, "optimal"),
            "With these parcels, rules and locks, no cheaper plan exists. This has been proven.",
            "在现有地块、规则和锁定条件下，不存在成本更低的方案。这一点已经得到证明。",
        ),
    ],
)
def test_the_distance_is_said_without_amounts(certificate, english, chinese):
    assert public_certificate_sentence(certificate, "en") == english
    assert public_certificate_sentence(certificate, "zh") == chinese
    assert public_certificate_sentence(public_certificate(certificate), "en") == english


def test_a_plan_for_a_part_of_the_demands_says_so():
    reference = {"code": "certificate.relative_to.same_sites", "params": {}}
    said = public_certificate_sentence(plan(101.0, 100.0, relative_to=reference), "en")
    assert said.endswith("not every demand is met.")


@pytest.mark.parametrize("status", ["infeasible", "stopped"])
def test_without_a_plan_the_sentence_says_what_is_known(status):
    said = public_certificate_sentence(plan(None, None, status), "en")
    assert said.startswith("No ")


def test_reasons_and_notes_that_are_not_listed_are_withheld():
    document = to_document(example())
    document["demands"][0] |= {
        "met": False,
        "reason": {"code": "unmet.new", "params": {"price": 12.0}},
        "notes": [{"code": "note.new", "params": {"owner": "o1"}}],
    }
    demand = public_document(document)["demands"][0]
    assert demand["reason"] == {"code": "unmet.not_public", "params": {}}
    assert demand["notes"] == []
    assert has("unmet.not_public", "zh")


def test_hashes_that_a_guessed_amount_would_fit_stay_inside():
    document = public_document(to_document(replace(example(), version="0.1.0+stopped.abc123")))
    assert document["landplan_version"] == "0.1.0"
    assert "content_hash" not in document["provenance"]


def test_an_assumed_price_is_not_told():
    said = {"code": "assumption.constant", "params": {"field": "cost", "value": 9, "unit": "total"}}
    document = to_document(replace(example(), assumptions=(said,)))
    assert public_document(document)["assumptions"] == [
        {"code": "assumption.not_public", "params": {}}
    ]
