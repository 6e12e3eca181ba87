"""Addresses and origins that are none, keys that are none, and paths below a prefix."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.signin import inside

Client = Callable[..., TestClient]


@pytest.mark.parametrize("path", ["//[", "http://[", "//evil.example", "/\\evil", "x", ""])
def test_whatever_leads_elsewhere_leads_to_the_start(path: str) -> None:
    assert inside(path) == "/"


def test_a_page_that_names_itself_with_the_prefix_is_found_again() -> None:
    assert inside("/gis/scenarios?a=1", "/gis") == "/scenarios?a=1"
    assert inside("/gis", "/gis") == "/"
    assert inside("/gisella", "/gis") == "/gisella"


def test_the_language_below_a_prefix_leads_back_to_the_page(client: Client) -> None:
    planner = client("planner", path_prefix="/gis")
    answer = planner.post(
        "/gis/language", data={"to": "zh", "next": "/gis/scenarios"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/gis/scenarios"


def test_a_host_that_is_none_is_refused_in_a_sentence(client: Client) -> None:
    answer = client("planner").get("/conformance", headers={"host": "[::1"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "api.host_unknown"


@pytest.mark.parametrize("auth", ["open", "accounts", "proxy"])
def test_a_foreign_name_for_this_machine_is_refused_in_every_mode(
    client: Client, auth: str
) -> None:
    asking = client(None, auth=auth, proxy_addresses=("127.0.0.1",))
    assert asking.get("/conformance", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_come_by_any_name(client: Client, path: str) -> None:
    asking = client(None, auth="accounts", public_origin="https://plan.town.example")
    assert asking.get(path, headers={"host": "127.0.0.1:8000"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://["])
@pytest.mark.parametrize("auth", ["local", "proxy"])
def test_a_password_that_a_browser_sends_by_itself_excuses_no_foreign_origin(
    client: Client, auth: str, origin: str
) -> None:
    asking = client(None, auth=auth, proxy_addresses=("127.0.0.1",))
    answer = asking.post(
        "/language",
        data={"to": "zh"},
        headers={"origin": origin, "authorization": "Basic eDp5"},
        follow_redirects=False,
    )
    assert answer.status_code == 403


def test_half_a_character_is_refused_in_a_sentence(client: Client) -> None:
    body = '{"inputs": {"dataset": "0", "title": "\\ud800"}}'
    answer = client("planner").post(
        "/processes/assemble/execution",
        content=body,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["99999999999999999999999", "0", "-5"])
def test_a_scenario_with_an_impossible_number_is_not_found(client: Client, number: str) -> None:
    assert client("planner").get(f"/scenarios/{number}").status_code == 404
