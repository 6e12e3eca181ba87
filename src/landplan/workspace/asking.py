"""From a town file and a request file to a plan in a workspace."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from landplan import __version__
from landplan.errors import NothingFound
from landplan.planning.answer import read_request
from landplan.planning.process import Progress, StopAsked
from landplan.proposal.proposal import Proposal, proposal_id
from landplan.workspace.records import Plan
from landplan.workspace.worker_result import ended_early
from landplan.workspace.workspace import Workspace

COMMAND_LINE: Final = "command line"
"""Who asked, where nobody signed in."""


def ask(
    workspace: Workspace,
    town_file: Path,
    request_file: Path,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> tuple[Proposal, Plan]:
    """Import the town, answer the request and keep the answer as a plan of a scenario.

    The same question to the same data is answered once: its plan is returned as it is. Raises
    InputError or ManyErrors for bad input, NothingFound where the search ended before any plan, and
    AuditFailed where the answer contradicts itself; then no plan is kept.
    """
    process, request = read_request(request_file)
    dataset = workspace.datasets.import_town(town_file, COMMAND_LINE)
    canonical: dict[str, Any] = request.canonical()  # type: ignore[attr-defined]  # every request model has it
    key = proposal_id(process.id, canonical, dataset.data_hash, __version__, canonical["seed"])
    if workspace.proposals.exists(key):
        proposal = workspace.proposals.get(key)
    else:
        town = workspace.datasets.cadastre(dataset.id)
        noticed = _Noticed(stop)
        proposal = process.run(request, town, {}, progress, noticed)
        if proposal.certificate.status == "stopped" and proposal.sites.empty:
            raise NothingFound("run.nothing_found")
        if noticed.stopped:  # asked again, the question is answered to its end
            proposal = ended_early(proposal)
        proposal = workspace.proposals.store(replace(proposal, times={}))
    known = workspace.scenarios.plan_of(proposal.id)
    if known is not None:
        return proposal, known
    title = str(canonical.get("title") or request_file.stem)
    scenario = workspace.scenarios.create(
        title, dataset.series, process.id, canonical, COMMAND_LINE
    )
    plan = workspace.scenarios.add_plan(scenario.id, proposal.id, dataset.id, COMMAND_LINE)
    workspace.events.add(COMMAND_LINE, "planner", "asked", f"proposal/{proposal.id}")
    return proposal, plan


class _Noticed:
    """Asks whether to stop, and remembers whether the answer was yes."""

    def __init__(self, stop: StopAsked | None) -> None:
        self._stop = stop
        self.stopped = False

    def __call__(self, best: float, bound: float) -> bool:
        if self._stop is not None and self._stop(best, bound):
            self.stopped = True
        return self.stopped
