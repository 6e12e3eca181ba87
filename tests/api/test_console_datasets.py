"""Data by upload: files, mapping, findings, import, a new version and the plans it makes old."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from api.console.datasets_mapping import ROLES
from landplan.messages import LANGUAGES, has
from tests.browsing import fits
from tests.serving import Prepared, Running, act_as

Client = Callable[..., TestClient]
PARCELS = {
    "town.name": "Anting (invented)",
    "town.crs": "EPSG:4549",
    "town.currency": "CNY",
    "town.as_of": "2026-11-18",
    "role.0": "parcels",
    "col.0.id": "ZDDM",
    "col.0.land_use": "DLBM",
    "opt.0.land_use": "gb21010/2017",
    "col.0.area_registered": "SCMJ",
    "col.0.value": "JZ",
    "col.0.cost": "CB",
    "do": "check",
}


def workspace_of(asking: TestClient) -> Any:
    return asking.app.state.services.workspace  # type: ignore[attr-defined]


@pytest.fixture
def parcels_file(prepared: Prepared, tmp_path: Path) -> Path:
    """The parcels of the town alone, one of them dearer than before."""
    parcels = gpd.read_file(prepared.town_file.with_name("town.gpkg"), layer="parcels")
    parcels.loc[0, "CB"] += 1_000_000
    file = tmp_path / "parcels.gpkg"
    parcels.to_file(file, layer="parcels", driver="GPKG")
    return file


def send(asking: TestClient, *files: tuple[str, bytes], language: str = "en") -> Any:
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
    return asking.post(f"/datasets/new?lang={language}", files=parts, follow_redirects=False)


def test_files_are_mapped_checked_and_imported_as_a_new_version(
    client: Client, parcels_file: Path
) -> None:
    asking = client()
    [before] = workspace_of(asking).datasets.list()
    answer = send(asking, ("parcels.gpkg", parcels_file.read_bytes()))
    assert answer.status_code == 303, answer.text
    mapping = answer.headers["location"].partition("?")[0]
    page = asking.get(mapping).text
    assert "310199001001GB00001" in page, "samples stand beside the columns"
    again = asking.post(mapping, data=PARCELS | {"role.0": "zones", "do": "update"})
    assert 'name="col.0.code"' in again.text
    answer = asking.post(mapping, data=PARCELS | {"series": before.series}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    check = asking.get(answer.headers["location"]).text
    assert "500 parcels were read" in check
    assert len(workspace_of(asking).datasets.list()) == 1, "nothing is kept before it is accepted"
    answer = asking.post(
        f"{mapping}/import", data={"series": before.series}, follow_redirects=False
    )
    page = asking.get(answer.headers["location"]).text
    newest = workspace_of(asking).datasets.latest(before.series)
    assert (newest.version, newest.data_date) == (2, "2026-11-18")
    assert "version 2: imported with 500 parcels" in page
    assert "Compared with version 1" in page
    assert "/requests/new?from=" in page, "the plan that became old can be asked again"
    events = workspace_of(asking).events.of(f"dataset/{newest.id}")
    assert [event.action for event in events] == ["imported"]


def test_the_same_data_again_is_the_same_version(client: Client, parcels_file: Path) -> None:
    asking = client()
    places = []
    for _ in range(2):
        sent = send(asking, ("p.gpkg", parcels_file.read_bytes()))
        mapping = sent.headers["location"].partition("?")[0]
        asking.post(mapping, data=PARCELS)
        places.append(asking.post(f"{mapping}/import", follow_redirects=False).headers["location"])
    assert places[0].replace("=new", "=same") == places[1]
    assert "nothing new was stored" in asking.get(places[1]).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("town.exe", b"MZ"),
        ("town.gpkg", b""),
        ("town.gpkg", b"no database"),
        ("town.geojson", b"<VRTDataset/>"),
        ("town.shp", b"\x00\x00\x27\x0a"),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_a_sentence(
    client: Client, language: str, name: str, content: bytes
) -> None:
    asking = client()
    answer = send(asking, (name, content), language=language)
    assert answer.status_code == 400
    said = answer.text.split('role="alert"')[1].split("</section>")[0]
    assert "<p>" in said
    assert "upload." not in said, "a code without a sentence"
    uploads = workspace_of(asking).folder / "uploads"
    assert not uploads.is_dir() or not list(uploads.iterdir())


def test_no_file_and_too_large_files_are_said(client: Client) -> None:
    asking = client(max_upload_mb=1)
    assert "Choose at least one file" in asking.post("/datasets/new", data={"x": "y"}).text
    answer = send(asking, ("town.gpkg", b"0" * 2_200_000))
    assert answer.status_code == 413
    assert "1 MB" in answer.text


def test_faults_of_the_mapping_keep_what_was_chosen(client: Client, parcels_file: Path) -> None:
    asking = client()
    sent = send(asking, ("p.gpkg", parcels_file.read_bytes()))
    mapping = sent.headers["location"].partition("?")[0]
    answer = asking.post(mapping, data=PARCELS | {"town.currency": "", "col.0.cost": "CB"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert '<option value="CB" selected>' in answer.text
    again = asking.post(f"{mapping}/import", follow_redirects=False)
    assert again.status_code == 400, "what was not checked is not imported"


def test_an_upload_that_is_gone_leads_to_the_beginning(client: Client) -> None:
    asking = client()
    for end in ("", "/check"):
        answer = asking.get(f"/datasets/new/{'0' * 32}{end}", headers={"accept": "text/html"})
        assert answer.status_code in (400, 404)
        assert 'name="files"' in answer.text


def test_only_planners_import(client: Client) -> None:
    asking = client("viewer")
    assert asking.get("/datasets/new").status_code in (401, 403)
    assert send(asking, ("p.gpkg", b"x")).status_code in (401, 403)
    assert asking.get("/datasets").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_the_mapping_has_its_words(language: str) -> None:
    for role, fields in ROLES.items():
        assert has(f"datasets.role.{role}", language)  # type: ignore[arg-type]
        for field in fields:
            assert has(f"datasets.field.{role}.{field}", language)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_town_comes_in_through_the_browser(
    start_server: Callable[..., Running], page: Any, parcels_file: Path, language: str
) -> None:
    running = start_server()
    act_as(page, running, "planner", language)
    file = shutil.copy(parcels_file, parcels_file.with_name("安亭.gpkg"))
    page.set_default_timeout(60_000)  # the files are read in processes of their own
    page.set_default_navigation_timeout(60_000)
    page.goto(f"{running.url}/datasets/new")
    page.set_input_files("#files", file)
    page.locator("form[data-busy] button.main").click()
    page.wait_for_url("**/datasets/new/*")
    for name, value in PARCELS.items():
        if name.startswith(("col.", "opt.")):
            page.select_option(f"[name='{name}']", value)
        elif name.startswith("town."):
            page.fill(f"[name='{name}']", value)
    page.locator("main button.main").click()
    page.wait_for_url("**/check?*")
    page.locator("main button.main").click()
    page.wait_for_url("**/datasets/*imported=new")
    assert page.locator(".band.proven").count() == 1
    fits(page)


def test_a_role_chosen_before_the_script_has_come_keeps_its_button(
    start_server: Callable[..., Running], page: Any, parcels_file: Path
) -> None:
    running = start_server()
    act_as(page, running, "planner")
    page.set_default_navigation_timeout(60_000)
    page.goto(f"{running.url}/datasets/new")
    page.set_input_files("#files", parcels_file)
    page.locator("form[data-busy] button.main").click()
    page.wait_for_url("**/datasets/new/*")
    late: list[Any] = []
    page.route("**/console.js*", lambda route: late.append(route), times=1)
    page.reload(wait_until="commit")
    page.select_option("[name='role.0']", "zones")
    late[0].continue_()
    page.wait_for_selector(".has-js")
    button = page.locator("#layer-0 .role button")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator("[name='col.0.code']")).to_be_visible()
    expect(page.locator("#layer-0 .role button")).to_be_hidden()
