"""A browser that is watched: any fault on a page, and any request outside, fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
OFFLINE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def watched(
    browser: Browser, *, allow: tuple[str, ...] = (), **options: Any
) -> Iterator[tuple[BrowserContext, Page]]:
    """Open a page whose faults fail the test; ``allow`` are parts of messages that are expected."""
    size = {"width": 1366, "height": 600}
    context = browser.new_context(**{"viewport": size, "locale": "en-GB"} | options)
    context.set_default_timeout(15_000)
    opened = context.new_page()
    faults: list[str] = []
    context.on(
        "console",
        lambda message: (
            faults.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    context.on("weberror", lambda error: faults.append(f"page: {error.error}"))

    def asked(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.hostname != "127.0.0.1":
            faults.append(f"outside: {request.url}")

    context.on("request", asked)
    try:
        yield context, opened
    finally:
        context.close()
    faults = [fault for fault in faults if not any(part in fault for part in allow)]
    assert not faults, faults


def fits(page: Page) -> None:
    """Wait until a page is there and nothing of it is wider than the window."""
    page.wait_for_function("document.documentElement?.scrollWidth <= innerWidth")
