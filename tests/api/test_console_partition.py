"""The pages of a plan of `partition`: a certificate that counts sites, reasons, words."""

import re

import pytest

from landplan.workspace.asking import ask
from landplan.workspace.workspace import Workspace
from tests.reading import shared_clients
from tests.serving import Prepared, copy_workspace

TABS = ("parcels", "owners", "why", "measures", "inputs")


@pytest.fixture(scope="module")
def divided(prepared, tmp_path_factory):
    """The prepared workspace with a partition of its town."""
    folder = copy_workspace(prepared, tmp_path_factory.mktemp("divided") / "workspace")
    request = prepared.town_file.parent / "partition.toml"
    workspace = Workspace(folder)
    proposal, plan = ask(workspace, prepared.town_file, request)
    workspace.close()
    return Prepared(
        folder, prepared.town_file, plan.dataset_id, proposal.id, plan.scenario_id, plan.label
    )


@pytest.fixture(scope="module")
def reading(divided, tmp_path_factory):
    with shared_clients(divided, tmp_path_factory.mktemp("reading")) as client:
        yield client


@pytest.mark.parametrize("role", ["planner", "viewer"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_plan_opens(reading, divided, role, language):
    reader = reading(role)
    tabs = TABS if role == "planner" else tuple(tab for tab in TABS if tab != "owners")
    paths = [f"?tab={tab}&lang={language}" for tab in tabs]
    for path in [*paths, f"/print?lang={language}"]:
        answer = reader.get(f"/proposals/{divided.proposal}{path}")
        assert answer.status_code == 200, path
        assert "partition." not in answer.text.replace("partition.toml", ""), path
    assert reader.get(f"/maps/{divided.proposal}").status_code == 200


def test_the_head_counts_sites_and_offers_no_hand_edit(reading, divided):
    page = reading("planner").get(f"/proposals/{divided.proposal}?lang=en").text
    assert "no plan has more sites" in page or "no plan can have more than" in page
    assert "asked: at least 4.00 ha each" in page
    assert f"/proposals/{divided.proposal}/edit" not in page
    answer = reading("planner").get(f"/proposals/{divided.proposal}/edit")
    assert answer.status_code == 409


def test_land_left_out_is_listed_with_its_reason(reading, divided):
    page = reading("planner").get(f"/proposals/{divided.proposal}?tab=why&lang=en").text
    assert "the land that hangs together with it is smaller than one site" in page


def test_the_request_can_be_asked_again(reading, divided):
    page = reading("planner").get(f"/requests/new?from={divided.proposal}&lang=en")
    assert page.status_code == 200
    assert "Keep parcels together or apart" in page.text


def test_a_partition_is_begun_on_the_page_of_a_new_request(reading, divided):
    planner = reading("planner")
    page = planner.get("/requests/new?lang=en")
    address = page.url.path
    revision = re.search(r'id="revision" value="(\d+)"', page.text).group(1)
    page = planner.post(
        address,
        data={"do": "process:partition", "revision": revision, "demand.0.count": "3"},
    )
    assert "Keep parcels together or apart" in page.text
    assert "No more sites than" in page.text
    assert 'name="demand.0.count" value=""' in page.text
    revision = re.search(r'id="revision" value="(\d+)"', page.text).group(1)
    asked = {"demand.0.area_ha.min": "4", "demand.0.land_uses": ["0601", "0604"]}
    page = planner.post(address, data={"do": "check", "revision": revision, **asked})
    assert "As many contiguous sites as possible are wanted, each of at least 4.00 ha" in page.text
    assert "Larger than the largest site" not in page.text
    assert "cannot be used" not in page.text
