"""The plan's page: figures, tabs, states, what a viewer gets."""

import re
import shutil
from dataclasses import replace

import geopandas as gpd
import pytest

from landplan.messages import say
from landplan.messages.numbers import area, count, money
from landplan.proposal.certificate import does_not_cover
from landplan.proposal.files import write_proposal
from tests.reading import shared_clients

TABS = ("parcels", "owners", "why", "measures", "inputs")


def path(prepared, **query):
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/proposals/{prepared.proposal}" + (f"?{text}" if text else "")


def workspace_of(client):
    return client.app.state.services.workspace


@pytest.fixture(scope="module")
def reading(prepared, tmp_path_factory):
    """``reading(role)``: clients of one application for all tests that change nothing."""
    with shared_clients(prepared, tmp_path_factory.mktemp("reading")) as client:
        yield client


@pytest.fixture
def reader(reading):
    return reading("planner")


@pytest.fixture
def planner(client):
    return client("planner")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_head_states_the_figures_of_the_stored_plan(reader, prepared, language):
    page = reader.get(path(prepared, lang=language)).text
    proposal = workspace_of(reader).proposals.get(prepared.proposal)
    total = proposal.sites["area_m2"].sum()
    ha = area(total, language).split(" (")[0].split("（")[0]
    assert ha in page
    assert money(proposal.certificate.objective, proposal.town.currency, language) in page
    assert count(int(proposal.sites["parcel_count"].sum()), "parcel", language) in page
    assert does_not_cover(language).replace("'", "&#39;") in page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_says_everything_in_words(reader, prepared, tab, language):
    answer = reader.get(path(prepared, tab=tab, lang=language))
    assert answer.status_code == 200
    spoken = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.text, flags=re.S)
    assert not re.search(
        r"\b(plan|edit|signoff|compare|certificate|why|words|audit)\.[a-z_]+", spoken
    )


def test_htmx_gets_the_tabs_alone_so_that_the_map_stays(reader, prepared):
    part = reader.get(path(prepared, tab="inputs"), headers={"HX-Request": "true"}).text
    assert 'aria-current="page">Inputs' in part
    assert "landplan-map" not in part
    assert "<html" not in part


def test_an_unknown_tab_or_site_shows_the_parcels_of_all_sites(reader, prepared):
    page = reader.get(path(prepared, tab="nonsense", site="nowhere"))
    proposal = workspace_of(reader).proposals.get(prepared.proposal)
    inside = proposal.parcels.loc[proposal.parcels["site_id"].notna(), "parcel_id"]
    assert set(re.findall(r'tr data-parcel="([^"]+)"', page.text)) == set(inside)


def test_one_site_lists_its_own_parcels(reader, prepared):
    proposal = workspace_of(reader).proposals.get(prepared.proposal)
    site = proposal.sites["site_id"].iloc[1]
    page = reader.get(path(prepared, site=site)).text
    inside = proposal.parcels.loc[proposal.parcels["site_id"] == site, "parcel_id"]
    assert set(re.findall(r'tr data-parcel="([^"]+)"', page)) == set(inside)


def test_parcels_sort_by_what_is_stored(reader, prepared):
    parcels = workspace_of(reader).proposals.get(prepared.proposal).parcels
    inside = parcels[parcels["site_id"].notna()]
    page = reader.get(path(prepared, sort="-cost")).text
    dearest_first = list(inside.sort_values("cost", ascending=False)["parcel_id"])
    assert re.findall(r'tr data-parcel="([^"]+)"', page) == dearest_first


def test_the_audit_is_counted_and_listed(reader, prepared):
    page = reader.get(path(prepared, tab="measures")).text
    checks = workspace_of(reader).proposals.document(prepared.proposal)["audit"]["checks"]
    n = len(checks)
    assert say("plan.audit.passed", {"n": n, "total": n}, "en") in page
    assert page.count('class="kept"') >= n


