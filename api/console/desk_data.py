"""How old the data are, and what was found wrong in them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from api.people import Person
from api.services import Services
from landplan.messages import Language, has, say
from landplan.workspace.records import DatasetRecord

MOST_FINDINGS = 2


@dataclass(frozen=True, slots=True)
class Freshness:
    """One date of the data: ``old`` in days where it is past the limit, None where current."""

    label: str
    day: str | None
    old: int | None
    known: bool


@dataclass(frozen=True, slots=True)
class TownState:
    """The newest version of one town's data."""

    record: DatasetRecord
    dates: tuple[Freshness, ...]
    findings: tuple[str, ...]
    more: int


def town_states(known: Services, person: Person, language: Language) -> list[TownState]:
    """Return the newest version of every town; findings may name owners and prices: not for all."""
    newest: dict[str, DatasetRecord] = {}
    for record in known.workspace.datasets.list():
        held = newest.get(record.series)
        if held is None or held.version < record.version:
            newest[record.series] = record
    return [_state(known, record, person, language) for record in newest.values()]


def _state(known: Services, record: DatasetRecord, person: Person, language: Language) -> TownState:
    town = known.workspace.datasets.cadastre(record.id).town
    limit = known.settings.old_after_days
    shown = record.findings if person.sees_names else []
    serious = [finding for finding in shown if finding["severity"] != "note"]
    return TownState(
        record,
        (
            freshness("desk.data.register", record.data_date, limit, language),
            freshness("desk.data.prices", town.base_date, None, language),
        ),
        tuple(finding_text(finding, language) for finding in serious[:MOST_FINDINGS]),
        max(len(serious) - MOST_FINDINGS, 0),
    )


def freshness(code: str, day: str | None, limit: int | None, language: Language) -> Freshness:
    """Judge a date; without a limit it is only said."""
    when = parsed(day)
    label = say(code, None, language)
    if when is None:
        return Freshness(label, None, None, False)
    age = (datetime.now(UTC).date() - when).days
    old = age if limit is not None and age > limit else None
    return Freshness(label, day_text(when, language), old, limit is not None)


def parsed(day: str | None) -> date | None:
    """Read an ISO date; None where it is none."""
    try:
        return date.fromisoformat(day[:10]) if day else None
    except ValueError:
        return None


def day_text(when: date, language: Language) -> str:
    """Return a day: ``22 Nov 2026``, ``2026-11-22``."""
    from landplan.messages.numbers import moment

    midnight = datetime(when.year, when.month, when.day)
    return moment(midnight, language, on_paper=True) if language == "en" else when.isoformat()


def finding_text(finding: dict[str, object], language: Language) -> str:
    """Return a finding as a sentence."""
    ids = finding.get("ids") or []
    params = finding.get("params") or {}
    assert isinstance(params, dict)
    values: dict[str, object] = {
        **params,
        "layer": finding.get("layer"),
        "ids": ids,
        "n": len(ids) if isinstance(ids, list) else 0,
        "measured": finding.get("measured"),
        "limit": finding.get("limit"),
    }
    return say(str(finding["code"]), values, language)


def hint_text(finding: dict[str, object], language: Language) -> str:
    """Return what to do about a finding; "" where nothing is said."""
    code = f"{finding['code']}.hint"
    return say(code, None, language) if has(code, language) else ""
