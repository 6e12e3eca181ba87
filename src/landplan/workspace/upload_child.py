"""Asking the reading process: what it may use, what it answers, and what its end means."""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from landplan.cadastre import drivers
from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.workspace.upload_limits import UploadLimits

log = logging.getLogger("landplan.workspace")

_KEPT_VARIABLES: Final = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "NUMBA_CACHE_DIR")
_SLOW_SIGNALS: Final = (signal.SIGALRM, signal.SIGXCPU)
_GRACE_S: Final = 10.0
_TURNS: Final = threading.BoundedSemaphore(2)
"""Several uploads at once must not take the memory of all of them: further ones wait."""


def ask_reader(task: str, limits: UploadLimits, folder: Path, **details: Any) -> dict[str, Any]:
    """Let a process of its own, in the folder of uploaded files, do a task; return its answer.

    Raises
    ------
    ManyErrors
        What the process found wrong with the files.
    InputError
        ``upload.slow`` and ``upload.reader_failed`` where the process came to no answer.
    """
    request = {"task": task, "limits": asdict(limits), **details}
    with _TURNS, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as remarks:
        try:
            done = subprocess.run(
                # -P: the folder with the uploaded files is no place to import modules from
                [sys.executable, "-P", "-m", "landplan.workspace.upload_reader"],
                input=json.dumps(request).encode(),
                stdout=answer,
                stderr=remarks,
                cwd=folder,
                env=_environment(),
                timeout=limits.time_s + _GRACE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError("upload.slow", limit=limits.time_s) from None
        if -done.returncode in _SLOW_SIGNALS:
            raise InputError("upload.slow", limit=limits.time_s)
        said = _read(answer, limits.answer_bytes) if done.returncode == 0 else None
        if said is None:
            log.error("the reader of uploads ended with %s: %s", done.returncode, _tail(remarks))
            raise InputError("upload.reader_failed")
    if said.get("errors"):
        raise ManyErrors([_error(one) for one in said["errors"]])
    return said


def _environment() -> dict[str, str]:
    """Return the variables of the reading process: no others, and GDAL shut to all but files."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return (
        kept
        | drivers.CLOSED
        | {
            "PROJ_NETWORK": "OFF",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "NUMBA_NUM_THREADS": "1",
            "PYTHONUTF8": "1",
        }
    )


def _read(answer: Any, limit: int) -> dict[str, Any] | None:
    answer.seek(0)
    text = answer.read(limit + 1)
    if len(text) > limit:
        raise InputError("upload.too_much_to_say")
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _tail(remarks: Any) -> str:
    size = remarks.seek(0, os.SEEK_END)
    remarks.seek(max(0, size - 2000))
    return str(remarks.read().decode("utf-8", "replace"))


def _error(said: Mapping[str, Any]) -> LandplanError:
    return InputError(str(said["code"]), **said["params"])
