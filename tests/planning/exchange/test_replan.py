"""An agreed exchange after refusals: little changes, all is told, and the audit counts it again."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from landplan.cadastre.reading import read_town
from landplan.cli import app
from landplan.errors import InputError, ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.optimize.exchange.engine import solve
from landplan.optimize.exchange.params import Params
from landplan.planning.answer import answer
from landplan.planning.exchange import key_owner_words
from landplan.planning.exchange.formulate import formulate
from landplan.planning.exchange.key_owners import key_owners, without
from landplan.planning.exchange.replan import Refused, changed_request, replan, start_from
from landplan.proposal.agreed import what_changed
from landplan.proposal.agreed_words import lines, to_json
from landplan.proposal.audit import audit
from landplan.proposal.files import read_proposal, write_proposal
from tests.optimize.exchange.instances import best, field, inside
from tests.planning.exchange.four import ask, town_file


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    """Four owners with a parcel in each quarter; the agreed plan gives each its own quarter."""
    folder = tmp_path_factory.mktemp("agreed")
    plan = ask(folder)
    return folder, read_town(folder / "town.toml").require(), plan


def holders(plan):
    return plan.holdings.set_index("parcel_id")["party_after"].to_dict()


def again(agreed, refused, leave=None):
    _, town, plan = agreed
    return replan(plan, town, changed_request(plan, refused), leave)


def test_one_who_drops_out_keeps_all_and_gets_nothing(agreed):
    before = agreed[2].holdings.set_index("parcel_id")["party_before"].to_dict()
    after = holders(again(agreed, Refused(owners=("A",))))
    assert {name for name in after if after[name] == "A"} == {
        name for name in before if before[name] == "A"
    }


def test_only_what_must_changes_where_leaving_is_dear(agreed):
    plan = again(agreed, Refused(parcels=("a",)))
    found = what_changed(plan)
    assert holders(agreed[2])["a"] == holders(plan)["a"] == "A"
    assert found.changes == ()
    plan = again(agreed, Refused(parcels=("c",)))
    found = what_changed(plan)
    assert holders(plan)["c"] == "A"
    assert [(one.parcel, one.why) for one in found.changes if one.parcel == "c"] == [
        ("c", "had_to")
    ]
    assert found.had_to == 1
    assert len(found.changes) == 2
    assert {one.now for one in found.changes} == {"A", "B"}


def test_the_price_for_leaving_is_stated_counted_and_part_of_the_id(agreed, tmp_path):
    one, other = (again(agreed, Refused(owners=("A",)), leave) for leave in (7.0, 8.0))
    assert one.id != other.id
    told = what_changed(one)
    assert one.certificate.terms["leaving"] == 7.0 * len(told.changes)
    assert one.certificate.bound <= one.certificate.objective
    written = write_proposal(one, tmp_path / "out", lambda folder: audit(folder).to_json())
    assert written.audit["passed"], [c for c in written.audit["checks"] if not c["passed"]]
    assert what_changed(read_proposal(tmp_path / "out")) == told


def test_another_price_than_stated_fails_the_audit(agreed, tmp_path):
    plan = again(agreed, Refused(owners=("A",)), 7.0)
    said = [
        {**entry, "params": {**entry["params"], "leave": 6.0}}
        if entry["code"] == "replan.exchange_from"
        else entry
        for entry in plan.assumptions
    ]
    write_proposal(replace(plan, assumptions=tuple(said)), tmp_path / "out", lambda _: {})
    failed = {check.code for check in audit(tmp_path / "out").checks if not check.passed}
    assert failed == {"audit.certificate.terms", "audit.files.id"}


def test_land_for_one_who_dropped_out_fails_the_audit(agreed, tmp_path):
    plan = agreed[2]
    request = changed_request(plan, Refused(owners=("A",))).canonical()
    write_proposal(replace(plan, request=request), tmp_path / "out", lambda _: {})
    failed = {check.code for check in audit(tmp_path / "out").checks if not check.passed}
    assert {"audit.exchange.fixed", "audit.exchange.received"} <= failed


def test_what_cannot_be_asked_is_refused_in_one_sentence_each(agreed):
    _, town, plan = agreed
    with pytest.raises(InputError, match=r"replan\.exchange_no_wish"):
        changed_request(plan, Refused())
    with pytest.raises(ManyErrors) as raised:
        changed_request(plan, Refused(owners=("X",), parcels=("y",)))
    assert [error.code for error in raised.value.errors] == [
        "replan.exchange_unknown_owner",
        "replan.exchange_unknown_parcel",
    ]
    unknown = {**plan.request, "take_part": {**plan.request["take_part"], "owners": ["A", "B"]}}
    fewer = type(changed_request(plan, Refused(owners=("A",)))).model_validate(unknown)
    with pytest.raises(InputError, match=r"replan\.exchange_parts"):
        replan(plan, town, fewer)
    with pytest.raises(InputError, match=r"agreed\.none"):
        what_changed(plan)


def test_every_party_that_changes_land_has_a_figure_between_its_bounds(agreed):
    _, town, plan = agreed
    found = key_owners(plan, town, most=9)
    assert {one.party for one in found.rows} == set("ABCD")
    for one in found.rows:
        assert not one.impossible
        assert 0.0 <= one.least <= one.found <= one.most
        assert one.parcels == 4
    assert found.rows[0].found == max(one.found for one in found.rows)


def test_without_two_of_three_nothing_can_be_exchanged_and_all_gain_is_lost(agreed, tmp_path):
    folder = tmp_path
    town_file(folder)
    (folder / "two.toml").write_text(
        'process = "exchange"\n[take_part]\nowners = ["A", "B"]\n'
        '[fixed]\nbuildings = "free"\nhomesteads = false\n'
    )
    plan = answer(folder / "town.toml", folder / "two.toml", folder / "two")
    town = read_town(folder / "town.toml").require()
    found = key_owners(plan, town)
    formulation = formulate(changed_request(plan, Refused(owners=("A",))), town)
    today = without(formulation.problem, None, start_from(plan, formulation), Params(), None)
    lost = today.objective / 100 - plan.certificate.objective
    assert [one.found for one in found.rows] == [pytest.approx(lost)] * 2


@pytest.mark.parametrize("held", [[0, 1, 0, 1, 2, 2], [0, 1, 2, 2, 1, 0], [0, 0, 1, 2, 1, 2]])
def test_bounds_of_a_loss_hold_against_every_assignment(held):
    """Six parcels in two rows, three parties: what the best plan loses without one, by brute force.

    012      Values 10 each, tolerance one half parcel: every party ends with two.
    345
    """
    low, high = np.full(3, 15), np.full(3, 25)
    town = field(3, 2, held, value_low=low, value_high=high, piece_price=40)
    params = Params.of("quick")
    whole = solve(town, params)
    for i in range(3):
        may = town.may_receive.copy()
        may[i] = False
        alone = replace(town, fixed=town.holder == i, may_receive=may)
        result = without(town, i, whole, params, None)
        truth = best(alone) - best(town)
        assert result.bound - whole.objective <= truth <= result.objective - whole.bound
        assert inside(alone, result.party)


def test_leaving_is_in_the_bound_of_every_assignment():
    """What must change does: parcel 0 is fixed to party 0, the agreed plan gave it to party 1."""
    town = field(3, 2, [0, 1, 0, 1, 2, 2], piece_price=40, leave_price=500)
    town = replace(town, value_low=np.full(3, 15), value_high=np.full(3, 25))
    town = replace(town, agreed=np.array([1, 0, 2, 1, 0, 2]))
    town = replace(town, fixed=np.arange(6) == 0)
    result = solve(town, Params.of("quick"))
    assert result.bound <= best(town) <= result.objective
    assert result.party[0] == 0


def test_commands_say_it_in_lines_and_as_data(agreed, tmp_path):
    folder, _, plan = agreed
    run = CliRunner()
    town = str(folder / "town.toml")
    args = [str(folder / "out"), "--town", town]
    made = run.invoke(
        app, ["replan", *args, "--never-owner", "A", "--out", str(tmp_path / "again")]
    )
    assert made.exit_code == 0, made.output
    assert "had to change" in made.stdout
    assert plan.id in made.stdout
    told = run.invoke(app, ["refusals", *args, "--json"])
    data = json.loads(told.stdout)
    assert len(data["refusals"]) == 4
    wrong = run.invoke(
        app, ["replan", *args, "--lock", "a", "--out", str(tmp_path / "no")], standalone_mode=False
    )
    assert wrong.exception.code == "replan.exchange_option"


def test_every_sentence_exists_in_both_languages(agreed):
    _, town, plan = agreed
    found = what_changed(again(agreed, Refused(owners=("A",))))
    keys = key_owners(plan, town, 1)
    for language in LANGUAGES:
        said = [*lines(found, "CNY", language), *key_owner_words.lines(keys, 4, "CNY", language)]
        assert not [
            line for line in said if "{" in line or line.startswith(("agreed.", "refusals."))
        ]
        assert has("replan.exchange_from", language)
    assert json.dumps(to_json(found), allow_nan=False)
    assert math.isfinite(np.float64(keys.better))
