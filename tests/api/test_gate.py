"""What every request passes and every answer carries."""

import json
import logging
import re

import pytest
from starlette.testclient import TestClient

from api.__main__ import JsonLines

LOCAL = "http://127.0.0.1"


def faults(answer) -> list[str]:
    return [fault["code"] for fault in answer.json()["errors"]]


def policy(answer) -> dict[str, str]:
    text = answer.headers["content-security-policy"]
    return dict(part.strip().partition(" ")[::2] for part in text.split(";"))


@pytest.mark.parametrize("path", ["/docs", "/collections", "/nowhere", "/static/console.css"])
def test_every_answer_carries_the_headers(client, path):
    answer = client().get(path)
    assert policy(answer)["default-src"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-request-id"]


def test_scripts_run_only_with_the_nonce_of_this_very_answer(client):
    asking = client()
    first, second = (asking.get("/docs", headers={"accept": "text/html"}) for _ in range(2))
    nonces = [
        re.search(r"'nonce-([^']+)'", policy(one)["script-src"])[1] for one in (first, second)
    ]
    assert nonces[0] != nonces[1]
    assert "unsafe" not in policy(first)["script-src"]
    # no inline script without it
    for tag in re.findall(r"<script[^>]*>", first.text):
        assert "src=" in tag or "application/json" in tag or nonces[0] in tag


@pytest.mark.parametrize("path", ["/docs", "/collections", "/", "/signin"])
def test_pages_cannot_be_framed(client, path):
    asking = client(frame_ancestors=("https://town.example",))
    assert policy(asking.get(path))["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["/embed/latest", "/embed/x", "/maps/x"])
def test_only_embedded_maps_can_be_framed_and_only_by_those_named(client, path):
    asking = client(frame_ancestors=("https://town.example",))
    assert policy(asking.get(path))["frame-ancestors"] == "'self' https://town.example"


def test_the_basemap_is_the_only_foreign_picture(client):
    asking = client(basemap_kind="xyz", basemap_url="https://tiles.town.example/{z}/{x}/{y}.png")
    assert policy(asking.get("/docs"))["img-src"] == "'self' data: https://tiles.town.example"
    assert policy(client().get("/docs"))["img-src"] == "'self' data:"


# host


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]"])
def test_a_foreign_name_that_leads_here_is_refused(client, host):
    answer = client().get("/conformance", headers={"host": host})
    assert (answer.status_code, faults(answer)) == (400, ["api.host_unknown"])


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_this_machines_names_are_known(client, host):
    assert client().get("/conformance", headers={"host": host}).status_code == 200


def test_only_allowed_names_are_answered_to(client):
    asking = client("planner", "accounts", allowed_hosts=("plan.town.example",))
    assert asking.get("/conformance").status_code == 400
    headers = {"host": "plan.town.example"}
    assert asking.get("/conformance", headers=headers).status_code == 200


# changes from other sites

CHANGE = ("/language", {"to": "zh", "next": "/docs"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": LOCAL}, 303),
        ({"origin": LOCAL, "sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": LOCAL, "sec-fetch-site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_changes_are_taken_only_from_our_own_pages(client, headers, status):
    path, form = CHANGE
    answer = client().post(path, data=form, headers=headers, follow_redirects=False)
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["post", "delete", "put", "patch"])
def test_every_method_that_changes_is_guarded(client, method):
    answer = client().request(method, "/jobs/x", headers={"origin": "https://evil.example"})
    assert faults(answer) == ["api.foreign_origin"]


def test_reading_is_free_from_anywhere_but_nothing_is_shared_with_scripts(client):
    answer = client().get("/conformance", headers={"origin": "https://evil.example"})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_program_with_a_key_may_change_from_anywhere(client):
    asking = client(None, "keys")
    people = asking.app.state.services.workspace.people
    people.add("robot", "planner")
    headers = {"authorization": f"Bearer {people.add_key('robot')}", "origin": "https://a.example"}
    assert asking.delete("/jobs/none", headers=headers).status_code == 404


def test_behind_a_proxy_the_public_origin_is_our_own(client):
    asking = client(public_origin="https://plan.town.example")
    path, form = CHANGE
    headers = {"origin": "https://plan.town.example"}
    answer = asking.post(path, data=form, headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    assert "secure" in answer.headers["set-cookie"].lower()


# bodies


def test_a_body_is_read_no_further_than_allowed(client, prepared):
    asking = client(max_upload_mb=1)
    path = "/processes/assemble/execution"

    def endless():
        for _ in range(7):
            yield b" " * 2**20

    for body in (b" " * 6 * 2**20, endless()):
        answer = asking.post(path, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, faults(answer)) == (413, ["api.too_large"])


# path prefix


@pytest.mark.parametrize("sent", ["/town/plan", ""], ids=["kept by the proxy", "taken away"])
def test_behind_a_prefix_everything_is_found_and_links_lead_back(client, sent, prepared):
    asking = client(path_prefix="/town/plan", public_origin="https://intranet.example")
    document = asking.get(f"{sent}/collections").json()
    hrefs = [link["href"] for link in document["links"]]
    assert all(href.startswith("https://intranet.example/town/plan/collections") for href in hrefs)
    page = asking.get(f"{sent}/docs")
    for target in re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text):
        assert target.startswith("/town/plan/"), target
    for asset in re.findall(r'(?:href|src)="(/town/plan/static[^"]*)"', page.text):
        assert (
            asking.get(asset.removeprefix("/town/plan") if not sent else asset).status_code == 200
        )
    assert policy(asking.get(f"{sent}/embed/x"))["frame-ancestors"] == "'self'"
    change = asking.post(f"{sent}/language", data=CHANGE[1], follow_redirects=False)
    assert change.headers["location"] == "/town/plan/docs"
    assert "path=/town/plan" in change.headers["set-cookie"].lower()


# language


@pytest.mark.parametrize(
    ("path", "headers", "language"),
    [
        ("/docs", {}, "en"),
        ("/docs", {"accept-language": "zh-CN,zh;q=0.9"}, "zh-CN"),
        ("/docs", {"accept-language": "fr,zh;q=0.5"}, "zh-CN"),
        ("/docs?lang=zh", {"accept-language": "en"}, "zh-CN"),
        ("/docs?lang=en", {"cookie": "landplan_lang=zh"}, "en"),
        ("/docs", {"cookie": "landplan_lang=zh", "accept-language": "en"}, "zh-CN"),
        ("/docs?lang=xx", {}, "en"),
    ],
    ids=str,
)
def test_the_language_comes_from_address_cookie_or_browser(client, path, headers, language):
    assert f'<html lang="{language}">' in client(None, "accounts").get(path, headers=headers).text


def test_choosing_a_language_keeps_the_page_and_its_parameters(client):
    form = {"to": "zh", "next": "/docs?a=1&lang=en"}
    answer = client().post("/language", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/docs?a=1"
    assert "landplan_lang=zh" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "evil",
        "javascript:1",
    ],
)
def test_nobody_is_led_elsewhere(client, target):
    form = {"to": "en", "next": target}
    answer = client().post("/language", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/"


# faults


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", ["/nowhere", "/collections/none", "/jobs/none"])
def test_people_get_a_page_and_programs_a_document_in_their_language(client, path, language):
    asking = client()
    headers = {"accept-language": language}
    page = asking.get(path, headers=headers | {"accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    document = asking.get(path, headers=headers | {"accept": "*/*"})
    assert document.headers["content-type"] == "application/problem+json"
    sentence = document.json()["detail"]
    assert sentence.split("“")[0].strip() in page.text.replace("&#34;", '"')
    chinese = bool(re.search("[\u4e00-\u9fff]", sentence))
    assert chinese == (language == "zh")
    assert document.headers["cache-control"] == "no-store"


def test_what_comes_back_in_a_sentence_is_escaped(client):
    page = client().get("/<script>alert(1)</script>", headers={"accept": "text/html"})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_mistake_of_ours_is_a_number_and_never_a_traceback(client, caplog, accept, monkeypatch):
    asking = client()
    datasets = asking.app.state.services.workspace.datasets

    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(datasets, "list", broken)
    answer = asking.get("/collections", headers={"accept": accept})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]
    [record] = [entry for entry in caplog.records if entry.levelno == logging.ERROR]
    assert record.facts["reference"] in answer.text
    assert "secret detail" in str(record.exc_info[1])


def test_the_log_is_json_and_holds_no_secret(client, caplog):
    caplog.set_level(logging.INFO, "landplan.access")
    asking = client("planner", "accounts", "Li")
    key = asking.app.state.services.workspace.people.add_key("Li")
    asking.cookies.clear()
    headers = {"authorization": f"Bearer {key}", "cookie": "landplan_session=s3cret"}
    asking.get("/conformance?lang=en", headers=headers)
    form = {"name": "Li", "password": "s3cret-password"}
    asking.post("/signin", data=form)
    lines = [JsonLines().format(record) for record in caplog.records]
    found = [json.loads(line) for line in lines]
    assert found[0]["person"] == "Li"
    assert (found[0]["method"], found[0]["status"]) == ("GET", 200)
    for secret in (key, "s3cret", "s3cret-password"):
        assert not any(secret in line for line in lines)


# health


def test_health_needs_no_name_and_readiness_tells_what_fails(client, monkeypatch):
    asking = client(None, "accounts", anonymous_may_view=False)
    assert asking.get("/healthz").json()["status"] == "ok"
    assert asking.get("/readyz").status_code == 200
    services = asking.app.state.services

    class Dead:
        alive = False

    object.__setattr__(services, "supervisor", Dead())
    answer = asking.get("/readyz")
    object.__setattr__(services, "supervisor", None)
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "supervisor": False}


def test_a_workspace_without_its_database_is_not_ready(client, tmp_path):
    asking = client()
    engine = asking.app.state.services.workspace.engine
    engine.dispose()
    [file] = (tmp_path / "workspace").glob("landplan.db")
    for part in (tmp_path / "workspace").glob("landplan.db-*"):
        part.unlink()
    file.write_bytes(b"no database " * 1000)
    answer = asking.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] is False


def test_open_mode_warns_at_every_start(make_app, caplog):
    for _ in range(2):
        caplog.clear()
        with TestClient(make_app(auth="open"), base_url=LOCAL):
            pass
        assert any("open" in record.getMessage() for record in caplog.records)
