"""The mapping form: which layer is what, which column means what; read into a town file as data."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from api.console import datasets_joins as joins
from landplan.cadastre.townfile import AreaUnit
from landplan.codes import landuse
from landplan.messages import Language
from landplan.workspace.upload_records import UploadDraft, UploadedLayer

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "parcels": (
        *("id", "owner", "land_use", "cost", "value", "area_registered", "address", "name"),
        *("floor_area", "footprint_area", "year_built", "grade", "industry", "right_end"),
        *("planned_use", "street"),
    ),
    "zones": ("code",),
    "restrictions": ("kind", "hard", "buffer_m"),
    "roads": ("class", "width_m"),
    "buildings": ("floors", "height_m", "year_built"),
    "facilities": ("kind", "capacity"),
    "owners": ("id", "kind", "consent", "refusal_probability", "homestead_x", "homestead_y"),
    "rights": ("parcel", "owner", "share", "type", "ownership", "end", "encumbrance"),
}
"""What a layer may be, and the questions about its columns."""
GEOMETRIES: Final[dict[str, tuple[str, ...]]] = {
    "polygon": ("parcels", "zones", "restrictions", "roads", "buildings"),
    "line": ("roads",),
    "point": ("facilities",),
    "table": ("owners", "rights"),
}
REQUIRED: Final = frozenset(
    {
        *(("parcels", "id"), ("zones", "code"), ("restrictions", "kind"), ("facilities", "kind")),
        *(("owners", "id"), ("rights", "parcel"), ("rights", "owner")),
    }
)
TOWN: Final = ("name", "crs", "currency", "base_date", "as_of")
"""Questions about the whole town."""
FIRST: Final = 8
"""Questions shown at once; the others fold away."""
SEVERAL: Final = "*"
"""Stands for several columns joined, as the draft found them; left as it is."""
_CODES: Final = frozenset({("parcels", "land_use"), ("parcels", "planned_use"), ("zones", "code")})
_MONEY: Final = frozenset({"cost", "value"})
_AREAS: Final = frozenset({"area_registered", "floor_area", "footprint_area"})
MONEY_UNITS: Final = ("total", "per_m2")
AREA_UNITS: Final[tuple[str, ...]] = get_args(AreaUnit)


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a role: the column that holds it, and its unit, scheme or fixed value."""

    name: str
    field: str
    label: str
    column: str
    required: bool
    wanted: bool
    option: str
    options: tuple[tuple[str, str], ...]
    constant: str | None


@dataclass(frozen=True, slots=True)
class LayerForm:
    """One layer of the upload with its questions."""

    index: int
    layer: UploadedLayer
    role: str
    roles: tuple[str, ...]
    questions: tuple[Question, ...]
    joined: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    """Columns that tables offer the parcels: (table, [(value, text)])."""
    join: joins.JoinForm | None = None
    """For a table of values: which rows meet."""


def forms_of(draft: UploadDraft, town: Mapping[str, Any], language: Language) -> list[LayerForm]:
    """Return the form of every layer, filled in from a mapping."""
    found = []
    values = joins.form_values(draft, town)
    parcels = next((one for one in draft.layers if role_of(one, town) == "parcels"), None)
    for index, layer in enumerate(draft.layers):
        role = role_of(layer, town)
        section = town.get(role, {}) if role else {}
        questions = [
            _question(index, role, field, section, language) for field in ROLES.get(role, ())
        ]
        if role == "parcels":
            questions = [
                q if layer.has(q.column) else replace(q, column=values.get(q.column, q.column))
                for q in questions
            ]
        roles = GEOMETRIES.get(layer.kind, ())
        if joins.may_join(layer) and parcels is not None:
            roles = (*roles, joins.JOIN)
        joined = tuple(joins.offered(draft, town)) if role == "parcels" else ()
        join = joins.join_form(layer, parcels, town) if role == joins.JOIN and parcels else None
        found.append(LayerForm(index, layer, role, roles, tuple(questions), joined, join))
    return found


def role_of(layer: UploadedLayer, town: Mapping[str, Any]) -> str:
    """Return what a mapping takes a layer for; "" where it takes it for nothing."""
    for role in ROLES:
        section = town.get(role)
        if isinstance(section, dict) and _same_source(layer, section):
            return role
    return joins.JOIN if joins.is_joined(layer, town) else ""


