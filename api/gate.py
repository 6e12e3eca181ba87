"""What every request passes: host, language, person, origin; and what every answer carries."""

import logging
import secrets
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.people import identify, key_of
from api.problems import Refused, internal_error, refused
from api.settings import LOOPBACK, Settings
from landplan.messages import LANGUAGES, Language, choose_language

log = logging.getLogger("landplan.access")
MEGABYTE = 2**20
LARGEST_FORM = 5 * MEGABYTE
"""Of a body that is no upload: a pasted list of all parcels of a large town is below it."""
PROBES = ("/healthz", "/readyz")
SAFE = ("GET", "HEAD", "OPTIONS")
LANGUAGE_COOKIE = "landplan_lang"
FRAMED = ("/embed/", "/maps/")
OPEN = ("/healthz", "/readyz", "/signin", "/signout", "/language", "/static")


class Gate:
    """Pure ASGI, so that answers stream and nothing is held back."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Prepare the request's state, refuse what must not pass, add the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._complete_path(scope)
        request = Request(scope, receive)
        state = request.state
        state.nonce = secrets.token_urlsafe(16)
        state.reference = secrets.token_hex(8)
        state.language = language_of(request, self.settings.language)
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = _with_language(message["headers"], status, request)
                message["headers"] = [*headers, *self._headers(request)]
            await send(message)

        try:
            # accounts are read from the database: not on the thread that serves everybody
            refusal = await run_in_threadpool(self._refusal, request)
            if refusal is not None:
                await refused(request, refusal)(scope, receive, answer)
            else:
                await self.app(scope, self._limited(request, receive), answer)
        except UnicodeEncodeError as error:  # half of a character, as JSON may spell it
            log.warning("text that cannot be encoded", exc_info=error)
            if status == 0:
                refusal = Refused(400, "api.not_text")
                await refused(request, refusal)(scope, receive, answer)
        except Exception as error:
            response = internal_error(request, error)
            if status == 0:
                await response(scope, receive, answer)
        finally:
            _log(request, status, time.perf_counter() - started)

    def _limited(self, request: Request, receive: Receive) -> Receive:
        """Read no more of a body than belongs here; what it says of its own length may be wrong."""
        files = request.headers.get("content-type", "").startswith("multipart/form-data")
        left = self.settings.max_upload_mb * MEGABYTE if files else 0
        left += LARGEST_FORM

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        return limited

    def _complete_path(self, scope: Scope) -> None:
        """Put the prefix back where the proxy took it away, so that all paths are of one kind."""
        prefix = self.settings.path_prefix
        scope["root_path"] = prefix
        path = scope["path"]
        if prefix and path != prefix and not path.startswith(f"{prefix}/"):
            scope["path"] = prefix + path

    def _refusal(self, request: Request) -> Refused | None:
        try:
            self._check_host(request)
            request.state.person = identify(request, self.settings)
            self._check_origin(request)
            self._check_known(request)
        except Refused as refusal:
            return refusal
        return None

    def _check_known(self, request: Request) -> None:
        """Let nobody see anything without a name where the town wants it so."""
        path = request.url.path.removeprefix(self.settings.path_prefix)
        if self.settings.anonymous_may_view or request.state.person.name or path.startswith(OPEN):
            return
        raise Refused(401, "api.sign_in")

    def _check_host(self, request: Request) -> None:
        """Only known names: a foreign name that resolves to loopback must not get in.

        Probes of life may come by any name; they tell nothing.
        """
        if request.url.path.removeprefix(self.settings.path_prefix) in PROBES:
            return
        named = self.settings.names
        near = self.settings.mode == "local" or (self.settings.host in LOOPBACK and not named)
        known = (*named, *(LOOPBACK if near else ()))
        host = split(f"//{request.headers.get('host', '')}").hostname or ""
        if known and host not in known:
            raise Refused(400, "api.host_unknown", host=host)

    def _check_origin(self, request: Request) -> None:
        """Take changes only from our own pages, or from a program with a key."""
        if request.method in SAFE or self._has_key(request):
            return
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        own = {request.headers.get("host"), split(self.settings.public_origin).netloc} - {""}
        foreign = origin is not None and split(origin).netloc not in own
        if site in ("cross-site", "same-site") or (site is None and foreign):
            raise Refused(403, "api.foreign_origin", origin=origin or "")

    def _has_key(self, request: Request) -> bool:
        """Whether a key proved who asks: no browser sends one by itself, as it does passwords."""
        keys = self.settings.mode in ("accounts", "keys")
        return keys and key_of(request) is not None

    def _headers(self, request: Request) -> list[tuple[bytes, bytes]]:
        path = request.url.path.removeprefix(self.settings.path_prefix)
        framed = path.startswith(FRAMED)
        ancestors = " ".join(["'self'", *self.settings.frame_ancestors]) if framed else "'none'"
        images = " ".join(["'self'", "data:", *_origin(self.settings.basemap_url)])
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{request.state.nonce}'; "
            f"style-src 'self' 'nonce-{request.state.nonce}'; style-src-attr 'unsafe-inline'; "
            f"img-src {images}; connect-src 'self'; font-src 'self'; frame-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        )
        return [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"x-request-id", request.state.reference.encode()),
        ]


def _with_language(
    headers: Iterable[tuple[bytes, bytes]], status: int, request: Request
) -> list[tuple[bytes, bytes]]:
    """Keep the language of an address where it leads to another page of ours."""
    wish = request.query_params.get("lang")
    if status != 303 or wish not in LANGUAGES or request.url.path.endswith("/language"):
        return list(headers)
    return [
        (name, _asking(value, wish) if name.lower() == b"location" else value)
        for name, value in headers
    ]


def _asking(location: bytes, language: str) -> bytes:
    if not location.startswith(b"/") or location.startswith(b"//") or b"lang=" in location:
        return location
    path, mark, anchor = location.partition(b"#")
    joint = b"&" if b"?" in path else b"?"
    return path + joint + b"lang=" + language.encode() + mark + anchor


def language_of(request: Request, default: Language) -> Language:
    """Return the language asked for: by the address, else the cookie, else the browser."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish and wish[:2].lower() in LANGUAGES:
            return choose_language(wish)
    for wish in request.headers.get("accept-language", "").split(","):
        if wish.strip()[:2].lower() in LANGUAGES:
            return choose_language(wish.strip())
    return default


def split(address: str) -> SplitResult:
    """Take an address apart; what is none has no parts."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _origin(url: str) -> list[str]:
    parts = split(url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _log(request: Request, status: int, seconds: float) -> None:
    facts: dict[str, Any] = {
        "request": request.state.reference,
        "method": request.method,
        "path": request.url.path,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "person": getattr(getattr(request.state, "person", None), "name", ""),
    }
    log.info("request", extra={"facts": facts})
