"""A town file being drafted: sections, lines and the notes that say why each line is there."""

import json
import re
from dataclasses import dataclass, field
from typing import Final

from landplan.messages import Language, say

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about a guess, as a code and its parameters."""

    code: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Section:
    """One table of the town file; ``array`` makes it one of several, as ``[[parcels.join]]``."""

    title: str
    array: bool = False
    notes: list[Note] = field(default_factory=list)
    lines: list["Line"] = field(default_factory=list)

    def add(self, key: str, value: object, *notes: Note, active: bool = True) -> None:
        """Add a line ``key = value``; an inactive one is written as a comment to be switched on."""
        self.lines.append(Line(key, value, notes, active))


@dataclass(frozen=True, slots=True)
class Line:
    """One key with its value and what is to be said about it."""

    key: str
    value: object
    notes: tuple[Note, ...]
    active: bool


def render(
    sections: list[Section], header: list[Note], left_open: list[Note], language: Language
) -> str:
    """Write the town file: comments in the language asked for, keys and values as they are."""
    out = [*_comments(header, language), "format = 1"]
    for section in sections:
        out.append("")
        out.extend(_comments(section.notes, language))
        out.append(f"[[{section.title}]]" if section.array else f"[{section.title}]")
        for line in section.lines:
            out.extend(_comments(list(line.notes), language))
            switch = "" if line.active else "# "
            out.append(f"{switch}{_key(line.key)} = {toml_value(line.value)}")
    if left_open:
        out.append("")
        out.extend(_comments([Note("draft.left_open"), *left_open], language, bullet_from=1))
    return "\n".join(out) + "\n"


def toml_value(value: object) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(str(key))} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    # JSON strings are TOML strings but for DEL; lone surrogates exist in neither
    text = json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    return text.encode("utf-8", "replace").decode("utf-8")


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else toml_value(key)


def _comments(notes: list[Note], language: Language, bullet_from: int | None = None) -> list[str]:
    """One comment line per note; names from the files cannot break out of it."""
    lines = []
    for position, note in enumerate(notes):
        bullet = "- " if bullet_from is not None and position >= bullet_from else ""
        text = _CONTROL.sub(" ", say(note.code, note.params, language)).strip()
        lines.append(f"# {bullet}{text}")
    return lines
