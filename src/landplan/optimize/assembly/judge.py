"""Judging whole sites once each, and remembering which were turned down."""

from collections.abc import Callable
from dataclasses import replace

from landplan.optimize.assembly.problem import IntArray, Problem, SiteDemand


class Judge:
    """The rule `SiteDemand.accept` with a memory: no set of parcels is judged twice.

    Attributes
    ----------
    rejected
        The sets turned down so far, each sorted, by their bytes.
    """

    def __init__(self, rule: Callable[[IntArray], bool]) -> None:
        self._rule = rule
        self._accepted: set[bytes] = set()
        self.rejected: dict[bytes, IntArray] = {}

    @property
    def calls(self) -> int:
        """How many different sets have been judged."""
        return len(self._accepted) + len(self.rejected)

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
    judge = Judge(demand.accept)
    if judges is not None:
        judge = judges.setdefault(id(demand.accept), judge)
    return replace(demand, accept=judge)


def rejected_by(demand: SiteDemand) -> list[IntArray]:
    """Return the sets of parcels that the demand's rule for whole sites has turned down so far."""
    return list(demand.accept.rejected.values()) if isinstance(demand.accept, Judge) else []
