"""Changing a plan by hand: every click is judged by all rules, and the lower limit is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.console.edit_state import State, read_state, toggled, undone
from api.console.plan import side
from api.console.plan_figures import hectares
from api.console.plan_head import head, newer_data, split_area
from api.console.plan_map import plan_map
from api.console.plan_source import Source, open_source
from api.console.plan_tabs import use_names
from api.pages import is_part, prefixed, render
from api.people import Person, Planner
from api.problems import Refused
from api.services import Services, services
from landplan.errors import AuditFailed, InputError, LandplanError
from landplan.messages import say
from landplan.messages.numbers import M2_PER_HA, MU_PER_HA, decimal, money, money_cell, share
from landplan.planning.assemble.edit import Edit, edited_proposal, judge_edit
from landplan.planning.assemble.rule_words import warning_text
from landplan.proposal.fingerprint import fingerprint_short
from landplan.proposal.proposal import Proposal

router = APIRouter(include_in_schema=False)
MOST_FIELDS = 2000


async def _fields(request: Request) -> dict[str, str]:
    form = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel of the edited plan, or one that was taken out."""

    id: str
    site: str
    state: str
    ha: str
    mu: str
    cost: str
    use_name: str


@router.get("/proposals/{proposal_id}/edit", dependencies=[Planner])
def edit_page(request: Request, proposal_id: str) -> Response:
    """Begin a hand edit with the plan as it is."""
    source = _editable(request, proposal_id)
    return _page(request, source, read_state(source, {}))


@router.post("/proposals/{proposal_id}/edit", dependencies=[Planner])
def edit_step(request: Request, proposal_id: str, fields: Fields) -> Response:
    """Take one parcel in or out, undo, or choose another site for new parcels."""
    source = _editable(request, proposal_id)
    state = read_state(source, fields)
    parcel = fields.get("toggle") or (fields.get("add", "").strip() if "take_in" in fields else "")
    if "undo" in fields:
        state = undone(state, source)
    elif parcel:
        state = toggled(state, source, parcel)
    return _page(request, source, state)


@router.post("/proposals/{proposal_id}/edit/save")
def edit_save(
    request: Request, proposal_id: str, fields: Fields, person: Person = Planner
) -> Response:
    """Write the edited plan as a new one, audited; refused with reasons where a rule is broken."""
    source, known = _editable(request, proposal_id), services(request)
    state = read_state(source, fields)
    try:
        town = _cadastre(known, source)
        made = edited_proposal(
            source.whole, town, known.grounds, state.members, _dataset(known, source)
        )
        written = known.workspace.proposals.store(made)
    except AuditFailed as fault:
        params: dict[str, Any] = fault.params
        raise Refused(409, fault.code, **params) from None
    except InputError as fault:
        if fault.code not in ("hand_edit.breaks_rules", "hand_edit.nothing_changed"):
            raise
        return _page(request, source, state, [fault])
    _add_plan(known, source, written, person)
    return RedirectResponse(prefixed(request, f"/proposals/{written.id}"), 303)


def _add_plan(known: Services, source: Source, written: Proposal, person: Person) -> None:
    workspace = known.workspace
    parent = workspace.scenarios.plan_of(source.id)
    if parent is not None:
        workspace.scenarios.add_plan(
            parent.scenario_id, written.id, parent.dataset_id, person.name, parent
        )
    fingerprint = fingerprint_short(written.content_hash)
    workspace.events.add(
        person.name,
        person.role,
        "edited",
        f"proposal/{written.id}",
        fingerprint,
        f"proposal/{source.id}",  # what it was made from, also where that is no plan
    )


def _editable(request: Request, proposal_id: str) -> Source:
    """Return a plan that may be changed by hand; Refused with the reason for any other."""
    source = open_source(request, proposal_id)
    if not source.names:
        raise Refused(403, "api.role_needed", role="planner", own="viewer")
    if source.whole.sites.empty:
        raise Refused(409, "edit.no_plan")
    if source.whole.process != "assemble":
        raise Refused(409, "edit.other_process")
    if newer_data(services(request).workspace, source) is not None:
        raise Refused(409, "edit.old")
    return source


