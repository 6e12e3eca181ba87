"""One job, one process: ``python -m landplan.workspace.worker WORKSPACE JOB_ID TOKEN``.

Started by `landplan.workspace.supervisor`. The result is handed in with the token; whatever goes
wrong is stored with the job as {code, params}, and a traceback only in the workspace's ``logs``.
"""

import argparse
import faulthandler
import os
import secrets
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from landplan.workspace.worker_guard import be_nice, die_with_parent, limit_memory, wants_memory

if TYPE_CHECKING:
    from landplan.workspace.jobs_row import Job
    from landplan.workspace.worker_report import Reporter
    from landplan.workspace.workspace import Workspace

URL: Final = "LANDPLAN_DATABASE_URL"
PARENT: Final = "LANDPLAN_WORKER_PARENT"
EXIT_MEMORY: Final = 71
LOGS: Final = "logs"


def main(arguments: list[str]) -> int:
    """Do one job; return the exit code."""
    faulthandler.enable()
    given = _parsed(arguments)
    die_with_parent(int(os.environ.get(PARENT, os.getppid())))
    be_nice(given.nice)
    if given.memory_mb:
        limit_memory(given.memory_mb)
    try:
        return _work(given)
    except Exception as fault:  # before the job could be opened: the supervisor tells
        limit_memory(None)
        traceback.print_exc()
        return EXIT_MEMORY if wants_memory(fault) else 1


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="landplan.workspace.worker")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("job_id")
    parser.add_argument("token")
    parser.add_argument("--memory-mb", type=int, default=0)
    parser.add_argument("--time-limit-s", type=float, default=600.0)
    parser.add_argument("--nice", type=int, default=0)
    return parser.parse_args(arguments)


def _work(given: argparse.Namespace) -> int:
    # only now, under the limit: these imports take most of what an idle worker takes
    from landplan.workspace.jobs import Jobs
    from landplan.workspace.worker_report import EXIT_NOT_OURS, Reporter
    from landplan.workspace.workspace import Workspace

    workspace = Workspace(given.workspace, os.environ.get(URL))
    jobs = Jobs(workspace.engine)
    if not jobs.holds(given.job_id, given.token):
        return EXIT_NOT_OURS
    job = jobs.get(given.job_id)
    reporter = Reporter(jobs, job.id, given.token, min(given.time_limit_s, job.time_limit_s))
    signal.signal(signal.SIGTERM, lambda *_: reporter.ask_stop())
    reporter.start()
    errors: list[dict[str, Any]] | None = None
    try:
        finish(workspace, job, given.token, reporter, jobs)
    except Exception as fault:
        limit_memory(None)
        errors = told(fault, workspace, job, given.memory_mb)
    reporter.close()
    if errors is not None:
        jobs.fail(job.id, given.token, errors)
    workspace.close()
    return 0


def finish(workspace: "Workspace", job: "Job", token: str, reporter: "Reporter", jobs: Any) -> None:
    """Answer the question, add the plan to its scenario, and hand the result in."""
    from landplan.workspace.worker_result import answer_job

    proposal_id = answer_job(workspace, job, reporter)
    reporter.beat()  # whoever lost the job meanwhile adds no plan
    if job.scenario_id is not None and job.purpose == "plan":
        workspace.scenarios.add_plan(job.scenario_id, proposal_id, job.dataset_id, job.created_by)
    jobs.commit(job.id, token, proposal_id, reporter.ended)


def told(
    fault: Exception, workspace: "Workspace", job: "Job", memory_mb: int
) -> list[dict[str, Any]]:
    """Return what is said of a fault; one of ours gets a number, and its traceback goes to logs."""
    from landplan.errors import AuditFailed, LandplanError
    from landplan.workspace.worker_result import faults_of

    if wants_memory(fault):
        return [{"code": "job.memory", "params": {"limit_mb": memory_mb}}]
    if isinstance(fault, LandplanError) and not isinstance(fault, AuditFailed):
        return faults_of(fault, workspace)
    reference = f"E-{secrets.token_hex(4).upper()}"
    logs = workspace.folder / LOGS
    logs.mkdir(exist_ok=True)
    text = "".join(traceback.format_exception(fault))
    (logs / f"{reference}.log").write_text(f"job {job.id}\n{text}", encoding="utf-8")
    if isinstance(fault, AuditFailed):
        params = {"reference": reference, "failed": fault.params.get("failed", [])}
        return [{"code": "job.audit_failed", "params": params}]
    return [{"code": "job.internal", "params": {"reference": reference}}]


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # nothing is left to do, and no thread or library may hold the result back
