"""The map inside somebody else's page: two origins, a real browser, nothing but public bytes."""

import importlib.util
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from tests.browsing import watched
from tests.serving import Running

EXAMPLE = Path(__file__).parents[2] / "examples" / "embed" / "serve.py"
Client = Callable[..., TestClient]


def example_module() -> Any:
    spec = importlib.util.spec_from_file_location("embed_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def two_origins(start_server: Callable[..., Running]) -> Iterator[tuple[Running, str]]:
    """A landplan that allows one other origin, and that origin's server."""
    example = example_module()
    # the other origin's port must be known before landplan starts and names it
    port_holder = example.make_server("http://127.0.0.1", "latest", "", 0)
    other = f"http://127.0.0.1:{port_holder.server_port}"
    running = start_server(frame_ancestors=(other,))
    port_holder.server_close()
    sites = ",".join(running.workspace.proposals.get(running.prepared.proposal).sites["site_id"])
    server = example.make_server(
        running.url, running.prepared.proposal, sites, int(other.rsplit(":", 1)[1])
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield running, other
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_of_another_origin_shows_the_map_and_exchanges_selections(
    two_origins: tuple[Running, str], browser: Browser
) -> None:
    running, other = two_origins
    sites = list(running.workspace.proposals.get(running.prepared.proposal).sites["site_id"])
    with watched(browser) as (_, page):
        page.goto(other + "/")
        inside = page.frame_locator("#map")
        inside.locator("#landplan-map[data-ready]").wait_for(state="attached")
        page.get_by_role("button", name=sites[0]).click()
        frame = page.frames[1]
        frame.wait_for_function("site => landplan.map.selectedSite() === site", arg=sites[0])
        # an answer to the page's own wish is not sent back: only what somebody picks in the map
        assert page.locator("#selected").inner_text() == "nothing"
        frame.evaluate("site => landplan.map.selectSite(site)", sites[1])
        page.wait_for_function(
            "site => document.getElementById('selected').textContent === site", arg=sites[1]
        )


def test_a_page_that_is_not_listed_may_not_frame_the_map(
    start_server: Callable[..., Running], browser: Browser
) -> None:
    running = start_server()
    server = example_module().make_server(running.url, running.prepared.proposal, "", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with watched(browser, allow=("frame-ancestors", "Framing")) as (_, page):
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("document.getElementById('map') !== null")
        assert not [frame for frame in page.frames[1:] if frame.url.startswith(running.url)]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("role", ["viewer", "leader"])
def test_the_embedded_map_is_public_whoever_asks(client: Client, role: str, language: str) -> None:
    asking = client(role)
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal_id] = workspace.proposals.list()
    proposal = workspace.proposals.get(proposal_id)
    html = asking.get(f"/embed/{proposal_id}?lang={language}").text
    layers = [
        asking.get(f"/map-data/proposal/{proposal_id}/{name}.geojson?embed=1").text
        for name in ("sites", "parcels", "bridges")
    ]
    owners = set(proposal.rights["owner_id"].dropna())
    costs = {f"{cost:g}" for cost in proposal.parcels["cost"].dropna() if cost > 1000}
    for text in (html, *layers):
        assert not [owner for owner in owners if owner in text]
        assert not [cost for cost in costs if cost in text]
    assert ('lang="zh-CN"' in html) == (language == "zh")


def test_parameters_choose_theme_and_site(client: Client) -> None:
    asking = client("viewer")
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal_id] = workspace.proposals.list()
    site = workspace.proposals.get(proposal_id).sites["site_id"].iloc[0]
    html = asking.get(f"/embed/{proposal_id}?theme=zone&site={site}").text
    assert '"theme":"zone"' in html
    assert f'"selected":"{site}"' in html
    assert f"/proposals/{proposal_id}" in html  # open in landplan
    assert '"theme":"plan"' in asking.get(f"/embed/{proposal_id}?theme=nothing").text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No plan has been approved yet"), ("zh", "尚无已批准的方案")]
)
def test_latest_says_that_nothing_is_approved_yet_and_then_shows_it(
    client: Client, language: str, words: str
) -> None:
    asking = client("viewer")
    assert words in asking.get(f"/embed/latest?lang={language}").text
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal_id] = workspace.proposals.list()
    workspace.events.add("Wang", "planner", "submitted", f"proposal/{proposal_id}")
    assert words in asking.get(f"/embed/latest?lang={language}").text
    workspace.events.add("Li", "leader", "approved", f"proposal/{proposal_id}")
    html = asking.get(f"/embed/latest?lang={language}").text
    assert words not in html
    assert f"/map-data/proposal/{proposal_id}" in html


def test_an_unknown_plan_is_said_in_a_sentence(client: Client) -> None:
    answer = client("viewer").get("/embed/ffffffffffff", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "There is no plan ffffffffffff here." in answer.text


def test_only_embedded_pages_may_be_framed_and_only_by_listed_origins(client: Client) -> None:
    asking = client("viewer", frame_ancestors=("https://town.example",))
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal_id] = workspace.proposals.list()
    for path in (f"/embed/{proposal_id}", "/embed/latest", f"/maps/{proposal_id}"):
        policy = asking.get(path).headers["content-security-policy"]
        assert "frame-ancestors 'self' https://town.example" in policy
    desk = asking.get("/", headers={"accept": "text/html"})
    assert "frame-ancestors 'none'" in desk.headers["content-security-policy"]


def test_the_whole_map_page_of_a_town_and_of_a_plan(client: Client) -> None:
    asking = client("planner")
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal_id] = workspace.proposals.list()
    [dataset] = workspace.datasets.list()
    for source in (proposal_id, dataset.id):
        html = asking.get(f"/maps/{source}").text
        assert '"role":"viewer"' in html
    assert asking.get("/maps/nothing").status_code == 404
