"""The form of a process: groups of fields derived from the schema of its request."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from landplan.planning.assemble.request_places import apart_line, place_line
from landplan.planning.process import find_process

Json = dict[str, Any]
FormData = dict[str, str | list[str]]

_TWIN_UNITS: Final = {"area_mu": "area_ha"}
"""Fields asked through another one, whose input understands both units."""
NOTHING: Final = "-"
"""Typed into a list whose default is not empty: no entry at all."""
LINES: Final = {"place_list": place_line, "between_list": apart_line}
"""Widgets whose entries are tables, written as one line of text each."""
SEPARATORS: Final = "\n\r\t,，、;；"


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of the form.

    Attributes
    ----------
    path
        Name of the input, e.g. ``demand.0.count``. A field with the widget ``area`` has two inputs,
        ``<path>.min`` and ``<path>.max``.
    widget, unit
        As the request model declares them.
    minimum, maximum, above_minimum
        Limits, and whether the smaller one is itself too small.
    default
        What a blank input means; None where the field is required.
    choices
        (value, message code) pairs.
    whole
        Whether only whole numbers will do.
    required
        Whether it must be filled in.
    unlimited
        Whether a blank input (of an area: its largest) sets no limit.
    label_code, help_code
        Message codes.
    """

    path: str
    widget: str
    unit: str | None
    minimum: float | None
    maximum: float | None
    above_minimum: bool
    default: Any
    choices: tuple[tuple[str, str], ...]
    whole: bool
    required: bool
    label_code: str
    help_code: str
    unlimited: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together.

    ``repeat`` names the list and ``index`` the place in it, where the group may be repeated.
    """

    key: str
    fields: tuple[FormField, ...]
    repeat: str | None = None
    index: int | None = None

    @property
    def label_code(self) -> str:
        """Message code of the heading."""
        return f"group.{self.key}"


@dataclass(frozen=True, slots=True)
class Form:
    """All groups of a process: repeated ones first, then those of the whole request."""

    process: str
    groups: tuple[Group, ...]

    def fields(self) -> Iterator[FormField]:
        """Yield every field in order."""
        for group in self.groups:
            yield from group.fields


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field of the schema: where it stands (``*`` for a place in a list), and what it says."""

    keys: tuple[str, ...]
    model: str
    schema: Json
    required: bool

    @property
    def name(self) -> str:
        """Its key in the request."""
        return self.keys[-1]

    @property
    def widget(self) -> str:
        """How it is asked."""
        return str(self.schema["x-widget"])

    @property
    def code(self) -> str:
        """Message code of its label."""
        return f"field.{self.model}.{self.name}"

    def path(self, index: int | None) -> str:
        """Return the name of its input."""
        return ".".join(str(index) if key == "*" else key for key in self.keys)

    def repeated_in(self) -> str | None:
        """Name the list whose entries have this field."""
        return self.keys[0] if "*" in self.keys else None


def leaves(process_id: str, *, with_twins: bool = False) -> list[Leaf]:
    """Return all fields of a process in the order of the model.

    Parameters
    ----------
    process_id
        An unknown one raises InputError.
    with_twins
        Whether fields that are asked through another one are listed too.
    """
    found = _all_leaves(find_process(process_id).request)
    return [leaf for leaf in found if with_twins or leaf.name not in _TWIN_UNITS]


@cache
def _all_leaves(request: type[BaseModel]) -> tuple[Leaf, ...]:
    """Walk the schema of a model once: a form asks for its fields at every input."""
    schema = request.model_json_schema()
    return tuple(_walk(schema, schema.get("$defs", {}), ()))


def least_entries(process_id: str, name: str) -> int:
    """Return how many entries a repeated part of a request must have: 0 or 1."""
    schema = find_process(process_id).request.model_json_schema()
    return min(int(schema["properties"][name].get("minItems", 0)), 1)


def has_part(process_id: str, name: str) -> bool:
    """Whether a request of a process has a part of this name."""
    return name in find_process(process_id).request.model_fields


def twin_of(name: str) -> str | None:
    """Return the field that asks for the same in another unit."""
    return {asked: twin for twin, asked in _TWIN_UNITS.items()}.get(name)


def asked_as(name: str) -> str:
    """Return the field through which a field is asked; most are asked as themselves."""
    return _TWIN_UNITS.get(name, name)


def form(process_id: str, repeats: Mapping[str, int] | int = 1) -> Form:
    """Return the form of a process.

    Parameters
    ----------
    process_id
        An unknown one raises InputError.
    repeats
        How many entries each repeated part has (``{"demand": 2}``), or one number for all that a
        request must have; parts that it need not have are left out unless they are named.
    """
    found = leaves(process_id)
    groups: list[Group] = []
    for name in dict.fromkeys(name for leaf in found if (name := leaf.repeated_in())):
        least = least_entries(process_id, name)
        count = (repeats if least else 0) if isinstance(repeats, int) else repeats.get(name, least)
        own = [leaf for leaf in found if leaf.repeated_in() == name]
        for index in range(count):
            groups += _groups(own, name, index)
    groups += _groups([leaf for leaf in found if leaf.repeated_in() is None], None, None)
    return Form(process_id, tuple(groups))


