"""A worker's heartbeat: it tells how far the work is and hears that it shall stop."""

import math
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import DBAPIError

from landplan.workspace.jobs_held import HeldJobs
from landplan.workspace.jobs_row import Ended

EVERY_S: Final = 1.0
EXIT_NOT_OURS: Final = 75


class Reporter:
    """Reports from a thread of its own, so that a long step of the search is no silence.

    Parameters
    ----------
    jobs, job_id, token
        Whose work it is.
    time_limit_s
        From now on; then the search is asked to stop.
    abandon
        Called where the job belongs to somebody else by now; ends the process.
    """

    def __init__(
        self,
        jobs: HeldJobs,
        job_id: str,
        token: str,
        time_limit_s: float,
        abandon: Callable[[], None] = lambda: os._exit(EXIT_NOT_OURS),
    ) -> None:
        self._jobs, self._job_id, self._token = jobs, job_id, token
        self._deadline = time.monotonic() + time_limit_s
        self._abandon = abandon
        self._phase = "preparing"
        self._best: float | None = None
        self._bound: float | None = None
        self._asked = threading.Event()
        self._tell_now = threading.Event()
        self._over = threading.Event()
        self.ended: Ended = "done"
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def close(self) -> None:
        """Stop reporting."""
        self._over.set()
        self._tell_now.set()
        self._thread.join()

    def enter(self, phase: str) -> None:
        """Say what is being done now."""
        self._phase = phase
        self._tell_now.set()

    def ask_stop(self) -> None:
        """Ask the search to stop, as if somebody had pressed the button."""
        self._asked.set()

    def progress(self, phase: str, best: float, bound: float) -> None:
        """Take the figures of the search; the phase follows from what they do."""
        if math.isfinite(bound):
            self._bound = bound if self._bound is None else max(bound, self._bound)
        if not math.isfinite(best):
            return
        first, better = self._best is None, self._best is not None and best < self._best
        if first or better:
            if self._bound is not None and best < self._bound:  # about fewer sites from now on
                self._bound = bound if math.isfinite(bound) else None
            self._best = best
            self.enter("first_plan" if first else "improving")
        else:
            self._phase = "proving"

    def stop(self, best: float, bound: float) -> bool:
        """Whether the search shall end with its best plan, and remember why."""
        if self._asked.is_set():
            self.ended = "asked"
        elif time.monotonic() >= self._deadline:
            self.ended = "time"
        return self.ended != "done"

    def beat(self) -> None:
        """Report once; where the job is no longer ours, give up at once."""
        answer = self._jobs.beat(self._job_id, self._token, self._phase, self._best, self._bound)
        if not answer.valid:
            self._abandon()
        if answer.stop:
            self._asked.set()

    def _beat_on(self) -> None:
        while not self._over.is_set():
            with suppress(DBAPIError):  # busy for long, or gone for a moment: tried again soon
                self.beat()
            self._tell_now.wait(EVERY_S)
            self._tell_now.clear()
