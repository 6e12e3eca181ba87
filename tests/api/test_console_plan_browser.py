"""The plan's page, hand edit, comparison and sign-off in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browsing import fits, watched
from tests.serving import act_as

SIZES = {"laptop": (1366, 600, 12), "scaled": (1093, 480, 8)}
SEEN = """(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  const across = box.width > 0 && box.left >= 0 && box.right <= innerWidth;
  return across && box.top >= 0 && box.bottom <= innerHeight;
}"""
TOO_WIDE = """() => {
  const panel = document.querySelector(".panel");
  return panel.scrollWidth - panel.clientWidth;
}"""


def open_plan(page, server, role="planner", language="en", tail=""):
    act_as(page, server, role, language)
    page.goto(f"{server.url}/proposals/{server.prepared.proposal}{tail}")
    page.wait_for_selector("#landplan-map[data-ready=true]")


def selected_rows(page):
    return page.eval_on_selector_all(
        "tr[aria-selected=true]", "rows => rows.map(row => row.dataset.parcel)"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_all_that_decides_stands_above_the_fold(browser, server, size, language):
    width, height, rows = SIZES[size]
    with watched(browser, viewport={"width": width, "height": height}) as (_, page):
        open_plan(page, server, language=language)
        for part in (".certificate", ".key", ".lp-legend", "#actions .main", "#edit"):
            assert page.evaluate(SEEN, part), part
        fits(page)
        space, one, head = page.evaluate(
            """() => [document.querySelector(".panel").clientHeight,
                      document.querySelector(".parcels tbody tr").offsetHeight,
                      document.querySelector(".parcels thead").offsetHeight]"""
        )
        assert (space - head) / one >= rows - 0.1
        for tab in ("owners", "why", "measures", "inputs"):
            page.click(f"#tab-{tab}")
            expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-current", "page")
            assert page.evaluate(TOO_WIDE) <= 0, tab


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sign_off_fits_on_one_screen(browser, server, language):
    with watched(browser) as (_, page):
        act_as(page, server, "planner", language)
        page.goto(f"{server.url}/proposals/{server.prepared.proposal}/signoff")
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        fits(page)
        assert page.evaluate(SEEN, ".signoff-form button.main")


def test_list_and_map_show_the_same_parcel(page, server):
    open_plan(page, server)
    first, second = page.eval_on_selector_all(
        "tr[data-parcel]", "rows => rows.slice(0, 2).map(row => row.dataset.parcel)"
    )
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert selected_rows(page) == [second]
    assert page.evaluate("landplan.map.selected()") == [second]
    page.keyboard.press("k")
    assert selected_rows(page) == [first]
    page.evaluate("id => landplan.map.select([id])", second)
    assert selected_rows(page) == [second]


def test_digits_change_the_tab_and_never_the_map_or_the_focus(page, server):
    open_plan(page, server)
    page.evaluate("document.getElementById('landplan-map').dataset.kept = 'yes'")
    for digit, tab in (("4", "measures"), ("2", "owners"), ("1", "parcels")):
        page.keyboard.press(digit)
        expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-current", "page")
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        assert f"tab={tab}" in page.url
    assert page.evaluate("document.getElementById('landplan-map').dataset.kept") == "yes"
    page.go_back()
    page.wait_for_load_state()
    assert "tab=owners" in page.url


def test_of_two_tabs_chosen_in_a_hurry_the_last_is_shown_though_the_first_comes_late(
    browser, server
):
    late = []
    # htmx tells of a request that it gave up as if it were a fault
    with watched(browser, allow=("htmx:sendAbort", "htmx:afterRequest")) as (_, page):
        open_plan(page, server)
        page.route("**/proposals/*tab=owners*", lambda route: late.append(route))
        page.click("#tab-owners")
        page.wait_for_function("document.querySelector('#tab-owners.htmx-request')")
        page.click("#tab-measures")
        measures = page.locator("#tab-measures")
        expect(measures).to_have_attribute("aria-current", "page")
        late[0].continue_()
        page.wait_for_load_state("networkidle")
        expect(measures).to_have_attribute("aria-current", "page")


def test_b_turns_before_and_after(page, server):
    open_plan(page, server)
    when = "document.querySelector('input[name=lp-when]:checked').value"
    assert page.evaluate(when) == "after"
    page.keyboard.press("b")
    assert page.evaluate(when) == "both"


def test_what_the_certificate_does_not_cover_opens_and_closes_with_escape(page, server):
    open_plan(page, server)
    page.click(".pop summary >> nth=1")
    expect(page.locator(".pop >> nth=1").locator("div")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pop >> nth=1").locator("div")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_hand_edit_is_judged_at_every_click_on_list_and_map(page, server):
    open_plan(page, server)
    page.keyboard.press("e")
    page.wait_for_selector("#edit-form")
    page.wait_for_selector("#landplan-map[data-ready=true]")
    save = page.locator("#save")
    expect(save).to_be_disabled()
    parcel = page.locator("[data-toggle]").first.get_attribute("value")
    page.locator("[data-toggle]").first.click()
    expect(page.locator(f"tr.out[data-parcel='{parcel}']")).to_be_visible()
    expect(page.locator(".broken-rules li").first).to_be_visible()
    expect(page.locator(f"#toggle-{parcel}")).to_be_focused()
    drawn = "landplan.map.data.difference.features.map(one => one.id)"
    assert page.evaluate(drawn) == [parcel]
    page.evaluate("id => landplan.map.select([id])", parcel)
    expect(page.locator("tr.out")).to_have_count(0)
    assert page.evaluate(drawn) == []
    page.locator("[data-toggle]").first.click()
    expect(page.locator("tr.out")).to_have_count(1)
    page.click("#undo")
    expect(page.locator("tr.out")).to_have_count(0)


def test_parcels_clicked_while_the_last_one_is_still_judged_are_not_lost(page, server):
    open_plan(page, server, tail="/edit")
    page.wait_for_selector("#edit-form")
    late = []
    page.route("**/proposals/*/edit", lambda route: late.append(route), times=1)
    parcels = [page.locator("[data-toggle]").nth(at).get_attribute("value") for at in range(3)]
    for parcel in parcels[:2]:
        page.click(f"#toggle-{parcel}")
    page.evaluate("id => landplan.map.select([id])", parcels[2])
    late[0].continue_()
    for parcel in parcels:
        expect(page.locator(f"tr.out[data-parcel='{parcel}']")).to_be_visible()
    expect(page.locator("tr.out")).to_have_count(3)
    page.route("**/proposals/*/edit", lambda route: late.append(route), times=1)
    for _ in range(2):
        page.click("#undo")
    late[1].continue_()
    expect(page.locator("tr.out")).to_have_count(1)


def test_the_basket_counts_and_the_comparison_follows_it(page, server):
    open_plan(page, server)
    page.keyboard.press("c")
    expect(page.locator("[data-basket] .pill")).to_have_text("1")
    expect(page.locator("[data-basket-toggle]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-basket]")
    expect(page.locator(".compare thead a").first).to_be_visible()
    page.click("[data-basket-remove]")
    page.wait_for_url("**/compare?ids=")
    expect(page.locator("[data-basket] .pill")).to_have_count(0)


def test_a_plan_goes_to_the_leader_and_back_to_the_planner(browser, start_server):
    server = start_server()
    with watched(browser) as (_, page):
        open_plan(page, server)
        page.click("#actions .main")
        page.fill("textarea[name=remark]", "cheapest of three")
        page.click(".signoff-form .main")
        expect(page.locator(".signoff-record")).to_contain_text("cheapest of three")
        act_as(page, server, "leader")
        page.goto(f"{server.url}/signoff")
        page.click("[data-row]")
        page.wait_for_url("**/proposals/*/signoff")
        fits(page)
        page.check("input[name=confirm]")
        page.click(".signoff-form .main")
        expect(page.locator(".proven")).to_be_visible()
        page.goto(f"{server.url}/proposals/{server.prepared.proposal}")
        expect(page.locator(".chip.done")).to_be_visible()


def test_a_viewer_reads_the_page_without_buttons_of_planners(page, server):
    open_plan(page, server, role="viewer")
    expect(page.locator("#edit")).to_have_count(0)
    expect(page.locator("#tab-owners")).to_have_count(0)
    expect(page.locator("[data-basket-toggle]")).to_have_count(0)
