"""Who did what: append-only."""

from sqlalchemy import Engine, desc, insert, select

from landplan.workspace.database import now
from landplan.workspace.records import Event
from landplan.workspace.tables import events


class Events:
    """The record of a workspace; nothing here changes or removes a row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        person: str,
        role: str,
        action: str,
        subject: str,
        fingerprint: str | None = None,
        remark: str | None = None,
    ) -> Event:
        """Record an action on a subject such as ``proposal/0123456789ab``."""
        row = {
            "at": now(),
            "person": person,
            "role": role,
            "action": action,
            "subject": subject,
            "fingerprint": fingerprint,
            "remark": remark,
        }
        with self._engine.begin() as connection:
            number = connection.execute(insert(events).values(**row)).inserted_primary_key
        assert number is not None
        return Event(id=int(number[0]), **row)  # type: ignore[arg-type]  # the row's own types

    def of(self, subject: str, *actions: str) -> list[Event]:
        """Return the events of a subject, oldest first; of some actions only, where given."""
        query = select(events).where(events.c.subject == subject).order_by(events.c.id)
        if actions:
            query = query.where(events.c.action.in_(actions))
        with self._engine.connect() as connection:
            return [Event(**row) for row in connection.execute(query).mappings()]

    def recent(
        self, limit: int = 50, *, person: str | None = None, actions: tuple[str, ...] = ()
    ) -> list[Event]:
        """Return the last events, newest first."""
        query = select(events).order_by(desc(events.c.id)).limit(limit)
        if person is not None:
            query = query.where(events.c.person == person)
        if actions:
            query = query.where(events.c.action.in_(actions))
        with self._engine.connect() as connection:
            return [Event(**row) for row in connection.execute(query).mappings()]
