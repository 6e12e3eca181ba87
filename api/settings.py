"""Every setting of the service, read once inside `create_app`, from LANDPLAN_… variables."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from landplan.messages import Language

AuthMode = Literal["local", "accounts", "proxy", "keys", "open"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANYWHERE = ("0.0.0.0", "::", "")
"""Hosts that are no names: the service listens on every address."""


class Settings(BaseSettings):
    """What an intranet administrator decides.

    ``auth`` says who a caller is:

    - ``local``: only on loopback; whoever sits at this machine chooses a role, nothing is proven.
    - ``accounts``: names and passwords kept in the workspace, API keys for programs.
    - ``proxy``: a proxy named in ``proxy_addresses`` signs people in and sends name and role.
    - ``keys``: API keys only.
    - ``open``: everybody is a planner without a name; warned of at every start, nobody can sign.
    """

    model_config = SettingsConfigDict(env_prefix="LANDPLAN_", extra="ignore", frozen=True)

    workspace: Path = Path("out/workspace")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    path_prefix: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    public_origin: str = ""
    """Where people reach the service, such as https://town.example, if a proxy stands before it."""
    allowed_hosts: tuple[str, ...] = ()
    """The names by which people reach the service; links are made of the name that was asked."""
    auth: AuthMode | None = None
    anonymous_may_view: bool = True
    proxy_addresses: tuple[str, ...] = ()
    proxy_name_header: str = "x-remote-user"
    proxy_role_header: str = "x-remote-role"
    session_hours: float = Field(default=12.0, gt=0, le=720)
    secure_cookies: bool = False
    frame_ancestors: tuple[str, ...] = ()
    language: Language = "en"
    old_after_days: int = Field(default=30, ge=1, le=3650)
    slots: int = Field(default=1, ge=1, le=64)
    memory_mb: int = Field(default=4096, ge=256, le=1_048_576)
    time_limit_s: float = Field(default=600.0, gt=0, le=86_400)
    max_jobs_per_client: int = Field(default=10, ge=1, le=10_000)
    max_jobs: int = Field(default=100, ge=1, le=100_000)
    max_upload_mb: int = Field(default=200, ge=1, le=10_000)
    basemap_kind: Literal["none", "xyz", "wmts"] = "none"
    basemap_url: str = ""
    basemap_attribution: str = ""
    basemap_max_zoom: int = Field(default=19, ge=0, le=24)
    calculate: bool = True
    """Whether this process also calculates; a second one beside it may only serve pages."""

    @field_validator("frame_ancestors")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            _require_origin(origin)
        return origins

    @field_validator("public_origin")
    @classmethod
    def _origin(cls, origin: str) -> str:
        if origin:
            _require_origin(origin)
        return origin

    @field_validator("proxy_addresses")
    @classmethod
    def _addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ip_network(address, strict=False)
        return addresses

    @model_validator(mode="after")
    def _guarded(self) -> "Settings":
        if self.host not in LOOPBACK and self.auth in (None, "local"):
            raise ValueError(
                f"host {self.host} is not loopback: set LANDPLAN_AUTH to accounts, proxy, keys or "
                "open"
            )
        if self.host in ANYWHERE and not self.names:
            raise ValueError(
                f"host {self.host} listens on every address: name those by which people reach the "
                "service in LANDPLAN_ALLOWED_HOSTS or LANDPLAN_PUBLIC_ORIGIN"
            )
        if self.mode == "proxy" and not self.proxy_addresses:
            raise ValueError("auth proxy needs LANDPLAN_PROXY_ADDRESSES, the proxy's addresses")
        if self.basemap_kind != "none" and not self.basemap_url:
            raise ValueError(f"basemap {self.basemap_kind} needs LANDPLAN_BASEMAP_URL")
        return self

    @property
    def mode(self) -> AuthMode:
        """How callers are known; ``local`` where nothing was chosen, which only loopback allows."""
        return self.auth or "local"

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which the service may be asked, but for loopback."""
        public = urlsplit(self.public_origin).hostname
        own = () if self.host in (*ANYWHERE, *LOOPBACK) else (self.host,)
        return (*self.allowed_hosts, *own, *((public,) if public else ()))

    def is_proxy(self, address: str | None) -> bool:
        """Whether a peer is one of the named proxies."""
        if address is None:
            return False
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in ip_network(known, strict=False) for known in self.proxy_addresses)


def _require_origin(origin: str) -> None:
    scheme, _, rest = origin.partition("://")
    plain = not any(character in rest for character in " ;,'\"/\\")
    if scheme not in ("http", "https") or not rest or not plain:
        raise ValueError(f"{origin!r} is not an origin such as https://town.example")
