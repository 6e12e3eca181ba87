"""A site first, then land elsewhere for those who give way: files, words, exit codes and faults."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from landplan import messages
from landplan.cli import app
from landplan.errors import InputError, ManyErrors
from landplan.planning.reference import fields, series
from landplan.planning.scenario.run import answer
from landplan.proposal.audit.scenario import audit_scenario
from landplan.proposal.scenario import Scenario, who_gives_way
from tests.planning.exchange.test_exchange import KEYS
from tests.towns import squares, write_town

# One hectare each. a b are the cheap corner that the site takes. A and B hold them and nothing
# else there; R is the acquirer's reserve in the south; C wants to be left alone in the north-east.
PICTURE = """
abcd
efgh
ijkl
"""
HELD = dict(zip("abcdefghijkl", "ABCCABCCRRCC", strict=True))
COST = '\ncost = { column = "value", unit = "total" }\n'
ASSEMBLE = """
process = "assemble"
[[demand]]
id = "plant"
area_ha = [2, 2]
must = ["a", "b"]
"""
EXCHANGE = """
process = "exchange"
[take_part]
owners = ["A", "B"]
[fixed]
buildings = "free"
[acquirer]
owners = ["R"]
"""
SCENARIO = """
process = "scenario"
title = "A plant"
[[step]]
name = "site"
request = "site.toml"
[[step]]
name = "land"
request = "land.toml"
displaced_by = "site"
"""


def files(folder: Path, reserve: float = 1000.0) -> Path:
    parcels = squares(PICTURE)
    parcels["owner"] = [HELD[name] for name in parcels["id"]]
    parcels["use"] = "field"
    parcels["value"] = [reserve if name in "ij" else 1000.0 for name in parcels["id"]]
    owners = pd.DataFrame({"id": sorted(set(parcels["owner"]))})
    keys = KEYS.replace('homestead_x = "x"\nhomestead_y = "y"\n', "")
    keys = COST + keys
    town = write_town(folder, parcels, keys, tables={"owners": owners})
    (folder / "site.toml").write_text(ASSEMBLE)
    (folder / "land.toml").write_text(EXCHANGE)
    (folder / "scenario.toml").write_text(SCENARIO)
    return town


def ask(folder: Path, reserve: float = 1000.0) -> Scenario:
    return answer(files(folder, reserve), folder / "scenario.toml", folder / "out")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenario")
    assert ask(folder).met
    return folder / "out"


def test_those_who_give_way_get_reserve_land_of_equal_value(whole: Path) -> None:
    told = json.loads((whole / "scenario.json").read_text())
    assert told["audit"]["passed"], told["audit"]
    site, land = told["taken"]
    assert site["certificate"]["status"] == "optimal"
    assert land["gives"] == ["a", "b"]
    got = {one["party"]: (one["claim_value"], one["value_after"]) for one in land["displaced"]}
    assert got == {"A": (2000.0, 2000.0), "B": (2000.0, 2000.0)}
    assert all(one["placed"] and one["payment"] == 0.0 for one in land["displaced"])


def test_one_ledger_leads_from_the_first_owner_to_the_last(whole: Path) -> None:
    rows = pd.read_csv(whole / "scenario-ledger.csv", encoding="utf-8-sig").set_index("parcel_id")
    assert len(rows) == 12
    assert rows.loc["a", "owner_start"] == "A"
    assert rows.loc["a", "owner_site"] == rows.loc["a", "owner_end"] == "ACQUIRER"
    assert rows.loc["a", "parcel_end"] == "plant-1"
    assert rows.loc["a", "changed_by"] == "site+land"
    assert sorted(rows.loc[["i", "j"], "owner_end"]) == ["A", "B"]
    assert set(rows.loc[list("cdghkl"), "owner_end"]) == {"C"}
    assert rows.loc[list("cdghkl"), "changed_by"].isna().all()


def test_too_little_land_is_said_with_what_everybody_needs(tmp_path: Path) -> None:
    scenario = ask(tmp_path, reserve=300.0)
    assert not scenario.met
    assert scenario.audit is not None
    assert scenario.audit["passed"]
    lost = who_gives_way(scenario.steps[1])
    assert {one["party"] for one in lost} == {"A", "B"}
    assert not any(one["placed"] for one in lost)
    assert sum(one["missing_value"] or 0 for one in lost) > 0


def test_where_no_exchange_is_found_everyone_who_gives_way_is_named(tmp_path: Path) -> None:
    """Nothing may move besides the site, so nobody can be placed."""
    town = files(tmp_path)
    table = (tmp_path / "land.toml").read_text()
    (tmp_path / "land.toml").write_text(table + "[tolerance]\nmax_moves = 0\n")
    scenario = answer(town, tmp_path / "scenario.toml", tmp_path / "out")
    assert not scenario.met
    told = json.loads((tmp_path / "out" / "scenario.json").read_text())["taken"][1]
    assert told["folder"] is None
    assert {one["party"] for one in told["displaced"]} == {"A", "B"}
    assert not any(one["placed"] for one in told["displaced"])
    assert scenario.audit is not None
    assert scenario.audit["passed"]


def test_later_steps_are_not_begun_where_one_meets_nothing(tmp_path: Path) -> None:
    town = files(tmp_path)
    (tmp_path / "site.toml").write_text(ASSEMBLE.replace("[2, 2]", "[90, 99]"))
    done = CliRunner().invoke(
        app,
        ["run", str(town), str(tmp_path / "scenario.toml"), "--out", str(tmp_path / "out")],
    )
    assert done.exit_code == 3
    assert "land was not begun" in done.output


BREAKS = {
    "steps": ("01-site/proposal.json", '"status": "optimal"', '"status": "feasible"'),
    "start": ("scenario.json", '"data_hash": "', '"data_hash": "f'),
    "receives": ("scenario.json", '"gives": [\n    "a",\n', '"gives": [\n    "c",\n'),
    "ledger": ("scenario-ledger.csv", "ACQUIRER", "Somebody"),
    "land": ("scenario-ledger.csv", "10000.0", "10900.0"),
    "value": ("scenario-ledger.csv", ",1000.0", ",1900.0"),
    "once": ("scenario.json", '"displaced_by": "site"', '"displaced_by": null'),
}


@pytest.mark.parametrize("code", BREAKS)
def test_a_planted_break_is_found(whole: Path, tmp_path: Path, code: str) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "copy"))
    name, old, new = BREAKS[code]
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    failed = {check.code for check in audit_scenario(folder).failed}
    assert f"audit.scenario.{code}" in failed


def test_every_check_has_its_sentence_and_its_break(whole: Path) -> None:
    made = {check.code for check in audit_scenario(whole).checks}
    assert made == {f"audit.scenario.{code}" for code in BREAKS}
    for language in messages.LANGUAGES:
        known = {str(code) for code in vars(messages._catalogue(language))["_catalog"]}
        assert made == {code for code in known if code.startswith("audit.scenario.")}


def test_the_command_audits_a_scenario_again(whole: Path) -> None:
    done = CliRunner().invoke(app, ["audit", str(whole)])
    assert done.exit_code == 0
    assert done.output.count("✓") == 7


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('name = "land"', 'name = "site"', "scenario.twice"),
        ('displaced_by = "site"', 'displaced_by = "plant"', "scenario.no_such_step"),
        ('displaced_by = "site"', "only_displaced = true", "scenario.whose"),
        ('request = "land.toml"', 'request = "site.toml"', "scenario.not_exchange"),
    ],
)
def test_a_scenario_that_does_not_fit_together_is_refused(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    town = files(tmp_path)
    (tmp_path / "scenario.toml").write_text(SCENARIO.replace(old, new))
    with pytest.raises((InputError, ManyErrors)) as fault:
        answer(town, tmp_path / "scenario.toml", tmp_path / "out")
    errors = fault.value.errors if isinstance(fault.value, ManyErrors) else [fault.value]
    assert code in {error.code for error in errors}
    assert not (tmp_path / "out").exists()


def test_the_faults_of_all_steps_come_together(tmp_path: Path) -> None:
    town = files(tmp_path)
    (tmp_path / "site.toml").write_text(ASSEMBLE.replace("[2, 2]", "[3, 2]"))
    (tmp_path / "land.toml").write_text(EXCHANGE + "[tolerance]\nvalue_share = 7\n")
    with pytest.raises(ManyErrors) as fault:
        answer(town, tmp_path / "scenario.toml", tmp_path / "out")
    assert len(fault.value.errors) >= 2


def test_one_paid_out_by_consent_may_end_without_land(tmp_path: Path) -> None:
    town = files(tmp_path)
    more = '[tolerance]\npaid_out = ["A", "B"]\ncash = 4000\n'
    (tmp_path / "land.toml").write_text(EXCHANGE + more)
    scenario = answer(town, tmp_path / "scenario.toml", tmp_path / "out")
    assert scenario.met
    assert scenario.audit is not None
    assert scenario.audit["passed"]
    plan = scenario.steps[1].proposal
    assert plan is not None
    assert plan.statements is not None
    assert plan.statements["payment"].sum() == 0.0


def test_the_reference_lists_scenarios_with_every_field() -> None:
    assert "scenario" in {entry["id"] for entry in series()}
    told = "\n".join(fields("scenario"))
    for key in ("displaced_by", "only_displaced", "request"):
        assert f"  {key} (" in told
