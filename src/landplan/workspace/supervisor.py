"""The service's thread that gives jobs to worker processes and watches them.

Only one supervisor works on a workspace: it holds a lock on ``supervisor.lock``. A second one waits
until the first is gone, then puts the jobs of its dead workers back in line and goes on.
"""

import fcntl
import logging
import os
import signal
import threading
import time
from typing import Any, Final

from landplan.workspace.jobs import Jobs
from landplan.workspace.jobs_held import MOST_ATTEMPTS
from landplan.workspace.jobs_row import LOST_AFTER_S
from landplan.workspace.supervisor_child import Child, Limits, remove_empty_logs, start_child
from landplan.workspace.worker import EXIT_MEMORY
from landplan.workspace.workspace import Workspace

LOCK: Final = "supervisor.lock"
EVERY_S: Final = 0.5
LOST_EVERY_S: Final = 5.0

log = logging.getLogger(__name__)


class Supervisor:
    """Runs the jobs of a workspace, ``slots`` at a time, each in a process of its own.

    Parameters
    ----------
    workspace
        Whose jobs.
    slots
        Workers at a time; each takes one core.
    memory_mb, time_limit_s, grace_s, nice
        As in `Limits`.
    heartbeat_lost_s
        A worker that is silent for so long is killed and its job put back in line.
    most_attempts
        A job whose worker died so many times fails.
    """

    def __init__(
        self,
        workspace: Workspace,
        slots: int = 1,
        memory_mb: int = 4096,
        time_limit_s: float = 600.0,
        heartbeat_lost_s: float = LOST_AFTER_S,
        grace_s: float = 60.0,
        nice: int = 5,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._workspace = workspace
        self._jobs = Jobs(workspace.engine)
        self._url = workspace.engine.url.render_as_string(hide_password=False)
        self._limits = Limits(memory_mb, time_limit_s, grace_s, nice)
        self._slots = slots
        self._lost_after_s = heartbeat_lost_s
        self._most_attempts = most_attempts
        self._children: dict[str, Child] = {}
        self._lock: int | None = None
        self._look_for_lost_at = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all workers; their jobs go back in line for the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Look at once: something was asked, stopped or dismissed."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        """Whether it watches: calculates itself, or stands by for the one that does."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def active(self) -> bool:
        """Whether this supervisor holds the workspace (another one may)."""
        return self._lock is not None and self.alive

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the jobs at work here."""
        return tuple(self._children)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._take_lock():
                    self._look()
            except Exception:  # whatever it is (a full disk, a busy database), the next look tries
                log.exception("the supervisor could not look after the jobs; it tries again")
            self._wake.wait(EVERY_S)
            self._wake.clear()
        self._give_back()

    def _take_lock(self) -> bool:
        """Hold the workspace; the first moment, put back what a dead service left running."""
        if self._lock is not None:
            return True
        handle = os.open(self._workspace.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        remove_empty_logs(self._workspace.folder)
        self._jobs.requeue_lost(0.0, self._most_attempts)
        return True

    def _look(self) -> None:
        for job_id, child in list(self._children.items()):
            if child.ended:
                del self._children[job_id]
                self._settle(child)
            else:
                self._watch(child)
        if time.monotonic() >= self._look_for_lost_at:
            self._look_for_lost_at = time.monotonic() + LOST_EVERY_S
            self._jobs.requeue_lost(self._lost_after_s, self._most_attempts)
        while len(self._children) < self._slots and not self._stopping.is_set():
            if not self._start_next():
                break

    def _start_next(self) -> bool:
        job = self._jobs.claim(f"{os.getpid()}")
        if job is None or job.token is None:
            return False
        try:
            child = start_child(
                self._workspace.folder, self._url, job, self._limits, self._wake.set
            )
        except BaseException:
            self._jobs.release(job.id, job.token, counted=False)
            raise
        # a job that was thought lost may come back while its silent worker is being killed
        old = self._children.pop(job.id, None)
        if old is not None:
            old.kill()
            old.close()
        self._children[job.id] = child
        return True

    def _watch(self, child: Child) -> None:
        if not self._jobs.holds(child.job.id, str(child.job.token)):
            child.kill()  # dismissed, or thought lost: nobody wants its result
        child.watch()

    def _settle(self, child: Child) -> None:
        """Say what became of a job whose worker ended without saying so itself."""
        child.close()
        job, token, code = child.job, str(child.job.token), child.process.returncode
        if child.overdue:
            self._jobs.fail(job.id, token, [_fault("job.time_over")])
        elif code == EXIT_MEMORY:
            self._jobs.fail(job.id, token, [self._memory()])
        elif job.attempt < self._most_attempts:
            if self._jobs.release(job.id, token):
                log.warning("worker of job %s ended with %s; the job waits again", job.id, code)
        elif code == -signal.SIGKILL:  # what the system does where memory runs out
            self._jobs.fail(job.id, token, [self._memory()])
        else:
            self._jobs.fail(job.id, token, [_fault("job.internal", reference=child.log.stem)])

    def _memory(self) -> dict[str, Any]:
        return _fault("job.memory", limit_mb=self._limits.memory_mb)

    def _give_back(self) -> None:
        """Kill the workers, put their jobs back in line uncounted, and leave the workspace."""
        for child in self._children.values():
            child.kill()
        for child in self._children.values():
            child.close()
            try:
                self._jobs.release(child.job.id, str(child.job.token), counted=False)
            except Exception:  # the next start finds it without a heartbeat
                log.exception("job %s could not be put back in line", child.job.id)
        self._children.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _fault(code: str, **params: object) -> dict[str, Any]:
    return {"code": code, "params": params}
