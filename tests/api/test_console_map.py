"""The map of the town: looking up, the sheet, the list, starting a request; in a browser too."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.browsing import fits
from tests.serving import Running, act_as

Client = Callable[..., TestClient]


def town_of(asking: TestClient) -> tuple[Any, Any]:
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [record] = workspace.datasets.list()
    return record, workspace.datasets.cadastre(record.id)


def planned_parcel(asking: TestClient) -> str:
    workspace = asking.app.state.services.workspace  # type: ignore[attr-defined]
    [proposal] = workspace.proposals.list()
    parcels = workspace.proposals.get(proposal).parcels
    return str(parcels.loc[parcels["site_id"].notna(), "parcel_id"].iloc[0])


@pytest.mark.parametrize(
    ("language", "register", "plan"), [("en", "register", "plan 1"), ("zh", "台账面积", "方案1")]
)
def test_a_sheet_says_register_and_drawing_owner_prices_and_plans(
    client: Client, language: str, register: str, plan: str
) -> None:
    asking = client()
    record, town = town_of(asking)
    parcel = planned_parcel(asking)
    row = town.parcels[town.parcels["parcel_id"] == parcel].iloc[0]
    html = asking.get(f"/map/{record.id}/parcels/{parcel}?lang={language}").text
    assert register in html
    assert row["owner_id"] in html
    assert ("CNY" if language == "en" else "万元") in html
    assert plan in html


def test_readers_get_the_sheet_without_owner_prices_rights_and_findings(client: Client) -> None:
    asking = client("viewer")
    record, town = town_of(asking)
    parcel = planned_parcel(asking)
    owners = set(town.rights["owner_id"].dropna())
    pages = (
        f"/map/{record.id}/parcels/{parcel}",
        f"/map/{record.id}?parcel={parcel}",
        f"/map/{record.id}/list?sort=owner",
        f"/map-data/dataset/{record.id}/parcels.geojson",
    )
    for path in pages:
        text = asking.get(path).text
        assert parcel in text
        assert "CNY" not in text
        assert not [owner for owner in owners if owner in text], path


def test_looking_up_finds_by_part_and_opens_the_only_one(client: Client) -> None:
    asking = client()
    record, town = town_of(asking)
    parcel = str(town.parcels["parcel_id"].iloc[3])
    assert f'data-parcel-sheet="{parcel}"' in asking.get(f"/map/{record.id}?q={parcel}").text
    many = asking.get(f"/map/{record.id}?q={parcel[:6]}").text
    assert "Only the first 50 are shown" in many
    assert "No parcel fits" in asking.get(f"/map/{record.id}?q=nowhere").text


def test_the_list_sorts_by_the_stored_values_and_pages(client: Client) -> None:
    asking = client()
    record, town = town_of(asking)
    largest = town.parcels.sort_values("area_m2", ascending=False)["parcel_id"].iloc[0]
    html = asking.get(f"/map/{record.id}/list?sort=area&down=1").text
    assert html.split("data-row")[1].split("</a>")[0].endswith(largest)
    assert 'aria-sort="descending"' in html
    assert asking.get(f"/map/{record.id}/list?page=99").status_code == 200


def test_unknown_data_and_parcels_are_said_in_sentences(client: Client) -> None:
    asking = client()
    record, _ = town_of(asking)
    answer = asking.get("/map/nothing", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "There is no data version nothing here." in answer.text
    assert "There is no parcel X in this data." in asking.get(f"/map/{record.id}/parcels/X").text
    hostile = "<img src=x onerror=alert(1)>"
    assert hostile not in asking.get(f"/map/{record.id}", params={"parcel": hostile}).text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_choosing_on_the_map_shows_the_sheet_and_starts_a_request(
    server: Running, page: Any, language: str
) -> None:
    act_as(page, server, "planner", language)
    page.goto(f"{server.url}/map")
    page.locator("#landplan-map[data-ready]").wait_for(state="attached")
    chosen = page.evaluate(
        """() => { const ids = landplan.map.data.parcels.features
            .filter((one) => !one.properties.street).slice(0, 2).map((one) => one.id);
            landplan.map.select(ids); return ids; }"""
    )
    page.locator(f'[data-parcel-sheet="{chosen[1]}"]').wait_for()
    page.locator("#town-start button").click()
    page.wait_for_url("**/scenarios/*/edit")
    assert page.input_value("[name='demand.0.must']").split() == chosen
    fits(page)
