"""Other plans as tables: what each costs, how good it is, what is proven about the rest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api.console.plan_figures import owner_count
from api.console.plan_source import Source
from landplan.messages import Language, say
from landplan.messages.numbers import MISSING, decimal, money, share
from landplan.planning.assemble.alternative_words import ending, extra_words, gap_of
from landplan.planning.assemble.alternatives import Alternatives
from landplan.planning.assemble.front import FREE, Box, Front, Open
from landplan.planning.assemble.front_words import missing_lines, telling_apart
from landplan.proposal.certificate import Certificate
from landplan.proposal.document import certificate_from_json
from landplan.proposal.proposal import Proposal
from landplan.workspace.workspace import Workspace

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A plan, or without an id a party, with its figures, ready to print."""

    id: str
    name: str
    cells: tuple[str, ...]
    extra: str = ""
    """How much dearer than the plan it belongs to."""
    here: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One kind of other plans: asked for or not, the plans found, what is proven.

    ``state``: ``new``, ``waiting``, ``failed`` or ``done``; ``words`` belong to the middle two.
    """

    kind: str
    state: str
    words: str = ""
    columns: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)


def alternatives_view(found: Mapping[str, Any], source: Source, workspace: Workspace) -> View:
    """Return alternatives as they were kept with `landplan.workspace.further`."""
    language = source.language
    lines = [_here(source)]
    for number, one in enumerate(found["alternatives"], start=1):
        certificate = _certificate(workspace, one["folder"])
        shared = max(float(part["share"]) for part in one["shared"])
        cells = (
            money(one["objective"], source.currency, language),
            _owners(workspace.proposals.get(one["folder"]), language),
            share(shared, language, "up"),
            gap_of(certificate, language),
        )
        name = say("others.alternative", {"n": number}, language)
        extra = extra_words(one["extra"], source.whole, language)
        lines.append(Line(one["folder"], name, cells, extra))
    bound = math.inf if found["bound"] is None else found["bound"]
    result = Alternatives((), found["ending"], bound, found["limit"])
    most = float(found["asked"]["max_share"])
    columns = named(("cost", "owners", "shared", "proven"), language)
    said = tuple(ending(result, source.whole, most, language))
    return View("alternatives", "done", "", columns, tuple(lines), said, _asked(found))


def front_view(found: Mapping[str, Any], source: Source, workspace: Workspace) -> View:
    """Return the front as it was kept with `landplan.workspace.further`."""
    language, step = source.language, float(found["radius_step"])
    with_owners = "owners" in found["criteria"]
    extra = telling_apart([one["cost"] for one in found["points"]], source.currency, language)
    lines = []
    for number, one in enumerate(found["points"], start=1):
        here = one["folder"] == source.id
        owners = (decimal(one["owners"], 0),) if with_owners else ()
        cells = (
            money(one["cost"], source.currency, language, extra_places=extra),
            *owners,
            decimal(one["radius"], 2),
            share(one["best_share"], language),
            gap_of(_certificate(workspace, one["folder"]), language),
        )
        name = "others.this_plan" if here else "others.point"
        lines.append(Line(one["folder"], say(name, {"n": number}, language), cells, here=here))
    keys = ("cost", *(("owners_site",) if with_owners else ()), "radius", "best", "proven")
    missing = tuple(_open(gap, step) for gap in found["missing"])
    front = Front((), missing, step, with_owners, found["searches"])
    said = (
        say("front.weights", None, language),
        *missing_lines(front, source.currency, language),
    )
    return View("front", "done", "", named(keys, language), tuple(lines), said, _asked(found))


def _here(source: Source) -> Line:
    language = source.language
    cells = (
        money(source.certificate.objective, source.currency, language),
        _owners(source.whole, language),
        MISSING,
        gap_of(source.certificate, language),
    )
    return Line(source.id, say("others.this_plan", None, language), cells, here=True)


def _owners(plan: Proposal, language: Language) -> str:
    """Count the owners to talk to as the head of a plan's page does."""
    if not plan.rights["owner_id"].notna().any():
        return MISSING
    return decimal(owner_count(plan, list(plan.sites["site_id"])), 0)


def _certificate(workspace: Workspace, proposal_id: str) -> Certificate:
    return certificate_from_json(workspace.proposals.document(proposal_id)["certificate"])


def _open(gap: Mapping[str, Any], step: float) -> Open:
    owners = FREE if gap["max_owners"] is None else int(gap["max_owners"])
    steps = FREE if gap["max_radius"] is None else round(float(gap["max_radius"]) / step)
    below = math.inf if gap["below"] is None else float(gap["below"])
    return Open(Box(owners, steps), float(gap["bound"]), below)


def _asked(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked as the form shows it."""
    asked = found["asked"]
    if "most" in asked:
        return {"most": asked["most"]}
    percent = {key: round(_PERCENT * asked[f"max_{key}"], 2) for key in ("share", "extra")}
    return {"count": asked["count"], **{key: f"{value:g}" for key, value in percent.items()}}


def named(keys: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """Return the headings of columns."""
    return tuple(say(f"others.col.{key}", None, language) for key in keys)
