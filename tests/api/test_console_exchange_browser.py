"""An exchange in a real browser: both sizes, both languages, list and map, statements on paper."""

import pytest
from playwright.sync_api import expect

from landplan.proposal.exchange import parcels_by_party, statements_of
from landplan.workspace.workspace import Workspace
from tests.browsing import fits, watched
from tests.exchanging import exchange_of, keep
from tests.serving import Prepared, act_as, copy_workspace

SIZES = {"laptop": (1366, 600), "scaled": (1093, 480)}
TOO_WIDE = """() => {
  const panel = document.querySelector(".panel");
  return [document.documentElement.scrollWidth - innerWidth, panel.scrollWidth - panel.clientWidth];
}"""

DRAWN = """() => landplan.map.leaflet.getPane("lp-holding").querySelectorAll("path").length"""


@pytest.fixture(scope="module")
def served(prepared, tmp_path_factory):
    """A server with an exchange of the prepared town, and the exchange itself."""
    from tests.serving import _servers

    home = tmp_path_factory.mktemp("exchange")
    folder = copy_workspace(prepared, home / "workspace")
    workspace = Workspace(folder)
    plan = keep(workspace, exchange_of(workspace.proposals.get(prepared.proposal)))
    workspace.close()
    own = Prepared(folder, prepared.town_file, prepared.dataset, plan.id, prepared.scenario, "")
    with _servers(own, home / "served") as start:
        yield start(workspace=folder), plan


def open_plan(page, served, role="planner", language="en", tail=""):
    server, plan = served
    act_as(page, server, role, language)
    page.goto(f"{server.url}/proposals/{plan.id}{tail}")
    page.wait_for_selector("#landplan-map[data-ready=true]")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_too_wide_and_the_key_figures_are_seen(browser, served, size, language):
    width, height = SIZES[size]
    with watched(browser, viewport={"width": width, "height": height}) as (_, page):
        open_plan(page, served, language=language)
        for part in (".certificate", ".key", "#actions .main", ".parties tbody tr"):
            box = page.locator(part).first.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height
        for tab in ("rings", "measures", "inputs", "owners"):
            page.click(f"#tab-{tab}")
            expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-current", "page")
            assert max(page.evaluate(TOO_WIDE)) <= 0, tab


def test_an_owner_of_the_list_is_shown_on_the_map_with_lines_to_the_new_land(browser, served):
    plan = served[1]
    own = parcels_by_party(plan)
    party = next(one.id for one in statements_of(plan) if one.kept.parcels and one.received.parcels)
    with watched(browser) as (_, page):
        open_plan(page, served)
        assert page.evaluate("landplan.map.config.theme") == "holder"
        row = page.locator(f"tr[data-party='{party}']")
        row.locator("button").click()
        expect(row).to_have_attribute("aria-selected", "true")
        legend = page.locator(".lp-legend li")
        keys = legend.evaluate_all("items => items.map(item => item.dataset.key)")
        assert {one.fate for one in own[party]} <= set(keys)
        lines = page.evaluate(DRAWN)
        assert lines >= len(own[party])
        row.locator("button").click()
        expect(row).to_have_attribute("aria-selected", "false")
        assert page.evaluate(DRAWN) == 0


def test_a_parcel_on_the_map_marks_its_holder_in_the_list(browser, served):
    plan = served[1]
    party = statements_of(plan)[0].id
    received = next(one.id for one in parcels_by_party(plan)[party] if one.fate == "received")
    with watched(browser) as (_, page):
        open_plan(page, served)
        page.evaluate("id => landplan.map.fit([id])", received)
        at = page.evaluate(
            """id => {
              const box = landplan.layers.boundsOf([landplan.map.feature(id)]);
              const point = landplan.map.leaflet.latLngToContainerPoint(box.getCenter());
              const map = landplan.map.leaflet.getContainer().getBoundingClientRect();
              return [map.left + point.x, map.top + point.y];
            }""",
            received,
        )
        page.mouse.move(*at)
        page.wait_for_timeout(100)
        outlined = page.evaluate(DRAWN)
        assert outlined > 0
        page.mouse.click(*at)
        row = page.locator(f"tr[data-party='{party}']")
        expect(row).to_have_attribute("aria-selected", "true")


