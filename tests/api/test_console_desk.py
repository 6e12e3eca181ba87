"""Desk, scenarios, keys and finding: what waits, what runs, what is old; by role and language."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update
from starlette.testclient import TestClient

from api.console.keys import KEYS
from landplan.messages import LANGUAGES, has
from landplan.workspace.tables import datasets, plans, scenarios

Client = Callable[..., TestClient]
HTML = {"accept": "text/html"}


def workspace_of(asking: TestClient) -> Any:
    return asking.app.state.services.workspace  # type: ignore[attr-defined]


def desk(asking: TestClient, query: str = "") -> str:
    answer = asking.get(f"/{query}", headers=HTML)
    assert answer.status_code == 200
    return answer.text


def forget_scenarios(asking: TestClient) -> None:
    with workspace_of(asking).engine.begin() as connection:
        connection.execute(delete(plans))
        connection.execute(delete(scenarios))


def test_programs_get_the_landing_page_and_people_the_desk(client: Client) -> None:
    asking = client()
    assert "links" in asking.get("/", headers={"accept": "application/json"}).json()
    assert "<h1" in desk(asking)


@pytest.mark.parametrize(("language", "words"), [("en", "No requests yet."), ("zh", "还没有需求")])
def test_an_empty_desk_offers_an_example_that_can_be_calculated(
    client: Client, language: str, words: str
) -> None:
    asking = client()
    forget_scenarios(asking)
    page = desk(asking, f"?lang={language}")
    assert words in page
    assert "/requests/example" in page
    answer = asking.post(f"/requests/example?lang={language}", follow_redirects=False)
    check = answer.headers["location"].replace("/edit", "/check")
    assert 'name="token"' in asking.get(check).text, "the example is a whole and possible request"


def test_a_desk_without_data_begins_with_importing_them(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    asking = client(workspace=tmp_path_factory.mktemp("empty"))
    assert "/datasets/new" in desk(asking)
    assert asking.get("/requests/new", headers=HTML).status_code == 409
    assert "Import the town" in asking.get("/requests/new", headers=HTML).text
    assert "As soon as" in asking.get("/map", headers=HTML).text


def test_a_leader_sees_what_waits_for_a_decision_and_the_planner_what_came_back(
    client: Client,
) -> None:
    planner, leader = client("planner"), client("leader")
    workspace = workspace_of(planner)
    [proposal] = workspace.proposals.list()
    subject = f"proposal/{proposal}"
    workspace.events.add("planner", "planner", "submitted", subject)
    assert f"/proposals/{proposal}/signoff" in desk(leader)
    assert "waits for your decision" not in desk(planner)
    workspace.events.add("leader", "leader", "returned", subject, remark="avoid Boyuan Rd")
    assert "avoid Boyuan Rd" in desk(planner)
    assert "avoid Boyuan Rd" not in desk(client("viewer"))


@pytest.mark.parametrize(
    ("day", "words"),
    [("2020-01-01", "old ("), (None, "date not given"), ("2026-11-20", "20 Nov 2026")],
)
def test_the_age_of_the_data_is_said(client: Client, day: str | None, words: str) -> None:
    asking = client()
    with workspace_of(asking).engine.begin() as connection:
        connection.execute(update(datasets).values(data_date=day))
    assert words in desk(asking)


def test_findings_stand_on_the_desk_of_planners_only(client: Client) -> None:
    planner, viewer = client("planner"), client("viewer")
    [record] = workspace_of(planner).datasets.list()
    assert record.findings
    assert 'class="finding"' in desk(planner)
    assert 'class="finding"' not in desk(viewer)
    assert "findings" in planner.get(f"/datasets/{record.id}").text
    assert 'class="findings"' not in viewer.get(f"/datasets/{record.id}").text


def test_rows_are_filtered_by_whose_and_by_status(client: Client) -> None:
    asking = client()
    assert "S-001" in desk(asking)
    assert "S-001" not in desk(asking, "?mine=1")
    assert "S-001" in desk(asking, "?status=done")
    assert "No request fits this choice." in desk(asking, "?status=failed")


@pytest.mark.parametrize("path", ["/", "/scenarios", "/scenarios/1", "/find?q=s-001"])
def test_readers_get_no_prices_and_no_owners(client: Client, path: str) -> None:
    asking = client("viewer")
    workspace = workspace_of(asking)
    [proposal] = workspace.proposals.list()
    whole = workspace.proposals.get(proposal)
    text = asking.get(path, headers=HTML).text
    assert "S-001" in text
    assert not re.search(r"CNY\s*\d", text)
    assert "万元" not in asking.get(path, headers=HTML | {"accept-language": "zh"}).text
    assert not [owner for owner in set(whole.rights["owner_id"].dropna()) if owner in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scenario_shows_its_plans_and_its_request_in_words(client: Client, language: str) -> None:
    page = client().get(f"/scenarios/1?lang={language}").text
    assert ("plan 1" if language == "en" else "方案1") in page
    assert page.count("<li>") >= 5
    assert "data-basket-toggle" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_in_the_help_with_its_words(client: Client, language: str) -> None:
    page = desk(client(), f"?lang={language}")
    dialog = page.split('id="key-help"')[1].split("</dialog>")[0]
    for key in KEYS:
        assert has(f"keys.{key.where}.{key.action}", language)  # type: ignore[arg-type]
        assert f"<kbd>{key.shown}</kbd>" in dialog
    pressed = [(key.where, key.code) for key in KEYS if key.code]
    assert len(set(pressed)) == len(pressed)


def test_finding_a_parcel_a_plan_an_owner_and_nothing(client: Client) -> None:
    asking, viewer = client(), client("viewer")
    [record] = workspace_of(asking).datasets.list()
    parcels = workspace_of(asking).datasets.cadastre(record.id).parcels
    parcel, owner = parcels["parcel_id"].iloc[0], parcels["owner_id"].dropna().iloc[0]
    answer = asking.get("/find", params={"q": parcel}, follow_redirects=False)
    assert answer.headers["location"] == f"/map/{record.id}?parcel={parcel}"
    assert parcels.loc[parcels["owner_id"] == owner, "parcel_id"].iloc[0] in (
        asking.get("/find", params={"q": owner}).text
    )
    assert "Nothing was found" in viewer.get("/find", params={"q": owner}).text
    assert "/proposals/" in asking.get("/find", params={"q": "S-001"}).text
    hostile = "<script>alert(1)</script>"
    assert hostile not in asking.get("/find", params={"q": hostile}).text
