"""Signing in, choosing a role in local mode, and the language."""

import math
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.gate import LANGUAGE_COOKIE
from api.pages import prefixed, render
from api.people import LOCAL, ROLES, SESSION, Role, person_of, session_cookie
from api.problems import Refused
from api.services import services
from landplan.messages import LANGUAGES, Language

router = APIRouter(include_in_schema=False)
Next = Annotated[str, Form(alias="next")]


@router.get("/signin")
def signin_page(request: Request, next: str = "/") -> Response:  # the name in the address
    """Show the form: two fields, or the roles to choose from in local mode."""
    return render(request, "signin.html", next=_target(request, next), wrong=False, roles=ROLES)


@router.post("/signin")
def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Next = "/",
) -> Response:
    """Check name and password; the answer does not tell whether the name exists."""
    known = services(request)
    if known.settings.mode != "accounts":
        raise Refused(404, "api.no_accounts")
    wait = math.ceil(known.brake.wait_s(name))
    if wait:
        raise Refused(429, "api.wait_to_sign_in", retry_after=wait, seconds=wait)
    role = known.workspace.people.check(name, password)
    if role is None:
        known.brake.wrong(name)
        return render(
            request,
            "signin.html",
            next=_target(request, next),
            wrong=True,
            roles=ROLES,
            status_code=401,
        )
    known.brake.right(name)
    known.workspace.events.add(name, role, "signed_in", f"person/{name}")
    answer = RedirectResponse(prefixed(request, _target(request, next)), 303)
    _keep(request, answer, SESSION, session_cookie(known, name))
    return answer


@router.post("/signout")
def sign_out(request: Request) -> Response:
    """Forget who asks, on every machine: a cookie that was copied ends too."""
    person = person_of(request)
    if services(request).settings.mode == "accounts" and person.name:
        services(request).workspace.people.end_sessions(person.name)
    answer = RedirectResponse(prefixed(request, "/signin"), 303)
    answer.delete_cookie(SESSION, path=services(request).settings.path_prefix or "/")
    return answer


@router.post("/act-as")
def act_as(request: Request, role: Annotated[Role, Form()], next: Next = "/") -> Response:
    """Choose a role; only in local mode, where everybody sits at this machine."""
    if services(request).settings.mode != "local":
        raise Refused(404, "api.no_local")
    answer = RedirectResponse(prefixed(request, _target(request, next)), 303)
    _keep(request, answer, LOCAL, role)
    return answer


@router.post("/language")
def choose(request: Request, to: Annotated[Language, Form()], next: Next = "/") -> Response:
    """Keep a language; the page asked for next must not name another."""
    assert to in LANGUAGES
    parts = urlsplit(_target(request, next))
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key != "lang"])
    target = f"{parts.path}?{query}" if query else parts.path
    answer = RedirectResponse(prefixed(request, target), 303)
    _keep(request, answer, LANGUAGE_COOKIE, to)
    return answer


def _target(request: Request, path: str) -> str:
    return inside(path, services(request).settings.path_prefix)


def inside(path: str, prefix: str = "") -> str:
    """Return a path of this service; whatever leads elsewhere leads to the start.

    Pages name themselves as the browser knows them, with the prefix; it is put back later.
    """
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    outside = parts.scheme or parts.netloc or "\\" in path or not path.startswith("/")
    if outside or path.startswith("//"):
        return "/"
    own = prefix and (path == prefix or path.startswith((f"{prefix}/", f"{prefix}?")))
    return (path.removeprefix(prefix) or "/") if own else path


def _keep(request: Request, answer: Response, name: str, value: str) -> None:
    settings = services(request).settings
    answer.set_cookie(
        name,
        value,
        path=settings.path_prefix or "/",
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies or settings.public_origin.startswith("https:"),
    )
