"""Who asks, and what they may do."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from fastapi import Depends, Request
from itsdangerous import BadSignature, TimestampSigner

from api.problems import Refused
from api.services import Services, services
from api.settings import Settings

Role = Literal["viewer", "planner", "leader", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
SESSION: Final = "landplan_session"
LOCAL: Final = "landplan_as"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks; ``verified`` where a password, key or proxy proved the name."""

    name: str
    role: Role
    verified: bool = False

    def may(self, role: Role) -> bool:
        """Whether this person's role includes another."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def sees_names(self) -> bool:
        """Whether owners and prices may be in the bytes that this person gets."""
        return self.may("planner")


NOBODY: Final = Person("", "viewer")


def person_of(request: Request) -> Person:
    """Return who asks; the gate has found out."""
    found = request.state.person
    assert isinstance(found, Person)
    return found


def at_least(role: Role) -> Callable[..., Person]:
    """Return a dependency that lets in people of a role or above; raises Refused (401, 403)."""

    def let_in(request: Request) -> Person:
        person = person_of(request)
        if not person.may(role):
            status = 403 if person.name else 401
            raise Refused(status, "api.role_needed", role=role, own=person.role)
        return person

    return let_in


Viewer = Depends(at_least("viewer"))
Planner = Depends(at_least("planner"))
Leader = Depends(at_least("leader"))
Admin = Depends(at_least("admin"))


def identify(request: Request, settings: Settings) -> Person:
    """Find out who asks, by the mode of the service.

    Raises Refused where a proxy's header comes from anybody else, or a key is unknown.
    """
    known = services(request)
    if settings.mode == "proxy":
        return _from_proxy(request, settings)
    if settings.mode in ("accounts", "keys"):
        key = key_of(request)
        if key is not None:
            return _from_key(known, key)
    if settings.mode == "accounts":
        return _from_session(request, known, settings)
    if settings.mode == "local":
        chosen = request.cookies.get(LOCAL, "planner")
        return Person(chosen, chosen) if chosen in ROLES else Person("planner", "planner")
    return Person("anonymous", "planner") if settings.mode == "open" else NOBODY


def signer(workspace: Path) -> TimestampSigner:
    """Return what signs sessions, with a secret of this workspace, made at first use."""
    file = workspace / "secret"
    if not file.exists():
        draft = workspace / f".secret.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            file.hardlink_to(draft)
        except FileExistsError:  # another process was first; its secret counts
            pass
        finally:
            draft.unlink()
    return TimestampSigner(file.read_text(encoding="ascii"), salt="landplan session")


def session_cookie(services: Services, name: str) -> str:
    """Return the value of a session cookie for somebody who has just signed in."""
    account = services.workspace.people.get(name)
    number = 0 if account is None else account.session
    return signer(services.workspace.folder).sign(f"{number}:{name}".encode()).decode()


def _from_session(request: Request, known: Services, settings: Settings) -> Person:
    cookie = request.cookies.get(SESSION)
    if not cookie:
        return NOBODY
    try:
        age = settings.session_hours * 3600
        signed = signer(known.workspace.folder).unsign(cookie, max_age=int(age)).decode()
    except (BadSignature, UnicodeDecodeError):
        return NOBODY
    number, _, name = signed.partition(":")
    account = known.workspace.people.get(name)
    # signing out and a new password end every session begun before
    return _account(account) if account is not None and str(account.session) == number else NOBODY


def _from_key(known: Services, key: str) -> Person:
    found = _account(known.workspace.people.by_key(key))
    if not found.name:
        raise Refused(401, "api.key_unknown")
    return found


def _account(record: Any) -> Person:
    if record is None or record.disabled:
        return NOBODY
    return Person(record.name, record.role, verified=True)


def _from_proxy(request: Request, settings: Settings) -> Person:
    sent = request.headers.get(settings.proxy_name_header, "").strip()
    if not sent:
        return NOBODY
    if not settings.is_proxy(request.client.host if request.client else None):
        raise Refused(403, "api.not_the_proxy")
    name = proxy_name(sent)
    role = request.headers.get(settings.proxy_role_header, "viewer").strip().lower()
    return Person(name, role, verified=True) if role in ROLES else Person(name, "viewer", True)


def proxy_name(sent: str) -> str:
    """Return a name as the proxy meant it: headers are read as Latin-1 and sent as UTF-8.

    Raises Refused (400) for what is no UTF-8.
    """
    try:
        return sent.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise Refused(400, "api.proxy_name") from None


def key_of(request: Request) -> str | None:
    """Return the API key that a program sends, not yet checked."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key")
