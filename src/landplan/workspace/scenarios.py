"""Questions with their drafts, and the plans that answer them."""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any, Final

from sqlalchemy import Connection, Engine, desc, func, insert, select, update

from landplan.errors import InputError
from landplan.planning.process import find_process
from landplan.workspace.database import now
from landplan.workspace.records import Plan, Scenario
from landplan.workspace.tables import events, plans, scenarios

LARGEST: Final = 2**31 - 1
"""The largest number that every database keeps in a whole-number column."""


class Scenarios:
    """Scenarios and plans of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, title: str, series: str, process: str, draft: Mapping[str, Any], person: str
    ) -> Scenario:
        """Begin a question; raises InputError for an unknown process."""
        find_process(process)
        at = now()
        row = {
            "title": title,
            "series": series,
            "process": process,
            "draft": dict(draft),
            "created_at": at,
            "created_by": person,
            "changed_at": at,
            "changed_by": person,
            "revision": 1,
        }
        with self._engine.begin() as connection:
            key = connection.execute(insert(scenarios).values(**row)).inserted_primary_key
        assert key is not None
        return self.get(int(key[0]))

    def get(self, scenario_id: int) -> Scenario:
        """Return a scenario; raises InputError where there is none."""
        row = None
        if 0 < scenario_id <= LARGEST:
            query = select(scenarios).where(scenarios.c.id == scenario_id)
            with self._engine.connect() as connection:
                row = connection.execute(query).mappings().first()
        if row is None:
            raise InputError("workspace.no_scenario", scenario=scenario_id)
        return Scenario(**row)

    def list(self, series: str | None = None, limit: int = 1000) -> Sequence[Scenario]:
        """Return scenarios, the last changed first."""
        query = select(scenarios).order_by(desc(scenarios.c.changed_at)).limit(limit)
        if series is not None:
            query = query.where(scenarios.c.series == series)
        with self._engine.connect() as connection:
            return [Scenario(**row) for row in connection.execute(query).mappings()]

    def save_draft(
        self,
        scenario_id: int,
        draft: Mapping[str, Any],
        person: str,
        revision: int,
        title: str | None = None,
    ) -> Scenario:
        """Save a form; raises InputError where somebody else has saved since ``revision``."""
        revision = min(revision, LARGEST - 1)
        values: dict[str, Any] = {
            "draft": dict(draft),
            "changed_at": now(),
            "changed_by": person,
            "revision": revision + 1,
        }
        if title is not None:
            values["title"] = title
        with self._engine.begin() as connection:
            _note_author(connection, scenario_id, person, str(values["changed_at"]))
            done = connection.execute(
                update(scenarios)
                .where(scenarios.c.id == scenario_id, scenarios.c.revision == revision)
                .values(**values)
            )
        found = self.get(scenario_id)
        if done.rowcount == 0:
            raise InputError(
                "workspace.changed_meanwhile",
                scenario=found.code,
                person=found.changed_by,
                at=found.changed_at,
            )
        return found

    def add_plan(
        self,
        scenario_id: int,
        proposal_id: str,
        dataset_id: str,
        person: str,
        parent: Plan | None = None,
    ) -> Plan:
        """Add an answer; the same proposal in the same scenario is the same plan.

        A plan made by hand carries its parent's label and a letter.
        """
        with self._engine.begin() as connection:
            known = _plans(connection, scenario_id)
            for plan in known:
                if plan.proposal_id == proposal_id:
                    return plan
            labels = {plan.label for plan in known}
            label = _next_label(labels, parent)
            row = {
                "scenario_id": scenario_id,
                "label": label,
                "proposal_id": proposal_id,
                "dataset_id": dataset_id,
                "parent_id": None if parent is None else parent.id,
                "created_at": now(),
                "created_by": person,
            }
            key = connection.execute(insert(plans).values(**row)).inserted_primary_key
        assert key is not None
        return Plan(id=int(key[0]), **row)  # type: ignore[arg-type]  # the row's own types

    def plans(self, scenario_id: int) -> Sequence[Plan]:
        """Return the plans of a scenario in the order they were made."""
        with self._engine.connect() as connection:
            return _plans(connection, scenario_id)

    def plan_of(self, proposal_id: str, scenario_id: int | None = None) -> Plan | None:
        """Return the first plan that is this proposal, in one scenario or in any."""
        query = select(plans).where(plans.c.proposal_id == proposal_id).order_by(plans.c.id)
        if scenario_id is not None:
            query = query.where(plans.c.scenario_id == scenario_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Plan(**row)

    def plans_of(self, proposal_id: str) -> Sequence[Plan]:
        """Return every plan that is this proposal; two scenarios may share one."""
        query = select(plans).where(plans.c.proposal_id == proposal_id).order_by(plans.c.id)
        with self._engine.connect() as connection:
            return [Plan(**row) for row in connection.execute(query).mappings()]

    def all_plans(self, limit: int = 1000) -> Sequence[Plan]:
        """Return plans of all scenarios, newest first."""
        query = select(plans).order_by(desc(plans.c.id)).limit(limit)
        with self._engine.connect() as connection:
            return [Plan(**row) for row in connection.execute(query).mappings()]

    def count(self) -> int:
        """Return how many scenarios there are."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(scenarios)).scalar_one())


def _note_author(connection: Connection, scenario_id: int, person: str, at: str) -> None:
    """Record for good who else wrote a request: nobody signs a plan they asked for."""
    subject = f"scenario/{scenario_id}"
    written = select(events.c.id).where(
        events.c.subject == subject, events.c.action == "drafted", events.c.person == person
    )
    if connection.execute(written).first() is None:
        connection.execute(
            insert(events).values(
                at=at, person=person, role="planner", action="drafted", subject=subject
            )
        )


def _plans(connection: Connection, scenario_id: int) -> list[Plan]:
    query = select(plans).where(plans.c.scenario_id == scenario_id).order_by(plans.c.id)
    return [Plan(**row) for row in connection.execute(query).mappings()]


def _next_label(labels: set[str], parent: Plan | None) -> str:
    if parent is None:
        numbers = [int(label) for label in labels if label.isdigit()]
        return str(max(numbers, default=0) + 1)
    stem = parent.label.rstrip(ascii_lowercase)
    count = sum(label.startswith(stem) and label[len(stem) :].isalpha() for label in labels)
    letters = ""
    count += 1
    while count:
        count, rest = divmod(count - 1, 26)
        letters = ascii_lowercase[rest] + letters
    return stem + letters