def mapping_of(
    draft: UploadDraft, before: Mapping[str, Any], answers: Mapping[str, str]
) -> dict[str, Any]:
    """Return the mapping that the answers describe; what is not asked stays as it was."""
    town: dict[str, Any] = {
        key: copy.deepcopy(value) for key, value in before.items() if key not in ROLES
    }
    section = dict(town.get("town", {}))
    for key in TOWN:
        text = answers.get(f"town.{key}", "").strip()
        if text:
            section[key] = text.upper() if key == "currency" else text
        elif f"town.{key}" in answers:
            section.pop(key, None)
    town["town"] = section
    roles = [answers.get(f"role.{index}", "") for index in range(len(draft.layers))]
    tables: list[dict[str, Any]] = []
    if "parcels" in roles:
        answers, tables = joins.resolve(draft, before, answers, roles.index("parcels"))
    for index, (layer, role) in enumerate(zip(draft.layers, roles, strict=True)):
        if role not in ROLES:
            continue
        known = before.get(role)
        kept = known if isinstance(known, dict) and _same_source(layer, known) else _source(layer)
        town[role] = _section(index, role, kept, answers)
    if "parcels" in town:
        town["parcels"].pop("join", None)
        if tables:
            town["parcels"]["join"] = tables
        else:  # nothing is joined, so nothing can be unjoined
            town["parcels"].pop("street_when_unjoined", None)
    return town


def roles_twice(draft: UploadDraft, answers: Mapping[str, str]) -> list[str]:
    """Return the roles that more than one layer was given."""
    given = [answers.get(f"role.{index}", "") for index in range(len(draft.layers))]
    return sorted({role for role in given if role and given.count(role) > 1})


def _section(
    index: int, role: str, kept: Mapping[str, Any], answers: Mapping[str, str]
) -> dict[str, Any]:
    section: dict[str, Any] = copy.deepcopy(dict(kept))
    for field in ROLES[role]:
        name = f"col.{index}.{field}"
        if name not in answers:
            continue
        column = answers[name]
        if column == SEVERAL:
            continue
        option = answers.get(f"opt.{index}.{field}", "").strip()
        if field == "street":
            section.pop("street", None)
            if column and option:
                values = [part.strip() for part in option.replace("，", ",").split(",")]
                section["street"] = {"column": column, "values": [v for v in values if v]}
        elif column:
            section[field] = _answer(role, field, column, option, section.get(field))
        elif field == "kind" and role in ("restrictions", "facilities") and option:
            section[field] = {"constant": option}
        elif field != "hard" or not isinstance(section.get("hard"), bool):
            section.pop(field, None)
    return section


def _answer(role: str, field: str, column: str, option: str, before: Any) -> Any:
    same = isinstance(before, dict) and before.get("column") == column
    answer: dict[str, Any] = dict(before) if same else {"column": column}
    if (role, field) in _CODES and option:
        name, _, edition = option.partition("/")
        answer.pop("edition", None)
        answer |= {"scheme": name} | ({"edition": edition} if edition else {})
    elif field in _MONEY | _AREAS and option:
        answer["unit"] = option
    return answer


def _question(
    index: int, role: str, field: str, section: Mapping[str, Any], language: Language
) -> Question:
    value = section.get(field)
    column, option, constant = "", "", None
    if isinstance(value, str | list):
        column = value if isinstance(value, str) else SEVERAL
    elif isinstance(value, dict):
        named = value.get("column") or ""
        column = named if isinstance(named, str) else SEVERAL
        option = str(value.get("unit") or value.get("scheme") or "")
        if value.get("scheme") and value.get("edition"):
            option = f"{option}/{value['edition']}"
        constant = value.get("constant")
        if field == "street":
            option = ", ".join(str(entry) for entry in value.get("values", []))
    if field == "kind" and role in ("restrictions", "facilities") and constant is None:
        constant = ""
    return Question(
        name=f"{index}.{field}",
        field=field,
        label=f"datasets.field.{role}.{field}",
        column=column,
        required=(role, field) in REQUIRED,
        wanted=(role, field) == ("parcels", "cost"),
        option=option,
        options=_options(role, field, language),
        constant=constant,
    )


def _options(role: str, field: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Return (value, label or message code) of a field's unit or scheme."""
    if (role, field) in _CODES:
        return tuple(
            (
                f"{scheme.name}/{scheme.edition}" if scheme.edition else scheme.name,
                scheme.title_zh if language == "zh" else scheme.title_en,
            )
            for scheme in landuse.schemes()
        )
    units = MONEY_UNITS if field in _MONEY else AREA_UNITS if field in _AREAS else ()
    return tuple((unit, f"datasets.unit.{unit}") for unit in units)


def _same_source(layer: UploadedLayer, section: Mapping[str, Any]) -> bool:
    named = section.get("file", [])
    files = [named] if isinstance(named, str) else list(named)
    return files == list(layer.files) and section.get("layer") == layer.layer


def _source(layer: UploadedLayer) -> dict[str, Any]:
    files = list(layer.files)
    source: dict[str, Any] = {"file": files[0] if len(files) == 1 else files}
    if layer.layer is not None:
        source["layer"] = layer.layer
    if layer.encoding is not None:
        source["encoding"] = layer.encoding
    return source
