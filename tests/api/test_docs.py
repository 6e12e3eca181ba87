"""The documentation of the API works without any other host; what was vendored is unchanged."""

import hashlib
import tomllib

import pytest

from api.pages import STATIC
from maps.symbols import interface
from tests.browsing import fits, watched
from tests.serving import Running

VENDORED = tomllib.loads((STATIC / "vendor" / "VENDOR.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", VENDORED)
def test_vendored_files_are_what_they_were(name):
    for entry in VENDORED[name]:
        content = (STATIC / "vendor" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert (STATIC / "vendor" / entry["licence_file"]).stat().st_size > 100
        assert entry["version"]


def test_every_vendored_script_and_style_is_listed():
    there = {path.name for path in (STATIC / "vendor").iterdir() if path.suffix in (".js", ".css")}
    assert there == set(VENDORED)


def test_the_palette_gives_every_colour_that_stylesheets_use(client):
    import re

    answer = client().get("/static-palette.css")
    assert answer.headers["content-type"].startswith("text/css")
    given = set(re.findall(r"--([a-z-]+):", answer.text))
    assert set(interface()) == given
    used = set(re.findall(r"var\(--([a-z-]+)", (STATIC / "console.css").read_text("utf-8")))
    own = set(re.findall(r"--([a-z0-9-]+):", (STATIC / "console.css").read_text("utf-8")))
    assert {name for name in used if name not in own and not name.startswith("s")} <= given


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_documentation_shows_every_operation_and_asks_nobody_else(
    browser, server: Running, language
):
    # fetches nothing from outside and breaks no rule of the page: `watched` sees to it
    with watched(browser, locale="zh-CN" if language == "zh" else "en-GB") as (_, page):
        page.goto(f"{server.url}/docs")
        page.wait_for_selector("#api-docs[data-ready=yes] .opblock")
        paths = page.locator(".opblock-summary-path").all_inner_texts()
        shown = {path.replace("\u200b", "").replace("​", "") for path in paths}
        described = server.app.openapi_schema["paths"]
        assert set(described) <= shown
        # one address is tried out
        row = page.locator(".opblock", has_text="/conformance").first
        row.locator(".opblock-summary-control").click()
        row.get_by_role("button", name="Try it out").click()
        row.get_by_role("button", name="Execute").click()
        page.wait_for_selector(
            ".live-responses-table .response .highlight-code, .live-responses-table pre"
        )
        assert "conformsTo" in row.locator(".live-responses-table").inner_text()


@pytest.mark.parametrize("path", ["/collections", "/processes/assemble", "/jobs", "/conformance"])
def test_pages_of_the_api_hold_no_fault_and_do_not_scroll_sideways(browser, server, path):
    with watched(browser, viewport={"width": 1093, "height": 480}) as (_, page):
        page.goto(f"{server.url}{path}")
        assert page.locator("h1").inner_text()
        fits(page)
