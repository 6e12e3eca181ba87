"""The data of the town: its versions, and the way in: files, mapping, findings, import."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.console.datasets_mapping import FIRST, TOWN, forms_of, mapping_of, roles_twice
from api.console.datasets_view import changes_of, shown_findings
from api.console.map import dataset_of
from api.pages import prefixed, render
from api.people import Person, Planner, Viewer
from api.problems import Refused
from api.services import Services, services
from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.messages import Language, say
from landplan.workspace.upload_limits import MEBI

router = APIRouter(include_in_schema=False)
OVERHEAD: Final = MEBI
"""What a form adds to the files that it carries."""


@router.get("/datasets")
def dataset_list(request: Request, person: Person = Viewer) -> Response:
    """List all versions of all towns."""
    known = services(request)
    return render(request, "datasets/list.html", records=known.workspace.datasets.list())


@router.get("/datasets/new")
def upload_page(request: Request, person: Person = Planner) -> Response:
    """Ask for the files."""
    return _choose(request, [])


@router.post("/datasets/new")
async def upload(request: Request, person: Person = Planner) -> Response:
    """Receive the files, and go on to what is in them."""
    known = services(request)
    most = known.settings.max_upload_mb * MEBI
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refused(411, "datasets.length_needed")
    if int(length) > most + OVERHEAD:
        error = InputError("datasets.too_large", mb=known.settings.max_upload_mb)
        return await run_in_threadpool(_choose, request, [error], status=413)
    async with request.form(max_files=64, max_fields=64) as form:
        files = [entry for entry in form.getlist("files") if not isinstance(entry, str)]
        named = [entry for entry in files if entry.filename]
        return await run_in_threadpool(_received, request, person, named)


@router.get("/datasets/new/{token}")
def mapping_page(request: Request, token: str, person: Person = Planner) -> Response:
    """Show what the files hold, with a first mapping to check."""
    known = services(request)
    try:
        return _mapping(request, token, known.workspace.uploads.mapping(token), [])
    except LandplanError as error:
        return _choose(request, faults_of(error), status=400)


@router.post("/datasets/new/{token}")
async def map_upload(request: Request, token: str, person: Person = Planner) -> Response:
    """Read the answers; check the data with them, or show the form for other layers."""
    form = await request.form(max_fields=5000)
    answers = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return await run_in_threadpool(_mapped, request, token, answers)


@router.get("/datasets/new/{token}/check")
def findings_page(
    request: Request,
    token: str,
    person: Person = Planner,
    series: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show what the check found, before anything is accepted."""
    known = services(request)
    try:
        check = known.workspace.uploads.check(token)
    except LandplanError as error:
        return _choose(request, faults_of(error), status=404)
    if check is None:
        return RedirectResponse(prefixed(request, f"/datasets/new/{token}"), 303)
    return render(
        request,
        "datasets/findings.html",
        token=token,
        series=_series(known, series) or "",
        check=check,
        findings=shown_findings(check.findings, request.state.language),
        errors=[_said(error, request.state.language) for error in check.errors],
        same=known.workspace.datasets.get(check.known) if check.known else None,
    )


@router.post("/datasets/new/{token}/import")
def import_data(
    request: Request,
    token: str,
    person: Person = Planner,
    series: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep the data as a new version."""
    known = services(request)
    uploads = known.workspace.uploads
    before = {record.id for record in known.workspace.datasets.list()}
    try:
        stated = uploads.mapping(token).get("town", {}).get("as_of")
        as_of = None if stated is None else str(stated)
        record = uploads.import_upload(
            token, person.name, as_of=as_of, series=_series(known, series)
        )
    except LandplanError as error:
        return _choose(request, faults_of(error), status=400)
    new = record.id not in before
    if new:
        known.workspace.events.add(person.name, person.role, "imported", f"dataset/{record.id}")
    state = "new" if new else "same"
    return RedirectResponse(prefixed(request, f"/datasets/{record.id}?imported={state}"), 303)


@router.get("/datasets/{dataset_id}")
def dataset_page(
    request: Request, dataset_id: str, person: Person = Viewer, imported: str = ""
) -> Response:
    """Show a version: its findings, what changed, which plans it made old."""
    known = services(request)
    record = dataset_of(known, dataset_id)
    return render(
        request,
        "datasets/dataset.html",
        record=record,
        imported=imported if imported in ("new", "same") else "",
        findings=shown_findings(record.findings, request.state.language),
        changes=changes_of(known, record),
    )


def faults_of(error: LandplanError) -> list[LandplanError]:
    """Return one fault or many as a list."""
    return list(error.errors) if isinstance(error, ManyErrors) else [error]


def _received(request: Request, person: Person, files: list[Any]) -> Response:
    known = services(request)
    uploads = known.workspace.uploads
    if not files:
        return _choose(request, [InputError("datasets.upload.nothing")], status=400)
    token = uploads.open(person.name)
    faults: list[LandplanError] = []
    for entry in files:
        try:
            uploads.add(token, entry.filename or "", entry.file)
        except LandplanError as error:
            faults += faults_of(error)
    if not faults:
        try:
            uploads.draft(token)
        except LandplanError as error:
            faults += faults_of(error)
    if faults:
        uploads.discard(token)
        return _choose(request, faults, status=400)
    return RedirectResponse(prefixed(request, f"/datasets/new/{token}"), 303)


def _mapped(request: Request, token: str, answers: Mapping[str, str]) -> Response:
    uploads = services(request).workspace.uploads
    try:
        draft = uploads.draft(token)
        town = mapping_of(draft, uploads.mapping(token), answers)
    except LandplanError as error:
        return _choose(request, faults_of(error), status=400)
    if answers.get("do") == "update":
        return _mapping(request, token, town, [])
    twice = [InputError("datasets.mapping.twice", role=r) for r in roles_twice(draft, answers)]
    if twice:
        return _mapping(request, token, town, list(twice), status=422)
    try:
        uploads.accept_mapping(token, town)
    except LandplanError as error:
        return _mapping(request, token, town, faults_of(error), status=422)
    series = quote(answers.get("series", ""))
    return RedirectResponse(prefixed(request, f"/datasets/new/{token}/check?series={series}"), 303)


def _series(known: Services, wished: str) -> str | None:
    """Return the town that the data are a new version of; None for a town of its own."""
    there = {record.series for record in known.workspace.datasets.list()}
    return wished if wished in there else None


def _choose(request: Request, faults: list[LandplanError], *, status: int = 200) -> Response:
    known = services(request)
    said = [say(fault.code, fault.params, request.state.language) for fault in faults]
    return render(
        request,
        "datasets/upload.html",
        status_code=status,
        faults=said,
        mb=known.settings.max_upload_mb,
    )


def _mapping(
    request: Request,
    token: str,
    town: Mapping[str, Any],
    faults: list[LandplanError],
    *,
    status: int = 200,
) -> Response:
    language: Language = request.state.language
    draft = services(request).workspace.uploads.draft(token)
    return render(
        request,
        "datasets/mapping.html",
        status_code=status,
        token=token,
        draft=draft,
        town={key: town.get("town", {}).get(key, "") for key in TOWN},
        layers=forms_of(draft, town, language),
        towns={r.series: r.town for r in services(request).workspace.datasets.list()},
        notes=[say(note["code"], note["params"], language) for note in draft.notes],
        faults=[say(fault.code, fault.params, language) for fault in faults],
        first=FIRST,
    )


def _said(error: Mapping[str, Any], language: Language) -> str:
    return say(str(error["code"]), error.get("params"), language)
