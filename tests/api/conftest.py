"""The fixtures of the service; `tests.serving` has them."""

from tests.serving import (
    app,
    browser,
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
    "browser",
    "client",
    "make_app",
    "page",
    "prepared",
    "server",
    "start_server",
    "workspace_folder",
]
