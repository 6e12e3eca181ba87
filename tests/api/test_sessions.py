"""Sessions that end, passwords that cannot be guessed at speed, names of a proxy in any script."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.brake import FREE, LONGEST_S, Brake
from api.people import SESSION, proxy_name
from api.problems import Refused
from tests.serving import PASSWORD

Client = Callable[..., TestClient]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_wrong_passwords_cost_nothing_and_more_cost_twice_as_much_each() -> None:
    clock = Clock()
    brake = Brake(clock)
    for _ in range(FREE - 1):
        brake.wrong("wang")
    assert brake.wait_s("wang") == 0.0
    waits = []
    for _ in range(9):
        brake.wrong("wang")
        waits.append(brake.wait_s("wang"))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_S, LONGEST_S, LONGEST_S]
    clock.now += LONGEST_S
    assert brake.wait_s("wang") == 0.0
    assert brake.wait_s("li") == 0.0
    brake.right("wang")
    brake.wrong("wang")
    assert brake.wait_s("wang") == 0.0


@pytest.mark.parametrize("name", ["wang", "nobody-of-this-name"])
def test_guessing_is_slowed_down_for_known_and_unknown_names(client: Client, name: str) -> None:
    asking = client("planner", auth="accounts", name="wang")
    form = {"name": name, "password": "wrong wrong"}
    answers = [asking.post("/signin", data=form).status_code for _ in range(FREE + 1)]
    assert answers == [401] * FREE + [429]
    right = asking.post("/signin", data={"name": name, "password": PASSWORD})
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= LONGEST_S


@pytest.mark.parametrize("how", ["signing out", "a new password", "shutting out"])
def test_a_copied_session_ends_with(client: Client, how: str) -> None:
    asking = client("planner", auth="accounts", name="wang")
    copied = asking.cookies[SESSION]
    people = asking.app.state.services.workspace.people  # type: ignore[attr-defined]  # FastAPI's
    if how == "signing out":
        asking.post("/signout")
    elif how == "a new password":
        people.set_password("wang", "another one")
    else:
        people.disable("wang")
        people.disable("wang", False)
    other = client(None, auth="accounts")
    other.cookies.set(SESSION, copied)
    assert other.get("/processes/assemble").status_code == 200
    assert other.post("/requests/example", follow_redirects=False).status_code == 401


def test_a_proxys_names_are_read_as_they_are_sent() -> None:
    assert proxy_name("王芳".encode().decode("latin-1")) == "王芳"
    assert proxy_name("li") == "li"
    with pytest.raises(Refused) as caught:
        proxy_name(b"\xff\xfe".decode("latin-1"))
    assert caught.value.status == 400
