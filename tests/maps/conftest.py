"""Maps as files and maps from a server, for tests with a real browser."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from maps.data import parse_bbox
from maps.export import write_map
from maps.page import STATIC, map_page
from maps.view import MapView, proposal_view
from tests.browsing import watched
from tests.maps.plans import plan

POLICY = (
    "default-src 'none'; script-src 'nonce-N0nce' 'self'; style-src 'self' 'nonce-N0nce'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-src *"
)
_KINDS = {".js": "text/javascript", ".css": "text/css", ".geojson": "application/geo+json"}


@dataclass
class Site:
    """A server of a few pages and of the layers of one view, under a strict policy."""

    pages: dict[str, str] = field(default_factory=dict)
    view: MapView | None = None
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, str, bytes]:
        parts = urlsplit(path)
        self.asked.append(path)
        if parts.path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[parts.path].encode()
        name = parts.path.rsplit("/", 1)[-1]
        if parts.path.startswith("/assets/"):
            file = STATIC / parts.path.removeprefix("/assets/")
            return 200, _KINDS[file.suffix], file.read_bytes()
        layer = name.removesuffix(".geojson")
        if self.view is None or not name.endswith(".geojson") or layer in self.broken:
            return 500, "text/plain", b"broken"
        box = parse_bbox(parse_qs(parts.query).get("bbox", [""])[0])
        return 200, _KINDS[".geojson"], self.view.layer(layer).geojson(box)


@contextmanager
def serve() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            status, kind, body = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=30)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """A page whose faults, console errors and requests outside fail the test."""
    with watched(browser) as (_, page):
        yield page


def ready(page: Page, address: str) -> Page:
    """Open a map and wait until it is drawn."""
    page.goto(address)
    page.wait_for_selector("#landplan-map[data-ready]", state="attached")
    return page


@pytest.fixture
def show(site: Site, opened: Page) -> Callable[..., Page]:
    """``show(view)``: the view's page from the server, drawn."""

    def shown(view: MapView, **options: bool) -> Page:
        site.view = view
        site.pages["/map"] = map_page(view, assets="/assets", nonce="N0nce", **options)
        return ready(opened, f"{site.url}/map")

    return shown


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's map as files in both languages: ``en.html``, ``zh.html``."""
    home = tmp_path_factory.mktemp("maps")
    for language in ("en", "zh"):
        view = proposal_view(plan(), language=language, role="planner", data_date="2026-11-18")
        write_map(view, home / f"{language}.html")
    return home
