"""Land-use codes as data: a code is (scheme, edition, code), and nothing without the first two.

``1001`` is railway in one Chinese scheme and industry in another. So a scheme is always named, an
edition is never assumed, and a change of scheme that is not one to one is a choice by hand.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from landplan.errors import InputError

Group = Literal[
    "industry",
    "storage",
    "research",
    "housing",
    "commerce",
    "transport",
    "street",
    "water",
    "green",
    "farm",
    "other",
]
Status = Literal["verified", "recalled", "estimate"]
Language = Literal["en", "zh"]

LOCAL: Final = "local"
"""The scheme of a town that uses its own words."""


@dataclass(frozen=True, slots=True)
class Code:
    """One land-use class of a scheme; ``parent`` is the nearest listed class above it."""

    code: str
    en: str
    zh: str
    group: Group
    source: str
    status: Status
    parent: str | None = None

    def name(self, language: Language) -> str:
        """Return the name in one of the two languages."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Crossing:
    """What a code becomes in another scheme; ``target`` is None where a person must choose.

    ``reason`` is ``certain``, ``several`` (known to be one to many) or ``not_listed``.
    """

    code: str
    target: str | None
    reason: Literal["certain", "several", "not_listed"]

    @property
    def needs_choice(self) -> bool:
        """Whether a person must choose."""
        return self.target is None


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """A list of land-use codes in one edition.

    Attributes
    ----------
    name, edition
        Which list this is; ``local`` has no edition.
    levels
        Lengths of code that stand for all longer codes below them; empty: no hierarchy.
    codes
        What is listed. A list may be shorter than its standard: an unlisted code is unknown,
        not wrong, and takes its group from the nearest listed class above it.
    words
        For ``local``: whole texts, in lower case, that say water or street.
    """

    name: str
    edition: str | None
    title_en: str
    title_zh: str
    levels: tuple[int, ...]
    codes: Mapping[str, Code]
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, code: str) -> Code | None:
        """Return the listed class of a code, or the nearest listed class above it."""
        for length in range(len(code), 0, -1):
            if length != len(code) and length not in self.levels:
                continue
            if code[:length] in self.codes:
                return self.codes[code[:length]]
        return None

    def group(self, code: str) -> Group | None:
        """Return the group of a code; None where nothing is known of it."""
        for group in ("water", "street"):
            if code.strip().casefold() in self.words.get(group, ()):
                return group
        found = self.find(code)
        return found.group if found else None

    def is_water(self, code: str | None) -> bool:
        """Whether the code says water: never part of a site, never under a bridge."""
        return code is not None and self.group(code) == "water"

    def is_street(self, code: str | None) -> bool:
        """Whether the code says street or highway."""
        return code is not None and self.group(code) == "street"

    def accepts(self, demanded: str, code: str | None) -> bool:
        """Whether a parcel's code meets a demanded one: equal, or below it in the hierarchy.

        A demand for ``0601`` accepts ``060102``; in the town's own words only equal text counts.
        """
        if code is None:
            return False
        return code == demanded or (len(demanded) in self.levels and code.startswith(demanded))

    def accepted(self, demanded: Iterable[str], codes: Iterable[str]) -> frozenset[str]:
        """Return those of the codes that meet at least one of the demanded ones."""
        wanted = tuple(demanded)
        return frozenset(code for code in codes if any(self.accepts(one, code) for one in wanted))


def scheme(name: str, edition: str | None = None) -> Scheme:
    """Return a scheme in one edition.

    Raises
    ------
    InputError
        ``codes.scheme_unknown`` or ``codes.edition_unknown``, each naming the nearest known one;
        ``codes.edition_missing`` where a scheme with editions is named without one, and
        ``codes.edition_unwanted`` where one without editions is named with one.
    """
    known = _load()
    names = sorted({known_name for known_name, _ in known})
    if name not in names:
        raise InputError(
            "codes.scheme_unknown", scheme=name, nearest=_nearest(name, names), known=names
        )
    editions = [one for known_name, one in known if known_name == name]
    listed = [one for one in editions if one is not None]
    if edition is None and listed:
        raise InputError("codes.edition_missing", scheme=name, known=listed)
    if edition is not None and not listed:
        raise InputError("codes.edition_unwanted", scheme=name, edition=edition)
    if edition not in editions:
        raise InputError(
            "codes.edition_unknown",
            scheme=name,
            edition=edition,
            nearest=_nearest(str(edition), listed),
            known=listed,
        )
    return known[name, edition]


def schemes() -> tuple[Scheme, ...]:
    """Return all schemes in all editions, ``local`` among them."""
    return tuple(_load().values())


def crosswalk(code: str, origin: Scheme, target: Scheme) -> Crossing:
    """Say what a code becomes in another scheme: only what is certain, never a silent default."""
    if (origin.name, origin.edition) == (target.name, target.edition):
        return Crossing(code, code, "certain")
    table = _crosswalks().get((origin.name, origin.edition, target.name, target.edition))
    if table is None:
        return Crossing(code, None, "not_listed")
    certain, several = table
    if code in certain:
        return Crossing(code, certain[code], "certain")
    return Crossing(code, None, "several" if code in several else "not_listed")


def _nearest(wanted: str, known: list[str]) -> str:
    close = difflib.get_close_matches(wanted.casefold(), known, n=1, cutoff=0.0)
    return close[0] if close else "–"


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    folder = files("landplan.codes") / "data"
    sources = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(tomllib.loads(one.read_text("utf-8")) for one in sources if one.is_file())


@cache
def _load() -> dict[tuple[str, str | None], Scheme]:
    found = [one for document in _documents() for one in _schemes_of(document)]
    return {(one.name, one.edition): one for one in found}


def _schemes_of(document: dict[str, Any]) -> list[Scheme]:
    common = (document["title"]["en"], document["title"]["zh"], tuple(document["levels"]))
    if "words" in document:
        words = {
            group: frozenset(word.casefold() for word in listed)
            for group, listed in document["words"].items()
        }
        return [Scheme(document["scheme"], None, *common, codes={}, words=words)]
    return [
        Scheme(document["scheme"], entry["edition"], *common, codes=_codes(entry, common[2]))
        for entry in document["edition"]
    ]


def _codes(entry: dict[str, Any], levels: tuple[int, ...]) -> dict[str, Code]:
    listed = entry["code"]
    return {
        code: Code(
            code=code,
            source=values.get("source", entry["source"]),
            parent=_parent(code, listed, levels),
            **{key: value for key, value in values.items() if key != "source"},
        )
        for code, values in listed.items()
    }


def _parent(code: str, listed: Iterable[str], levels: tuple[int, ...]) -> str | None:
    above = [code[:length] for length in levels if length < len(code) and code[:length] in listed]
    return above[-1] if above else None


@cache
def _crosswalks() -> dict[
    tuple[str, str | None, str, str | None], tuple[dict[str, str], frozenset[str]]
]:
    return {
        (document["scheme"], entry["edition"], entry["to"]["scheme"], entry["to"]["edition"]): (
            dict(entry["certain"]),
            frozenset(entry["several"]),
        )
        for document in _documents()
        for entry in document.get("crosswalk", ())
    }
