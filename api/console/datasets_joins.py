"""Tables of values for the parcels in the mapping form: which rows meet, which columns come in.

The form names a column of table 3 ``3→Total``; a town file brings it in under a name of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landplan.workspace.upload_records import UploadDraft, UploadedLayer

JOIN: Final = "join"
"""What a table may be besides owners and rights."""
MARK: Final = "→"
SEVERAL: Final = "*"
COMBINE: Final[dict[str, str]] = {
    **dict.fromkeys(("cost", "value", "area_registered", "floor_area", "footprint_area"), "sum"),
    "land_use": "most_frequent",
    "planned_use": "most_frequent",
    "year_built": "min",
}
"""What several rows of one parcel come to; for every other column the first counts."""


@dataclass(frozen=True, slots=True)
class JoinForm:
    """The two columns that must be equal; `SEVERAL` where the draft found several."""

    parcels_key: str
    table_key: str
    parcels_columns: tuple[str, ...]


def may_join(layer: UploadedLayer) -> bool:
    """Whether a layer is a table in a file of its own."""
    return layer.kind == "table" and layer.layer is None


def is_joined(layer: UploadedLayer, town: Mapping[str, Any]) -> bool:
    """Whether a mapping joins a table to the parcels."""
    return may_join(layer) and any(join["file"] == layer.files[0] for join in _joins(town))


def join_form(layer: UploadedLayer, parcels: UploadedLayer, town: Mapping[str, Any]) -> JoinForm:
    """Return the question which rows meet, answered as far as it is known."""
    known = next((j for j in _joins(town) if j["file"] == layer.files[0]), None)
    key = (known or {}).get("key") or _same_name(layer, parcels)
    spelled = [
        key[side] if isinstance(key[side], str) else SEVERAL for side in ("parcels", "table")
    ]
    return JoinForm(spelled[0], spelled[1], tuple(column.name for column in parcels.columns))


def offered(draft: UploadDraft, town: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return label and (value, text) of the columns that joined tables offer the parcels."""
    return [
        (
            layer.label,
            [
                (f"{index}{MARK}{one.name}", " · ".join([one.name, ", ".join(one.samples[:2])]))
                for one in layer.columns
            ],
        )
        for index, layer in enumerate(draft.layers)
        if is_joined(layer, town)
    ]


def form_values(draft: UploadDraft, town: Mapping[str, Any]) -> dict[str, str]:
    """Return the form's value of every column that a mapping brings in."""
    files = {layer.files[0]: index for index, layer in enumerate(draft.layers) if may_join(layer)}
    return {
        name: f"{files[join['file']]}{MARK}{brought['column']}"
        for join in _joins(town)
        if join["file"] in files
        for name, brought in join["columns"].items()
    }


def resolve(
    draft: UploadDraft, before: Mapping[str, Any], answers: Mapping[str, str], parcels: int
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return the answers with plain column names, and the joins that bring these columns in.

    ``parcels`` is the number of the parcels' layer in the draft.
    """
    plain = dict(answers)
    joins: dict[int, dict[str, Any]] = {}
    for index, layer in enumerate(draft.layers):
        if answers.get(f"role.{index}") == JOIN and may_join(layer):
            joins[index] = _begun(index, layer, draft.layers[parcels], before, answers)
    prefix = f"col.{parcels}."
    for name, value in answers.items():
        number, mark, column = value.partition(MARK)
        if not name.startswith(prefix) or not mark or not number.isdecimal():
            continue
        join = joins.get(int(number))
        # a table that is no longer joined brings nothing in
        plain[name] = (
            ""
            if join is None
            else _bring(join, column, name.removeprefix(prefix), draft.layers[parcels])
        )
    return plain, list(joins.values())


def _begun(
    index: int,
    layer: UploadedLayer,
    parcels: UploadedLayer,
    before: Mapping[str, Any],
    answers: Mapping[str, str],
) -> dict[str, Any]:
    known = next((j for j in _joins(before) if j["file"] == layer.files[0]), None)
    key = dict((known or {}).get("key") or _same_name(layer, parcels))
    for side in ("parcels", "table"):
        answer = answers.get(f"key.{index}.{side}", SEVERAL)
        if answer != SEVERAL:
            key[side] = answer
    encoding = {"encoding": layer.encoding} if layer.encoding else {}
    return {"file": layer.files[0], **encoding, "key": key, "columns": {}}


def _bring(join: dict[str, Any], column: str, field: str, parcels: UploadedLayer) -> str:
    """Bring a column in and return its name among the parcels' columns."""
    brought = {"column": column, "combine": COMBINE.get(field, "first")}
    for name, known in join["columns"].items():
        if known == brought:
            return str(name)
    name = column
    while parcels.has(name) or name in join["columns"]:
        name = f"{name} ({brought['combine']})"
    join["columns"][name] = brought
    return name


def _same_name(layer: UploadedLayer, parcels: UploadedLayer) -> dict[str, str]:
    """Guess that columns of one name hold the same; the one with the most values first."""
    shared = [one for one in layer.columns if parcels.has(one.name)]
    best = max(shared, key=lambda one: one.distinct, default=None)
    name = "" if best is None else best.name
    return {"parcels": name, "table": name}


def _joins(town: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    parcels = town.get("parcels")
    found: Sequence[Mapping[str, Any]] = (
        parcels.get("join", []) if isinstance(parcels, dict) else []
    )
    return found
