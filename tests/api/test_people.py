"""Who asks: every mode, every way of pretending."""

import pytest
from starlette.testclient import TestClient

from api.people import SESSION, Person, session_cookie
from tests.serving import PASSWORD

NEEDS_PLANNER = "/jobs"


def key_of(asking: TestClient, name: str, role: str) -> str:
    people = asking.app.state.services.workspace.people
    people.add(name, role)
    return people.add_key(name)


def test_a_role_includes_those_below():
    assert Person("a", "leader").may("planner")
    assert not Person("a", "planner").may("leader")
    assert not Person("a", "viewer").sees_names


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("planner", 200), ("admin", 200)])
def test_in_local_mode_roles_are_chosen(client, role, status):
    asking = client(None)
    asking.post("/act-as", data={"role": role})
    assert asking.get(NEEDS_PLANNER).status_code == status


def test_in_local_mode_nonsense_is_a_planner_as_at_first(client):
    asking = client(None)
    asking.cookies.set("landplan_as", "emperor")
    assert asking.get(NEEDS_PLANNER).status_code == 200


@pytest.mark.parametrize("auth", ["accounts", "keys"])
def test_nobody_chooses_a_role_where_names_are_proven(client, auth):
    asking = client(None, auth)
    assert asking.post("/act-as", data={"role": "admin"}).status_code == 404
    asking.cookies.set("landplan_as", "admin")
    assert asking.get(NEEDS_PLANNER).status_code == 401


# accounts


