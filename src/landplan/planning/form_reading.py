"""What people typed into a form becomes a request, or a list of all that is not understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from landplan.cadastre.validation import LookupFault
from landplan.messages import Language, say
from landplan.messages.numbers import MU_PER_HA, count, length, share
from landplan.planning.amounts import MU, Amount, in_unit, read_amount, read_range
from landplan.planning.form_fields import (
    LINES,
    NOTHING,
    SEPARATORS,
    Json,
    Leaf,
    asked_as,
    default_of,
    least_entries,
    leaves,
    spelled,
    twin_of,
)
from landplan.planning.process import find_process

Typed = Mapping[str, str | Sequence[str]]

_YES: Final = frozenset({"on", "true", "yes", "1", "是", "开"})
_NO: Final = frozenset({"off", "false", "no", "0", "否", "关"})
_LIMITS: Final[dict[str, tuple[str, str]]] = {
    "greater_than": ("form.above", "gt"),
    "greater_than_equal": ("form.at_least", "ge"),
    "less_than_equal": ("form.at_most", "le"),
    "less_than": ("form.below", "lt"),
    "string_too_long": ("form.too_long", "max_length"),
    "too_long": ("form.too_many", "max_length"),
}
_FAULT_AT: Final = {
    "demand.one_area": "area_ha.min",
    "demand.area_order": "area_ha.max",
    "demand.must_and_never": "never",
    "demand.must_with_count": "count",
    "demand.id_twice": "id",
    "demand.must_twice": "must",
    "shape.rectangle_one_side": "rectangle_width_m",
    "between.unknown": "between",
    "between.one_site": "between",
}
"""The input that a fault of several fields is shown at."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one input; ``path`` is its name in the form."""

    path: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """A request as far as it is read, and the faults so far."""

    data: Typed
    request: Json
    errors: list[FieldError]

    def texts(self, path: str) -> list[str]:
        value = self.data.get(path, "")
        return [value] if isinstance(value, str) else [str(item) for item in value]

    def text(self, path: str) -> str:
        """Return the last text of an input: a switch sends its "off" before its "on"."""
        return (self.texts(path) or [""])[-1].strip()

    def fault(self, path: str, error: LookupFault) -> None:
        self.errors.append(FieldError(path, error.code, error.params))


def parse_form(process_id: str, data: Typed) -> tuple[Json, list[FieldError]]:
    """Read what was typed.

    Parameters
    ----------
    process_id
        An unknown one raises InputError.
    data
        Texts by the names of `landplan.planning.form_fields.FormField.path`. Blank means default;
        names without a meaning here (buttons, tokens) are left alone unless they hold a dot.

    Returns
    -------
    tuple
        The request, without the answers that are not understood, and every fault. Without faults
        the request is valid.
    """
    known = leaves(process_id)
    repeated = dict.fromkeys(name for leaf in known if (name := leaf.repeated_in()))
    places = {name: _places(name, data, least_entries(process_id, name)) for name in repeated}
    reading = _Reading(data, {"process": process_id}, [])
    for name, indices in places.items():
        reading.request[name] = [{} for _ in indices]
    used: set[str] = set()
    for leaf in known:
        name = leaf.repeated_in()
        for position, index in enumerate(places[name]) if name else ((None, None),):
            used |= _read(reading, leaf, position, index)
    strangers = sorted(name for name in data if "." in name and name not in used)
    reading.errors += [FieldError(path, "form.unknown_field", {}) for path in strangers]
    reading.errors += _invalid(process_id, reading, places)
    return reading.request, reading.errors


def echo(path: str, value: object, language: Language, process_id: str = "assemble") -> str:
    """Return what was understood, e.g. ``20 ha = 300 mu``; "" where there is nothing to add.

    ``value`` is the text that was typed, or the number read from it.
    """
    leaf = next((leaf for leaf in leaves(process_id) if _matches(leaf, path)), None)
    text = str(value).strip() if value is not None else ""
    if leaf is None or not text:
        return ""
    if "list" in leaf.widget or leaf.widget == "parcel_picker":
        n = len(split_list([text]))
        return count(n, "parcel", language) if leaf.widget == "parcel_picker" else ""
    unit = str(leaf.schema.get("x-unit", ""))
    try:
        return _echo_amounts(text, unit, language)
    except LookupFault:
        return ""


