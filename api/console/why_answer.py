"""What a plan without a parcel costs more, and whether that is proven."""

from dataclasses import dataclass
from typing import Literal

from api.console.plan_source import Source
from landplan.messages import say
from landplan.messages.numbers import money
from landplan.planning.assemble.changes import CHECKED
from landplan.proposal.proposal import Proposal
from landplan.workspace.jobs_row import Job
from landplan.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, whether more is to come, and whether asking again may help."""

    state: Literal["waiting", "done", "failed"]
    words: str


def answer_of(job: Job, workspace: Workspace, source: Source, inside: bool) -> Answer:
    """Say what a job found; ``inside``: the parcel is in the plan, and was left out to compare."""
    language = source.language
    if not job.finished:
        code = "running" if job.status == "running" else "waiting"
        return Answer("waiting", say(f"plan.why.{code}", None, language))
    if job.status != "successful" or job.proposal_id is None:
        codes = [str(entry["code"]) for entry in job.error or []]
        searched = any(code.startswith("job.nothing_found") for code in codes)
        code = "not_found" if searched else "failed"
        return Answer("failed", say(f"plan.why.{code}", None, language))
    code, more = compared(source.whole, workspace.proposals.get(job.proposal_id))
    if code == "none" and not inside:
        code = "none_with"
    if code == "found_less" and not inside:
        code = "found_less_with"
    amount = money(more, source.currency, language, "down" if code == "proven" else "nearest")
    return Answer("done", say(f"plan.why.{code}", {"amount": amount}, language))


def compared(plan: Proposal, other: Proposal) -> tuple[str, float]:
    """Return what may be said about a plan made without (or with) one parcel, and the amount.

    "At least" is said only of what is proven: the other's lower limit lies above this plan's cost.
    """
    met = {demand.id for demand in plan.demands if demand.met}
    unmet = [demand for demand in other.demands if demand.id in met and not demand.met]
    cost, best = plan.certificate.objective, other.certificate.objective
    assert cost is not None
    if unmet or best is None:
        reasons = [demand.reason for demand in unmet]
        checked = [reason is not None and reason["code"] in CHECKED for reason in reasons]
        return ("none" if any(checked) else "not_found"), 0.0
    bound = other.certificate.bound
    if bound is not None and bound - cost > 0:
        return "proven", bound - cost
    if best == cost:
        return "same", 0.0
    return ("found" if best > cost else "found_less"), abs(best - cost)
