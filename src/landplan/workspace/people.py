"""Accounts and API keys: only hashes are kept."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final, get_args

from sqlalchemy import Engine, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from landplan.errors import InputError
from landplan.workspace.database import now
from landplan.workspace.records import Account, Role
from landplan.workspace.tables import people

COST: Final = {"n": 2**14, "r": 8, "p": 1}
"""scrypt (Percival 2009, RFC 7914): about 50 ms and 16 MB for one guess."""
SHORTEST_PASSWORD: Final = 8


class People:
    """Who may sign in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, role: str, password: str | None = None) -> Account:
        """Make an account; raises InputError where name, role or password cannot be used."""
        name = name.strip()
        if not name or len(name) > 100 or "/" in name or any(ord(c) < 32 for c in name):
            raise InputError("people.name", name=name)
        if role not in get_args(Role):
            raise InputError("people.role", role=role, known=list(get_args(Role)))
        if password is not None and len(password) < SHORTEST_PASSWORD:
            raise InputError("people.password_short", least=SHORTEST_PASSWORD)
        hashed = None if password is None else _hash(password, secrets.token_bytes(16))
        row = {"name": name, "role": role, "password_hash": hashed, "created_at": now()}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(people).values(**row))
        except IntegrityError:
            raise InputError("people.exists", name=name) from None
        found = self.get(name)
        assert found is not None
        return found

    def get(self, name: str) -> Account | None:
        """Return an account, or None."""
        with self._engine.connect() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).mappings().first()
        return None if row is None else _account(row)

    def list(self) -> Sequence[Account]:
        """Return all accounts by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(people).order_by(people.c.name)).mappings().all()
        return [_account(row) for row in rows]

    def check(self, name: str, password: str) -> Role | None:
        """Return the role where the password is right.

        An unknown name takes as long as a wrong password, so that nobody learns which names exist.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).mappings().first()
        kept = row["password_hash"] if row is not None else None
        right = _matches(password, kept or _NOBODY)
        if row is None or kept is None or row["disabled"] or not right:
            return None
        return _account(row).role

    def set_password(self, name: str, password: str) -> None:
        """Replace a password; raises InputError for an unknown name or a short password."""
        if len(password) < SHORTEST_PASSWORD:
            raise InputError("people.password_short", least=SHORTEST_PASSWORD)
        hashed = _hash(password, secrets.token_bytes(16))
        self._change(name, password_hash=hashed, session=people.c.session + 1)

    def end_sessions(self, name: str) -> None:
        """End every session of an account; raises InputError for an unknown name."""
        self._change(name, session=people.c.session + 1)

    def disable(self, name: str, disabled: bool = True) -> None:
        """Shut an account out, or let it in again; raises InputError for an unknown name."""
        self._change(name, disabled=disabled, session=people.c.session + 1)

    def add_key(self, name: str) -> str:
        """Return a new API key of an account; the earlier one ends. Only its hash is kept."""
        key = f"lp_{secrets.token_urlsafe(32)}"
        self._change(name, key_hash=_key_hash(key))
        return key

    def by_key(self, key: str) -> Account | None:
        """Return the account that a key belongs to, unless it is disabled."""
        query = select(people).where(people.c.key_hash == _key_hash(key), ~people.c.disabled)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _account(row)

    def _change(self, name: str, **values: object) -> None:
        with self._engine.begin() as connection:
            done = connection.execute(update(people).where(people.c.name == name).values(**values))
        if done.rowcount == 0:
            raise InputError("people.unknown", name=name)


def _account(row: RowMapping) -> Account:
    return Account(
        row["name"], row["role"], row["created_at"], bool(row["disabled"]), row["session"]
    )


def _hash(password: str, salt: bytes) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, dklen=32, **COST)
    return f"{salt.hex()}:{digest.hex()}"


def _matches(password: str, kept: str) -> bool:
    salt, _, _ = kept.partition(":")
    return hmac.compare_digest(_hash(password, bytes.fromhex(salt)), kept)


def _key_hash(key: str) -> str:
    # keys are random and long: a fast hash is enough
    return hashlib.sha256(key.encode()).hexdigest()


_NOBODY: Final = f"{'00' * 16}:{'00' * 32}"
