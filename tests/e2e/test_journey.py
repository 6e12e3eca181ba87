"""A planner's way and a leader's: from uploaded files to a signed plan on another page.

Everything is done in a real browser, in accounts of their own; nothing but this machine is asked,
and nothing may be written to the console.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from landplan.cadastre.demo import write_demo
from landplan.messages import Language
from landplan.proposal.certificate import certificate_short
from tests.browsing import fits, watched
from tests.serving import PASSWORD, Running, start_server

__all__ = ["start_server"]

PARENT = "http://127.0.0.1:9"
PATIENCE_MS = 120_000
LAPTOP = {"width": 1366, "height": 600}
ENLARGED = {"width": 1093, "height": 480}


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layers of an invented town, as a planner has them: one GeoPackage."""
    folder = tmp_path_factory.mktemp("land")
    write_demo(folder, 500, 3)
    return folder / "town.gpkg"


@pytest.fixture
def town_hall(start_server: Callable[..., Running], tmp_path: Path) -> Running:
    """A service without any data, with a planner and a leader."""
    running = start_server(
        workspace=tmp_path / "empty", auth="accounts", calculate=True, frame_ancestors=(PARENT,)
    )
    running.workspace.people.add("wang", "planner", PASSWORD)
    running.workspace.people.add("li", "leader", PASSWORD)
    return running


def sign_in(page: Page, hall: Running, name: str) -> None:
    page.goto(f"{hall.url}/signin")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.main")
    page.wait_for_url(f"{hall.url}/")


def upload(page: Page, hall: Running, land: Path) -> str:
    """Send the files, accept the drafted columns, read the findings, import."""
    page.goto(f"{hall.url}/datasets/new")
    page.set_input_files("#files", land)
    page.click("main form button.main")
    page.wait_for_selector(".has-js form.mapping")
    fits(page)
    page.fill("[id='town.name']", "Anting")
    page.fill("[id='town.currency']", "CNY")
    page.fill("[id='town.as_of']", "2026-11-18")
    page.select_option("[name='role.7']", "rights")
    page.wait_for_selector("[name='col.7.owner']")
    page.select_option("[name='col.7.parcel']", "ZDDM")
    page.select_option("[name='col.7.owner']", "QLRBH")
    for name, column in (("cost", "CB"), ("value", "JZ")):
        page.select_option(f"[name='col.0.{name}']", column)
        page.select_option(f"[name='opt.0.{name}']", "total")
    page.click("button[name=do][value=check]")
    page.wait_for_selector("form[action$='/import'] button.main")
    fits(page)
    page.click("form[action$='/import'] button.main")
    page.wait_for_url(re.compile(r"/datasets/[0-9a-f]{12}"))
    return page.url.split("/datasets/")[1][:12]


def ask(page: Page, title: str, area: tuple[str, str], parcels: str = "499") -> None:
    """Fill the form, read what is left, go on to the check page and calculate."""
    page.fill("#title", title)
    page.fill("[id='demand.0.area_ha.min']", area[0])
    page.fill("[id='demand.0.area_ha.max']", area[1])
    page.press("[id='demand.0.area_ha.max']", "Tab")
    expect(page.locator("#ledger")).to_contain_text(parcels)
    fits(page)
    calculate(page)


def calculate(page: Page) -> None:
    page.click("button[name=do][value=check]")
    page.wait_for_selector("ol.words li")
    fits(page)
    page.click("form[action$='/run'] button")
    page.wait_for_url(re.compile(r"/(runs|proposals)/"))
    page.wait_for_url(re.compile(r"/proposals/[0-9a-f]{12}"))
    page.wait_for_selector("#main h1")


def proposal_of(page: Page) -> str:
    found = re.search(r"/proposals/([0-9a-f]{12})", page.url)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("language", "size"), [("en", LAPTOP), ("zh", ENLARGED)])
def test_from_files_to_a_signed_plan_that_another_page_shows(
    language: Language, size: dict[str, int], town_hall: Running, land: Path, browser: Browser
) -> None:
    hall = town_hall
    with watched(browser, viewport=size, locale="zh-CN" if language == "zh" else "en-GB") as (
        context,
        page,
    ):
        context.set_default_timeout(PATIENCE_MS)
        sign_in(page, hall, "wang")
        dataset = upload(page, hall, land)
        assert hall.workspace.datasets.get(dataset).data_date == "2026-11-18"

        page.goto(f"{hall.url}/requests/new")
        ask(page, "Plant", ("2 ha", "45亩" if language == "zh" else "3 ha"))
        first = proposal_of(page)
        fits(page)
        certificate = hall.workspace.proposals.get(first).certificate
        expect(page.locator("body")).to_contain_text(certificate_short(certificate, language))

        # one more parcel must stay out: ask again from the plan
        site = hall.workspace.proposals.get(first).parcels
        inside = str(site.loc[site["site_id"].notna(), "parcel_id"].iloc[0])
        page.goto(f"{hall.url}/requests/new?from={first}")
        page.locator("[id='demand.0.never']").evaluate(
            "field => field.closest('details') && (field.closest('details').open = true)"
        )
        page.fill("[id='demand.0.never']", inside)
        page.press("[id='demand.0.never']", "Tab")
        calculate(page)
        second = proposal_of(page)
        assert second != first
        kept = hall.workspace.proposals.get(second).parcels
        assert inside not in set(kept.loc[kept["site_id"].notna(), "parcel_id"])
        # what was asked again costs as much or more: the first was the least
        costs = [
            hall.workspace.proposals.document(one)["certificate"]["objective"]
            for one in (first, second)
        ]
        assert costs[0] <= costs[1]

        page.goto(f"{hall.url}/compare?ids={first},{second}")
        expect(page.locator("table.compare thead a[href*='/proposals/']")).to_have_count(4)
        fits(page)

        page.goto(f"{hall.url}/proposals/{second}/signoff")
        fits(page)
        page.fill("textarea[name=remark]", "Near the plant gate.")
        page.click("form[action$='/submit'] button.main")
        expect(page.locator("form[action$='/submit']")).to_have_count(0)

    with watched(browser, viewport=size) as (_, leader):
        leader.goto(f"{hall.url}/?lang={language}")
        sign_in(leader, hall, "li")
        leader.goto(f"{hall.url}/signoff")
        leader.goto(f"{hall.url}/proposals/{second}/signoff")
        leader.fill("textarea[name=remark]", "Agreed.")
        leader.fill("input[name=password]", PASSWORD)
        leader.click("form[action$='/approve'] button.main")
        leader.wait_for_selector(".signoff-record, .proven")
        actions = [event.action for event in hall.workspace.events.of(f"proposal/{second}")]
        assert [one for one in actions if one in ("submitted", "approved")] == [
            "submitted",
            "approved",
        ]

    with watched(browser, viewport={"width": 800, "height": 500}) as (_, visitor):
        visitor.goto(f"{hall.url}/embed/latest?lang={language}")
        visitor.wait_for_selector(".leaflet-container")
        fits(visitor)
        content = visitor.content()
        owners = set(hall.workspace.proposals.get(second).parcels["owner_id"].dropna())
        assert owners
        assert not any(owner in content for owner in owners)
