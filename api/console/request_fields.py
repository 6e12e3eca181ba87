"""What the form shows at each input: text, limits, echo, fault, default, boxes to tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from api.console.request_draft import Draft
from landplan.cadastre.cadastre import Cadastre
from landplan.codes import landuse
from landplan.messages import Language, has, say
from landplan.messages.numbers import MISSING, decimal
from landplan.planning.form import FieldError, FormField, Group, echo, form

MOST_BOXES: Final = 60
"""Longer lists are typed, not ticked."""
NO_LIMIT: Final = 1e9
"""A limit that nothing in a town comes near is not shown."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something to tick: a land use, a zone, a kind of barrier."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One question as the page shows it."""

    path: str
    key: str
    widget: str
    label: str
    help: str
    unit: str
    limits: str
    value: str
    value_max: str
    default: str
    is_default: bool
    required: bool
    echo: str
    fault: str
    fault_max: str
    changed: str | None
    boxes: tuple[Box, ...] | None
    choices: tuple[tuple[str, str], ...]
    unlimited: str
    """What a blank input shows where it sets no limit."""


@dataclass(frozen=True, slots=True)
class Section:
    """Inputs that stand together; ``index`` is their place in the list ``repeat``."""

    key: str
    label: str
    index: int | None
    repeat: str | None
    inputs: tuple[Input, ...]

    def input(self, key: str) -> Input:
        """Return the input for a field of the model."""
        return next(entry for entry in self.inputs if entry.key == key)

    @property
    def faults(self) -> int:
        """How many inputs are not understood."""
        return sum(bool(entry.fault or entry.fault_max) for entry in self.inputs)

    @property
    def changed(self) -> bool:
        """Whether anything in it differs from the defaults."""
        return any(not entry.is_default for entry in self.inputs)


class FormView:
    """The whole form of a draft over a town, in one language."""

    def __init__(
        self, draft: Draft, town: Cadastre, errors: Sequence[FieldError], language: Language
    ) -> None:
        self.draft = draft
        self.town = town
        self.language: Language = language
        self.faults = fault_texts(errors, language)
        several = {"demand": draft.demands, "lock": draft.locks, "elsewhere": draft.lands}
        found = form(draft.process, several)
        self.sections = [self._section(group) for group in found.groups]

    def demand(self, index: int) -> list[Section]:
        """Return the sections of one demand."""
        own = [section for section in self.sections if section.repeat == "demand"]
        return [section for section in own if section.index == index]

    def repeated(self, part: str) -> list[Section]:
        """Return the sections of a part that may be repeated: land to leave aside, locks."""
        return [section for section in self.sections if section.repeat == part]

    def whole(self) -> list[Section]:
        """Return the sections of the whole request."""
        return [section for section in self.sections if section.index is None]

    def find(self, key: str) -> Input:
        """Return an input of the whole request."""
        return next(i for s in self.whole() for i in s.inputs if i.key == key)

    def _section(self, group: Group) -> Section:
        inputs = tuple(self._input(field) for field in group.fields)
        label = say(group.label_code, None, self.language)
        return Section(group.key, label, group.index, group.repeat, inputs)

    def _input(self, field: FormField) -> Input:
        two = field.widget == "area"
        ends = (f"{field.path}.min", f"{field.path}.max") if two else (field.path, "")
        texts = [self.draft.text(end) for end in ends]
        before = [self.draft.changed[end] for end in ends if end in self.draft.changed]
        spoken = [
            echo(end, text, self.language, self.draft.process)
            for end, text in zip(ends, texts, strict=True)
        ]
        return Input(
            path=field.path,
            key=field.path.rsplit(".", 1)[-1],
            widget=field.widget,
            label=say(field.label_code, None, self.language),
            help=say(field.help_code, None, self.language),
            unit=self._unit(field.unit),
            limits=self._limits(field),
            value=texts[0],
            value_max=texts[1],
            default=self._default(field),
            is_default=not any(texts) or (not two and texts[0] == self._plain_default(field)),
            required=field.required,
            echo=" – ".join(part for part in spoken if part),
            fault=self.faults.get(ends[0], ""),
            fault_max=self.faults.get(ends[1], ""),
            changed=None if not before else before[0] or MISSING,
            boxes=self._boxes(field),
            choices=tuple((v, say(code, None, self.language)) for v, code in field.choices),
            unlimited=say("request.unlimited", None, self.language) if field.unlimited else "",
        )

    def _unit(self, unit: str | None) -> str:
        code = f"unit.{(unit or '').replace(' ', '_')}"
        return say(code, None, self.language) if unit and has(code, self.language) else unit or ""

    def _limits(self, field: FormField) -> str:
        low, high = field.minimum, field.maximum
        if low is None or high is None or field.unlimited or field.widget in ("area", "text"):
            return ""
        sign = "above" if field.above_minimum else "from"
        if high >= NO_LIMIT:
            return ""
        return say(f"request.limits.{sign}", {"low": low, "high": high}, self.language)

    def _default(self, field: FormField) -> str:
        value = field.default
        if value in (None, "", []) or field.unlimited:
            return ""
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        for choice, code in field.choices:
            if choice == value:
                return say(code, None, self.language)
        if isinstance(value, bool):
            return say(f"request.switch.{'on' if value else 'off'}", None, self.language)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _plain_default(self, field: FormField) -> str:
        value = field.default
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, list):
            return "\n".join(value)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _boxes(self, field: FormField) -> tuple[Box, ...] | None:
        known: Mapping[str, str] | None = {
            "land_use_list": lambda: self._uses,
            "zone_list": lambda: self._zones,
            "list": lambda: self._barriers,
            "road_list": lambda: self._road_classes,
        }.get(field.widget, lambda: None)()
        if known is None or len(known) > MOST_BOXES:
            return None
        ticked = set(self.draft.entries(field.path))
        if field.path not in self.draft.data and isinstance(field.default, list):
            ticked = set(field.default)
        labels = {**known, **{value: value for value in sorted(ticked - known.keys())}}
        return tuple(Box(value, label, value in ticked) for value, label in labels.items())

    @cached_property
    def _uses(self) -> Mapping[str, str]:
        scheme = landuse.scheme(self.town.town.land_use_scheme, self.town.town.land_use_edition)
        labels = {}
        for use, n in _counts(self.town.parcels["land_use"]):
            code = scheme.find(use)
            name = f"{use} {code.name(self.language)}" if code else use
            labels[use] = self._counted(name, n)
        return labels

    @cached_property
    def _zones(self) -> Mapping[str, str]:
        parts = dict(_counts(self.town.zones["zone"]))
        meeting = dict(_counts(self.town.parcels["zone"]))
        return {zone: self._counted(zone, meeting.get(zone, 0)) for zone in sorted(parts)}

    def _counted(self, name: str, n: int) -> str:
        return say("request.counted", {"name": name, "shown": decimal(n, 0)}, self.language)

    @cached_property
    def _barriers(self) -> Mapping[str, str]:
        kinds = [kind for kind, _ in _counts(self.town.restrictions["kind"])]
        classes = [kind for kind, _ in _counts(self.town.roads["class"])]
        known = dict.fromkeys(["water", "rail", *kinds, *classes])
        return {kind: self._barrier(kind) for kind in known}

    @cached_property
    def _road_classes(self) -> Mapping[str, str]:
        counted = _counts(self.town.roads["class"])
        return {kind: self._counted(kind, n) for kind, n in counted}

    def _barrier(self, kind: str) -> str:
        code = f"barrier.{kind}"
        return say(code, None, self.language) if has(code, self.language) else kind


def fault_texts(errors: Sequence[FieldError], language: Language) -> dict[str, str]:
    """Return the sentence of every fault by the name of its input."""
    texts: dict[str, str] = {}
    for error in errors:
        said = say(error.code, error.params, language)
        texts[error.path] = f"{texts[error.path]} {said}" if error.path in texts else said
    return texts


def label_of(path: str, demands: int, language: Language, process: str = "assemble") -> str:
    """Return the label of an input as a summary names it: the demand, the field."""
    parts = path.removesuffix(".min").removesuffix(".max").split(".")
    if parts[0] == "demand" and len(parts) == 3 and parts[1].isdecimal():
        model = "share" if process == "partition" else "demand"
        name = say(f"field.{model}.{parts[2]}", None, language)
        if demands == 1:
            return name
        return say("request.in_demand", {"n": int(parts[1]) + 1, "field": name}, language)
    if parts[0] in ("elsewhere", "lock"):
        return say(f"field.{parts[0]}.{parts[-1]}", None, language)
    model = parts[0] if len(parts) == 2 else f"{process}_request"
    return say(f"field.{model}.{parts[-1]}", None, language)


def _counts(column: "pd.Series[Any]") -> list[tuple[str, int]]:
    found = column.dropna().value_counts()
    return sorted((str(value), int(n)) for value, n in found.items())
