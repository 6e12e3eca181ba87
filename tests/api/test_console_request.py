"""The request: draft, ledger, check, prefilled forms, refusals; in both languages."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.console import request_actions
from api.console.request_draft import Draft, typed
from landplan.messages.numbers import area
from landplan.planning.assemble.alternatives import land_of_plan

Client = Callable[..., TestClient]
GOOD = {
    "title": "Auto parts",
    "demand.0.id": "A",
    "demand.0.area_ha.min": "60亩",
    "demand.0.area_ha.max": "6 ha",
    "demand.0.max_bridges": "1",
}


def workspace_of(asking: TestClient) -> Any:
    return asking.app.state.services.workspace  # type: ignore[attr-defined]


def begin(asking: TestClient, query: str = "") -> str:
    """Open a new request and return its address without its end."""
    answer = asking.get(f"/requests/new{query}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removesuffix("/edit")


def revision(asking: TestClient, at: str) -> str:
    number = int(at.rsplit("/", 1)[1])
    return str(workspace_of(asking).scenarios.get(number).revision)


def send(asking: TestClient, at: str, data: dict[str, Any], end: str = "edit", **more: Any) -> Any:
    body = {"revision": revision(asking, at), **data}
    return asking.post(f"{at}/{end}", data=body, follow_redirects=False, **more)


def state_of(html: str) -> dict[str, Any]:
    found = re.search(r'id="request-state">(.*?)</script>', html, re.S)
    assert found is not None
    state: dict[str, Any] = json.loads(found[1])
    return state


def parcels(asking: TestClient, n: int) -> list[str]:
    [record] = workspace_of(asking).datasets.list()
    land = workspace_of(asking).datasets.cadastre(record.id).parcels
    usable = land[~land["street"] & land["fault"].isna() & land["cost"].notna()]
    return list(usable["parcel_id"].iloc[:n])


def test_a_new_request_is_a_draft_and_an_untouched_one_is_used_again(client: Client) -> None:
    asking = client()
    before = len(workspace_of(asking).scenarios.list())
    first = begin(asking)
    assert begin(asking) == first
    send(asking, first, GOOD)
    assert begin(asking) != first
    assert len(workspace_of(asking).scenarios.list()) == before + 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_form_shows_every_field_of_the_model_in_both_languages(
    client: Client, language: str
) -> None:
    from landplan.messages import say
    from landplan.planning.form import form

    asking = client()
    html = asking.get(f"{begin(asking)}/edit?lang={language}").text
    for field in form("assemble").fields():
        names = [f"{field.path}.min", f"{field.path}.max"]
        for name in names if field.widget == "area" else [field.path]:
            assert f'name="{name}"' in html, name
        assert say(field.label_code, None, language) in html  # type: ignore[arg-type]
    assert "request." not in re.sub(r'"[^"]*"', "", html.split("<main")[1].split("<script")[0])


def test_saving_echoes_what_was_understood_and_counts_what_is_left(client: Client) -> None:
    asking = client()
    at = begin(asking)
    html = send(asking, at, GOOD, "draft", headers={"hx-request": "true"}).text
    state = state_of(html)
    assert state["echoes"]["demand.0.area_ha"] == "4 ha = 60 mu – 6 ha = 90 mu"
    assert state["faults"] == {}
    assert state["revision"] == 2
    assert state_of(send(asking, at, GOOD, "draft").text)["revision"] == 2, "nothing was changed"


def test_the_ledger_that_is_printed_adds_up(client: Client) -> None:
    asking = client()
    at = begin(asking)
    never = parcels(asking, 7)
    data = GOOD | {"demand.0.land_uses": ["0601", "0604"], "demand.0.never": ", ".join(never)}
    html = send(asking, at, data, "draft").text
    table = html.split('<table class="ledger-lines">')[1].split("</table>")[0]
    numbers = [
        int(n.replace(",", "").replace("−", "-")) for n in re.findall(r'"number">([^<]+)<', table)
    ]
    assert numbers[0] == 500
    assert sum(numbers[:-1]) == numbers[-1]
    assert "Excluded: 7." in html


def test_faults_stand_on_top_with_links_and_beside_their_fields_in_the_same_words(
    client: Client,
) -> None:
    asking = client()
    at = begin(asking)
    bad = GOOD | {"demand.0.area_ha.min": "many", "demand.0.count": "none"}
    answer = send(asking, at, bad | {"do": "check"})
    assert answer.status_code == 422
    summary = answer.text.split('id="summary"')[1].split("</section>")[0]
    faults = re.findall(r'href="#([^"]+)">[^<]*</a>: ([^<]+)</li>', summary)
    assert {path for path, _ in faults} == {"demand.0.area_ha.min", "demand.0.count"}
    for path, text in faults:
        beside = answer.text.split(f'data-fault="{path}"')[1].split("</span>")[0]
        assert text in beside
    assert 'value="many"' in answer.text, "what was typed is kept"
    saved = workspace_of(asking).scenarios.get(int(at.rsplit("/", 1)[1]))
    assert saved.draft["data"]["demand.0.area_ha.min"] == "many"


def test_a_draft_that_somebody_else_has_changed_is_not_overwritten(client: Client) -> None:
    asking, other = client(), client("leader")
    at = begin(asking)
    old = revision(asking, at)
    send(other, at, GOOD | {"title": "Theirs"})
    answer = asking.post(f"{at}/draft", data=GOOD | {"title": "Mine", "revision": old})
    assert "leader changed this request on" in answer.text
    assert 'role="alert"' in answer.text
    assert workspace_of(asking).scenarios.get(int(at.rsplit("/", 1)[1])).title == "Theirs"
    assert asking.post(f"{at}/edit", data=GOOD | {"revision": old}).status_code == 409


def test_an_unknown_parcel_is_named_at_its_list_with_the_nearest_one(client: Client) -> None:
    asking = client()
    at = begin(asking)
    answer = send(asking, at, GOOD | {"demand.0.must": "310199001001GB99999", "do": "check"})
    assert answer.status_code == 422
    assert 'href="#demand.0.must"' in answer.text
    assert "the nearest id is" in answer.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_check_page_says_the_request_in_sentences_and_calculates_once(
    client: Client, language: str
) -> None:
    asking = client()
    at = begin(asking)
    answer = send(asking, at, GOOD | {"do": "check"})
    assert answer.status_code == 303
    page = asking.get(f"{answer.headers['location']}?lang={language}").text
    assert area(40_000, language) in page  # type: ignore[arg-type]
    assert len(re.findall(r"<li>[^<]+</li>", page.split('class="words"')[1].split("</ol>")[0])) >= 5
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    runs = [
        asking.post(f"{at}/run", data={"token": found[1]}, follow_redirects=False).headers[
            "location"
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(asking.app.state.services.jobs.list()) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No plan can meet this"), ("zh", "不可能有符合的方案")]
)
def test_what_cannot_be_met_is_refused_before_anything_is_calculated(
    client: Client, language: str, words: str
) -> None:
    asking = client()
    at = begin(asking)
    data = GOOD | {"demand.0.area_ha.min": "400 ha", "demand.0.area_ha.max": "450 ha"}
    send(asking, at, data | {"do": "check"})
    page = asking.get(f"{at}/check?lang={language}").text
    assert words in page
    assert 'name="token"' not in page
    answer = asking.post(f"{at}/run", data={"token": "12345678"}, follow_redirects=False)
    assert answer.status_code == 409
    assert asking.app.state.services.jobs.list() == []  # type: ignore[attr-defined]


def test_a_question_that_was_answered_opens_its_plan(client: Client) -> None:
    asking = client()
    [proposal] = workspace_of(asking).proposals.list()
    at = begin(asking, f"?from={proposal}")
    page = asking.get(f"{at}/check").text
    assert "This was already calculated on" in page
    assert 'name="token"' not in page
    answer = asking.post(f"{at}/use", data={"proposal": proposal}, follow_redirects=False)
    assert answer.headers["location"] == f"/proposals/{proposal}"


def test_a_suggested_change_opens_the_form_of_the_plan_with_the_change_marked(
    client: Client,
) -> None:
    asking = client()
    workspace = workspace_of(asking)
    [proposal] = workspace.proposals.list()
    scenario = workspace.scenarios.plan_of(proposal).scenario_id
    patch = json.dumps([["demand.0.max_bridges", 7], ["demand.0.area_ha", [3, 9]]])
    at = begin(asking, f"?from={proposal}&patch={patch}")
    assert at == f"/scenarios/{scenario}"
    html = asking.get(f"{at}/edit").text
    assert 'name="demand.0.max_bridges" value="7"' in html
    assert html.count("changed; it was") == 2
    other = begin(asking, f'?from={proposal}&patch=[["demand.0.max_bridges", 8]]')
    assert other == at, "a form that was only filled in is filled in anew"
    send(asking, at, GOOD)
    assert begin(asking, f"?from={proposal}") != at, "what somebody typed is kept"


def test_a_different_plan_is_asked_for_by_leaving_the_land_of_this_one_aside(
    client: Client,
) -> None:
    asking = client()
    [proposal] = workspace_of(asking).proposals.list()
    used = land_of_plan(workspace_of(asking).proposals.get(proposal))
    at = begin(asking, f"?from={proposal}&different=1")
    html = asking.get(f"{at}/edit").text
    assert "Land to leave aside" in html
    assert 'name="elsewhere.0.max_share" value="0.5"' in html
    assert all(parcel in html for parcel in used)
    checked = asking.get(f"{at}/check").text
    assert "of the area of a site lies on the land" in checked
    added = send(asking, at, {"do": "add_land", "elsewhere.0.name": "first"})
    assert 'name="elsewhere.1.name"' in asking.get(f"{at}/edit").text, added.status_code
    send(asking, at, {"do": "remove_land:1", "elsewhere.0.name": "first"})
    assert 'name="elsewhere.1.name"' not in asking.get(f"{at}/edit").text


@pytest.mark.parametrize("patch", ["{", "[1]", '[["demand.9.count", 1]]', '[["demand", 1]]', "7"])
def test_a_patch_that_makes_no_sense_is_refused_in_a_sentence(client: Client, patch: str) -> None:
    asking = client()
    [proposal] = workspace_of(asking).proposals.list()
    answer = asking.get("/requests/new", params={"from": proposal, "patch": patch})
    assert answer.status_code == 400
    assert "suggested change" in answer.text


def test_parcels_chosen_on_the_map_are_locked_in(client: Client) -> None:
    asking = client()
    chosen = parcels(asking, 3)
    at = begin(asking, "?select=" + "%0A".join([*chosen, "nowhere"]))
    html = asking.get(f"{at}/edit").text
    listed = html.split('name="demand.0.must"')[1].split("</textarea>")[0].split(">", 1)[1]
    assert listed.split() == chosen


def test_a_warning_brings_the_buttons_that_settle_it(client: Client) -> None:
    asking = client()
    at = begin(asking)
    [parcel] = parcels(asking, 1)
    both = GOOD | {"demand.0.must": parcel, "demand.0.never": parcel}
    html = send(asking, at, both, "draft").text
    actions = re.findall(r'name="do" value="([^"]+)"', html)
    assert len(actions) == 2
    do = actions[0].replace("&#34;", '"')
    after = state_of(send(asking, at, both | {"do": do}, "draft").text)
    assert after["fields"]["demand.0.must"] == ""
    assert after["locks"] == {parcel: "never"}


def test_demands_are_added_with_the_rules_of_the_last_and_removed(client: Client) -> None:
    asking = client()
    at = begin(asking)
    send(asking, at, GOOD | {"demand.0.land_uses": ["0601", "0604"], "do": "add_demand"})
    html = asking.get(f"{at}/edit").text
    assert html.count('<fieldset class="demand"') == 2
    second = html.split('id="demand-1"')[1]
    assert second.count("checked") >= 2
    more = {"demand.1.id": "B", "demand.1.area_ha.min": "2", "demand.1.area_ha.max": "3"}
    send(asking, at, GOOD | more | {"do": "remove_demand:0"})
    stored = workspace_of(asking).scenarios.get(int(at.rsplit("/", 1)[1])).draft["data"]
    assert stored["demand.0.id"] == "B"
    assert not [path for path in stored if path.startswith("demand.1.")]


def test_too_many_waiting_calculations_are_refused_with_a_sentence(client: Client) -> None:
    asking = client(max_jobs_per_client=1)
    pages = []
    for size in ("5 ha", "5.5 ha"):
        at = begin(asking)
        send(asking, at, GOOD | {"demand.0.area_ha.max": size})
        pages.append(asking.post(f"{at}/run", data={"token": f"token-of-{size}"}))
    assert pages[1].status_code == 429
    assert 'role="alert"' in pages[1].text


def test_readers_get_no_form(client: Client) -> None:
    asking = client("viewer")
    assert asking.get("/requests/new").status_code in (401, 403)
    assert asking.get("/scenarios/1/edit").status_code in (401, 403)
    assert asking.get("/scenarios/999").status_code == 404


def test_unknown_buttons_change_nothing() -> None:
    draft = Draft("assemble", "0", {"demand.0.must": "a\nb"})
    for action in ("", "burn", "take:demand.0.must", "take:demand.0.must:{", 'take:x:"a"'):
        assert request_actions.apply(draft, action).entries("demand.0.must") == ["a", "b"]
    taken = request_actions.apply(draft, request_actions.button("take", "demand.0.must", ["a"]))
    assert taken.entries("demand.0.must") == ["b"]


def test_boxes_of_one_name_become_a_list_and_an_empty_one_stays_empty_on_purpose() -> None:
    posted = [("x.y", "-"), ("x.y", "water"), ("x.y", "rail"), ("z", "off"), ("z", "on")]
    assert typed([*posted, ("do", "save")]) == {"x.y": ["water", "rail"], "z": "on"}
    assert typed([("x.y", "-")]) == {"x.y": "-"}
