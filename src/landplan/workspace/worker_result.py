"""From a stored question to a stored answer: calculate, write, audit, keep."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from landplan import __version__
from landplan.cadastre.validation import validated
from landplan.errors import AuditFailed, LandplanError, ManyErrors, NothingFound
from landplan.planning.process import find_process
from landplan.proposal.audit import audit
from landplan.proposal.canonical import canonical_json, plain_data
from landplan.proposal.files import write_proposal
from landplan.proposal.proposal import Proposal, proposal_id
from landplan.workspace.jobs_row import Job
from landplan.workspace.worker_report import Reporter
from landplan.workspace.workspace import Workspace

SOURCE: Final = "–"
"""Where a stored request comes from: no file."""
_DIGITS: Final = 8


def answer_job(workspace: Workspace, job: Job, reporter: Reporter) -> str:
    """Answer a job's question and return the id of the proposal, which is written and audited.

    A question that was answered to its end before is not calculated again.

    Raises
    ------
    LandplanError
        Whatever is wrong with the request or the data; NothingFound where the search ended before
        any plan; AuditFailed where the answer contradicts itself.
    """
    if job.purpose not in ("plan", "why"):
        # what is looked for around a plan builds on the helpers of this module
        from landplan.workspace.further import answer_further

        return answer_further(workspace, job, reporter)
    process = find_process(job.process, SOURCE)
    request = validated(process.request, job.request, SOURCE)
    asked: dict[str, Any] = request.canonical()  # type: ignore[attr-defined]  # all requests have it
    dataset = workspace.datasets.get(job.dataset_id)
    known = proposal_id(process.id, asked, dataset.data_hash, __version__, int(asked["seed"]))
    if workspace.proposals.exists(known):
        return known
    started = time.monotonic()
    town = workspace.datasets.cadastre(dataset.id)
    read = time.monotonic()
    reporter.enter("searching")
    proposal = process.run(request, town, {}, reporter.progress, reporter.stop)
    if proposal.certificate.status == "stopped" and proposal.sites.empty:
        raise NothingFound(f"job.nothing_found.{reporter.ended}", shape_notes(proposal))
    if reporter.ended != "done":
        proposal = ended_early(proposal)
    spent = {"read_s": round(read - started, 3), "solve_s": round(time.monotonic() - read, 3)}
    reporter.enter("writing")
    return _keep(workspace, replace(proposal, times=spent))


def ended_early(proposal: Proposal) -> Proposal:
    """Return a plan whose search was cut short as what it is: ``stopped``, with an id of its own.

    When a search is stopped depends on a clock and a hand, so its plan is not what question,
    version and seed give. The version says so (``0.1.0+stopped.1a2b3c4d``, the digits from the
    plan), hence the id differs from that of the whole answer, which may still be asked for. A
    search that had its proof all the same is a whole answer.
    """
    certificate = proposal.certificate
    if certificate.status != "feasible":
        return proposal
    inside = proposal.parcels.loc[proposal.parcels["site_id"].notna(), ["site_id", "parcel_id"]]
    content = [
        certificate.objective,
        certificate.bound,
        sorted(inside.astype(str).to_numpy().tolist()),
    ]
    digits = sha256(canonical_json(content)).hexdigest()[:_DIGITS]
    version = f"{proposal.version}+stopped.{digits}"
    question = (proposal.process, proposal.request, proposal.provenance.data_hash, version)
    return replace(
        proposal,
        id=proposal_id(*question, certificate.seed),
        version=version,
        certificate=replace(certificate, status="stopped"),
    )


def shape_notes(proposal: Proposal) -> list[Mapping[str, Any]]:
    """Return by how much a site misses the rules on its shape, where no plan was found."""
    said = [note for demand in proposal.demands for note in demand.notes]
    return [note for note in said if str(note["code"]).startswith("note.without.")]


def faults_of(error: LandplanError, workspace: Workspace) -> list[dict[str, Any]]:
    """Return every fault as {code, params}, without the place of the workspace on the machine."""
    errors = error.errors if isinstance(error, ManyErrors) else (error,)
    told = [{"code": fault.code, "params": _plain(fault.params, workspace)} for fault in errors]
    return told + [dict(reason) for reason in getattr(error, "reasons", ())]


def _plain(params: Mapping[str, object], workspace: Workspace) -> dict[str, Any]:
    home = f"{workspace.folder}/"
    shown: dict[str, Any] = {}
    for key, value in params.items():
        try:
            plain = plain_data(value)
        except (TypeError, ValueError):
            plain = str(value)
        shown[key] = plain.replace(home, "") if isinstance(plain, str) else plain
    return shown


def _keep(workspace: Workspace, proposal: Proposal) -> str:
    """Write and audit beside the other proposals, then move into place; what fails is removed."""
    staging = workspace.proposals.staging()
    try:
        written = write_proposal(proposal, staging, lambda folder: audit(folder).to_json())
        report = written.audit or {"passed": False, "checks": []}
        if not report["passed"]:
            wrong = [dict(check) for check in report["checks"] if not check["passed"]]
            failed = [str(check["code"]) for check in wrong]
            raise AuditFailed("job.audit_failed", failed=failed, checks=wrong)
        return workspace.proposals.adopt(staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
