"""The application: `create_app(settings=None)`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError

from api import problems
from api.gate import Gate
from api.map_layers import MapLayers
from api.ogc.layers import Layers
from api.pages import STATIC
from api.services import Services
from api.settings import Settings
from landplan import __version__
from landplan.errors import InputError
from landplan.workspace.jobs import Jobs
from landplan.workspace.upload_limits import MEBI, UploadLimits
from landplan.workspace.workspace import Workspace
from maps.page import STATIC as MAP_STATIC

log = logging.getLogger("landplan.api")

ROUTERS: Final = (
    "api.health",
    "api.signin",
    "api.docs",
    "api.ogc.landing",
    "api.ogc.collections",
    "api.ogc.items",
    "api.ogc.processes",
    "api.ogc.execution",
    "api.ogc.jobs",
    "api.ogc.downloads",
    "api.map_data",
    "api.console.desk",
    "api.console.scenarios",
    "api.console.request",
    "api.console.run",
    "api.console.map",
    "api.console.datasets",
    "api.embed",
    "api.console.plan",
    "api.console.plan_nothing",
    "api.console.edit",
    "api.console.why",
    "api.console.others",
    "api.console.statements",
    "api.printing",
    "api.console.signoff",
    "api.console.compare",
)
"""Modules with a ``router`` each, in the order their paths are tried."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the service; settings come from the environment where none are given.

    Opens the workspace at once, so that a wrong one is refused at the start and not at the first
    request. Jobs are calculated while the application runs.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="landplan",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.services = _open(settings)
    problems.install(app)
    for name in ROUTERS:
        app.include_router(import_module(name).router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount("/map-static", StaticFiles(directory=MAP_STATIC), name="map-static")
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(Gate, settings=settings)
    return app


def _open(settings: Settings) -> Services:
    try:
        limits = UploadLimits(bytes_total=settings.max_upload_mb * MEBI)
        workspace = Workspace(settings.workspace, settings.database_url, limits)
    except (OSError, SQLAlchemyError) as error:
        folder, detail = str(settings.workspace), str(error).splitlines()[0]
        raise InputError("api.workspace", folder=folder, detail=detail) from None
    jobs = Jobs(
        workspace.engine,
        max_per_client=settings.max_jobs_per_client,
        max_open=settings.max_jobs,
    )
    supervisor = None
    if settings.calculate:
        from landplan.workspace.supervisor import Supervisor

        supervisor = Supervisor(
            workspace,
            slots=settings.slots,
            memory_mb=settings.memory_mb,
            time_limit_s=settings.time_limit_s,
        )
    layers, map_layers = Layers(workspace), MapLayers(workspace)
    return Services(settings, workspace, jobs, supervisor, layers, map_layers)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    if services.settings.mode == "open":
        log.warning("auth is open: everybody who reaches this address is a planner")
    if services.supervisor is not None:
        services.supervisor.start()
    try:
        yield
    finally:
        if services.supervisor is not None:
            services.supervisor.stop()
        services.workspace.close()
