"""Starting a worker process, and what its end says."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from landplan.workspace.jobs_row import Job
from landplan.workspace.worker import LOGS, PARENT, URL

MODULE: Final = "landplan.workspace.worker"
_LIBRARIES: Final = ("OMP", "OPENBLAS", "MKL", "NUMBA", "GDAL")
_ONE_THREAD: Final = {f"{library}_NUM_THREADS": "1" for library in _LIBRARIES}
"""A slot is one core; more threads would only reserve memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker may take.

    Attributes
    ----------
    memory_mb
        Address space.
    time_limit_s
        The most that any job may ask for; then the search is asked to stop.
    grace_s
        How long writing the best plan may take after that, before SIGTERM, and again before
        SIGKILL.
    nice
        Added to the priority of the service.
    """

    memory_mb: int = 4096
    time_limit_s: float = 600.0
    grace_s: float = 60.0
    nice: int = 5


@dataclass(slots=True)
class Child:
    """A worker at work."""

    job: Job
    process: subprocess.Popen[bytes]
    log: Path
    term_at: float
    kill_at: float
    killed: bool = False
    overdue: bool = False
    _asked: bool = field(default=False)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """End it at once, with whatever it may have started."""
        self.killed = True
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def watch(self) -> None:
        """Hurry a worker that should have ended by itself: first ask, then kill."""
        moment = time.monotonic()
        if moment >= self.kill_at and not self.killed:
            self.overdue = True
            self.kill()
        elif moment >= self.term_at and not self._asked:
            self._asked = True
            self.process.terminate()

    def close(self) -> None:
        """Wait for the end and keep its log only if something stands in it."""
        self.process.wait()
        with suppress(OSError):
            if self.log.stat().st_size == 0:
                self.log.unlink()


def start_child(
    folder: Path, url: str, job: Job, limits: Limits, ended: Callable[[], object]
) -> Child:
    """Start a worker for a claimed job; ``ended`` is called from a thread when it is gone."""
    allowed = min(job.time_limit_s, limits.time_limit_s)
    logs = folder / LOGS
    logs.mkdir(exist_ok=True)
    log = logs / f"job-{job.id}-{job.attempt}.log"
    environment = os.environ | _ONE_THREAD | {URL: url, PARENT: str(os.getpid())}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            worker_command(folder, job, limits, allowed),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    threading.Thread(target=_tell, args=(process, ended), daemon=True).start()
    term_at = time.monotonic() + allowed + limits.grace_s
    return Child(job, process, log, term_at, term_at + limits.grace_s)


def remove_empty_logs(folder: Path) -> None:
    """Remove logs without a word that workers of a killed service left; none may be at work."""
    for log in (folder / LOGS).glob("job-*.log"):
        with suppress(OSError):
            if log.stat().st_size == 0:
                log.unlink()


def worker_command(folder: Path, job: Job, limits: Limits, allowed_s: float) -> list[str]:
    """Return the words that start a worker."""
    options = [f"--memory-mb={limits.memory_mb}", f"--time-limit-s={allowed_s}"]
    words = [str(folder), *options, f"--nice={limits.nice}", "--", job.id, str(job.token)]
    # -P: what lies in the working folder is never imported
    return [sys.executable, "-P", "-m", MODULE, *words]


def _tell(process: subprocess.Popen[bytes], ended: Callable[[], object]) -> None:
    process.wait()
    ended()