def test_signing_in_and_out(client):
    asking = client(None, "accounts")
    workspace = asking.app.state.services.workspace
    workspace.people.add("Li", "planner", PASSWORD)
    form = {"name": "Li", "password": PASSWORD, "next": "/docs"}
    answer = asking.post("/signin", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert asking.get(NEEDS_PLANNER).status_code == 200
    assert [event.action for event in workspace.events.of("person/Li")] == ["signed_in"]
    asking.post("/signout")
    assert asking.get(NEEDS_PLANNER).status_code == 401


@pytest.mark.parametrize(("name", "password"), [("Li", "wrong"), ("nobody", PASSWORD), ("Li", "")])
def test_a_wrong_password_and_an_unknown_name_look_alike(client, name, password):
    asking = client(None, "accounts")
    asking.app.state.services.workspace.people.add("Li", "planner", PASSWORD)
    answer = asking.post("/signin", data={"name": name, "password": password})
    assert answer.status_code in (400, 401)
    assert SESSION not in asking.cookies
    if password:
        assert answer.status_code == 401
        assert "Name or password" in answer.text


def test_the_password_does_not_come_back(client):
    asking = client(None, "accounts")
    answer = asking.post("/signin", data={"name": "Li", "password": "s3cret-one"})
    assert "s3cret-one" not in answer.text


def test_a_session_ends_when_the_account_is_disabled(client):
    asking = client("planner", "accounts", "Li")
    assert asking.get(NEEDS_PLANNER).status_code == 200
    asking.app.state.services.workspace.people.disable("Li")
    assert asking.get(NEEDS_PLANNER).status_code == 401


def test_a_session_has_an_end(client):
    asking = client("planner", "accounts", "Li", session_hours=1)
    services = asking.app.state.services
    from itsdangerous import TimestampSigner

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - 3700

    secret = (services.workspace.folder / "secret").read_text()
    old = Earlier(secret, salt="landplan session").sign(b"Li").decode()
    asking.cookies.set(SESSION, old)
    assert asking.get(NEEDS_PLANNER).status_code == 401


@pytest.mark.parametrize("change", ["Chen.", ".", "", "x"], ids=["other name", "dot", "none", "x"])
def test_a_changed_session_is_nobodys(client, change):
    asking = client("planner", "accounts", "Li")
    services = asking.app.state.services
    services.workspace.people.add("Chen", "admin", PASSWORD)
    cookie = session_cookie(services, "Li")
    forged = change + cookie.partition(".")[2] if change else ""
    asking.cookies.clear()
    answer = asking.get(NEEDS_PLANNER, headers={"cookie": f"{SESSION}={forged}"})
    assert answer.status_code == 401


def test_the_secret_is_only_the_owners_to_read(client, tmp_path):
    client("planner", "accounts")
    assert (tmp_path / "workspace" / "secret").stat().st_mode & 0o077 == 0


def test_cookies_are_secure_where_set(client):
    asking = client(None, "accounts", secure_cookies=True)
    asking.app.state.services.workspace.people.add("Li", "planner", PASSWORD)
    form = {"name": "Li", "password": PASSWORD}
    answer = asking.post("/signin", data=form, follow_redirects=False)
    assert "secure" in answer.headers["set-cookie"].lower()


# keys


@pytest.mark.parametrize("auth", ["accounts", "keys"])
def test_a_key_says_who_asks(client, auth):
    asking = client(None, auth)
    key = key_of(asking, "robot", "planner")
    for headers in ({"authorization": f"Bearer {key}"}, {"x-api-key": key}):
        assert asking.get(NEEDS_PLANNER, headers=headers).status_code == 200
    assert asking.get(NEEDS_PLANNER).status_code == 401
    asking.app.state.services.workspace.people.disable("robot")
    assert asking.get(NEEDS_PLANNER, headers={"x-api-key": key}).status_code == 401


@pytest.mark.parametrize("key", ["wrong", "lp_", "é", "a" * 5000])
def test_an_unknown_key_is_refused_and_not_taken_for_nobody(client, key):
    asking = client(None, "keys")
    headers = {b"authorization": b"Bearer " + key.encode("utf-8")}
    answer = asking.get("/conformance", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "api.key_unknown"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_local_and_open_modes_take_no_key_and_no_header(client):
    for auth in ("local", "open"):
        asking = client("viewer" if auth == "local" else None, auth)
        headers = {"x-remote-user": "Chen", "x-remote-role": "admin", "authorization": "Bearer x"}
        expected = 403 if auth == "local" else 200
        assert asking.get(NEEDS_PLANNER, headers=headers).status_code == expected


# proxy

PROXY = {"auth": "proxy", "proxy_addresses": ("10.0.0.5", "192.168.7.0/24")}


def through(make_app, address: str, **settings: object) -> TestClient:
    app = make_app(**(PROXY | settings))
    return TestClient(app, base_url="http://127.0.0.1", client=(address, 5000))


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.7.99"])
def test_the_named_proxy_says_who_asks(make_app, address):
    asking = through(make_app, address)
    headers = {"x-remote-user": "Li", "x-remote-role": "planner"}
    assert asking.get(NEEDS_PLANNER, headers=headers).status_code == 200
    assert asking.get(NEEDS_PLANNER, headers={"x-remote-user": "Li"}).status_code == 403
    assert asking.get(NEEDS_PLANNER).status_code == 401


@pytest.mark.parametrize("role", ["emperor", "", "PLANNER "])
def test_an_unknown_role_of_a_proxy_is_a_viewer(make_app, role):
    asking = through(make_app, "10.0.0.5")
    headers = {"x-remote-user": "Li", "x-remote-role": role}
    expected = 200 if role.strip().lower() == "planner" else 403
    assert asking.get(NEEDS_PLANNER, headers=headers).status_code == expected


@pytest.mark.parametrize("address", ["10.0.0.6", "127.0.0.1", "192.168.8.1", "testclient", "::1"])
def test_a_name_from_anybody_else_is_refused(make_app, address):
    asking = through(make_app, address)
    headers = {"x-remote-user": "Chen", "x-remote-role": "admin"}
    answer = asking.get("/conformance", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "api.not_the_proxy")
    # a claim to come from the proxy changes nothing
    forged = headers | {"x-forwarded-for": "10.0.0.5", "forwarded": "for=10.0.0.5"}
    assert asking.get("/conformance", headers=forged).status_code == 403


def test_the_headers_of_the_proxy_can_be_named(make_app):
    names = {"proxy_name_header": "x-user", "proxy_role_header": "x-role"}
    asking = through(make_app, "10.0.0.5", **names)
    headers = {"x-user": "Li", "x-role": "planner"}
    assert asking.get(NEEDS_PLANNER, headers=headers).status_code == 200


# nobody


def test_nobody_may_look_where_the_town_allows_it(client):
    assert client(None, "accounts").get("/conformance").status_code == 200


@pytest.mark.parametrize("path", ["/conformance", "/collections", "/docs", "/", "/embed/latest"])
def test_nobody_sees_anything_where_the_town_does_not_allow_it(client, path):
    asking = client(None, "accounts", anonymous_may_view=False)
    answer = asking.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "api.sign_in")
    for open_path in ("/signin", "/static/console.css", "/static-palette.css", "/healthz"):
        assert asking.get(open_path).status_code == 200
    assert (
        client("viewer", "accounts", anonymous_may_view=False).get("/conformance").status_code
        == 200
    )


def test_a_page_that_needs_a_name_leads_to_signing_in(client):
    page = client(None, "accounts").get(NEEDS_PLANNER, headers={"accept": "text/html"})
    assert page.status_code == 401
    assert "/signin?next=" in page.text
