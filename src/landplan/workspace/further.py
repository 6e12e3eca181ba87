"""What lies around a plan: alternatives and the front, or whom to invite and whose refusal costs.

W/further/<plan>-<kind>.json   what was found last, as `landplan.planning` tells machines; the key
                               ``folder`` holds the id under which a plan is kept
"""

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from landplan.cadastre.cadastre import Cadastre
from landplan.planning.assemble import alternative_words, front_words
from landplan.planning.assemble.alternatives import Alternative, alternatives
from landplan.planning.assemble.front import front
from landplan.planning.exchange import invite_words, key_owner_words
from landplan.planning.exchange.invite import invite
from landplan.planning.exchange.key_owners import key_owners
from landplan.planning.exchange.replan import require_exchange_of
from landplan.planning.exchange.request import ExchangeRequest
from landplan.proposal.canonical import canonical_json, plain_data
from landplan.proposal.proposal import Proposal
from landplan.workspace.jobs_row import Job
from landplan.workspace.worker_report import Reporter
from landplan.workspace.worker_result import ended_early

if TYPE_CHECKING:
    from landplan.workspace.workspace import Workspace

Kind = Literal["alternatives", "front", "invite", "key_owners"]
KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "assemble": ("alternatives", "front"),
    "exchange": ("invite", "key_owners"),
}
"""What may be looked for around a plan, by its process."""
FOLDER: Final = "further"


class Further:
    """What was found around each plan of a workspace."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self.home = workspace.folder / FOLDER

    def store(self, plan: str, kind: Kind, data: dict[str, Any]) -> None:
        """Keep what was found; it replaces what was found before."""
        self.home.mkdir(parents=True, exist_ok=True)
        draft = self.home / f".{secrets.token_hex(8)}.part"
        draft.write_bytes(canonical_json(plain_data(data)))
        os.replace(draft, self._file(plan, kind))

    def find(self, plan: str, kind: Kind) -> dict[str, Any] | None:
        """Return what was found last, None where nobody has looked."""
        try:
            found: dict[str, Any] = json.loads(self._file(plan, kind).read_bytes())
        except FileNotFoundError:
            return None
        return found

    def _file(self, plan: str, kind: Kind) -> Path:
        return self.home / f"{self._workspace.proposals.folder(plan).name}-{kind}.json"


def answer_further(workspace: "Workspace", job: Job, reporter: Reporter) -> str:
    """Look around a plan, keep plans found with their audits, and return the plan's own id.

    Raises
    ------
    LandplanError
        As `landplan.planning.assemble.alternatives.require_assembled`, or as
        `landplan.planning.exchange.replan.require_exchange_of`, `invite` and `key_owners`;
        AuditFailed where a plan contradicts itself.
    """
    asked = job.request
    plan = workspace.proposals.get(str(asked["plan"]))
    town = workspace.datasets.cadastre(job.dataset_id)
    reporter.enter("searching")
    kind: Kind = next(kind for kinds in KINDS.values() for kind in kinds if kind == job.purpose)
    data = _LOOK[kind](workspace, plan, town, asked, reporter)
    Further(workspace).store(plan.id, kind, {**data, "asked": asked, "ended": reporter.ended})
    return plan.id


def _alternatives(
    workspace: "Workspace", plan: Proposal, town: Cadastre, asked: dict[str, Any], told: Reporter
) -> dict[str, Any]:
    kept: list[str] = []

    def found(one: Alternative) -> None:
        kept.append(_keep(workspace, one.proposal, told))

    limits = {key: asked[key] for key in ("count", "max_share", "max_extra")}
    result = alternatives(plan, town, **limits, stop=told.stop, found=found)
    return alternative_words.to_json(result, plan, kept)


def _front(
    workspace: "Workspace", plan: Proposal, town: Cadastre, asked: dict[str, Any], told: Reporter
) -> dict[str, Any]:
    result = front(plan, town, int(asked["most"]), float(asked["step"]), stop=told.stop)
    kept = [
        plan.id if point.proposal.id == plan.id else _keep(workspace, point.proposal, told)
        for point in result.points
    ]
    won = front_words.weighed(result)
    return front_words.to_json(result, won, kept, town.town.currency)


def _invite(
    workspace: "Workspace", plan: Proposal, town: Cadastre, asked: dict[str, Any], told: Reporter
) -> dict[str, Any]:
    require_exchange_of(plan, town)
    request = ExchangeRequest.model_validate(plan.request)
    return invite_words.to_json(invite(request, town, int(asked["most"]), stop=told.stop))


def _key_owners(
    workspace: "Workspace", plan: Proposal, town: Cadastre, asked: dict[str, Any], told: Reporter
) -> dict[str, Any]:
    found = key_owners(plan, town, int(asked["most"]), stop=told.stop)
    return key_owner_words.to_json(plan, found)


_LOOK: Final = {
    "alternatives": _alternatives,
    "front": _front,
    "invite": _invite,
    "key_owners": _key_owners,
}


def _keep(workspace: "Workspace", proposal: Proposal, told: Reporter) -> str:
    """Store a plan; one whose search may have been cut short under an id of its own."""
    whole = proposal if told.ended == "done" else ended_early(proposal)
    return workspace.proposals.store(whole).id
