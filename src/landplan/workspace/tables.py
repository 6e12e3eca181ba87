"""The tables of a workspace. Times are UTC, ISO 8601; JSON columns hold {code, params}."""

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
)

from landplan.workspace.database import metadata

datasets = Table(
    "datasets",
    metadata,
    Column("id", String, primary_key=True),  # 12 hexadecimal digits of the data hash
    Column("series", String, nullable=False, index=True),  # slug of the town: versions of one town
    Column("version", Integer, nullable=False),  # 1, 2, 3 … within the series
    Column("town", String, nullable=False),
    Column("data_hash", String, nullable=False),
    Column("parcels", Integer, nullable=False),
    Column("data_date", String),  # as of: when the register was current
    Column("imported_at", String, nullable=False),
    Column("imported_by", String, nullable=False),
    Column("findings", JSON, nullable=False),  # [{code, severity, layer, ids, …}]
    Index("dataset_version", "series", "version", unique=True),
)

scenarios = Table(
    "scenarios",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # shown as S-014
    Column("title", String, nullable=False),
    Column("series", String, nullable=False, index=True),
    Column("process", String, nullable=False),
    Column("draft", JSON, nullable=False),  # the form as last saved
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("changed_by", String, nullable=False),
    Column("revision", Integer, nullable=False, default=1),  # a save on an old revision is refused
)

plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scenario_id", ForeignKey("scenarios.id"), nullable=False, index=True),
    Column("label", String, nullable=False),  # "1", "2", "2a" (by hand)
    Column("proposal_id", String, nullable=False, index=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("parent_id", ForeignKey("plans.id")),  # of a plan made by hand
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Index("plan_label", "scenario_id", "label", unique=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),  # unguessable
    Column("process", String, nullable=False),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("request", JSON, nullable=False),
    Column("scenario_id", ForeignKey("scenarios.id")),  # null: asked through the API
    Column("purpose", String, nullable=False, default="plan"),
    # plan | why | alternatives | front | invite | key_owners
    Column("subject", JSON),  # {proposal, parcel}: what it is about
    Column("status", String, nullable=False, index=True),
    # accepted | running | successful | failed | dismissed
    Column("phase", String),
    Column("best", Float),
    Column("bound", Float),
    Column("improved", Integer, nullable=False, default=0),
    Column("first_found_at", String),
    Column("error", JSON),  # [{code, params}]; code job.internal carries a reference number
    Column("proposal_id", String),
    Column("ended", String),  # why the search ended: done | time | asked
    Column("created_at", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("started_at", String),
    Column("finished_at", String),
    Column("updated_at", String, nullable=False),
    Column("heartbeat_at", String),
    Column("attempt", Integer, nullable=False, default=0),
    Column("token", String),  # fencing: only the holder may commit
    Column("stop_asked", Boolean, nullable=False, default=False),
    Column("time_limit_s", Float, nullable=False),
    Column("client", String, nullable=False),
    Column("idempotency_key", String),
    Column("body_hash", String, nullable=False),
    Index("job_idempotency", "client", "idempotency_key", unique=True),
)

events = Table(  # append-only: who ran, saw, submitted, signed, returned
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String, nullable=False),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("action", String, nullable=False, index=True),
    # imported | asked | dismissed | saw | edited | submitted | approved | returned | exported |
    # signed_in
    Column("subject", String, nullable=False, index=True),  # dataset/<id>, proposal/<id>, job/<id>
    Column("fingerprint", String),
    Column("remark", Text),
)
for _change in ("UPDATE", "DELETE"):
    # whoever gets at the database through landplan cannot rewrite what happened
    _kept = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
        f"CREATE TRIGGER IF NOT EXISTS events_no_{_change.lower()} BEFORE {_change} ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
    )
    event.listen(events, "after_create", _kept.execute_if(dialect="sqlite"))

people = Table(
    "people",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),  # viewer | planner | leader | admin
    Column("password_hash", String),  # scrypt; null: cannot sign in with a password
    Column("key_hash", String, index=True),  # SHA-256 of an API key
    Column("created_at", String, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("session", Integer, nullable=False, default=0),  # raised when sessions end
)