def form_data(process_id: str, request: Mapping[str, Any]) -> FormData:
    """Return a request, or a part of one, as the texts that a form with these answers holds."""
    data: FormData = {}
    for leaf in leaves(process_id):
        name = leaf.repeated_in()
        places = range(len(request.get(name, []))) if name else [None]
        for index in places:
            data |= _texts(leaf, index, request)
    return data


def default_of(leaf: Leaf, index: int | None) -> Any:
    """Return what a blank input means; names of repeated entries are letters by their place."""
    if leaf.name == "id" and leaf.required and index is not None:
        return letters(index)
    return leaf.schema.get("default", [] if leaf.schema.get("type") == "array" else None)


def letters(index: int) -> str:
    """Return A, B, … Z, AA, AB … for 0, 1, …."""
    name = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def _walk(schema: Json, definitions: Json, keys: tuple[str, ...]) -> Iterator[Leaf]:
    for name, field in schema.get("properties", {}).items():
        if field.get("x-widget") in LINES:
            yield Leaf((*keys, name), _snake(schema["title"]), field, False)
            continue
        inner = field.get("$ref")
        several = field.get("items", {}).get("$ref") if isinstance(field.get("items"), dict) else ""
        if inner or several:
            below = (*keys, name, "*") if several else (*keys, name)
            model = str(inner or several).rsplit("/", 1)[1]
            yield from _walk(definitions[model], definitions, below)
            continue
        if "x-widget" in field and field["x-widget"] != "hidden":
            required = name in schema.get("required", [])
            yield Leaf((*keys, name), _snake(schema["title"]), field, required)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _groups(found: list[Leaf], repeat: str | None, index: int | None) -> list[Group]:
    keys = dict.fromkeys(str(leaf.schema["x-group"]) for leaf in found)
    return [
        Group(
            key,
            tuple(
                _field(leaf, index)
                for leaf in sorted(found, key=lambda leaf: int(leaf.schema["x-order"]))
                if leaf.schema["x-group"] == key
            ),
            repeat,
            index,
        )
        for key in keys
    ]


def _field(leaf: Leaf, index: int | None) -> FormField:
    schema = leaf.schema
    inner = next((o for o in schema.get("anyOf", []) if o.get("type") != "null"), schema)
    numbers = inner["items"] if leaf.widget == "area" else inner
    default = default_of(leaf, index)
    return FormField(
        path=leaf.path(index),
        widget=leaf.widget,
        unit=schema.get("x-unit"),
        minimum=numbers.get("minimum", numbers.get("exclusiveMinimum")),
        maximum=numbers.get("maximum"),
        above_minimum="exclusiveMinimum" in numbers,
        default=default,
        choices=tuple((value, f"choice.{leaf.name}.{value}") for value in schema.get("enum", ())),
        whole=inner.get("type") == "integer",
        required=leaf.widget == "area" or (leaf.required and default is None),
        label_code=leaf.code,
        help_code=f"{leaf.code}.help",
        unlimited="x-unlimited" in schema,
    )


def _texts(leaf: Leaf, index: int | None, request: Mapping[str, Any]) -> FormData:
    holder: Any = request
    for key in leaf.keys[:-1]:
        holder = holder[index] if key == "*" else holder.get(key, {})
    path = leaf.path(index)
    if leaf.widget == "area":
        return _area_texts(leaf, path, holder)
    if leaf.name not in holder:
        return {}
    value = holder[leaf.name]
    if value is not None and value == leaf.schema.get("x-unlimited"):
        return {path: ""}
    if leaf.widget in LINES:
        line = LINES[leaf.widget]
        value = [entry if isinstance(entry, str) else line(entry) for entry in value]
    return {path: _text(value, default_of(leaf, index))}


def _area_texts(leaf: Leaf, path: str, holder: Mapping[str, Any]) -> FormData:
    twin = twin_of(leaf.name)
    for name, unit in ((leaf.name, ""), (twin, " mu")):
        if name and holder.get(name):
            low, high = (f"{spelled(value)}{unit}" for value in holder[name])
            if name == leaf.name and holder[name][1] == leaf.schema.get("x-unlimited"):
                high = ""
            return {f"{path}.min": low, f"{path}.max": high}
    return {}


def _text(value: Any, default: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        if not value and default:
            return NOTHING
        return "\n".join(_quoted(str(item)) for item in value)
    return spelled(value) if isinstance(value, float) else str(value)


def spelled(number: float) -> str:
    """Return the shortest digits that say the number, never with an exponent."""
    text = f"{Decimal(repr(float(number))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quoted(item: str) -> str:
    if item == NOTHING or item != item.strip() or any(mark in item for mark in SEPARATORS + '"'):
        doubled = item.replace('"', '""')
        return f'"{doubled}"'
    return item
