"""Sign-off: submit, approve, return; nobody decides on their own plan; one record."""

import json
import shutil
import threading

import geopandas as gpd
import pytest

from api.console.signoff_record import record_of
from landplan.messages import say
from tests.serving import PASSWORD

ACCOUNTS = {"auth": "accounts"}


@pytest.fixture
def town(client, prepared):
    """Li plans, Wang leads, in mode accounts; and the workspace they share."""

    class Town:
        id = prepared.proposal
        planner = client("planner", name="Li", **ACCOUNTS)
        leader = client("leader", name="Wang", **ACCOUNTS)

        def __init__(self):
            self.workspace = self.planner.app.state.services.workspace

        def post(self, who, what, **fields):
            return who.post(f"/proposals/{self.id}/{what}", data=fields, follow_redirects=False)

        def page(self, who, language="en"):
            return who.get(f"/proposals/{self.id}/signoff", params={"lang": language})

        def actions(self):
            return [step.action for step in record_of(self.workspace, self.id).steps]

    return Town()


def said(code, **params):
    return say(code, params, "en").replace("“", "“").replace("'", "&#39;")


def test_a_plan_goes_from_submission_to_approval(town):
    assert said("signoff.submit") in town.page(town.planner).text
    assert town.post(town.planner, "submit", remark="cheapest, two crossings").status_code == 303
    assert town.actions() == ["submitted"]
    deciding = town.page(town.leader).text
    assert "cheapest, two crossings" in deciding
    assert said("signoff.approve") in deciding
    answer = town.post(town.leader, "approve", remark="go ahead", password=PASSWORD)
    assert answer.status_code == 303
    record = record_of(town.workspace, town.id)
    assert record.state == "approved"
    assert (record.approval.person, record.approval.remark) == ("Wang", "go ahead")
    assert record.approval.fingerprint == record.submission.fingerprint
    for who in (town.planner, town.leader):
        assert said("signoff.approved_note") in town.page(who).text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_message_of_signing_names_plan_and_fingerprint(town, language):
    town.post(town.planner, "submit")
    page = town.page(town.leader, language).text
    fingerprint = record_of(town.workspace, town.id).submission.fingerprint
    words = say("signoff.message", {"name": "@", "fingerprint": fingerprint}, language)
    assert words.split("@")[1] in page


def test_enter_in_a_field_of_the_decision_presses_no_button(town):
    """Browsers press the first button of a form; a disabled one keeps Enter from deciding."""
    town.post(town.planner, "submit")
    form = town.page(town.leader).text.split("/approve")[1].split("</form>")[0]
    assert form[form.index("<button") :].startswith("<button disabled")


def test_submitting_and_approving_twice_leaves_one_line_each(town):
    for _ in range(2):
        assert town.post(town.planner, "submit").status_code == 303
    for _ in range(2):
        assert town.post(town.leader, "approve", password=PASSWORD).status_code == 303
    assert town.actions() == ["submitted", "approved"]


def test_two_leaders_at_once_leave_one_record(town, client):
    town.post(town.planner, "submit")
    leaders = [client("leader", name=name, **ACCOUNTS) for name in ("Chen", "Zhao", "Sun")]
    answers = []
    threads = [
        threading.Thread(
            target=lambda who=who: answers.append(
                town.post(who, "approve", password=PASSWORD).status_code
            )
        )
        for who in leaders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409, 409]
    assert town.actions() == ["submitted", "approved"]


def test_a_wrong_password_signs_nothing(town):
    town.post(town.planner, "submit")
    answer = town.post(town.leader, "approve", password="wrong", remark="yes")
    assert answer.status_code == 409
    assert said("signoff.wrong_password") in answer.text
    assert "yes</textarea>" in answer.text
    assert town.actions() == ["submitted"]


def test_returning_needs_a_reason_and_becomes_the_planners_task(town):
    town.post(town.planner, "submit")
    answer = town.post(town.leader, "return", remark="  ")
    assert answer.status_code == 409
    assert said("signoff.need_reason") in answer.text
    assert town.post(town.leader, "return", remark="avoid Boyuan Rd").status_code == 303
    assert "avoid Boyuan Rd" in town.planner.get("/signoff").text
    assert "avoid Boyuan Rd" in town.planner.get(f"/proposals/{town.id}").text
    assert town.post(town.planner, "submit", remark="again").status_code == 303
    assert town.actions() == ["submitted", "returned", "submitted"]


@pytest.mark.parametrize("part", ["submitted", "asked", "edited"])
def test_nobody_signs_a_plan_they_had_a_part_in(town, client, part):
    boss = client("leader", name="Zhou", **ACCOUNTS)
    if part == "submitted":
        town.post(boss, "submit")
    else:
        town.workspace.events.add("Zhou", "leader", part, f"proposal/{town.id}")
        town.post(town.planner, "submit")
    assert said("signoff.own_plan") in town.page(boss).text
    for what in ("approve", "return"):
        answer = town.post(boss, what, password=PASSWORD, remark="mine")
        assert answer.status_code == 409
        assert said("signoff.own_plan") in answer.text
    assert town.actions() == ["submitted"]
    assert town.post(town.leader, "approve", password=PASSWORD).status_code == 303


