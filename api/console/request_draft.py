"""The draft of a request: texts as they were typed, kept with the scenario."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from landplan.planning.form import FormData, form, form_data, split_list
from landplan.planning.form_fields import has_part

NOTHING: Final = "-"
_PLACE: Final = re.compile(r"^(demand|elsewhere|lock)\.(\d{1,4})\.(.+)$")
MOST_DEMANDS: Final = 50
"""As many as a request may have; what a page posts beyond them is not shown."""
RULES_TO_COPY: Final = ("land_uses", "zones", "min_zone_share", "max_bridges")
"""What a further demand starts with: the rules of the one before it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a planner has typed so far.

    Attributes
    ----------
    process, dataset
        What is asked, and of which version of the data.
    data
        Texts by the names of the form.
    changed
        Inputs that a suggestion has changed, with the text that stood there before.
    source
        The plan it was filled in from, as long as nothing was typed since.
    """

    process: str
    dataset: str
    data: FormData = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any], process: str, dataset: str) -> Self:
        """Read what a scenario keeps: a draft, or a whole request asked elsewhere."""
        if "data" in stored:
            return cls(
                str(stored.get("process", process)),
                str(stored.get("dataset", dataset)),
                dict(stored["data"]),
                dict(stored.get("changed", {})),
                str(stored.get("source", "")),
            )
        return cls(process, dataset, form_data(process, stored) if stored else {})

    def stored(self) -> dict[str, Any]:
        """Return it as the scenario keeps it."""
        return {
            "process": self.process,
            "dataset": self.dataset,
            "data": dict(self.data),
            "changed": dict(self.changed),
            "source": self.source,
        }

    @property
    def demands(self) -> int:
        """How many demands the form shows; none where the process has no such thing."""
        if not has_part(self.process, "demand"):
            return 0
        return max(self._places("demand"), default=0) + 1

    @property
    def lands(self) -> int:
        """How many pieces of land to leave aside the form shows."""
        return max(self._places("elsewhere"), default=-1) + 1

    @property
    def locks(self) -> int:
        """How many groups of parcels, to stay together or apart, the form shows."""
        return max(self._places("lock"), default=-1) + 1

    def _places(self, part: str) -> list[int]:
        found = (_place(path, part)[0] for path in self.data)
        return [place for place in found if 0 <= place < MOST_DEMANDS]

    def text(self, path: str) -> str:
        """Return the text of an input; lists of boxes come one per line."""
        value = self.data.get(path, "")
        return value if isinstance(value, str) else "\n".join(value)

    def entries(self, path: str) -> list[str]:
        """Return a list's entries."""
        value = self.data.get(path, "")
        found = split_list([value] if isinstance(value, str) else value)
        return [entry for entry in found if entry != NOTHING]

    def for_process(self, process: str) -> "Draft":
        """Return the draft of another process with the answers that its form has inputs for."""
        known = {
            path
            for field in form(process, 1).fields()
            if not field.path.endswith((".count", ".id"))
            for path in (field.path, f"{field.path}.min", f"{field.path}.max")
        }
        kept = {path: text for path, text in self.data.items() if "." not in path or path in known}
        return Draft(process, self.dataset, kept)

    def with_text(self, path: str, text: str) -> "Draft":
        """Return the draft with another text in one input."""
        return replace(self, data={**self.data, path: text})

    def with_demand(self) -> "Draft":
        """Return the draft with one more demand, its rules those of the last one."""
        last, new = self.demands - 1, self.demands
        if new >= MOST_DEMANDS:
            return self
        copied = {
            f"demand.{new}.{key}": self.data[f"demand.{last}.{key}"]
            for key in RULES_TO_COPY
            if f"demand.{last}.{key}" in self.data
        }
        return replace(self, data={**self.data, f"demand.{new}.id": "", **copied})

    def without_demand(self, gone: int) -> "Draft":
        """Return the draft without a demand; those behind it move up."""
        if self.demands == 1 or not 0 <= gone < self.demands:
            return self
        return self._without_entry("demand", gone)

    def with_land(self) -> "Draft":
        """Return the draft with one more piece of land to leave aside."""
        if self.lands >= MOST_DEMANDS:
            return self
        return self.with_text(f"elsewhere.{self.lands}.name", "")

    def with_lock(self) -> "Draft":
        """Return the draft with one more group of parcels to stay together or apart."""
        if self.locks >= MOST_DEMANDS:
            return self
        return self.with_text(f"lock.{self.locks}.kind", "together")

    def without_lock(self, gone: int) -> "Draft":
        """Return the draft without a group of parcels; those behind it move up."""
        return self._without_entry("lock", gone) if 0 <= gone < self.locks else self

    def without_land(self, gone: int) -> "Draft":
        """Return the draft without a piece of land to leave aside; those behind it move up."""
        return self._without_entry("elsewhere", gone) if 0 <= gone < self.lands else self

    def _without_entry(self, part: str, gone: int) -> "Draft":
        data, changed = (dict(_moved_up(of, part, gone)) for of in (self.data, self.changed))
        return replace(self, data=data, changed=changed)

    def without(self, path: str, gone: Iterable[str]) -> "Draft":
        """Return the draft with entries taken out of a list."""
        leave = set(gone)
        return self.with_text(path, lines(e for e in self.entries(path) if e not in leave))

    def with_entries(self, path: str, more: Iterable[str]) -> "Draft":
        """Return the draft with entries put into a list."""
        return self.with_text(path, lines(dict.fromkeys([*self.entries(path), *more])))

    def patched(self, changes: FormData) -> "Draft":
        """Return the draft with suggested changes, marked with what stood there before."""
        before = {path: self.text(path) for path in changes if self.text(path) != changes[path]}
        return replace(
            self, data={**self.data, **changes}, changed={**dict(self.changed), **before}
        )


def lines(entries: Iterable[str]) -> str:
    """Return a list as the text of an input."""
    return "\n".join(_quoted(entry) for entry in entries)


def typed(form: Iterable[tuple[str, Any]]) -> FormData:
    """Return the answers among the fields of a posted form: names with a dot, title and the like.

    Boxes of one name come as a list. A list that may be empty on purpose sends `NOTHING` before its
    boxes; it counts only where no box is ticked.
    """
    found: dict[str, list[str]] = {}
    for name, value in form:
        if isinstance(value, str) and name not in ("do", "revision", "dataset"):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return {name: _one(values) for name, values in found.items()}


def _one(values: list[str]) -> str | list[str]:
    if len(values) == 1:
        return values[0]
    if values[0] in ("off", "on"):  # a switch sends its "off" before its "on"
        return values[-1]
    return [value for value in values if value != NOTHING]


def _place(path: str, part: str) -> tuple[int, str]:
    found = _PLACE.match(path)
    return (int(found[2]), found[3]) if found and found[1] == part else (-1, path)


def _moved_up(data: Mapping[str, Any], part: str, gone: int) -> Iterable[tuple[str, Any]]:
    for path, value in data.items():
        place, rest = _place(path, part)
        if place == gone:
            continue
        yield (f"{part}.{place - 1}.{rest}" if place > gone else path), value


def _quoted(entry: str) -> str:
    marks = '\n\r\t,，、;；"'
    if entry == NOTHING or entry != entry.strip() or any(mark in entry for mark in marks):
        doubled = entry.replace('"', '""')
        return f'"{doubled}"'
    return entry