def test_owners_are_sorted_by_the_largest_loss(reader, prepared):
    page = reader.get(path(prepared, tab="owners")).text
    cells = re.findall(r'<td class="number">([^<]+)</td></tr>', page)
    shown = [float(cell.replace("−", "-").replace("+", "")) for cell in cells]
    assert len(shown) > 1
    assert shown == sorted(shown)


@pytest.mark.parametrize("tab", TABS)
def test_a_viewer_gets_no_owner_and_no_money_in_any_byte(reading, prepared, tab):
    viewer = reading("viewer")
    proposal = workspace_of(viewer).proposals.get(prepared.proposal)
    answer = viewer.get(path(prepared, tab=tab))
    assert answer.status_code == 200
    owners = set(proposal.rights["owner_id"].dropna()) | set(proposal.parcels["owner_id"].dropna())
    assert not [owner for owner in owners if owner in answer.text]
    assert not re.search(r"CNY [\d—]|million", answer.text)
    for amount in proposal.sites["cost"]:
        assert str(int(amount)) not in answer.text


def test_a_viewer_has_no_buttons_of_planners(reading, prepared):
    page = reading("viewer").get(path(prepared)).text
    for words in ("plan.submit", "plan.edit", "plan.change", "plan.compare", "plan.file.xlsx"):
        assert say(words, None, "en") not in page
    assert say("plan.tab.owners", None, "en") not in re.sub(r"\d+ owners?", "", page)


def test_a_missing_plan_is_said_in_a_sentence(reader):
    for wrong in ("000000000000", "nonsense", "..%2f..%2fetc"):
        answer = reader.get(f"/proposals/{wrong}", headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "<h1>" in answer.text


def test_looking_is_logged_for_planners_only(client, prepared):
    planner, viewer = client("planner"), client("viewer")
    planner.get(path(prepared))
    planner.get(path(prepared, tab="why"), headers={"HX-Request": "true"})
    viewer.get(path(prepared))
    events = workspace_of(planner).events.of(f"proposal/{prepared.proposal}", "saw")
    assert [event.role for event in events] == ["planner"]


def newer_register(workspace, prepared, tmp_path):
    """Import a later register in which one parcel of the plan costs more."""
    town = tmp_path / "newer"
    shutil.copytree(prepared.town_file.parent, town)
    proposal = workspace.proposals.get(prepared.proposal)
    inside = proposal.parcels.loc[proposal.parcels["site_id"].notna(), "parcel_id"].iloc[0]
    frame = gpd.read_file(town / "town.gpkg", layer="parcels")
    column = next(name for name in frame.columns if (frame[name].astype(str) == inside).any())
    areas = frame.geometry.scale(0.999, 0.999, origin="center")
    frame.loc[frame[column] == inside, "geometry"] = areas[frame[column] == inside]
    frame.to_file(town / "town.gpkg", layer="parcels", driver="GPKG")
    return workspace.datasets.import_town(town / "town.toml", "planner")


def test_old_data_are_said_and_submitting_gives_way_to_recalculating(planner, prepared, tmp_path):
    workspace = workspace_of(planner)
    newer_register(workspace, prepared, tmp_path)
    page = planner.get(path(prepared)).text
    assert "parcels is affected" in page
    assert "Recalculate before sign-off" in page
    assert say("plan.submit", None, "en") not in page
    assert f"/requests/new?from={prepared.proposal}" in page


def test_the_plans_of_a_scenario_are_tabs(planner, prepared):
    workspace = workspace_of(planner)
    first = workspace.proposals.get(prepared.proposal)
    other = replace(first, id="0123456789ab")
    write_proposal(other, workspace.proposals.folder(other.id))
    workspace.scenarios.add_plan(prepared.scenario, other.id, prepared.dataset, "planner")
    page = planner.get(path(prepared)).text
    assert f'href="/proposals/{prepared.proposal}" aria-current="page"' in page
    assert 'href="/proposals/0123456789ab"' in page
