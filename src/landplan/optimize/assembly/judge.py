"""Judging whole sites once each, and remembering which were turned down, and why."""

from collections.abc import Callable
from dataclasses import replace

from landplan.optimize.assembly.problem import IntArray, Problem, Reason, SiteDemand

_MOST_REASONS = 50
"""Reasons kept of one site."""


class Judge:
    """The rule `SiteDemand.accept` with a memory: no set of parcels is judged twice.

    Attributes
    ----------
    rejected
        The sets turned down so far, each sorted, by their bytes.
    reasons
        The reasons named for them, each once.
    """

    def __init__(
        self,
        rule: Callable[[IntArray], bool],
        why: Callable[[IntArray], tuple[Reason, ...]] | None = None,
    ) -> None:
        self._rule = rule
        self._why = why
        self._accepted: set[bytes] = set()
        self.rejected: dict[bytes, IntArray] = {}
        self.reasons: dict[tuple[bytes, bytes], Reason] = {}
        self._named: dict[bytes, tuple[Reason, ...]] = {}

    @property
    def calls(self) -> int:
        """How many different sets have been judged."""
        return len(self._accepted) + len(self.rejected)

    @property
    def unexplained(self) -> list[IntArray]:
        """The sets turned down for which no reason was named."""
        return [parcels for key, parcels in self.rejected.items() if not self._named[key]]

    def turned_down(self, parcels: IntArray) -> bool:
        """Whether a site of these parcels (sorted) has been turned down."""
        return parcels.tobytes() in self.rejected

    def reasons_against(self, parcels: IntArray) -> tuple[Reason, ...]:
        """Return the reasons named when these parcels (sorted) were turned down."""
        return self._named.get(parcels.tobytes(), ())

    def __call__(self, parcels: IntArray) -> bool:
        """Whether a site of these parcels (sorted) is accepted."""
        key = parcels.tobytes()
        if key in self._accepted:
            return True
        if key in self.rejected:
            return False
        if self._rule(parcels):
            self._accepted.add(key)
            return True
        self.rejected[key] = parcels.copy()
        named = self._why(parcels)[:_MOST_REASONS] if self._why is not None else ()
        self._named[key] = named
        for reason in named:
            self.reasons[reason.inside.tobytes(), reason.outside.tobytes()] = reason
        return False


def with_judges(problem: Problem) -> Problem:
    """Return the problem with a memory behind every rule for whole sites.

    Demands with the same rule share one.
    """
    judges: dict[int, Judge] = {}
    demands = tuple(with_judge(demand, judges) for demand in problem.demands)
    return replace(problem, demands=demands)


def with_judge(demand: SiteDemand, judges: dict[int, Judge] | None = None) -> SiteDemand:
    """Return a demand with a memory behind its rule, one of ``judges`` (by rule) where it is."""
    if demand.accept is None or isinstance(demand.accept, Judge):
        return demand
    judge = Judge(demand.accept, demand.why)
    if judges is not None:
        judge = judges.setdefault(id(demand.accept), judge)
    return replace(demand, accept=judge)
