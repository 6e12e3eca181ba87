"""What a plan without a parcel costs more, and whether that is proven."""

from dataclasses import dataclass
from typing import Literal

from api.console.plan_source import Source
from landplan.messages import say
from landplan.planning.assemble.counterfactual import compared
from landplan.planning.assemble.counterfactual_words import amounts
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
    found = compared(source.whole, workspace.proposals.get(job.proposal_id))
    verdict: str = found.verdict
    if verdict in ("none", "found_less") and not inside:
        verdict = f"{verdict}_with"
    return Answer(
        "done", say(f"plan.why.{verdict}", amounts(found, source.currency, language), language)
    )
