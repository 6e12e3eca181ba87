"""Fixtures for tests of the service: a small town with one plan, clients, a server, a browser.

The folder of prepared data is made once and never written to; whoever changes something works on a
copy (`workspace_folder`).
"""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from api.app import create_app
from api.people import LOCAL, SESSION, session_cookie
from api.settings import Settings
from landplan.cadastre.demo import write_demo
from landplan.workspace.asking import ask
from landplan.workspace.workspace import Workspace
from tests.browsing import watched

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Prepared:
    """What lies in the prepared workspace: one town, one dataset, one scenario with one plan.

    The plan has two sites and a street crossing.
    """

    folder: Path
    town_file: Path
    dataset: str
    proposal: str
    scenario: int
    plan: str


@dataclass(frozen=True)
class Running:
    """A server of a copy of the prepared workspace."""

    url: str
    app: FastAPI
    prepared: Prepared

    @property
    def workspace(self) -> Workspace:
        workspace: Workspace = self.app.state.services.workspace
        return workspace


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The invented town of 500 parcels, imported, with one finished plan."""
    home = tmp_path_factory.mktemp("prepared")
    write_demo(home / "town", 500, 1)
    workspace = Workspace(home / "workspace")
    town_file = home / "town" / "town.toml"
    proposal, plan = ask(workspace, town_file, home / "town" / "assemble-pair.toml")
    found = Prepared(
        workspace.folder, town_file, plan.dataset_id, proposal.id, plan.scenario_id, plan.label
    )
    workspace.close()
    return found


@pytest.fixture
def workspace_folder(prepared: Prepared, tmp_path: Path) -> Path:
    """A copy of the prepared workspace that a test may change."""
    return copy_workspace(prepared, tmp_path / "workspace")


def copy_workspace(prepared: Prepared, folder: Path) -> Path:
    shutil.copytree(prepared.folder, folder)
    return folder


@pytest.fixture
def make_app(workspace_folder: Path) -> Iterator[Callable[..., FastAPI]]:
    """``make_app(**settings)``: the application on a copy; nothing is calculated unless asked."""
    made: list[FastAPI] = []

    def make(**settings: Any) -> FastAPI:
        given = {"workspace": workspace_folder, "calculate": False} | settings
        made.append(create_app(Settings(**given)))
        return made[-1]

    yield make
    for app in made:
        app.state.services.workspace.close()


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    """The application in local mode."""
    return make_app()


@pytest.fixture
def client(make_app: Callable[..., FastAPI]) -> Iterator[Callable[..., TestClient]]:
    """``client(role="planner", auth="local", name=…, **settings)``: somebody who asks.

    Clients of the same settings share one application. In mode accounts the account is made
    (password `PASSWORD`) and signed in; role None is nobody.
    """
    apps: dict[str, FastAPI] = {}
    opened: list[TestClient] = []

    def make(
        role: str | None = "planner", auth: str = "local", name: str | None = None, **settings: Any
    ) -> TestClient:
        key = repr((auth, sorted(settings.items())))
        if key not in apps:
            apps[key] = make_app(auth=auth, **settings)
        asking = TestClient(apps[key], base_url="http://127.0.0.1", raise_server_exceptions=True)
        opened.append(asking)
        if role is not None:
            sign_in(asking, apps[key], role, name)
        return asking

    yield make
    for asking in opened:
        asking.close()


def sign_in(asking: TestClient, app: FastAPI, role: str, name: str | None = None) -> None:
    """Make a client somebody of this role."""
    services = app.state.services
    if services.settings.mode == "local":
        asking.cookies.set(LOCAL, role)
    elif services.settings.mode == "accounts":
        name = name or role
        if services.workspace.people.get(name) is None:
            services.workspace.people.add(name, role, PASSWORD)
        asking.cookies.set(SESSION, session_cookie(services, name))


@pytest.fixture
def start_server(prepared: Prepared, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """``start_server(**settings)``: a real server on a free port, of its own copy."""
    with _servers(prepared, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def server(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server of one copy for all tests of a module; mode local, nothing is calculated."""
    with _servers(prepared, tmp_path_factory.mktemp("served")) as start:
        yield start()


@contextmanager
def _servers(prepared: Prepared, home: Path) -> Iterator[Callable[..., Running]]:
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**settings: Any) -> Running:
        folder = home / f"served-{len(running)}"
        if "workspace" not in settings:
            settings = {"workspace": copy_workspace(prepared, folder), **settings}
        app = create_app(Settings(**{"calculate": False} | settings))
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        # whoever connects from now on is answered as soon as the server has started
        listening.listen(64)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        served = uvicorn.Server(config)
        thread = threading.Thread(target=served.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((served, thread))
        port = listening.getsockname()[1]
        prefix = app.state.services.settings.path_prefix
        return Running(f"http://127.0.0.1:{port}{prefix}", app, prepared)

    yield start
    for served, thread in running:
        served.should_exit = True
        thread.join(timeout=30)
        assert not thread.is_alive(), "a server did not end"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1366 by 600; ends with no console error, no page error, no request outside."""
    with watched(browser) as (_, opened):
        yield opened


def act_as(page: Page, server: Running, role: str, language: str = "en") -> None:
    """Choose a role (mode local) and a language for everything the page asks from now on."""
    cookies = [(LOCAL, role), ("landplan_lang", language)]
    page.context.add_cookies(
        [{"name": name, "value": value, "url": server.url} for name, value in cookies]
    )
