"""Counting work: what ends a search before its proof, apart from the caller's wish."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from landplan.optimize.assembly.params import Params
from landplan.optimize.assembly.problem import Progress, Stop

Figures = Callable[[float, float], tuple[float, float]]


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
    alone_lp_solves
        LPs that were solved before several sites were planned together.
    whole
        Turns best cost and bound of the site being looked for into those of the whole plan, which
        alone are told; None: they are those.
    """

    params: Params
    stop: Stop | None = None
    progress: Progress | None = None
    done: Counter[str] = field(default_factory=Counter)
    history: list[tuple[str, float, float]] = field(default_factory=list)
    limit_hit: bool = False
    stopped: bool = False
    alone_lp_solves: int = 0
    whole: Figures | None = None

    def ask(self, best: float, bound: float) -> bool:
        """Ask the caller whether to stop."""
        if self.stopped or self.stop is None:
            return self.stopped
        if self.stop(*self._of_plan(best, bound)):
            self.stopped = True
            self.limit_hit = True
        return self.stopped

    def joint_done(self, best: float, bound: float) -> bool:
        """Whether the work on plans of several sites is used up, or the caller wants no more."""
        spent = self.done["lp_solves"] - self.alone_lp_solves
        if spent >= self.params.joint_lp_solves:
            self.limit_hit = True
            return True
        return self.ask(best, bound)

    def tell(self, phase: str, best: float, bound: float) -> None:
        """Report progress and keep it."""
        best, bound = self._of_plan(best, bound)
        self.history.append((phase, best, bound))
        if self.progress is not None:
            self.progress(phase, best, bound)

    def _of_plan(self, best: float, bound: float) -> tuple[float, float]:
        return (best, bound) if self.whole is None else self.whole(best, bound)
