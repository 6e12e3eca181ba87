"""Who is worse off by which measure, and tolerances that no set of parcels can meet."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

from landplan.cadastre.reading import read_town
from landplan.cli import app
from landplan.measures.change import BETTER
from landplan.messages import LANGUAGES, say
from landplan.planning.answer import read_request
from landplan.planning.exchange.formulate import formulate
from landplan.planning.exchange.out_of_reach import OutOfReach, notes
from landplan.planning.exchange.worse import worse_table
from landplan.planning.report import lines as report
from landplan.proposal.audit import audit
from landplan.proposal.files import read_proposal, write_proposal
from landplan.proposal.statements_xlsx import statements_workbook
from landplan.proposal.worse import (
    MEASURES,
    measure_words,
    worse_by_party,
    worse_counts,
    worse_lines,
    worse_words,
)
from tests.planning.exchange.four import REQUEST, ask, town_file


def table_of(folder, swap):
    """Measure what is worse after parcels changed hands as in ``swap``: parcel to party."""
    (folder / "request.toml").write_text(REQUEST)
    town = read_town(town_file(folder)).require()
    formulation = formulate(read_request(folder / "request.toml")[1], town)
    after = formulation.before.copy()
    for parcel, party in swap.items():
        after[formulation.parcel_ids.index(parcel)] = formulation.names.index(party)
    table = worse_table(town, formulation, after)
    return {
        (party, measure): (before, after)
        for party, measure, before, after in table.itertuples(index=False)
    }


def test_what_gets_worse_is_told_with_both_amounts(tmp_path):
    """A holds a c i k, B holds b d j l. Swapped: a for l, across the town.

    abcd    A loses its parcel at home (300 m of corner to corner) and holds c i k l: k and l
    efgh    are one piece. B holds a b d j: a and b are one piece.
    ijkl
    mnop
    """
    found = table_of(tmp_path, {"a": "B", "l": "A"})
    assert {party for party, _ in found} == {"A", "B"}
    before, after = found["A", "home_distance_m"]
    assert after > before
    assert not [name for _, name in found if name in ("value", "area_m2", "parcels", "pieces")]


def test_less_land_than_is_due_and_more_parcels_are_told(tmp_path):
    found = table_of(tmp_path, {"d": "A"})
    assert found["B", "value"] == (4000.0, 3000.0)
    assert found["B", "area_m2"] == (40_000.0, 30_000.0)
    assert found["A", "parcels"] == (4.0, 5.0)
    assert ("A", "value") not in found


def test_where_nothing_changes_nobody_is_worse_off(tmp_path):
    assert table_of(tmp_path, {}) == {}


def test_every_measure_has_its_place_and_its_name():
    assert set(MEASURES) == {*BETTER, "value", "area_m2"}
    for language in LANGUAGES:
        for name in MEASURES:
            assert measure_words(name, language) not in (f"measure.column.{name}", "worse.value")


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return ask(tmp_path_factory.mktemp("worse"))


def test_a_plan_in_which_everybody_gains_says_so(plan):
    assert plan.audit["passed"], [c for c in plan.audit["checks"] if not c["passed"]]
    assert not set(worse_counts(plan)) & {"value", "area_m2", "pieces", "home_distance_m"}
    for language in LANGUAGES:
        assert len(list(worse_lines(plan, language))) == 1


def test_the_table_is_written_read_back_and_kept_honest(plan, tmp_path):
    planted = pd.DataFrame(
        {"party_id": ["A"], "measure": ["pieces"], "before": [4.0], "after": [5.0]}
    )
    write_proposal(replace(plan, worse_off=planted), tmp_path / "out", lambda _: {})
    again = read_proposal(tmp_path / "out")
    assert [one.measure for one in worse_by_party(again)["A"]] == ["pieces"]
    assert "5" in worse_words(worse_by_party(again)["A"][0], "CNY", "en")
    assert "1" in next(worse_lines(again, "en"))
    failed = {check.code for check in audit(tmp_path / "out").failed}
    assert failed == {"audit.exchange.worse_off"}
    assert statements_workbook(again) != statements_workbook(plan)


SHARES = "[acquirer]\ncontribution_share = 0.1\n"


def test_claims_between_whole_parcels_are_out_of_reach_and_the_plan_says_for_whom(tmp_path):
    """Four parcels of 1000 each, a tenth contributed: 3600 is due, 3492 to 3708 is allowed."""
    plan = ask(tmp_path, SHARES)
    outcome = plan.demands[0]
    assert not outcome.met
    assert outcome.reason == {"code": "unmet.exchange_reach", "params": {"n": 4}}
    assert [note["params"]["party"] for note in outcome.notes] == list("ABCD")
    assert [note["params"]["by"] for note in outcome.notes] == [292.0] * 4
    assert {note["code"] for note in outcome.notes} == {"unmet.exchange_reach_value_more"}
    assert plan.audit["passed"], [c for c in plan.audit["checks"] if not c["passed"]]
    printed = list(report(plan, lambda code, **params: say(code, params)))
    assert any("A: every set of parcels" in line for line in printed)


def test_check_says_it_before_any_search(tmp_path):
    town = str(town_file(tmp_path))
    request = tmp_path / "request.toml"
    request.write_text(REQUEST + SHARES)
    run = CliRunner()
    told = run.invoke(app, ["check", town, "--request", str(request)])
    assert told.exit_code == 1
    assert told.stdout.count("292") == 4
    data = json.loads(run.invoke(app, ["check", town, "--request", str(request), "--json"]).stdout)
    assert [note["params"]["party"] for note in data["out_of_reach"]] == list("ABCD")
    request.write_text(REQUEST)
    told = run.invoke(app, ["check", town, "--request", str(request)])
    assert told.exit_code == 0
    assert "only a run says" in told.stdout
    request.write_text('process = "assemble"\n[[demand]]\nid = "d"\narea_ha = [1, 2]\n')
    other = run.invoke(app, ["check", town, "--request", str(request)], standalone_mode=False)
    assert other.exception.code == "check.request_not_exchange"


def test_a_long_list_of_parties_ends_with_how_many_more():
    many = [OutOfReach(f"P{i}", "area", -1.5) for i in range(52)]
    told = notes(many, "CNY")
    assert len(told) == 51
    assert told[-1] == {"code": "unmet.exchange_reach_others", "params": {"n": 2}}
    kinds = [OutOfReach("P", what, by) for what in ("value", "area", "parcels") for by in (-1, 1)]
    for language in LANGUAGES:
        for note in notes(kinds, "CNY"):
            assert "P" in say(note["code"], note["params"], language)
            assert "unmet" not in say(note["code"], note["params"], language)
