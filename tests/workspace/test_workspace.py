"""Datasets in versions, questions, answers, people and the record of what they did."""

import pickle
import threading
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError, ManyErrors
from landplan.workspace.workspace import Workspace
from tests.towns import squares, write_town

KEYS = 'owner = "owner"\ncost = "cost"\n'
LAND = """
AB
CD
"""


def land(**changes: float) -> gpd.GeoDataFrame:
    """Four squares of a hectare; `changes` sets the cost of single ones."""
    costs = dict.fromkeys("ABCD", 100.0) | changes
    return squares(LAND, owner=["o1", "o1", "o2", "o3"], cost=list(costs.values()))


def town(folder: Path, parcels: gpd.GeoDataFrame | None = None) -> Path:
    """Write a town of four parcels into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_town(folder, land() if parcels is None else parcels, parcel_keys=KEYS)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "w")


def test_importing_the_same_data_twice_is_one_dataset(workspace: Workspace, tmp_path: Path) -> None:
    first = workspace.datasets.import_town(town(tmp_path / "a"), "wang")
    again = workspace.datasets.import_town(tmp_path / "a" / "town.toml", "li")
    assert again == first
    assert first.version == 1
    assert first.imported_by == "wang"
    assert [record.id for record in workspace.datasets.list()] == [first.id]


def test_a_dataset_outlives_the_files_it_came_from(workspace: Workspace, tmp_path: Path) -> None:
    record = workspace.datasets.import_town(town(tmp_path / "a"), "wang")
    for file in (tmp_path / "a").iterdir():
        file.unlink()
    fresh = Workspace(workspace.folder)
    assert len(fresh.datasets.cadastre(record.id).parcels) == 4
    (workspace.folder / "datasets" / record.id).joinpath("cadastre-0.1.0.pickle").unlink()
    again = Workspace(workspace.folder).datasets.cadastre(record.id)
    assert again.provenance.data_hash == record.data_hash


def test_a_damaged_cache_is_read_again_from_the_copy(workspace: Workspace, tmp_path: Path) -> None:
    record = workspace.datasets.import_town(town(tmp_path / "a"), "wang")
    (cache,) = (workspace.folder / "datasets" / record.id).glob("*.pickle")
    cache.write_bytes(cache.read_bytes()[:100])
    assert len(Workspace(workspace.folder).datasets.cadastre(record.id).parcels) == 4


def test_a_dataset_brings_the_borders_of_its_land_along(
    workspace: Workspace, tmp_path: Path
) -> None:
    record = workspace.datasets.import_town(town(tmp_path / "a"), "wang")
    found = Workspace(workspace.folder).datasets.cadastre(record.id).borders
    assert found is not None
    assert found.pairs.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]


def test_a_cache_that_lacks_what_is_kept_today_is_read_again_from_the_copy(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = workspace.datasets.import_town(town(tmp_path / "a"), "wang")
    (cache,) = (workspace.folder / "datasets" / record.id).glob("*.pickle")
    cadastre = workspace.datasets.cadastre(record.id)
    with monkeypatch.context() as earlier:
        values = [getattr(cadastre, one.name) for one in fields(cadastre) if one.name != "borders"]
        earlier.setattr(Cadastre, "__getstate__", lambda _: values)
        cache.write_bytes(pickle.dumps(cadastre))
    assert Workspace(workspace.folder).datasets.cadastre(record.id).borders is not None


def test_layers_beside_the_town_files_folder_are_found_in_the_copy(
    workspace: Workspace, tmp_path: Path
) -> None:
    town(tmp_path / "a")
    (tmp_path / "data").mkdir()
    (tmp_path / "a" / "parcels.gpkg").rename(tmp_path / "data" / "parcels.gpkg")
    file = tmp_path / "a" / "town.toml"
    file.write_text(file.read_text().replace('"parcels.gpkg"', '"../data/parcels.gpkg"'))
    record = workspace.datasets.import_town(file, "wang")
    copy = workspace.datasets.town_file(record.id)
    assert copy.read_text() == file.read_text()
    assert (copy.parent / "../data/parcels.gpkg").is_file()
    assert workspace.folder in copy.resolve().parents


def test_an_absolute_path_in_a_town_file_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = town(tmp_path / "a")
    absolute = str(tmp_path / "a" / "parcels.gpkg")
    file.write_text(file.read_text().replace('"parcels.gpkg"', f'"{absolute}"'))
    with pytest.raises(ManyErrors) as caught:
        workspace.datasets.import_town(file, "wang")
    assert caught.value.errors[0].code == "workspace.absolute_path"
    assert not workspace.datasets.list()
    assert not list((workspace.folder / "datasets").glob("*"))


def test_a_date_moves_forward_only(workspace: Workspace, tmp_path: Path) -> None:
    """The same land looked at again: a later date stands, an earlier one says nothing new."""
    file = town(tmp_path / "a")
    dates = [
        workspace.datasets.import_town(file, "wang", as_of).data_date
        for as_of in (None, "2026-11-01", "2026-10-01", None, "2026-11-18")
    ]
    assert dates == [None, "2026-11-01", "2026-11-01", "2026-11-01", "2026-11-18"]


def test_the_date_of_the_register_comes_from_the_town_file_or_the_caller(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = town(tmp_path / "a")
    undated = workspace.datasets.import_town(file, "wang")
    assert undated.data_date is None
    file.write_text(file.read_text().replace("[town]", "[town]\nas_of = 2026-11-18"))
    assert workspace.datasets.import_town(file, "wang").id == undated.id
    confirmed = workspace.datasets.import_town(file, "wang", as_of="2026-11-20")
    assert confirmed.data_date == "2026-11-20"
    assert workspace.datasets.get(undated.id).data_date == "2026-11-20"


@settings(max_examples=5)
@given(order=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_versions_of_a_town_count_from_one_without_gaps(
    order: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("versions")
    workspace = Workspace(folder / "w")
    files = {n: town(folder / str(n), land(A=200.0 + n)) for n in set(order)}
    for variant in order:
        workspace.datasets.import_town(files[variant], "wang")
    versions = sorted(record.version for record in workspace.datasets.list("anting"))
    assert versions == list(range(1, len(set(order)) + 1))


def test_two_imports_at_once_are_one_dataset(workspace: Workspace, tmp_path: Path) -> None:
    file = town(tmp_path / "a")
    found: list[str] = []

    def work() -> None:
        found.append(Workspace(workspace.folder).datasets.import_town(file, "wang").id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(workspace.datasets.list()) == 1
    assert not list((workspace.folder / "datasets").glob(".*"))


def test_findings_are_kept_with_the_dataset(workspace: Workspace, tmp_path: Path) -> None:
    record = workspace.datasets.import_town(town(tmp_path / "a", land(B=0.0)), "wang")
    assert {finding["code"] for finding in record.findings} >= {"cost.zero"}
    kept = Workspace(workspace.folder).datasets.get(record.id)
    assert kept.findings == record.findings


def test_a_save_on_an_old_revision_is_refused_and_says_who_was_first(workspace: Workspace) -> None:
    scenario = workspace.scenarios.create("Plant", "anting", "assemble", {"n": 1}, "wang")
    assert scenario.code == "S-001"
    workspace.scenarios.save_draft(scenario.id, {"n": 2}, "li", 1)
    with pytest.raises(InputError) as caught:
        workspace.scenarios.save_draft(scenario.id, {"n": 3}, "wang", 1)
    assert caught.value.code == "workspace.changed_meanwhile"
    assert caught.value.params["person"] == "li"
    assert workspace.scenarios.get(scenario.id).draft == {"n": 2}


def test_plans_are_numbered_and_those_by_hand_lettered(
    workspace: Workspace, tmp_path: Path
) -> None:
    data = workspace.datasets.import_town(town(tmp_path / "a"), "wang").id
    scenarios = workspace.scenarios
    question = scenarios.create("Plant", "anting", "assemble", {}, "wang").id
    first = scenarios.add_plan(question, "1" * 12, data, "wang")
    second = scenarios.add_plan(question, "2" * 12, data, "wang")
    by_hand = scenarios.add_plan(question, "3" * 12, data, "wang", second)
    again = scenarios.add_plan(question, "4" * 12, data, "wang", by_hand)
    third = scenarios.add_plan(question, "5" * 12, data, "wang")
    labels = [plan.label for plan in (first, second, by_hand, again, third)]
    assert labels == ["1", "2", "2a", "2b", "3"]
    assert scenarios.add_plan(question, "1" * 12, data, "li") == first


def test_a_password_is_checked_and_never_kept(workspace: Workspace) -> None:
    workspace.people.add("wang", "planner", "correct horse")
    assert workspace.people.check("wang", "correct horse") == "planner"
    assert workspace.people.check("wang", "correct hors") is None
    assert workspace.people.check("nobody", "correct horse") is None
    kept = b"".join(path.read_bytes() for path in workspace.folder.glob("landplan.db*"))
    assert b"correct horse" not in kept
    workspace.people.disable("wang")
    assert workspace.people.check("wang", "correct horse") is None


def test_an_account_without_a_password_cannot_sign_in(workspace: Workspace) -> None:
    workspace.people.add("robot", "viewer")
    assert workspace.people.check("robot", "") is None


def test_a_key_opens_until_a_new_one_is_made(workspace: Workspace) -> None:
    workspace.people.add("gis", "viewer")
    first = workspace.people.add_key("gis")
    found = workspace.people.by_key(first)
    assert found is not None
    assert found.role == "viewer"
    second = workspace.people.add_key("gis")
    assert workspace.people.by_key(first) is None
    workspace.people.disable("gis")
    assert workspace.people.by_key(second) is None


@pytest.mark.parametrize(
    ("name", "role", "password", "code"),
    [
        ("", "planner", "long enough", "people.name"),
        ("wang", "king", "long enough", "people.role"),
        ("wang", "planner", "short", "people.password_short"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    workspace: Workspace, name: str, role: str, password: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        workspace.people.add(name, role, password)
    assert caught.value.code == code


def test_the_record_only_grows(workspace: Workspace) -> None:
    workspace.events.add("wang", "planner", "submitted", "proposal/a", "7F3A-91C2", "please")
    workspace.events.add("li", "leader", "approved", "proposal/a", "7F3A-91C2")
    assert [event.action for event in workspace.events.of("proposal/a")] == [
        "submitted",
        "approved",
    ]
    assert [event.person for event in workspace.events.recent()] == ["li", "wang"]
    changing = [name for name in dir(workspace.events) if not name.startswith("_")]
    assert changing == ["add", "of", "recent"]


@pytest.mark.parametrize("statement", ["UPDATE events SET person = 'me'", "DELETE FROM events"])
def test_the_database_itself_keeps_the_record(workspace: Workspace, statement: str) -> None:
    workspace.events.add("wang", "planner", "submitted", "proposal/a")
    with (
        pytest.raises(IntegrityError, match="never changed"),
        workspace.engine.begin() as connection,
    ):
        connection.execute(text(statement))
    assert [event.person for event in workspace.events.recent()] == ["wang"]


@pytest.mark.parametrize("name", ["..", "../../etc", "ABCDEF012345", "0" * 11, ""])
def test_what_is_no_id_is_never_a_path(workspace: Workspace, name: str) -> None:
    assert not workspace.proposals.exists(name)
    with pytest.raises(InputError):
        workspace.proposals.document(name)
