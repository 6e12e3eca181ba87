"""Maps in Chromium: drawn, chosen by mouse, key and list, in both languages, harmless."""

import json

import pytest

from landplan.messages import say
from landplan.messages.numbers import area
from maps.layers import proposal_layer
from maps.symbols import LEGEND_ORDER
from maps.view import proposal_view
from tests.browsing import watched
from tests.maps.conftest import ready
from tests.maps.plans import hostile, many, plan

LEGEND = "[...document.querySelectorAll('.lp-legend li')].map(one => one.dataset.key)"
EVENTS = """window.heard = [];
for (const name of ["select", "box"]) {
  document.addEventListener("landplan:" + name, (event) => heard.push([name, event.detail]));
}"""


def view(**options):
    return proposal_view(plan(), language="en", url="/data", **options)


def place(page, parcel):
    """Return the middle of a parcel on the page."""
    return page.evaluate(
        """(id) => {
          const box = landplan.layers.boundsOf([landplan.map.feature(id)]);
          const at = landplan.map.leaflet.latLngToContainerPoint(box.getCenter());
          const corner = landplan.map.leaflet.getContainer().getBoundingClientRect();
          return [corner.x + at.x, corner.y + at.y];
        }""",
        parcel,
    )


def chosen(page):
    return page.evaluate("landplan.map.selected()")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_map_opens_from_the_file_system_without_a_network(browser, files, language):
    with watched(browser, offline=True) as (_, page):
        ready(page, (files / f"{language}.html").as_uri())
        assert (
            page.locator(".lp-map").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[language]
        )
        text = page.locator("body").inner_text()
        assert say("map.ui.data_date", {"date": "2026-11-18"}, language) in text
        assert area(300.0, language) in text
        assert "map." not in text
        assert page.locator(".leaflet-control-scale-line").inner_text().strip()


