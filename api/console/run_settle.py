"""What has been calculated becomes a plan of its scenario, exactly once, whoever looks first."""

from api.services import Services
from landplan.errors import LandplanError
from landplan.workspace.jobs_row import Job

MOST = 50


def settle(known: Services) -> list[Job]:
    """Add the plans of jobs that have ended since; return the jobs that gave a new plan."""
    ended = known.jobs.list(status="successful", purpose="plan", limit=MOST)
    return [job for job in ended if settle_one(known, job)]


def settle_one(known: Services, job: Job) -> bool:
    """Add the plan of a job to its scenario; False where it is there already, or gives none."""
    if job.scenario_id is None or job.proposal_id is None or job.purpose != "plan":
        return False
    if job.status != "successful" or not known.workspace.proposals.exists(job.proposal_id):
        return False
    scenarios = known.workspace.scenarios
    if scenarios.plan_of(job.proposal_id, job.scenario_id) is not None:
        return False
    try:
        scenarios.add_plan(job.scenario_id, job.proposal_id, job.dataset_id, job.created_by)
    except LandplanError:  # the scenario is gone; the proposal stays
        return False
    return True
