"""Who submitted, approved or returned a plan: read from the events, added to and never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import insert, select

from api.people import Person
from landplan.workspace.database import now
from landplan.workspace.tables import events as events_table
from landplan.workspace.tables import plans as plans_table
from landplan.workspace.workspace import Workspace

State = Literal["open", "submitted", "approved", "returned"]
SUBMITTED, APPROVED, RETURNED = "submitted", "approved", "returned"
_DECIDING: Final = (SUBMITTED, APPROVED, RETURNED)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the record."""

    at: str
    person: str
    role: str
    action: str
    fingerprint: str
    remark: str


@dataclass(frozen=True, slots=True)
class Record:
    """What has been decided on a plan so far, oldest first."""

    steps: tuple[Step, ...] = ()

    @property
    def last(self) -> Step | None:
        """The latest submission or decision."""
        return self.steps[-1] if self.steps else None

    @property
    def state(self) -> State:
        """Where the plan stands; an approval is the last word."""
        if any(step.action == APPROVED for step in self.steps):
            return "approved"
        return self.last.action if self.last else "open"  # type: ignore[return-value]  # filtered

    @property
    def submission(self) -> Step | None:
        """The latest submission."""
        return self._latest(SUBMITTED)

    @property
    def approval(self) -> Step | None:
        """The approval."""
        return self._latest(APPROVED)

    def _latest(self, action: str) -> Step | None:
        return next((step for step in reversed(self.steps) if step.action == action), None)


def subject_of(proposal_id: str) -> str:
    """Return the subject under which events of a proposal are kept."""
    return f"proposal/{proposal_id}"


def record_of(workspace: Workspace, proposal_id: str) -> Record:
    """Return the record of a plan."""
    with workspace.engine.begin() as connection:
        return _read(connection, proposal_id)


def add_step(
    workspace: Workspace,
    proposal_id: str,
    person: Person,
    action: str,
    *,
    when: Iterable[State],
    fingerprint: str,
    remark: str,
) -> tuple[Record, bool]:
    """Add a line if the plan is in one of the states ``when``.

    Read and written in one transaction, so that of two people who decide at once one is first, and
    pressing a button twice adds one line. Returns the record, and whether a line was added.
    """
    with workspace.engine.begin() as connection:
        lock = select(plans_table.c.id).where(plans_table.c.proposal_id == proposal_id)
        connection.execute(lock.with_for_update()).all()
        found = _read(connection, proposal_id)
        if found.state not in tuple(when):
            return found, False
        line: dict[str, Any] = {
            "at": now(),
            "person": person.name,
            "role": person.role,
            "action": action,
            "subject": subject_of(proposal_id),
            "fingerprint": fingerprint,
            "remark": remark or None,
        }
        connection.execute(insert(events_table).values(**line))
        return _read(connection, proposal_id), True


def waiting(workspace: Workspace) -> list[tuple[str, Record]]:
    """Return the plans that wait for a decision with their records, oldest submission first."""
    return [(one, known) for one, known in all_records(workspace) if known.state == SUBMITTED]


def all_records(workspace: Workspace) -> list[tuple[str, Record]]:
    """Return every plan that was ever submitted with its record, in the order of the last line."""
    table = events_table
    with workspace.engine.begin() as connection:
        rows = connection.execute(
            select(table).where(table.c.action.in_(_DECIDING)).order_by(table.c.id)
        ).all()
    steps: dict[str, list[Any]] = {}
    for row in rows:
        kind, _, proposal_id = row.subject.partition("/")
        if kind == "proposal":
            earlier = steps.pop(proposal_id, [])  # moves the plan to the end
            steps[proposal_id] = [*earlier, row]
    return [(proposal_id, _record(own)) for proposal_id, own in steps.items()]


def _read(connection: Any, proposal_id: str) -> Record:
    table = events_table
    query = (
        select(table)
        .where(table.c.subject == subject_of(proposal_id), table.c.action.in_(_DECIDING))
        .order_by(table.c.id)
    )
    return _record(connection.execute(query).all())


def _record(rows: Sequence[Any]) -> Record:
    return Record(
        tuple(
            Step(row.at, row.person, row.role, row.action, row.fingerprint or "", row.remark or "")
            for row in rows
        )
    )