def split_list(texts: Sequence[str]) -> list[str]:
    """Split pasted lists at line ends, tabs, commas and semicolons of either language.

    An entry in double quotes keeps such marks; doubled quotes inside stand for one.
    """
    entries: dict[str, None] = {}
    for text in texts:
        position = 0
        while position < len(text):
            entry, position = _next_entry(text, position)
            if entry is not None:
                entries[entry] = None
    return list(entries)


def _next_entry(text: str, position: int) -> tuple[str | None, int]:
    """Return the entry from a position on (None: a blank one), and where the next one starts."""
    while position < len(text) and text[position].isspace():
        position += 1
    if text[position : position + 1] == '"':
        entry, after = _quoted_entry(text, position + 1)
        if entry is not None:
            return entry, after
    end = position
    while end < len(text) and text[end] not in SEPARATORS:
        end += 1
    return text[position:end].strip() or None, end + 1


def _quoted_entry(text: str, start: int) -> tuple[str | None, int]:
    """Return the entry in quotes; None where the quotes do not close before a separator."""
    end = start
    while (end := text.find('"', end)) >= 0:
        if text[end + 1 : end + 2] == '"':
            end += 2
            continue
        after = end + 1
        while text[after : after + 1].isspace() and text[after] not in SEPARATORS:
            after += 1
        if after == len(text) or text[after] in SEPARATORS:
            return text[start:end].replace('""', '"'), after + 1
        return None, start
    return None, start


def _places(name: str, data: Typed, least: int) -> list[int]:
    """Return the numbers used in the names of a repeated part; ``least`` entries without any."""
    heads = [key.split(".") for key in data]
    numbers = {
        int(parts[1])
        for parts in heads
        if len(parts) > 2 and parts[0] == name and parts[1].isdecimal() and len(parts[1]) < 10
    }
    return sorted(numbers) or list(range(least))


def _read(reading: _Reading, leaf: Leaf, position: int | None, index: int | None) -> set[str]:
    """Read one field into the request; return the names of its inputs."""
    path = leaf.path(index)
    holder: Any = reading.request
    for key in leaf.keys[:-1]:
        holder = holder[position] if key == "*" else holder.setdefault(key, {})
    if leaf.widget == "area":
        _read_area(reading, leaf, path, holder)
        return {f"{path}.min", f"{path}.max"}
    try:
        value = _value(reading, leaf, path)
    except LookupFault as error:
        reading.fault(path, error)
        return {path}
    if value is not None:
        holder[leaf.name] = value
    elif leaf.required and (default := default_of(leaf, position)) is not None:
        holder[leaf.name] = default
    return {path}


def _value(reading: _Reading, leaf: Leaf, path: str) -> Any:
    """Return what an input says, None where it is blank; raises LookupFault."""
    kind = leaf.schema.get("type")
    if kind == "array":
        entries = split_list(reading.texts(path))
        if reading.text(path) == NOTHING:
            return []
        return entries or None
    text = reading.text(path)
    if not text:
        return None
    if kind == "boolean":
        return _switch(text)
    if kind in ("number", "integer"):
        number = in_unit(read_amount(text), str(leaf.schema.get("x-unit", "")))
        return _number(number, kind, text)
    if "enum" in leaf.schema:
        if text not in leaf.schema["enum"]:
            raise LookupFault("form.choice", value=text[:40], known=leaf.schema["enum"])
        return text
    # a name is a label: blanks in it become hyphens rather than an error
    return "-".join(text.split()) if leaf.name == "id" else text


