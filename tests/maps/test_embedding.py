"""The map in somebody else's page: selections go to and come from listed origins alone."""

import pytest

from maps.page import map_page
from maps.view import proposal_view
from tests.browsing import watched
from tests.maps.conftest import serve
from tests.maps.plans import plan

HOST = """<!DOCTYPE html><html lang="en"><title>host</title>
<link rel="icon" href="data:,">
<iframe title="map" src="{map}" width="800" height="500"></iframe>
<script nonce="N0nce">window.heard = [];
window.addEventListener("message", (event) => heard.push([event.origin, event.data]));</script>"""


@pytest.fixture
def embed(browser):
    """``embed(trusted)``: a page of another origin with the map in it, listed or not."""
    with serve() as map_site, serve() as host, watched(browser) as (_, page):

        def embedded(trusted: bool):
            view = proposal_view(
                plan(),
                language="en",
                url="/data",
                parent_origins=(host.url if trusted else "https://town.example",),
                open_url="/open",
            )
            map_site.view = view
            map_site.pages["/embed"] = map_page(
                view, assets="/assets", nonce="N0nce", embedded=True
            )
            host.pages["/"] = HOST.format(map=f"{map_site.url}/embed")
            page.goto(host.url)
            inside = page.frame_locator("iframe")
            inside.locator("#landplan-map[data-ready]").wait_for(state="attached")
            return page, page.frames[1], map_site.url

        yield embedded


def send(page, message):
    page.evaluate(
        "(message) => document.querySelector('iframe').contentWindow.postMessage(message, '*')",
        message,
    )


def test_a_listed_page_selects_and_hears_selections(embed):
    page, frame, origin = embed(True)
    send(page, {"type": "landplan:select", "site": "plant-1"})
    frame.wait_for_function("() => landplan.map.selectedSite() === 'plant-1'")
    send(page, {"type": "landplan:select", "parcel": "P4"})
    frame.wait_for_function("() => landplan.map.selected()[0] === 'P4'")
    assert page.evaluate("heard") == []
    frame.evaluate("landplan.map.select(['P6'])")
    page.wait_for_function("() => heard.length === 1")
    expected = {"type": "landplan:select", "site": None, "parcels": ["P6"]}
    assert page.evaluate("heard") == [[origin, expected]]


def test_a_page_that_is_not_listed_is_neither_heard_nor_told(embed):
    page, frame, _ = embed(False)
    send(page, {"type": "landplan:select", "site": "plant-1"})
    frame.evaluate("landplan.map.select(['P6'])")
    # messages arrive in order: once this one is back, the others would have been
    page.evaluate("() => new Promise((done) => { onmessage = done; postMessage('end', '*'); })")
    assert frame.evaluate("landplan.map.selected()") == ["P6"]
    assert [data for _, data in page.evaluate("heard")] == ["end"]


def test_other_messages_of_a_listed_page_do_nothing(embed):
    page, frame, _ = embed(True)
    frame.evaluate("landplan.map.select(['P4'], {quiet: true})")
    for message in (None, "text", 7, {"type": "other", "site": "plant-1"}, ["landplan:select"]):
        send(page, message)
    send(page, {"type": "landplan:select", "site": {"toString": 1}, "parcel": 3})
    frame.wait_for_function("() => landplan.map.selected().length === 0")


def test_an_embedded_map_keeps_legend_date_scale_and_the_way_to_landplan(embed):
    _, frame, _ = embed(True)
    assert frame.locator(".lp-head").count() == 0
    assert frame.locator(".lp-legend li").count() > 3
    assert frame.locator(".leaflet-control-scale-line").count() == 1
    link = frame.get_by_role("link", name="Open in landplan")
    assert link.get_attribute("href") == "/open"
    assert link.get_attribute("target") == "_top"
