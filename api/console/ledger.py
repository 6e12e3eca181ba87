"""The ledger beside the form: what is left after every rule, ready to print."""

from dataclasses import dataclass, field
from typing import Final, Literal

from api.console.request_actions import button
from api.console.request_draft import Draft
from api.services import Services
from landplan.cadastre.cadastre import Cadastre
from landplan.errors import LandplanError, ManyErrors
from landplan.messages import Language, say
from landplan.messages.numbers import area, count, decimal
from landplan.planning.assemble.partial import Warned
from landplan.planning.assemble.remaining import DemandLedger, Remaining, remaining
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.form import parse_form
from landplan.planning.form_reading import FieldError
from landplan.planning.partition.partial import land_asked

Judged = Literal["ok", "short", "open"]
MOST_BUTTONS: Final = 3


@dataclass(frozen=True, slots=True)
class LineShown:
    """Parcels that a rule takes away."""

    label: str
    n: str


@dataclass(frozen=True, slots=True)
class DemandShown:
    """The ledger of one demand; ``state`` says whether the largest piece is large enough."""

    name: str
    total: str
    lines: tuple[LineShown, ...]
    left: str
    left_area: str
    summary: str
    largest: str
    locks: str
    state: Judged


@dataclass(frozen=True, slots=True)
class WarningShown:
    """Something to look at; ``stops`` where nothing can be calculated like this."""

    text: str
    stops: bool
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All of it; ``locks`` are the parcels with a state of their own, for the map."""

    demands: tuple[DemandShown, ...] = ()
    warnings: tuple[WarningShown, ...] = ()
    impossible: bool = False
    problem: str = ""
    locks: dict[str, str] = field(default_factory=dict)
    note: str = ""
    """What is said where the land cannot be counted before it is calculated."""


def count_what_is_left(known: Services, draft: Draft, language: Language) -> Ledger:
    """Count what the rules of a draft leave, however little of it is written."""
    locks = _locks(draft)
    understood, errors = parse_form(draft.process, draft.data)
    town = known.workspace.datasets.cadastre(draft.dataset)
    if not draft.demands:
        problem = say("request.ledger.after_faults", {"n": len(errors)}, language) if errors else ""
        return Ledger(problem=problem, note=_holdings(town, language))
    try:
        asked = land_asked(understood) if draft.process == "partition" else understood
        found = remaining(asked, town, known.grounds, draft.dataset)
    except LandplanError as error:
        return Ledger(problem=_problem(error, errors, language), locks=locks)
    places = [_shown(demand, draft, language) for demand in found.demands]
    return Ledger(
        tuple(places), tuple(_warnings(found, draft, language)), not found.possible, "", locks
    )


def _holdings(town: Cadastre, language: Language) -> str:
    """Say what land a town has where nothing is demanded of it."""
    land = town.parcels[~town.parcels["street"]]
    told = {
        "parcels": count(len(land), "parcel", language),
        "area": area(float(land["area_m2"].sum()), language),
        "owners": count(int(land["owner_id"].nunique()), "owner", language),
    }
    return say("request.ledger.holdings", told, language)


def _shown(demand: DemandLedger, draft: Draft, language: Language) -> DemandShown:
    lines = tuple(
        LineShown(say(line.code, None, language), decimal(line.count, 0)) for line in demand.lines
    )
    left = {"left": count(demand.left, "parcel", language), "area": area(demand.left_m2, language)}
    asked = draft.text(f"demand.{demand.index}.area_ha.min").strip()
    # with any number of crossings nothing is known about the largest site
    unknown = demand.left > 0 and draft.text("bridge.across_streets") == "on"
    state: Judged = "open" if unknown or not asked else "ok" if demand.possible else "short"
    reach = {"area": area(demand.reach_bound_m2, language, "up")}
    code = f"request.ledger.largest.{state}" if demand.left else "request.ledger.nothing"
    held = {"locked": decimal(demand.locked, 0), "excluded": decimal(demand.excluded, 0)}
    return DemandShown(
        name=demand.id,
        total=decimal(demand.total, 0),
        lines=lines,
        left=decimal(demand.left, 0),
        left_area=area(demand.left_m2, language) if demand.left else "",
        summary=say("request.ledger.summary", left, language),
        largest="" if unknown else say(code, reach, language),
        locks=say("request.ledger.locks", held, language),
        state=state,
    )


def _warnings(found: Remaining, draft: Draft, language: Language) -> list[WarningShown]:
    shown = []
    for demand in found.demands:
        head = f"{demand.id}: " if len(found.demands) > 1 else ""
        if language == "zh":
            head = head.replace(": ", "：")
        for warned in demand.warnings:
            if draft.process == "partition" and warned.code == "remaining.area_above_left":
                continue  # one site need not use all the land there is
            text = head + warning_text(warned, language)
            buttons = _buttons(warned, demand.index, draft, language)
            shown.append(WarningShown(text, warned.severity == "impossible", buttons))
    return shown


def _buttons(
    warned: Warned, place: int, draft: Draft, language: Language
) -> tuple[tuple[str, str], ...]:
    """Return the changes that settle a warning, each as a button."""
    own = f"demand.{place}"
    ids = list(warned.ids)
    offers: list[tuple[str, str]] = []
    if warned.code in ("remaining.locked_fails", "remaining.locked_and_excluded"):
        offers.append(("unlock", button("take", f"{own}.must", ids)))
    if warned.code == "remaining.locked_and_excluded" or warned.params.get("rule") == "never":
        offers.append(("unexclude", button("take", f"{own}.never", ids)))
    if warned.code == "remaining.locked_twice":
        offers.append(("unlock", button("take", f"{own}.must", ids)))
    if warned.code == "remaining.locked_fails" and warned.params.get("rule") == "land_use":
        offers.append(("any_use", button("set", f"{own}.land_uses", "")))
    if warned.params.get("crossing_may_help"):
        offers.append(_one_more_crossing(int(str(warned.params["n"])), own, draft))
    if warned.code == "remaining.too_small_spread":
        offers.append(("spread_free", button("set", "shape.max_radius_factor", 0)))
    if warned.code == "request.unknown_parcel":
        key = str(warned.params["key"])
        gone = [str(warned.params["id"])]
        offers.append(("drop", button("take", f"{own}.{key}", gone)))
    return tuple(
        (say(f"request.fix.{code}", {"ids": ids or "", "n": 0}, language), action)
        for code, action in offers[:MOST_BUTTONS]
    )


def _one_more_crossing(allowed: int, own: str, draft: Draft) -> tuple[str, str]:
    if draft.process == "partition":
        return "across_streets", button("set", "bridge.across_streets", True)
    label = "more_crossings" if allowed else "one_crossing"
    return label, button("set", f"{own}.max_bridges", allowed + 1)


def _locks(draft: Draft) -> dict[str, str]:
    """Return the parcels that are locked in or excluded, by id."""
    states: dict[str, str] = {}
    for place in range(draft.demands):
        for key in ("never", "must"):
            states |= dict.fromkeys(draft.entries(f"demand.{place}.{key}"), key)
    return states


def _problem(error: LandplanError, errors: list[FieldError], language: Language) -> str:
    """Say why nothing can be counted: the form's own faults come before the library's."""
    if errors:
        return say("request.ledger.after_faults", {"n": len(errors)}, language)
    first = error.errors[0] if isinstance(error, ManyErrors) else error
    return say(first.code, {**first.params, "file": "–"}, language)
