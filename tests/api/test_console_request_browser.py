"""The request in a real browser: locks by key, undo, ledger, languages, no script, both sizes."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import fits, watched
from tests.serving import Running, act_as

SIZES = [(1366, 600), (1093, 480)]


def open_request(page: Page, server: Running, language: str = "en") -> None:
    act_as(page, server, "planner", language)
    page.goto(f"{server.url}/requests/new")
    page.locator("#landplan-map[data-ready]").wait_for(state="attached")


def fill(page: Page, answers: dict[str, str]) -> None:
    """Type answers and wait until the last of them is saved."""
    *first, last = answers.items()
    for name, text in first:
        page.fill(f"[name='{name}']", text)
    with page.expect_response("**/draft"):
        page.fill(f"[name='{last[0]}']", last[1])
        page.keyboard.press("Tab")
    page.locator("#request-state").wait_for(state="attached")


def inside(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    assert size is not None
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_main_action_ledger_and_first_questions_are_above_the_fold(
    server: Running, browser: Browser, size: tuple[int, int], language: str
) -> None:
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as (_, page):
        open_request(page, server, language)
        for selector in ("[data-action=check]", ".ledger-left", "[name='demand.0.area_ha.min']"):
            assert inside(page, selector), selector
        fits(page)


def test_checking_waits_for_a_save_that_is_on_its_way(server: Running, page: Page) -> None:
    open_request(page, server)
    fill(page, {"title": "In time", "demand.0.area_ha.min": "4", "demand.0.area_ha.max": "6"})
    form = "document.getElementById('request').classList"
    page.evaluate(f"{form}.add('htmx-request')")
    page.click("[data-action=check]")
    assert page.locator("#request").count() == 1
    with page.expect_navigation():
        page.evaluate(
            f"{form}.remove('htmx-request');"
            "document.dispatchEvent(new CustomEvent('htmx:afterRequest', { detail: {} }))"
        )
    assert page.url.endswith("/check")


def test_locks_by_key_go_into_the_lists_and_can_be_undone(server: Running, page: Page) -> None:
    open_request(page, server)
    fill(page, {"title": "Locks", "demand.0.area_ha.min": "4", "demand.0.area_ha.max": "6"})
    chosen = page.evaluate(
        """() => { const ids = landplan.map.data.parcels.features
            .filter((one) => !one.properties.street).slice(0, 2).map((one) => one.id);
            landplan.map.select(ids); return ids; }"""
    )
    must, never = "[name='demand.0.must']", "[name='demand.0.never']"
    page.focus(".lp-canvas")
    for key, locked, excluded in (("l", chosen, []), ("e", [], chosen), ("u", [], [])):
        with page.expect_response("**/draft"):
            page.keyboard.press(key)
        assert page.input_value(must).split() == locked
        assert page.input_value(never).split() == excluded
    with page.expect_response("**/draft"):
        page.keyboard.press("Control+z")
    assert page.input_value(never).split() == chosen
    # the map takes the locks from the ledger's answer, a moment after it came
    page.wait_for_function("Object.values(landplan.map.locks()).join() === 'never,never'")
    # a letter that is typed is a letter
    page.focus("[name=title]")
    page.keyboard.press("End")
    page.keyboard.type("e")
    assert page.input_value("[name=title]") == "Lockse"
    assert page.input_value(never).split() == chosen


def test_the_language_switch_keeps_what_was_typed_a_moment_before(
    server: Running, page: Page
) -> None:
    open_request(page, server)
    at = page.url
    page.fill("[name=title]", "Half a")
    page.locator("form[action$='/language'] button").click()
    page.locator("html[lang='zh-CN']").wait_for()
    assert page.url == at
    assert page.input_value("[name=title]") == "Half a"


def test_help_shows_the_keys_and_escape_closes_it(server: Running, page: Page) -> None:
    open_request(page, server)
    page.locator("h1").focus()
    page.keyboard.press("?")
    dialog = page.locator("#key-help")
    dialog.wait_for()
    assert dialog.locator("kbd").count() > 15
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url(f"{server.url}/")


def test_focus_goes_to_the_summary_and_from_there_to_the_field(
    server: Running, browser: Browser
) -> None:
    with watched(browser, allow=("422",)) as (_, page):
        open_request(page, server)
        page.keyboard.press("Control+Enter")
        page.locator("#summary").wait_for()
        assert page.evaluate("document.activeElement.id") == "summary"
        page.locator("#summary a").first.click()
        assert page.evaluate("document.activeElement.id") == "demand.0.area_ha.min"
        fill(page, {"demand.0.area_ha.min": "4 ha", "demand.0.area_ha.max": "6 ha"})
        page.locator("#summary").wait_for(state="detached")


def test_the_whole_way_works_without_a_script(server: Running, browser: Browser) -> None:
    with watched(browser, java_script_enabled=False) as (_, page):
        act_as(page, server, "planner")
        page.goto(f"{server.url}/requests/new")
        answers: dict[str, Any] = {
            "title": "Without a script",
            "demand.0.area_ha.min": "4 ha",
            "demand.0.area_ha.max": "6 ha",
        }
        for name, text in answers.items():
            page.fill(f"[name='{name}']", text)
        page.get_by_role("button", name="One more kind of site").click()
        expect(page.locator(".demand")).to_have_count(2)
        page.get_by_role("button", name="Remove demand 2").click()
        expect(page.locator(".demand")).to_have_count(1)
        page.get_by_role("button", name="Check and calculate").click()
        page.wait_for_url("**/check")
        page.get_by_role("button", name="Calculate").click()
        page.wait_for_url("**/runs/*")
        expect(page.get_by_text("Waiting in line").first).to_be_visible()
