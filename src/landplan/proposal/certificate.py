"""The certificate: how good a plan is, what is proven about it, and the sentences that say so.

The printed percentage is (this plan − lower limit) / lower limit, computed in `distance` and
nowhere else. It is rounded up and the limit down; money gets more decimals until a reader who
redoes the division with the printed figures gets no more than the printed percentage.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final, Literal, Self, get_args

from landplan.messages import Language, has, say
from landplan.messages.numbers import Rounding, count, money, money_as_printed, rounded, share

Sense = Literal["min", "max"]
Status = Literal["optimal", "feasible", "infeasible", "stopped"]

CENT: Final = Decimal("0.01")
SITES: Final = "sites"
"""Unit of an objective that counts sites; every other unit is a currency."""
OPTIMAL_GAP: Final = 1e-6
"""Largest gap of a plan that may be called optimal."""
_MINOR_PER_UNIT: Final = 100
EXCHANGE: Final = "exchange"
TRAVEL: Final = "travel"
"""The term that every exchange of land has and nothing else."""
_MOST_EXTRA_PLACES: Final = 8
"""Millions with 2 + 8 decimals show every cent, so the search for enough decimals always ends."""


def _default_reference() -> dict[str, Any]:
    return {"code": "certificate.relative_to.request", "params": {}}


@dataclass(frozen=True, slots=True)
class Certificate:
    """Objective, proven bound and the work behind them; validated when made.

    Attributes
    ----------
    sense
        Whether less or more is better.
    unit
        Currency code, or the unit of the objective.
    objective
        What the plan costs (or yields), with at most two decimals; None without a plan.
    bound
        No plan can cost less (yield more); None where nothing is proven. Rounded to cents away
        from the objective, so that rounding never claims more than was proven.
    status
        ``optimal``: gap <= `OPTIMAL_GAP`; ``feasible``: a plan with an honest gap; ``infeasible``:
        proven that no plan exists; ``stopped``: ended before the search was done.
    terms
        The parts of the objective by name; they sum to it.
    solver, seed, work, limit_hit
        What searched, from which seed, the counted work, and whether a work limit ended it.
    relative_to
        {code, params} of what the bound is relative to: it holds for these parcels, rules and
        locks, and for nothing else.

    Raises
    ------
    ValueError
        The parts contradict each other.
    """

    sense: Sense
    unit: str
    objective: float | None
    bound: float | None
    status: Status
    terms: Mapping[str, float]
    solver: str
    seed: int
    work: Mapping[str, int] = field(default_factory=dict)
    limit_hit: bool = False
    relative_to: Mapping[str, Any] = field(default_factory=_default_reference)

    def __post_init__(self) -> None:
        if self.sense not in get_args(Sense) or self.status not in get_args(Status):
            raise ValueError(f"unknown sense or status: {self.sense}, {self.status}")
        amounts = [self.objective, self.bound, *self.terms.values()]
        if any(amount is not None and not math.isfinite(amount) for amount in amounts):
            raise ValueError("amounts of a certificate must be finite")
        if self.bound is not None:
            object.__setattr__(self, "bound", round_bound(self.bound, self.sense))
        self._check_plan()
        self._check_bound()

    @classmethod
    def of_minor_units(
        cls,
        *,
        objective: int | None,
        bound: float | None,
        terms: Mapping[str, int],
        sense: Sense = "min",
        **others: Any,
    ) -> Self:
        """Make a certificate from an engine's minor units (cents) of money.

        ``bound`` may be a fraction of a cent, or infinite where nothing is proven.
        """
        proven = bound is not None and math.isfinite(bound)
        return cls(
            sense=sense,
            objective=None if objective is None else objective / _MINOR_PER_UNIT,
            # First to whole cents, on the exact binary value: dividing first could round up.
            bound=_whole(bound, sense) / _MINOR_PER_UNIT if proven and bound is not None else None,
            terms={name: amount / _MINOR_PER_UNIT for name, amount in terms.items()},
            **others,
        )

    @property
    def gap(self) -> float | None:
        """Return |objective − bound| / max(|objective|, 1), a fraction; None where unknown."""
        if self.objective is None or self.bound is None:
            return None
        return abs(self.objective - self.bound) / max(abs(self.objective), 1.0)

    @property
    def proven_best(self) -> bool:
        """Whether no better plan exists: plan and bound are the same to the cent."""
        return self.objective is not None and self.bound == self.objective

    def _check_plan(self) -> None:
        if self.objective is None:
            if self.status in ("optimal", "feasible"):
                raise ValueError(f"status {self.status} without a plan")
            if self.terms:
                raise ValueError("terms without a plan")
            return
        if self.status == "infeasible":
            raise ValueError("a plan that is proven impossible")
        total = sum((exact(amount) for amount in self.terms.values()), Decimal(0))
        if abs(total - exact(self.objective)) >= CENT / 2:
            raise ValueError(f"terms sum to {total}, the objective is {self.objective}")

    def _check_bound(self) -> None:
        gap = self.gap
        if self.status == "optimal" and (gap is None or gap > OPTIMAL_GAP):
            raise ValueError(f"status optimal with a gap of {gap}")
        if self.objective is None or self.bound is None:
            return
        margin = self.objective - self.bound
        if (margin if self.sense == "min" else -margin) < 0:
            raise ValueError(f"bound {self.bound} beyond the objective {self.objective}")


def amount(number: float | None, unit: str, language: Language) -> str:
    """Return an objective in words: a number of sites, or money."""
    if unit == SITES:
        return count(None if number is None else int(number), "site", language)
    return money(number, unit, language)


def round_bound(bound: float, sense: Sense) -> float:
    """Round a bound to cents, down when minimising and up when maximising."""
    rounding = ROUND_FLOOR if sense == "min" else ROUND_CEILING
    return float(exact(bound).quantize(CENT, rounding=rounding))


def exact(amount: float) -> Decimal:
    """Return the number that the shortest spelling of the float says: 0.29 and not 0.28999."""
    return Decimal(repr(float(amount)))


def _whole(bound: float, sense: Sense) -> int:
    return math.floor(bound) if sense == "min" else math.ceil(bound)


def certificate_sentence(
    certificate: Certificate,
    language: Language,
    *,
    edited: bool = False,
    duration: str | None = None,
) -> str:
    """Return what the certificate proves, in one or two sentences.

    Parameters
    ----------
    certificate
        What is proven.
    language
        ``en`` or ``zh``.
    edited
        Whether the plan is a hand-edited version: it keeps the bound and is called "your version".
    duration
        How long the search took, ready to print; named only where nothing is proven.
    """
    return _with_reference(_verdict(certificate, language, edited, duration), certificate, language)


def certificate_short(certificate: Certificate, language: Language) -> str:
    """Return the short form for figures, tables and maps.

    What the bound is relative to is said here too: a plan that meets some of the demands must not
    read like one that meets all.
    """
    if not _is_comparable(certificate) or certificate.proven_best:
        sentence = _verdict(certificate, language, False, None)
    else:
        code = f"certificate.short.{_kind(certificate)}"
        sentence = say(code, _figures(certificate, language), language)
    # an exchange always counts several terms: its long form names them
    short = _kind(certificate) == EXCHANGE
    return _with_reference(sentence, certificate, language, counted=not short)


def _with_reference(
    sentence: str, certificate: Certificate, language: Language, *, counted: bool = True
) -> str:
    if certificate.objective is None:  # there is no plan to compare
        return sentence
    asides = [sentence, *(_counted(certificate, language) if counted else [])]
    reference = str(certificate.relative_to.get("code", ""))
    if not reference.endswith(".request") and has(reference, language):
        asides.append(say(reference, certificate.relative_to.get("params"), language))
    return (" " if language == "en" else "").join(asides)


def _counted(certificate: Certificate, language: Language) -> list[str]:
    """Name the terms that plan and bound count, where it is more than the land."""
    if certificate.objective is None or len(certificate.terms) < 2:
        return []
    codes = [f"certificate.term.{name}" for name in certificate.terms]
    names = [say(code, None, language) for code in codes if has(code, language)]
    listed = (", " if language == "en" else "、").join(names)
    return [say("certificate.counts", {"terms": listed}, language)] if names else []


def does_not_cover(language: Language) -> str:
    """Return the line that stands under every certificate."""
    return say("certificate.does_not_cover", None, language)


def distance(certificate: Certificate) -> Decimal | None:
    """Return how much worse the plan may be, as a fraction of the bound, rounded up to 0.1 %.

    None where the bound says nothing: there is none, or it is 0 and the plan is not.
    """
    if not _is_comparable(certificate):
        return None
    assert certificate.objective is not None
    assert certificate.bound is not None
    objective, bound = exact(certificate.objective), exact(certificate.bound)
    if objective == bound:
        return Decimal(0)
    return rounded(abs(objective - bound) / abs(bound), 3, "up")


def _verdict(
    certificate: Certificate, language: Language, edited: bool, duration: str | None
) -> str:
    if certificate.objective is None:
        code = "nothing_fits" if certificate.status == "infeasible" else "nothing_found"
        return say(f"certificate.{code}", None, language)
    if not _is_comparable(certificate):
        if duration is None:
            return say("certificate.unproven", None, language)
        return say("certificate.unproven_after", {"duration": duration}, language)
    if certificate.proven_best:
        return say(f"certificate.best.{_kind(certificate)}", None, language)
    form = "edited" if edited else "within"
    figures = _figures(certificate, language)
    return say(f"certificate.{form}.{_kind(certificate)}", figures, language)


def _kind(certificate: Certificate) -> str:
    """Return which words fit: an exchange is not bought but weighed, all its terms are prices."""
    return EXCHANGE if TRAVEL in certificate.terms else certificate.sense


def _is_comparable(certificate: Certificate) -> bool:
    if certificate.objective is None or certificate.bound is None:
        return False
    return certificate.bound > 0 or certificate.proven_best


def _figures(certificate: Certificate, language: Language) -> dict[str, str]:
    """Return bound, objective and percentage as text, with decimals enough to redo the division."""
    worse = distance(certificate)
    assert worse is not None
    assert certificate.objective is not None
    assert certificate.bound is not None
    objective, bound = exact(certificate.objective), exact(certificate.bound)
    if certificate.unit == SITES:
        return {
            "bound": amount(certificate.bound, certificate.unit, language),
            "objective": amount(certificate.objective, certificate.unit, language),
            "percent": share(worse, language, "up"),
        }
    towards: Rounding = "down" if certificate.sense == "min" else "up"
    for extra in range(_MOST_EXTRA_PLACES + 1):
        limit = money_as_printed(bound, language, towards, extra_places=extra)
        plan = money_as_printed(objective, language, extra_places=extra)
        if limit > 0 and plan != limit and abs(plan - limit) / limit <= worse:
            break
    return {
        "bound": money(bound, certificate.unit, language, towards, extra_places=extra),
        "objective": money(objective, certificate.unit, language, extra_places=extra),
        "percent": share(worse, language, "up"),
    }