def _switch(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise LookupFault("form.choice", value=text[:40], known=["on", "off"])


def _number(number: Decimal, kind: str, text: str) -> int | float:
    if kind == "number":
        return float(number)
    if number != number.to_integral_value():
        raise LookupFault("form.not_whole", value=text[:40])
    return int(number)


def _read_area(reading: _Reading, leaf: Leaf, path: str, holder: Json) -> None:
    """Read two inputs in any unit: all in mu stays mu, everything else becomes hectares."""
    ends = (f"{path}.min", f"{path}.max")
    texts = [reading.text(end) for end in ends]
    both = read_range(texts[0]) if texts[0] and not texts[1] else None
    amounts: list[Amount | None] = list(both) if both else [None, None]
    unlimited = leaf.schema.get("x-unlimited")
    for place, text in enumerate(texts if not both else ()):
        if not text and place and texts[0] and unlimited is not None:
            amounts[place] = Amount(Decimal(unlimited), "ha")
            continue
        if not text:
            code = "form.area_max_needed" if texts[0] else "form.area_needed"
            if place == 0 or texts[0]:
                reading.errors.append(FieldError(ends[place], code, {}))
            continue
        try:
            amounts[place] = read_amount(text)
        except LookupFault as error:
            reading.fault(ends[place], error)
    units = {amount.unit for amount in amounts if amount and amount.unit}
    if None not in amounts and units and units <= MU and (twin := twin_of(leaf.name)):
        holder[twin] = [float(amount.number) for amount in amounts if amount]
        return
    common = next(iter(units)) if len(units) == 1 else ""
    converted = []
    for end, amount in zip(ends, amounts, strict=True):
        if amount is None:
            continue
        try:
            said = Amount(amount.number, amount.unit or common)
            converted.append(float(in_unit(said, str(leaf.schema["x-unit"]))))
        except LookupFault as error:
            reading.fault(end, error)
    if len(converted) == len(ends):
        holder[leaf.name] = converted


def _invalid(process_id: str, reading: _Reading, places: dict[str, list[int]]) -> list[FieldError]:
    """Return what the request model refuses, unless the same input has a fault already."""
    try:
        find_process(process_id).request.model_validate(reading.request)
    except ValidationError as error:
        faults = [_fault(dict(entry), places) for entry in error.errors()]
        known = [said.path for said in reading.errors]
        return [fault for fault in faults if not _told(fault, known)]
    return []


def _told(fault: FieldError, known: list[str]) -> bool:
    """Whether the field of a fault has one already; the two ends of an area are one field."""
    stem = fault.path.removesuffix(".min").removesuffix(".max")
    return any(path == fault.path or path.startswith(f"{stem}.") for path in known)


def _fault(entry: Json, places: dict[str, list[int]]) -> FieldError:
    keys = [key for key in entry["loc"] if not (isinstance(key, str) and "[" in key)]
    if len(keys) > 1 and keys[0] in places and isinstance(keys[1], int):
        keys[1] = places[keys[0]][keys[1]]
    keys = [asked_as(key) if isinstance(key, str) else key for key in keys]
    if len(keys) > 3 and keys[2] == "area_ha":
        keys[3:] = ["max" if keys[3] == 1 else "min"]
    lines = _line_fields(keys)
    keys = keys[: lines.index(True) + 1] if any(lines) else keys
    path = ".".join(str(key) for key in keys)
    own = (entry.get("ctx") or {}).get("error")
    if isinstance(own, LookupFault):
        where = "" if any(lines) else _FAULT_AT.get(own.code, "")
        head = path or next(iter(places), "") + f".{next(iter(places.values()), [0])[0]}"
        return FieldError(f"{head}.{where}" if where else head, f"form.{own.code}", own.params)
    if entry["type"] in _LIMITS:
        code, key = _LIMITS[entry["type"]]
        return FieldError(path, code, {"limit": entry["ctx"][key]})
    if entry["type"] == "missing":
        return FieldError(path, "form.required", {})
    if entry["type"] == "string_pattern_mismatch":
        return FieldError(path, "form.name", {"value": str(entry.get("input"))[:40]})
    return FieldError(path, "form.not_allowed", {"value": str(entry.get("input"))[:40]})


def _line_fields(keys: list[Any]) -> list[bool]:
    """Which keys name a field whose entries are lines of text."""
    names = {widget.removesuffix("_list") for widget in LINES}
    return [key in names for key in keys]


def _matches(leaf: Leaf, path: str) -> bool:
    parts = path.removesuffix(".min").removesuffix(".max").split(".")
    return len(parts) == len(leaf.keys) and all(
        key in ("*", part) for key, part in zip(leaf.keys, parts, strict=True)
    )


def _echo_amounts(text: str, unit: str, language: Language) -> str:
    both = read_range(text) if unit in ("ha", "mu") else None
    shown = [_echo(amount, unit, language) for amount in (both or (read_amount(text),))]
    return " – ".join(part for part in shown if part)


def _echo(amount: Amount, unit: str, language: Language) -> str:
    number = in_unit(amount, unit)
    if unit in ("ha", "mu"):
        # the number as typed stays exact; the other one follows from it
        hectares = in_unit(amount, "ha")
        mu = in_unit(amount, "mu") if amount.unit in MU else hectares * MU_PER_HA
        params = {"ha": _plain(hectares), "mu": _plain(mu)}
        return say("form.echo.area", params, language)
    if unit == "m":
        return length(float(number), language)
    if unit == "share":
        return share(float(number), language)
    return ""


def _plain(number: Decimal) -> str:
    """Up to four decimals, thousands by comma, no zeros behind."""
    return f"{Decimal(spelled(round(float(number), 4))):,f}"
