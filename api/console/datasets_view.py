"""Findings and changes of the data, ready to print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.console.desk_data import finding_text, hint_text
from api.services import Services
from landplan.errors import LandplanError
from landplan.messages import Language
from landplan.workspace.records import DatasetRecord, Plan, Scenario
from landplan.workspace.staleness import Changes, compare_data

ORDER: Final = ("town_error", "parcel_error", "warning", "note")
MOST_IDS: Final = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a sentence, with what to do and the parcels it is about."""

    severity: str
    text: str
    hint: str
    ids: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class OldPlan:
    """A plan made with earlier data, and how many of its parcels have changed."""

    scenario: Scenario
    plan: Plan
    affected: int


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """What a version changed against the one before it, and the plans it made old."""

    version: int
    parcels: Changes
    plans: tuple[OldPlan, ...]


def shown_findings(findings: Iterable[Mapping[str, Any]], language: Language) -> list[Shown]:
    """Return findings, the most serious first."""
    ordered = sorted(findings, key=lambda found: ORDER.index(found["severity"]))
    return [
        Shown(
            str(found["severity"]),
            finding_text(dict(found), language),
            hint_text(dict(found), language),
            tuple(str(entry) for entry in found["ids"][:MOST_IDS]),
            len(found["ids"]),
        )
        for found in ordered
    ]


def changes_of(known: Services, record: DatasetRecord) -> VersionChanges | None:
    """Compare a version with the one before; None for the first."""
    datasets = known.workspace.datasets
    earlier = [one for one in datasets.list(record.series) if one.version < record.version]
    if not earlier:
        return None
    before = max(earlier, key=lambda one: one.version)
    parcels = compare_data(
        before.id, datasets.cadastre(before.id), record.id, datasets.cadastre(record.id)
    )
    old = {one.id for one in earlier}
    plans = [
        plan for plan in known.workspace.scenarios.all_plans(limit=50) if plan.dataset_id in old
    ]
    found = tuple(entry for plan in plans for entry in _old(known, plan))
    return VersionChanges(before.version, parcels, found)


def _old(known: Services, plan: Plan) -> list[OldPlan]:
    try:
        state = known.workspace.staleness(plan.proposal_id)
        scenario = known.workspace.scenarios.get(plan.scenario_id)
    except LandplanError:  # files or data of the plan are gone: nothing to compare
        return []
    return [] if state.current else [OldPlan(scenario, plan, len(state.affected))]
