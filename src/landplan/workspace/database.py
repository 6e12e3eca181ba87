"""The database of a workspace: one engine per process; `landplan.workspace.tables` has the tables.

SQLite in write-ahead mode beside the folders by default; any SQLAlchemy URL (PostgreSQL) where the
town has a database server.
"""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event

metadata = MetaData()
"""All tables of a workspace register here."""

FILE = "landplan.db"
BUSY_TIMEOUT_MS = 30_000


def open_database(folder: Path, url: str | None = None) -> Engine:
    """Return an engine for the workspace in ``folder``, with all tables made.

    Parameters
    ----------
    folder
        The workspace; made if missing.
    url
        SQLAlchemy URL; by default SQLite in ``folder / FILE``.
    """
    # the modules that declare tables, so that whoever opens first makes them all
    from landplan.workspace import tables  # noqa: F401  # imported for its declarations

    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url or f"sqlite:///{folder / FILE}")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    metadata.create_all(engine)
    return engine


def now() -> str:
    """Return the time in UTC as ISO 8601 with microseconds; sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _configure(connection: Any, _record: object) -> None:
    # SQLAlchemy begins transactions itself (below); the driver must not
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _write_ahead(connection: Any) -> None:
    """Switch the journal once; several who open a new workspace together take turns.

    A database that has no such journal (in memory, on some network disks) stays as it is.
    """
    given_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:  # the switch does not wait for others by itself
            if time.monotonic() > given_up:
                raise
            time.sleep(0.02)


def _begin(connection: Any) -> None:
    # taking the write lock at once avoids deadlocks between two readers that both want to write
    connection.exec_driver_sql("BEGIN IMMEDIATE")
