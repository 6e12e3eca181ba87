"""A parcel's sheet, the list beside the map, and looking up: never more than a role may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from api.console.desk_data import finding_text
from api.people import Person
from api.services import Services
from landplan.cadastre.cadastre import Cadastre
from landplan.codes import landuse
from landplan.messages import Language
from landplan.proposal.redaction import PUBLIC_COLUMNS
from landplan.workspace.records import DatasetRecord, Plan, Scenario

MOST_FOUND: Final = 50
PAGE: Final = 200
SORTS: Final = ("parcel", "area", "use", "zone", "owner")
_COLUMNS: Final = {
    "parcel": "parcel_id",
    "area": "area_m2",
    "use": "land_use",
    "zone": "zone",
    "owner": "owner_id",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A parcel in a list; ``owner`` is None for readers who may not see it."""

    id: str
    area_m2: float
    use: str
    zone: str
    owner: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is known of one parcel; what is not known is None, what a reader may not see too."""

    id: str
    area_m2: float
    registered_m2: float | None
    differs: float | None
    use: str
    zone: str
    zone_share: float | None
    street: bool
    facts: tuple[tuple[str, str], ...]
    owner: str | None
    owner_parcels: int
    cost: float | None
    value: float | None
    rights: tuple[dict[str, str], ...]
    findings: tuple[str, ...]
    plans: tuple[tuple[Scenario, Plan, str], ...]


def find_parcels(
    known: Services, dataset_id: str, wanted: str, person: Person, most: int = MOST_FOUND
) -> list[Found]:
    """Return parcels whose number, address or (for planners) owner holds the words asked for."""
    town = known.workspace.datasets.cadastre(dataset_id)
    parcels = town.parcels
    low = wanted.strip().lower()
    if not low:
        return []
    columns = ["parcel_id", "address"]
    # a name on a plot is often its owner's: a search would tell it letter by letter
    columns += ["name", "owner_id"] if person.sees_names else []
    hit = pd.Series(False, index=parcels.index)
    for column in (name for name in columns if name in parcels):
        texts = parcels[column].astype("str").str.lower()
        hit |= parcels[column].notna() & texts.str.contains(low, regex=False)
    exact = parcels["parcel_id"].str.lower() == low
    chosen = parcels[exact] if exact.any() else parcels[hit].head(most)
    return rows_of(town, chosen, person)


def listed(
    town: Cadastre, person: Person, sort: str, descending: bool, page: int
) -> tuple[list[Found], int]:
    """Return a page of all parcels in an order, and how many pages there are."""
    column = _COLUMNS["parcel" if sort == "owner" and not person.sees_names else sort]
    ordered = town.parcels.sort_values(
        [column, "parcel_id"], ascending=not descending, na_position="last", kind="stable"
    )
    pages = max(1, -(-len(ordered) // PAGE))
    page = min(max(page, 1), pages)
    return rows_of(town, ordered.iloc[(page - 1) * PAGE : page * PAGE], person), pages


def rows_of(town: Cadastre, parcels: pd.DataFrame, person: Person) -> list[Found]:
    """Return parcels as lines of a list."""
    return [
        Found(
            str(row["parcel_id"]),
            float(row["area_m2"]),
            _text(row["land_use"]),
            _text(row["zone"]),
            _text(row["owner_id"]) if person.sees_names else None,
            _text(row.get("address")),
        )
        for row in parcels.drop(columns="geometry").to_dict("records")
    ]


def sheet_of(
    known: Services, record: DatasetRecord, parcel_id: str, person: Person, language: Language
) -> Sheet | None:
    """Return a parcel's sheet; None where there is no such parcel."""
    town = known.workspace.datasets.cadastre(record.id)
    rows = town.parcels[town.parcels["parcel_id"] == parcel_id]
    if rows.empty:
        return None
    [plain] = rows.drop(columns="geometry").head(1).to_dict("records")
    row: dict[str, Any] = {str(key): value for key, value in plain.items()}
    drawn, registered = float(row["area_m2"]), _number(row["area_registered_m2"])
    owner = _text(row["owner_id"]) if person.sees_names else None
    return Sheet(
        id=parcel_id,
        area_m2=drawn,
        registered_m2=registered,
        differs=None if not registered else drawn / registered - 1,
        use=use_name(town, _text(row["land_use"]), language),
        zone=_text(row["zone"]),
        zone_share=_number(row["zone_share"]),
        street=bool(row["street"]),
        facts=further_facts(row, person),
        owner=owner,
        owner_parcels=int((town.parcels["owner_id"] == owner).sum()) if owner else 0,
        cost=_number(row["cost"]) if person.sees_names else None,
        value=_number(row["value"]) if person.sees_names else None,
        rights=_rights(town, parcel_id) if person.sees_names else (),
        findings=tuple(
            finding_text({**finding, "ids": [parcel_id]}, language)
            for finding in (record.findings if person.sees_names else ())
            if parcel_id in finding.get("ids", ())
        ),
        plans=tuple(_plans_with(known, record, parcel_id)),
    )


def use_name(town: Cadastre, use: str, language: Language) -> str:
    """Return a land use with its name, where its scheme knows one."""
    scheme = landuse.scheme(town.town.land_use_scheme, town.town.land_use_edition)
    code = scheme.find(use) if use else None
    return f"{use} {code.name(language)}" if code else use


def further_facts(row: dict[str, Any], person: Person) -> tuple[tuple[str, str], ...]:
    """Return further columns that this person may see, as (message code, text)."""
    shown = {
        "grade": "townmap.sheet.grade",
        "year_built": "townmap.sheet.built",
        "industry": "townmap.sheet.industry",
        "address": "townmap.sheet.address",
        "right_end": "townmap.sheet.right_end",
    }
    facts = []
    for column, code in shown.items():
        if column not in PUBLIC_COLUMNS["parcels"] and not person.sees_names:
            continue
        text = _text(row.get(column))
        if text:
            facts.append((code, text.removesuffix(".0") if column == "year_built" else text))
    return tuple(facts)


def _rights(town: Cadastre, parcel_id: str) -> tuple[dict[str, str], ...]:
    own = town.rights[town.rights["parcel_id"] == parcel_id]
    return tuple(
        {str(key): _text(value) for key, value in row.items()} for row in own.to_dict("records")
    )


def _plans_with(
    known: Services, record: DatasetRecord, parcel_id: str
) -> Sequence[tuple[Scenario, Plan, str]]:
    """Return the plans of the same data that use the parcel, with the site it is in."""
    found = []
    for plan in known.workspace.scenarios.all_plans(limit=100):
        if plan.dataset_id != record.id or not known.workspace.proposals.exists(plan.proposal_id):
            continue
        parcels = known.workspace.proposals.get(plan.proposal_id).parcels
        inside = parcels.loc[parcels["parcel_id"] == parcel_id, "site_id"].dropna()
        if len(inside):
            scenario = known.workspace.scenarios.get(plan.scenario_id)
            found.append((scenario, plan, str(inside.iloc[0])))
    return found


def _text(value: Any) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
