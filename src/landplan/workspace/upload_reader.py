"""The process that opens uploaded files: `python -m landplan.workspace.upload_reader`.

Reads one task as JSON from standard input and answers with JSON on standard output. It limits its
own memory and time and gives up the network before it imports anything that reads files; whatever
a file makes it do, the service does not share its fate.
"""

import ctypes
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.workspace.upload_limits import MEBI, UploadLimits

TOWN_FILE: Final = "town.toml"
_NEW_USER: Final = 0x1000_0000
_NEW_NETWORK: Final = 0x4000_0000
_SAMPLES: Final = 3
_SAMPLE_LENGTH: Final = 60

Answer = dict[str, Any]


def main() -> None:
    """Do the one task that standard input names."""
    answer_to = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no part of the answer
    task = json.load(sys.stdin)
    limits = UploadLimits(**task["limits"])
    _limit(limits, writes=task["task"] == "import")
    if task["task"] != "import":  # the database may be on the network
        leave_network()
    try:
        answer = _TASKS[task["task"]](task, limits)
    except LandplanError as error:
        answer = {"errors": [as_json(one) for one in faults_of(error)]}
    except MemoryError:
        answer = {"errors": [{"code": "upload.memory", "params": {"limit": limits.memory_mb}}]}
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(plain(answer), out, ensure_ascii=True, allow_nan=False)


def faults_of(error: LandplanError) -> tuple[LandplanError, ...]:
    """Return the faults that stand behind an error."""
    return error.errors if isinstance(error, ManyErrors) else (error,)


def as_json(error: LandplanError) -> Answer:
    """Return an error as {code, params}."""
    return {"code": error.code, "params": error.params}


def plain(value: Any) -> Any:
    """Return what JSON can say; numbers that are none become null, all else text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _limit(limits: UploadLimits, writes: bool) -> None:
    memory = limits.memory_mb * MEBI
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not writes:
        size = limits.bytes_unpacked + MEBI
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    signal.setitimer(signal.ITIMER_REAL, limits.time_s)


def leave_network() -> bool:
    """Give up all network devices, loopback too, where the system lets a process do so."""
    library = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if library.unshare(_NEW_NETWORK) == 0:
        return True
    if library.unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return False
    with suppress(OSError):  # stay who we are, so that files can be written
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def _survey(task: Answer, limits: UploadLimits) -> Answer:
    """Look at all files: what they hold, and a first mapping of it."""
    import tomllib

    from landplan.cadastre.draft.drafting import draft_survey
    from landplan.cadastre.draft.survey import survey
    from landplan.workspace.upload_guard import after_reading

    folder = Path()  # this process was started there
    paths = _unpacked([folder / name for name in task["files"]], limits)
    found = survey(paths)
    errors = after_reading(found.sources, limits)
    if errors:
        raise ManyErrors(errors)
    answer: Answer = {"layers": [_layer(source) for source in found.sources]}
    try:
        draft = draft_survey(found, folder)
    except InputError as error:  # the layers are worth showing even where no draft can be made
        return answer | {"town": None, "notes": [as_json(error)]}
    notes = [{"code": note.code, "params": note.params} for note in draft.notes]
    return answer | {"town": tomllib.loads(draft.text), "notes": notes}


def _unpacked(paths: list[Path], limits: UploadLimits) -> list[Path]:
    """Unpack what is packed and look at every file from outside; all faults are told at once."""
    from landplan.workspace.upload_guard import before_opening
    from landplan.workspace.upload_zip import unpack_shapefile

    ready: list[Path] = []
    errors: list[LandplanError] = []
    for path in paths:
        try:
            if path.suffix == ".zip":
                for left in path.parent.glob(f"{path.stem}.[!z]*"):  # of an attempt cut short
                    left.unlink()
                path = unpack_shapefile(path, path.parent, path.stem, limits)
            before_opening(path, limits)
            ready.append(path)
        except LandplanError as error:
            errors += faults_of(error)
    if errors:
        raise ManyErrors(errors)
    return ready


def _layer(source: Any) -> Answer:
    """Describe a layer for the form that maps its columns."""
    from landplan.cadastre.draft.columns import Profile

    authority = source.crs.to_authority() if source.crs is not None else None
    columns = [Profile(str(name), source.frame[name]) for name in source.attributes.columns]
    return {
        "files": [path.name for path in source.paths],
        "layer": source.layer,
        "kind": source.kind,
        "rows": len(source.frame),
        "crs": ":".join(authority) if authority else None,
        "crs_name": None if source.crs is None else source.crs.name,
        "encoding": source.encoding,
        "columns": [
            {
                "name": one.name,
                "numeric": one.is_numeric,
                "filled": one.filled,
                "distinct": one.distinct,
                "samples": [
                    str(value)[:_SAMPLE_LENGTH]
                    for value in one.text.dropna().drop_duplicates().head(_SAMPLES)
                ],
            }
            for one in columns
        ],
    }


def _check(task: Answer, limits: UploadLimits) -> Answer:
    """Read the mapped town and say everything that is wrong or odd with it."""
    from dataclasses import asdict

    from landplan.cadastre.check import check_town

    reading = check_town(Path(TOWN_FILE))
    answer: Answer = {
        "findings": [asdict(finding) for finding in reading.findings],
        "faults": [as_json(error) for error in reading.errors],
    }
    if reading.cadastre is not None:
        parcels = reading.cadastre.parcels
        answer["town"] = reading.cadastre.town.name
        answer["parcels"] = len(parcels)
        answer["sound"] = int(parcels["fault"].isna().sum())
        answer["data_hash"] = reading.cadastre.provenance.data_hash
    return answer


def _import(task: Answer, limits: UploadLimits) -> Answer:
    """Keep the mapped town as a dataset."""
    from landplan.workspace.workspace import Workspace

    workspace = Workspace(Path(task["workspace"]), task["url"])
    try:
        town = Path(TOWN_FILE)
        record = workspace.datasets.import_town(town, task["person"], task["as_of"], task["series"])
    finally:
        workspace.close()
    return {"dataset": record.id}


_TASKS: Final[dict[str, Callable[[Answer, UploadLimits], Answer]]] = {
    "survey": _survey,
    "check": _check,
    "import": _import,
}

if __name__ == "__main__":
    main()