def test_before_and_after_colour_the_parcels_by_their_holders(browser, served):
    with watched(browser) as (_, page):
        open_plan(page, served)
        colours = """() => landplan.map.data.parcels.features.filter((one) => one.properties.moved)
          .map((one) => [one.properties.party_before, one.properties.party_after])"""
        assert all(before != after for before, after in page.evaluate(colours))
        for when in ("before", "both", "after"):
            page.click(f"input[name=lp-when][value={when}]")
            keys = page.locator(".lp-legend li").evaluate_all(
                "items => items.map(item => item.dataset.key)"
            )
            assert "category_1" in keys or any(key.startswith("category") for key in keys)
            assert ("before" in keys) == (when == "both")


VIEWS = """() => [landplan.map.leaflet, landplan.map.twin()].map((map) => [
  map.getCenter().lat.toFixed(5), map.getCenter().lng.toFixed(5), map.getZoom()].join(" "))"""
TWIN_DRAWN = """() => landplan.map.twin().getPane("lp-holding").querySelectorAll("path").length"""


@pytest.mark.parametrize(("language", "words"), [("en", "side by side"), ("zh", "并排")])
def test_side_by_side_both_maps_keep_one_view_and_show_one_owner(browser, served, language, words):
    plan = served[1]
    own = parcels_by_party(plan)
    party = next(
        one.id for one in statements_of(plan) if one.given.parcels and one.received.parcels
    )
    with watched(browser) as (_, page):
        open_plan(page, served, language=language)
        page.get_by_label(words).check()
        expect(page.locator(".lp-caption")).to_have_count(2)
        assert len(set(page.evaluate(VIEWS))) == 1
        page.evaluate("void landplan.map.twin().panBy([40, 30], {animate: false})")
        assert len(set(page.evaluate(VIEWS))) == 1
        page.evaluate("void landplan.map.leaflet.zoomIn(1)")
        assert len(set(page.evaluate(VIEWS))) == 1
        page.locator(f"tr[data-party='{party}'] button").click()
        before = sum(one.fate in ("given", "kept") for one in own[party])
        assert page.evaluate(TWIN_DRAWN) >= before > 0
        assert page.evaluate(DRAWN) > 0
        fits(page)
        page.locator("input[name=lp-when][value=after]").check()
        expect(page.locator(".lp-twin")).to_be_hidden()


def test_an_owner_under_the_mouse_on_one_map_is_outlined_on_both(browser, served):
    plan = served[1]
    party = next(
        one.id for one in statements_of(plan) if one.given.parcels and one.received.parcels
    )
    given = next(one.id for one in parcels_by_party(plan)[party] if one.fate == "given")
    with watched(browser) as (_, page):
        open_plan(page, served)
        page.evaluate("landplan.map.leaflet.getContainer().focus()")
        page.keyboard.press("b")  # after → both
        page.keyboard.press("b")
        expect(page.locator("input[name=lp-when][value=beside]")).to_be_checked()
        page.evaluate("id => landplan.map.fit([id])", given)
        at = page.evaluate(
            """id => {
              const box = landplan.layers.boundsOf([landplan.map.feature(id)]);
              const point = landplan.map.twin().latLngToContainerPoint(box.getCenter());
              const map = landplan.map.twin().getContainer().getBoundingClientRect();
              return [map.left + point.x, map.top + point.y];
            }""",
            given,
        )
        assert page.evaluate(TWIN_DRAWN) == 0
        page.mouse.move(*at)
        page.wait_for_function("(" + TWIN_DRAWN + ")() > 0")
        assert page.evaluate(DRAWN) > 0
        page.mouse.click(*at)
        row = page.locator(f"tr[data-party='{party}']")
        expect(row).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_statements_print_a_page_each(browser, served, language):
    server, plan = served
    with watched(browser) as (_, page):
        act_as(page, server, "planner", language)
        page.goto(f"{server.url}/proposals/{plan.id}/statements")
        pages = page.locator("section.statement")
        expect(pages).to_have_count(len(statements_of(plan)))
        page.emulate_media(media="print")
        breaks = pages.first.evaluate("one => getComputedStyle(one).breakAfter")
        assert breaks == "page"
        fits(page)


def test_a_viewer_sees_what_changes_hands_and_no_owner(browser, served):
    with watched(browser) as (_, page):
        open_plan(page, served, role="viewer")
        assert page.locator("#tab-owners").count() == 0
        assert page.locator("input[name=lp-when][value=beside]").count() == 0
        keys = page.locator(".lp-legend li").evaluate_all("items => items.map(i => i.dataset.key)")
        assert "received" in keys
        features = page.evaluate("landplan.map.data.parcels.features.map(one => one.properties)")
        assert not any("party_after" in one or "owner_id" in one for one in features)