def test_whoever_asked_for_the_plan_a_hand_edit_came_from_does_not_sign_it(town, client):
    boss = client("leader", name="Zhou", **ACCOUNTS)
    plan = town.workspace.scenarios.plan_of(town.id)
    scenario = town.workspace.scenarios.create("x", "y", "assemble", {}, "Zhou")
    first = town.workspace.scenarios.add_plan(scenario.id, "0" * 12, plan.dataset_id, "Zhou")
    with town.workspace.engine.begin() as connection:
        from landplan.workspace.tables import plans

        connection.execute(plans.delete().where(plans.c.id == plan.id))
    town.workspace.scenarios.add_plan(scenario.id, town.id, plan.dataset_id, "Li", first)
    town.post(town.planner, "submit")
    assert town.post(boss, "approve", password=PASSWORD).status_code == 409


def test_old_data_block_submission_and_approval(town, prepared, tmp_path):
    town.post(town.planner, "submit")
    later(town.workspace, prepared, tmp_path)
    page = town.page(town.leader).text
    assert said("signoff.blocked.old") in page
    assert said("signoff.approve") + "</button>" not in page
    answer = town.post(town.leader, "approve", password=PASSWORD)
    assert answer.status_code == 409
    assert said("signoff.blocked.old") in answer.text
    assert town.post(town.leader, "return", remark="recalculate").status_code == 303
    assert town.post(town.planner, "submit").status_code == 409


def later(workspace, prepared, tmp_path):
    town = tmp_path / "later"
    shutil.copytree(prepared.town_file.parent, town)
    frame = gpd.read_file(town / "town.gpkg", layer="parcels")
    frame.iloc[:-1].to_file(town / "town.gpkg", layer="parcels", driver="GPKG")
    workspace.datasets.import_town(town / "town.toml", "Li")


def test_files_that_changed_since_submission_are_never_signed(town):
    town.post(town.planner, "submit")
    file = town.workspace.proposals.folder(town.id) / "proposal.json"
    document = json.loads(file.read_text("utf-8"))
    document["certificate"]["terms"] = {"acquisition": 1}
    file.write_text(json.dumps(document), "utf-8")
    answer = town.post(town.leader, "approve", password=PASSWORD)
    assert answer.status_code == 409
    assert "fingerprints" in answer.text
    assert town.actions() == ["submitted"]


def test_another_fingerprint_than_the_submitted_one_is_named(town):
    town.post(town.planner, "submit")
    file = town.workspace.proposals.folder(town.id) / "proposal.json"
    document = json.loads(file.read_text("utf-8"))
    document["provenance"]["content_hash"]["sites"] = "0" * 64
    file.write_text(json.dumps(document), "utf-8")
    then = record_of(town.workspace, town.id).submission.fingerprint
    assert then in town.post(town.leader, "approve", password=PASSWORD).text
    assert town.actions() == ["submitted"]


def test_only_leaders_decide_and_only_what_was_submitted(town, client):
    assert town.post(town.planner, "approve", password=PASSWORD).status_code == 403
    assert town.post(town.planner, "return", remark="no").status_code == 403
    assert town.post(client(None, **ACCOUNTS), "submit").status_code == 401
    answer = town.post(town.leader, "approve", password=PASSWORD)
    assert answer.status_code == 409
    assert said("signoff.not_submitted") in answer.text
    assert town.actions() == []


def test_an_approved_plan_is_frozen(town, client):
    town.post(town.planner, "submit")
    town.post(town.leader, "approve", password=PASSWORD)
    answer = town.post(town.planner, "submit", remark="once more")
    assert answer.status_code == 409
    assert said("signoff.frozen") in answer.text
    other = client("leader", name="Chen", **ACCOUNTS)
    for what in ("approve", "return"):
        refused = town.post(other, what, password=PASSWORD, remark="no")
        assert refused.status_code == 409
        assert said("signoff.already", person="Wang") in refused.text
    assert town.actions() == ["submitted", "approved"]


def test_the_lists_show_what_waits_and_what_was_sent(town):
    assert said("signoff.list.none") in town.leader.get("/signoff").text
    assert said("signoff.list.none_mine") in town.planner.get("/signoff").text
    town.post(town.planner, "submit")
    for who in (town.planner, town.leader):
        assert f"/proposals/{town.id}/signoff" in who.get("/signoff").text
    town.post(town.leader, "approve", password=PASSWORD)
    assert said("plan.state.approved") in town.leader.get("/signoff").text


def test_without_accounts_a_tick_stands_for_the_password(client, prepared):
    planner, leader = client("planner"), client("leader")
    base = f"/proposals/{prepared.proposal}"
    planner.post(f"{base}/submit", data={"remark": ""})
    refused = leader.post(f"{base}/approve", data={"remark": ""})
    assert refused.status_code == 409
    assert said("signoff.need_confirm") in refused.text
    leader.post(f"{base}/approve", data={"remark": "", "confirm": "yes"})
    workspace = leader.app.state.services.workspace
    assert record_of(workspace, prepared.proposal).state == "approved"


def test_a_plan_that_is_not_there_is_said(town):
    for what in ("submit", "approve", "return"):
        answer = town.leader.post(f"/proposals/{'0' * 12}/{what}", data={"remark": "x"})
        assert answer.status_code == 404