@pytest.mark.parametrize("size", [(1366, 600), (1093, 480), (800, 500)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_off_at_the_sizes_of_work_places(browser, files, language, size):
    with watched(browser, viewport={"width": size[0], "height": size[1]}) as (_, page):
        ready(page, (files / f"{language}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate("document.documentElement.scrollHeight") <= size[1]
        assert page.locator(".lp-canvas").bounding_box()["height"] >= size[1] / 2
        legend = page.locator(".lp-legend").bounding_box()
        buttons = page.locator(".lp-buttons").bounding_box()
        apart = (
            legend["y"] >= buttons["y"] + buttons["height"]
            or legend["x"] >= buttons["x"] + buttons["width"]
        )
        assert apart


def test_the_legend_lists_what_is_drawn_in_the_order_of_the_map(show):
    page = show(view())
    keys = page.evaluate(LEGEND)
    assert keys == [key for key in LEGEND_ORDER if key in keys]
    assert set(keys) == {"locked", "crossing", "site", "excluded", "zone", "parcel", "street"}
    page.get_by_label("land use").check()
    kinds = page.locator('.lp-legend li[data-key^="category"]').all_inner_texts()
    assert len(kinds) == 2
    assert {text for kind in kinds for text in ("农田", "工业") if text in kind} == {"农田", "工业"}
    page.evaluate("landplan.map.setLocks({})")
    assert not {"locked", "excluded"} & set(page.evaluate(LEGEND))


def test_hatches_and_icons_are_drawn_and_no_emoji(show):
    page = show(view())
    assert page.locator("pattern#lp-excluded").count() == 1
    assert page.locator('path[fill="url(#lp-excluded)"]').count() >= 1
    assert page.locator(".lp-lock svg.lp-icon").count() == 2


def test_before_after_and_both_show_their_outlines(show):
    page = show(view())
    page.get_by_label("before", exact=True).check()
    assert "before" in page.evaluate(LEGEND)
    assert "site" not in page.evaluate(LEGEND)
    assert page.locator(".lp-site-label").count() == 0
    page.get_by_label("both").check()
    assert {"before", "after", "site"} <= set(page.evaluate(LEGEND))
    page.get_by_label("after", exact=True).check()
    assert "before" not in page.evaluate(LEGEND)
    assert page.locator(".lp-site-label").inner_text().split("\n")[0] == "A"


def test_a_click_selects_a_parcel_and_tells_the_page(show):
    page = show(view())
    page.evaluate(EVENTS)
    page.mouse.click(*place(page, "P4"))
    assert chosen(page) == ["P4"]
    assert page.evaluate("heard") == [["select", {"ids": ["P4"], "site": None}]]
    assert page.locator(".lp-info strong").inner_text() == "P4"
    page.keyboard.down("Control")
    page.mouse.click(*place(page, "P6"))
    page.keyboard.up("Control")
    assert chosen(page) == ["P4", "P6"]
    assert "2 parcels selected" in page.locator(".lp-status").inner_text()


def test_a_box_selects_what_lies_in_it(show):
    page = show(view())
    page.evaluate(EVENTS)
    (left, bottom), (middle, top), (right, _) = (place(page, one) for one in ("P1", "P5", "P6"))
    page.locator('[data-do="box"]').click()
    page.mouse.move(left - 20, top - 20)
    page.mouse.down()
    page.mouse.move((middle + right) / 2, bottom + 20)
    page.mouse.up()
    assert sorted(chosen(page)) == ["P1", "P2", "P4", "P5"]
    assert [name for name, _ in page.evaluate("heard")] == ["select", "box"]


def test_the_map_is_used_by_keys_alone(show):
    page = show(view())
    page.locator(".lp-canvas").focus()
    before = page.evaluate("landplan.map.leaflet.getZoom()")
    page.keyboard.press("+")
    page.wait_for_function("(zoom) => landplan.map.leaflet.getZoom() > zoom", arg=before)
    page.keyboard.press("f")
    assert page.evaluate("landplan.map.leaflet.getZoom()") == before
    centre = page.evaluate("landplan.map.leaflet.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(lng) => landplan.map.leaflet.getCenter().lng > lng", arg=centre)
    page.keyboard.press("f")
    page.keyboard.press("b")
    assert page.get_by_label("both").is_checked()
    page.evaluate("landplan.map.fit(['P5'])")
    page.keyboard.press("Enter")
    assert chosen(page) == ["P5"]
    page.keyboard.press("Escape")
    assert chosen(page) == []


def test_list_and_map_select_the_same(show):
    page = show(view())
    page.get_by_role("button", name="A · plant-1").focus()
    page.keyboard.press("Enter")
    assert sorted(chosen(page)) == ["P1", "P2", "P5"]
    assert page.locator('tr[aria-selected="true"]').count() == 1
    page.get_by_role("tab", name="Parcels in view").click()
    page.get_by_role("button", name="P4", exact=True).click()
    assert chosen(page) == ["P4"]
    page.mouse.click(*place(page, "P6"))
    assert page.locator('tr[aria-selected="true"] th').inner_text() == "P6"


def test_the_list_sorts_by_stored_values_and_keeps_the_focus(show):
    page = show(proposal_view(many(12, 10), language="en", url="/data"))
    page.get_by_role("tab", name="Parcels in view").click()
    page.get_by_role("button", name="parcel", exact=True).click()
    ids = page.locator("tbody th").all_inner_texts()
    assert ids[:12] == [f"N{number}" for number in range(12)]
    assert len(ids) == 50
    assert page.evaluate("document.activeElement.dataset.sort") == "parcel_id"
    page.get_by_role("button", name="parcel", exact=True).click()
    assert page.locator("tbody th").first.inner_text() == "N119"
    assert page.locator('th[aria-sort="descending"]').count() == 1
    page.get_by_role("button", name="Next").click()
    assert "Page 2 of 3" in page.locator(".lp-pages").inner_text()


def test_others_drive_the_map_through_its_interface(show):
    page = show(view())
    page.evaluate("landplan.map.show('zone')")
    assert page.get_by_label("zone").is_checked()
    page.evaluate("landplan.map.setLocks({P4: 'never', P6: 'must'})")
    assert page.locator(".lp-lock").count() == 2
    parts = json.loads(proposal_layer(plan(), "marked").geojson())
    for one, key in zip(parts["features"], ["only_first", "only_second", "both"], strict=False):
        one["properties"]["symbol"] = key
    page.evaluate("(parts) => landplan.map.setLayer('difference', parts)", parts)
    assert {"only_first", "only_second", "both"} <= set(page.evaluate(LEGEND))
    assert page.locator('path[fill="url(#lp-only_second)"]').count() >= 1


def test_areas_read_the_same_as_everywhere_else(show):
    page = show(view())
    values = [0.0, 0.4, 99.49, 99.5, 100.0, 104.99, 6666.6, 66_666.6, 66_633.3, 99_949.9, 99_950.0]
    values += [99_995.0, 100_000.0, 214_000.0, 12_345_678.9012, 1e9]
    values += [round(1.37**power * 100, 4) for power in range(40)]
    for language in ("en", "zh"):
        page.evaluate("(language) => { landplan.map.config.language = language; }", language)
        shown = page.evaluate("(values) => values.map(landplan.map.area)", values)
        assert shown == [area(value, language) for value in values]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_never_run_in_any_face(show, language):
    page = show(proposal_view(hostile(), language=language, role="planner", url="/data"))
    for theme in page.evaluate("landplan.map.config.themes.map(one => one.key)"):
        page.evaluate("(theme) => landplan.map.show(theme)", theme)
    for parcel in page.evaluate("landplan.map.inView().map(one => one.id)"):
        page.mouse.move(*place(page, parcel))
        page.evaluate("(id) => landplan.map.select([id])", parcel)
    for tab in page.get_by_role("tab").all():
        tab.click()
    page.locator("tbody th button").first.click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, .lp-list script").count() == 0
    assert "<img src=x" in page.locator("body").inner_text()


def test_a_hostile_page_from_the_file_system_runs_nothing(browser, tmp_path):
    from maps.export import write_map

    write_map(proposal_view(hostile(), language="en", role="planner"), tmp_path / "map.html")
    with watched(browser) as (_, page):
        ready(page, (tmp_path / "map.html").as_uri())
        assert page.evaluate("window.hacked") is None
        assert page.locator("img").count() == 0


def test_a_layer_that_fails_is_named_and_the_others_stay(browser, site):
    from maps.page import map_page

    site.view = view()
    site.broken.add("zones")
    site.pages["/map"] = map_page(site.view, assets="/assets", nonce="N0nce")
    with watched(browser, allow=("500",)) as (_, page):
        ready(page, f"{site.url}/map")
        assert "Could not be loaded: zones" in page.locator(".lp-status").inner_text()
        assert {"site", "parcel"} <= set(page.evaluate(LEGEND))


def test_too_many_parcels_ask_to_zoom_in_and_come_by_box(show, site, monkeypatch):
    monkeypatch.setattr("maps.config.MOST_DRAWN", 200)
    page = show(proposal_view(many(30, 30), language="en", url="/data"))
    button = page.get_by_role("button", name="Zoom in to see parcels")
    assert page.evaluate("landplan.map.inView().length") == 0
    button.click()
    page.wait_for_function("() => landplan.map.inView().length > 0")
    assert page.evaluate("landplan.map.inView().length") < 900
    assert any("bbox=" in path for path in site.asked if "parcels.geojson" in path)
    assert not any("bbox=" in path for path in site.asked if "zones.geojson" in path)


def test_a_view_without_parcels_offers_the_way_back(show):
    page = show(view())
    page.evaluate("landplan.map.leaflet.setView([0, 0], 12, {animate: false})")
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("() => landplan.map.inView().length > 0")
    assert page.locator(".lp-notice").is_hidden()


def test_the_list_opens_beside_the_same_middle_of_the_map(browser, files):
    with watched(browser, viewport={"width": 800, "height": 500}) as (_, page):
        ready(page, (files / "en.html").as_uri())
        middle = "(({lat, lng}) => [lat, lng])(landplan.map.leaflet.getCenter())"
        before = page.evaluate(middle)
        width = page.evaluate("landplan.map.leaflet.getSize().x")
        page.get_by_role("button", name="as list").click()
        page.wait_for_function("(width) => landplan.map.leaflet.getSize().x < width", arg=width)
        assert page.evaluate(middle) == pytest.approx(before, abs=1e-5)


def test_a_first_choice_is_shown(show):
    page = show(view(selected="plant-1", theme="zone", show="both"))
    assert sorted(chosen(page)) == ["P1", "P2", "P5"]
    assert page.get_by_label("zone").is_checked()
    assert page.get_by_label("both").is_checked()


def test_old_data_fades_the_plan_and_says_so(show):
    page = show(view(stale="data of 02 Sep"))
    assert page.evaluate("landplan.map.leaflet.getPane('lp-sites').style.opacity") == "0.4"
    assert "data of 02 Sep" in page.locator(".lp-foot").inner_text()


def test_of_labels_in_one_place_the_first_stays_and_the_others_give_way(show):
    page = show(view())
    seen = page.evaluate(
        """() => {
          const map = landplan.map.leaflet, { label, thin } = landplan.layers;
          const middle = map.latLngToContainerPoint(map.getCenter());
          const at = (down) => map.containerPointToLatLng([middle.x, middle.y + down]);
          const marks = [0, 5, 24, 200].map((down) =>
            label(map, at(down), ["A", "8.12 ha"], "lp-site-label").addTo(map));
          thin(marks);
          return marks.map((mark) => {
            const node = mark.getElement().firstElementChild;
            return [node.style.visibility, node.children[1].style.display];
          });
        }"""
    )
    assert seen[0] == ["", ""]
    assert seen[1][0] == "hidden"
    assert seen[3] == ["", ""]
