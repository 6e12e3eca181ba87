"""The fixtures of the service, for tests of whole journeys; `tests.serving` has them."""

from tests.serving import (
    app,
    client,
    make_app,
    page,
    prepared,
    server,
    start_server,
    workspace_folder,
)

__all__ = [
    "app",
    "client",
    "make_app",
    "page",
    "prepared",
    "server",
    "start_server",
    "workspace_folder",
]
