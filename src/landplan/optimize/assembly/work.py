"""Counting work: what ends a search before its proof, apart from the caller's wish."""

from collections import Counter
from dataclasses import dataclass, field

from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Progress, Stop


@dataclass(slots=True)
class Work:
    """What has been done, and whether it has been enough.

    Attributes
    ----------
    done
        Counts by kind: ``lp_solves``, ``cuts``, ``nodes``, ``centres``, ``trials``, …
    limit_hit
        A limit, or the caller, has ended some search before its proof.
    stopped
        The caller wants no more.
    """

    params: Params
    stop: Stop | None = None
    progress: Progress | None = None
    done: Counter[str] = field(default_factory=Counter)
    history: list[tuple[str, float, float]] = field(default_factory=list)
    limit_hit: bool = False
    stopped: bool = False

    def ask(self, best: float, bound: float) -> bool:
        """Ask the caller whether to stop."""
        if not self.stopped and self.stop is not None and self.stop(best, bound):
            self.stopped = True
            self.limit_hit = True
        return self.stopped

    def tell(self, phase: str, best: float, bound: float) -> None:
        """Report progress and keep it."""
        self.history.append((phase, best, bound))
        if self.progress is not None:
            self.progress(phase, best, bound)
