"""Workspaces with a small town, and jobs asked in them."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from landplan.cadastre.validation import read_toml
from landplan.workspace.jobs import Jobs
from landplan.workspace.jobs_row import Job
from landplan.workspace.workspace import Workspace
from tests.towns import squares, write_town

PATIENCE_S = 120.0
COSTS = 'cost = { constant = 100.0, unit = "per_m2" }\n'


def request(**keys: object) -> dict[str, object]:
    """Two squares of one hectare each, somewhere."""
    demand = {"id": "plant", "area_ha": [2.0, 2.5]}
    return {"process": "assemble", "demand": [demand], **keys}


def small_workspace(folder: Path) -> tuple[Workspace, str]:
    """Return a workspace with a town of nine squares, and the id of its data."""
    (folder / "town").mkdir(parents=True)
    town = write_town(folder / "town", squares("abc\ndef\nghi"), parcel_keys=COSTS)
    workspace = Workspace(folder / "w")
    return workspace, workspace.datasets.import_town(town, "lin").id


def ask(jobs: Jobs, dataset_id: str, asked: object = None, **others: object) -> Job:
    """Ask as Lin does."""
    job, _ = jobs.submit(
        process="assemble",
        dataset_id=dataset_id,
        request=asked or request(),  # type: ignore[arg-type]
        client="console",
        person="lin",
        **others,  # type: ignore[arg-type]
    )
    return job


def demo_request(town: Path, name: str, **keys: object) -> dict[str, object]:
    """Return an example request of the invented town with other keys."""
    return read_toml(town.parent / name) | keys


def until(condition: Callable[[], object], what: str = "it") -> None:
    """Wait for what another process does; the limit only ends a test that hangs."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs (one that only waits to be reaped does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.path.exists(f"/proc/{pid}")


def workers_of(folder: Path) -> list[int]:
    """Return the processes that calculate for a workspace."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"landplan.workspace.worker" in words and str(folder).encode() in words:
            found.append(int(entry.name))
    return [pid for pid in found if alive(pid)]
