"""An import that dies at any moment leaves a whole dataset or none, and the next one succeeds."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landplan.errors import InputError
from landplan.workspace import datasets as module
from landplan.workspace.workspace import Workspace
from tests.towns import squares, write_town

DYING = """
import os, signal, sys
from pathlib import Path
from landplan.workspace import datasets
from landplan.workspace.workspace import Workspace

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

place, folder, town = sys.argv[1:]
workspace = Workspace(Path(folder))
owner, name = (datasets.Datasets, place[1:]) if place[0] == "." else (datasets, place)
setattr(owner, name, die)
workspace.datasets.import_town(Path(town), "wang")
"""


def town(folder: Path, cost: float = 100.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return write_town(folder, squares("A", cost=[cost]), parcel_keys='cost = "cost"\n')


@pytest.mark.parametrize(
    "place",
    [
        "_copy_files",  # a folder is there, nothing in it
        "_require_same",  # all files are copied
        "_save",  # the files are whole, their cache is not
        "._insert",  # all is in its place, no row names it
    ],
)
def test_an_import_that_dies_leaves_nothing_half(tmp_path: Path, place: str) -> None:
    file = town(tmp_path / "t")
    command = [sys.executable, "-c", DYING, place, str(tmp_path / "w"), str(file)]
    assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL
    workspace = Workspace(tmp_path / "w")
    assert workspace.datasets.list() == []
    record = workspace.datasets.import_town(file, "li")
    assert (record.version, record.imported_by) == (1, "li")
    assert workspace.datasets.town_file(record.id).is_file()
    assert len(Workspace(tmp_path / "w").datasets.cadastre(record.id).parcels) == 1


def test_what_a_dead_import_left_is_removed_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "w" / "datasets" / ".0123.part"
    left.mkdir(parents=True)
    Workspace(tmp_path / "w")
    assert left.exists()  # it may still be at work
    monkeypatch.setattr("landplan.workspace.workspace.LEFTOVER_AGE_S", -1.0)
    Workspace(tmp_path / "w")
    assert not left.exists()


@settings(max_examples=4)
@given(order=st.permutations([0, 0, 1, 1, 2, 3]))
def test_imports_in_any_order_and_at_once_count_versions_without_gaps(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    workspace = Workspace(folder / "w")
    files = [town(folder / str(number), 100.0 + number) for number in range(4)]
    found: list[tuple[int, str]] = []

    def work(number: int) -> None:
        record = workspace.datasets.import_town(files[number], "wang")
        found.append((number, record.id))

    threads = [threading.Thread(target=work, args=(number,)) for number in order]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 4  # the same data, the same dataset
    assert sorted(record.version for record in workspace.datasets.list()) == [1, 2, 3, 4]


def test_files_that_change_while_they_are_copied_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = town(tmp_path / "t")
    copy = module._copy_files

    def changing(town_file: Path, target: Path) -> str:
        squares("AB", cost=[1.0, 2.0]).to_file(tmp_path / "t" / "parcels.gpkg")
        return copy(town_file, target)

    monkeypatch.setattr(module, "_copy_files", changing)
    workspace = Workspace(tmp_path / "w")
    with pytest.raises(InputError, match=r"workspace\.changed_while_copied") as caught:
        workspace.datasets.import_town(file, "wang")
    assert caught.value.params["files"] == ["parcels.gpkg"]
    assert workspace.datasets.list() == []
    assert list((tmp_path / "w" / "datasets").iterdir()) == []
