"""What the audit answers: checks, each with a code, a measure and a limit."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

SHOWN_IDS = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, re-measured.

    ``code`` is the key of its sentence. ``passed`` means that ``measured`` keeps the ``limit``: is
    at most that much, or at least, where the sentence says "required". ``ids`` names the first of
    the parcels, sites, layers or demands that break it.
    """

    code: str
    passed: bool
    measured: float
    limit: float
    ids: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, object]:
        """What its sentence names."""
        return {"measured": self.measured, "limit": self.limit, "ids": self.ids}

    def to_json(self) -> dict[str, object]:
        """Return the entry of ``audit.checks`` in ``proposal.json``."""
        return {
            "code": self.code,
            "passed": self.passed,
            "measured": self.measured if math.isfinite(self.measured) else None,
            "limit": self.limit,
            "ids": list(self.ids),
        }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All checks of one proposal, in a fixed order."""

    checks: tuple[Check, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not."""
        return tuple(check for check in self.checks if not check.passed)

    def to_json(self) -> dict[str, object]:
        """Return the ``audit`` block of ``proposal.json``; it holds no times."""
        return {"passed": self.passed, "checks": [check.to_json() for check in self.checks]}


def none_of(code: str, offenders: Iterable[object]) -> Check:
    """Check that nothing breaks a rule: measured is the number of offenders, the limit 0."""
    named = [str(offender) for offender in offenders]
    return Check(f"audit.{code}", not named, float(len(named)), 0.0, tuple(named[:SHOWN_IDS]))


def at_most(code: str, deviations: Iterable[tuple[object, float]], limit: float) -> Check:
    """Check that no deviation exceeds a limit; a deviation that is not a number breaks it.

    Parameters
    ----------
    code
        Code of the check without its prefix.
    deviations
        (id, amount) pairs, amounts >= 0.
    limit
        Largest amount allowed.
    """
    pairs = [(str(name), float(amount)) for name, amount in deviations]
    broken = [name for name, amount in pairs if not amount <= limit]
    amounts = [amount for _, amount in pairs]
    worst = math.inf if any(math.isnan(amount) for amount in amounts) else max(amounts, default=0.0)
    shown = float(f"{worst:.6g}")
    return Check(f"audit.{code}", not broken, shown, limit, tuple(broken[:SHOWN_IDS]))


def at_least(code: str, amounts: Iterable[tuple[object, float]], limit: float) -> Check:
    """Check that no amount falls below a limit; measured is the smallest, or the limit."""
    pairs = [(str(name), float(amount)) for name, amount in amounts]
    broken = [name for name, amount in pairs if not amount >= limit]
    smallest = min((amount for _, amount in pairs if not math.isnan(amount)), default=limit)
    shown = float(f"{smallest:.6g}")
    return Check(f"audit.{code}", not broken, shown, limit, tuple(broken[:SHOWN_IDS]))
