"""A real town through the upload form: four files, a mapping without edits but the name, a plan."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import watched
from tests.e2e.test_journey import LAPTOP, PATIENCE_MS, ask, fits, proposal_of, sign_in
from tests.serving import PASSWORD, Running, prepared, start_server

__all__ = ["prepared", "start_server"]

FILES = (
    "ASSESSING_ParcelsFY2014.topojson",
    "TaxFY14.csv",
    "CDD_ZoningDistricts.geojson",
    "TRANS_Centerlines.geojson",
)


@pytest.mark.soak
@pytest.mark.real_data
def test_cambridge_goes_from_its_files_to_an_approved_plan(
    start_server: Callable[..., Running], real_data: Path, browser: Browser, tmp_path: Path
) -> None:
    hall = start_server(workspace=tmp_path / "empty", auth="accounts", calculate=True)
    hall.workspace.people.add("wang", "planner", PASSWORD)
    hall.workspace.people.add("li", "leader", PASSWORD)
    with watched(browser, viewport=LAPTOP) as (context, page):
        context.set_default_timeout(PATIENCE_MS)
        sign_in(page, hall, "wang")
        page.goto(f"{hall.url}/datasets/new")
        page.set_input_files("#files", [real_data / "cambridge_ma" / name for name in FILES])
        page.click("main form button.main")
        page.wait_for_selector(".has-js form.mapping")
        page.fill("[id='town.name']", "Cambridge")
        page.click("button[name=do][value=check]")
        page.click("form[action$='/import'] button.main")
        page.wait_for_url(re.compile(r"/datasets/[0-9a-f]{12}"))
        fits(page)
        record = hall.workspace.datasets.latest("cambridge")
        assert record is not None
        assert record.parcels == 13_116
        # the costs came from the tax table that the draft joined to the parcels
        assert hall.workspace.datasets.cadastre(record.id).parcels["cost"].notna().sum() > 12_000

        page.goto(f"{hall.url}/requests/new")
        ask(page, "A workshop block", ("1.0 ha", "1.2 ha"), "13,116")
        proposal = proposal_of(page)
        page.wait_for_selector("#landplan-map[data-ready]")
        fits(page)
        page.goto(f"{hall.url}/proposals/{proposal}/signoff")
        page.click("form[action$='/submit'] button.main")
        page.wait_for_selector(".signoff-record")

    with watched(browser, viewport=LAPTOP) as (context, page):
        context.set_default_timeout(PATIENCE_MS)
        sign_in(page, hall, "li")
        page.goto(f"{hall.url}/proposals/{proposal}/signoff")
        page.fill("input[name=password]", PASSWORD)
        page.click("form[action$='/approve'] button.main")
        page.wait_for_selector("p.proven")
        page.goto(f"{hall.url}/embed/latest")
        page.wait_for_selector("#landplan-map[data-ready]")
