"""Clients for tests that change nothing: one application for a whole module."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from api.app import create_app
from api.people import LOCAL
from api.settings import Settings
from tests.serving import Prepared, copy_workspace


@contextmanager
def shared_clients(prepared: Prepared, folder: Path) -> Iterator[Callable[..., TestClient]]:
    """``client(role="planner")`` of one application on one copy of the prepared workspace."""
    workspace = copy_workspace(prepared, folder / "workspace")
    app = create_app(Settings(workspace=workspace, calculate=False))
    made: list[TestClient] = []

    def client(role: str = "planner") -> TestClient:
        made.append(TestClient(app, base_url="http://127.0.0.1"))
        made[-1].cookies.set(LOCAL, role)
        return made[-1]

    try:
        yield client
    finally:
        for opened in made:
            opened.close()
        app.state.services.workspace.close()