def _dataset(known: Services, source: Source) -> str:
    try:
        return known.workspace.datasets.by_hash(source.whole.provenance.data_hash).id
    except InputError:
        raise Refused(409, "edit.data_missing") from None


def _cadastre(known: Services, source: Source) -> Any:
    return known.workspace.datasets.cadastre(_dataset(known, source))


def _page(
    request: Request, source: Source, state: State, faults: list[LandplanError] | None = None
) -> Response:
    known, language = services(request), source.language
    town = _cadastre(known, source)
    edit = judge_edit(source.whole, town, known.grounds, state.members, _dataset(known, source))
    top = head(request, source)
    said = [say(fault.code, fault.params, language) for fault in faults or []]
    context: dict[str, Any] = {
        **side(request, source, top),
        "state": state,
        "edit": edit,
        "rows": _rows(source, state, edit),
        "faults": said,
        "broken": [(warning_text(one, language), list(one.ids)) for one in edit.broken],
        "verdict": _verdict(edit, source),
        "cost": money(edit.cost, source.currency, language),
        "more": _more(edit, source),
        "area": split_area(edit.area_m2, language),
        "parcel_total": sum(len(ids) for ids in state.members.values()),
        "changed": len(edit.added) + len(edit.removed),
    }
    status = 409 if faults else 200
    if is_part(request):
        return render(request, "plan/edit_part.html", status_code=status, **context)
    drawn = plan_map(request, source, top)
    return render(request, "plan/edit.html", status_code=status, **context, map=drawn)


def _verdict(edit: Edit, source: Source) -> str:
    """Return what may be said about the edited plan in a few words."""
    language = source.language
    if edit.certificate is None:
        return say("edit.no_claim", None, language)
    worse = edit.distance_above_bound
    if worse is None:
        return say("edit.unknown", None, language)
    if worse == 0:
        return say("edit.same", None, language)
    return say("edit.within", {"percent": share(worse, language, "up")}, language)


def _more(edit: Edit, source: Source) -> str:
    if not edit.more:
        return ""
    sign = "+" if edit.more > 0 else "−"
    return sign + money(abs(edit.more), source.currency, source.language)


def _rows(source: Source, state: State, edit: Edit) -> list[Row]:
    """List the parcels: new ones and those taken out first, then the rest site by site."""
    site_of = {one: site for site, ids in state.members.items() for one in ids}
    parcels = source.whole.parcels
    gone = parcels[parcels["parcel_id"].isin(edit.removed)]
    named = dict(zip(gone["parcel_id"], gone["site_id"], strict=True)) | site_of
    shown = parcels[parcels["parcel_id"].isin(named)]
    kinds = dict.fromkeys(edit.added, "new") | dict.fromkeys(edit.removed, "out")
    names = use_names(source)
    rows = [_row(one, named, kinds, names, source) for one in shown.to_dict("records")]
    order = {"new": 0, "out": 1, "in": 2}
    places = {site: place for place, site in enumerate(state.members)}
    return sorted(rows, key=lambda row: (order[row.state], places[row.site]))


def _row(
    one: Mapping[Any, Any],
    sites: Mapping[str, str],
    kinds: Mapping[str, str],
    names: Mapping[str, str],
    source: Source,
) -> Row:
    use = one["land_use"]
    return Row(
        id=one["parcel_id"],
        site=sites[one["parcel_id"]],
        state=kinds.get(one["parcel_id"], "in"),
        ha=hectares(one["area_m2"]),
        mu=decimal(one["area_m2"] * MU_PER_HA / M2_PER_HA, 1),
        cost=money_cell(one["cost"], source.language),
        use_name=names.get(use, use if isinstance(use, str) else "—"),
    )
