"""The certificate, the answers to the demands, and the counts of exclusions."""

import math
from collections import Counter
from collections.abc import Iterator

from landplan.proposal.audit.accounts import HALF_CENT
from landplan.proposal.audit.document import STATUSES, Certificate
from landplan.proposal.audit.exchange import EXCHANGE
from landplan.proposal.audit.exchange_terms import exchange_term_errors
from landplan.proposal.audit.partition import PARTITION
from landplan.proposal.audit.report import Check, at_most, none_of
from landplan.proposal.audit.terms import TERMS, site_terms
from landplan.proposal.audit.view import View

GAP_ERROR = 1e-9
OPTIMAL_GAP = 1e-6


def check_proof(view: View) -> Iterator[Check]:
    """Check what the document says about the plan as a whole."""
    certificate = view.document.certificate
    if view.document.process == PARTITION:
        yield at_most("certificate.site_count", [("objective", _count_error(view))], 0.0)
        yield at_most("certificate.terms", [_sum_error(certificate)], HALF_CENT)
    elif view.document.process == EXCHANGE:
        errors = [*exchange_term_errors(view), _sum_error(certificate)]
        yield at_most("certificate.terms", errors, HALF_CENT)
    else:
        yield at_most("certificate.objective", [("objective", _objective_error(view))], HALF_CENT)
        yield at_most("certificate.terms", _terms_errors(view), HALF_CENT)
    yield at_most("certificate.bound", [("bound", _bound_excess(certificate))], 0.0)
    yield at_most("certificate.gap", [("gap", _gap_error(certificate))], GAP_ERROR)
    yield none_of("certificate.status", [] if _status_fits(certificate) else [certificate.status])
    seeds = [certificate.seed, view.document.request.get("seed")]
    yield none_of("certificate.seed", seeds if seeds[0] != seeds[1] else [])
    yield none_of("demands.count", _wrong_demands(view))
    yield none_of("exclusions.count", _wrong_counts(view))


def _objective_error(view: View) -> float:
    """Difference of the objective from all that the sites count for, less what rounding allows."""
    counted = site_terms(view)
    total = math.fsum(amount for terms in counted.values() for amount, _ in terms.values())
    slack = sum(slack for terms in counted.values() for _, slack in terms.values())
    objective = view.document.certificate.objective
    if objective is None:
        return math.inf if view.members else 0.0
    return max(abs(objective - total) - slack, 0.0)


def _count_error(view: View) -> float:
    """Difference of the objective of a partition from the number of its sites."""
    objective = view.document.certificate.objective
    if objective is None:
        return math.inf if view.members else 0.0
    return abs(objective - len(view.members))


def _terms_errors(view: View) -> list[tuple[object, float]]:
    """Difference of every term from what the sites give, and of their sum from the objective."""
    certificate, counted = view.document.certificate, site_terms(view)
    errors: list[tuple[object, float]] = []
    for name in {*TERMS, *certificate.terms}:
        amounts = [terms.get(name, (math.inf, 0.0)) for terms in counted.values()]
        total, slack = math.fsum(a for a, _ in amounts), sum(s for _, s in amounts)
        stated = certificate.terms.get(name, 0.0)
        errors.append((name, max(abs(stated - total) - slack, 0.0)))
    return [*sorted(errors, key=str), _sum_error(certificate)]


def _sum_error(certificate: Certificate) -> tuple[object, float]:
    summed = math.fsum(certificate.terms.values())
    return "sum", abs(summed - (certificate.objective or 0.0))


def _bound_excess(certificate: Certificate) -> float:
    """By how much the bound lies on the wrong side of the objective."""
    if certificate.objective is None or certificate.bound is None:
        return 0.0
    excess = certificate.bound - certificate.objective
    return max(excess if certificate.sense == "min" else -excess, 0.0)


def _gap_error(certificate: Certificate) -> float:
    """Difference of the gap from |objective − bound| / max(|objective|, 1)."""
    objective, bound, gap = certificate.objective, certificate.bound, certificate.gap
    if objective is None or bound is None:
        return 0.0 if gap is None else math.inf
    if gap is None:
        return math.inf
    return abs(gap - abs(objective - bound) / max(abs(objective), 1.0))


def _status_fits(certificate: Certificate) -> bool:
    """Whether the status is known and agrees with plan and gap: optimal is proven to 1e-6."""
    if certificate.status not in STATUSES:
        return False
    if certificate.status == "optimal":
        return certificate.gap is not None and certificate.gap <= OPTIMAL_GAP
    planned = certificate.objective is not None
    return {"feasible": planned, "infeasible": not planned}.get(certificate.status, True)


def _wrong_demands(view: View) -> list[str]:
    """Demands with other sites or another number than the layer, or unmet without a reason."""
    if view.document.process == EXCHANGE:
        planned = view.document.certificate.objective is not None
        right = [o.met == planned and (o.met or o.has_reason) for o in view.document.outcomes]
        return [] if right == [True] else [EXCHANGE]
    asked = {demand.id: demand for demand in view.document.demands}
    answered = {outcome.id: outcome for outcome in view.document.outcomes}
    sites = view.written.sites
    wrong = {str(demand) for demand in sites["demand_id"] if demand not in asked}
    wrong |= set(asked) ^ set(answered)
    if len(view.document.outcomes) != len(answered) or len(view.document.demands) != len(asked):
        wrong.add("*")
    for name in set(asked) & set(answered):
        outcome, count = answered[name], asked[name].count
        there = sorted(sites.loc[sites["demand_id"] == name, "site_id"].astype(str))
        fits = sorted(outcome.sites) == there and len(there) <= count
        # a partition wants as many as there can be, up to the count
        enough = bool(there) if view.document.process == PARTITION else len(there) == count
        told = outcome.met == enough and (outcome.met or outcome.has_reason)
        if not (fits and told):
            wrong.add(name)
    return sorted(wrong)


def _wrong_counts(view: View) -> list[str]:
    """Rules whose number of rows in the table is not the stated one."""
    counted = Counter(str(rule) for rule in view.written.exclusions["rule"])
    stated = view.document.exclusions
    rules = {*counted, *stated}
    return sorted(rule for rule in rules if counted.get(rule, 0) != stated.get(rule, 0))
