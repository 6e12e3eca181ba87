"""Themes: what the colour of a parcel says. One at a time, at most eight kinds and the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from landplan.cadastre.cadastre import Town
from landplan.codes import landuse
from landplan.errors import InputError
from landplan.messages import Language, has, say
from maps.symbols import CATEGORIES, category

PLAIN: Final = "plan"
"""No colour on the parcels: the ground as it is, and what is planned on it."""
CLASSES: Final = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Kind:
    """One colour of a theme: the values it stands for, its symbol and its words."""

    values: tuple[str, ...]
    symbol: str
    label: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A radio button above the map: the column it colours by, and the kinds in it."""

    key: str
    label: str
    column: str | None = None
    kinds: tuple[Kind, ...] = ()
    other: str = ""
    """What the legend calls values beyond the kinds."""
    column_before: str | None = None
    """What colours the ground as it was, where that is another column."""


def themes(
    parcels: pd.DataFrame, columns: tuple[str, ...], town: Town, language: Language
) -> tuple[Theme, ...]:
    """Return the themes that the columns of these parcels can carry."""
    found = [Theme(PLAIN, say("map.theme.plan", None, language))]
    names: Mapping[str, Callable[[str], str]] = {
        "land_use": lambda value: land_use_name(town, value, language),
        "zone": str,
        "excluded_by": lambda value: reason_name(value, language),
    }
    for column, name in names.items():
        if column in columns and parcels[column].notna().any():
            found.append(_by_kind(column, parcels[column], name, language))
    if "grade" in columns and parcels["grade"].isin(CLASSES).any():
        found.insert(1, _by_class(language))
    if "owner_id" in columns and "site_id" in columns:
        members = parcels.loc[parcels["site_id"].notna(), "owner_id"]
        if members.notna().any():
            found.append(_by_kind("owner_id", members, str, language))
    return tuple(found)


def holder_theme(held: pd.DataFrame, language: Language) -> Theme:
    """Return the theme of an exchange: the few largest holders coloured, all others grey.

    ``held``: ``party_before``, ``party_after`` and ``area_m2`` of every parcel that takes part.
    """
    before = held.groupby("party_before")["area_m2"].sum()
    after = held.groupby("party_after")["area_m2"].sum()
    largest = before.add(after, fill_value=0.0)
    order = sorted(largest.index, key=lambda party: (-float(largest[party]), str(party)))
    kinds = tuple(
        Kind((str(party),), category(position), str(party))
        for position, party in enumerate(order[:CATEGORIES])
    )
    return Theme(
        "holder",
        say("map.theme.holder", None, language),
        "party_after",
        kinds,
        say("map.legend.other_holders", None, language),
        "party_before",
    )


def land_use_name(town: Town, code: str, language: Language) -> str:
    """Return the code and what it means; a town's own words stay as they are."""
    try:
        known = landuse.scheme(town.land_use_scheme, town.land_use_edition).find(code)
    except InputError:
        return code
    if known is None or known.name(language) == code:
        return code
    return f"{code} {known.name(language)}"


def reason_name(rule: str, language: Language) -> str:
    """Return why a parcel was left out, as the legend and the info box say it."""
    code = f"map.reason.{rule}"
    if has(code, language):
        return say(code, None, language)
    return say(
        "map.reason.data" if rule.startswith("data.") else "map.reason.other", None, language
    )


def _by_kind(
    column: str, values: "pd.Series[Any]", name: Callable[[str], str], language: Language
) -> Theme:
    counts = values.dropna().astype(str).value_counts()
    ordered = sorted(counts.index, key=lambda value: (-int(counts[value]), value))
    kinds = tuple(
        Kind((value,), category(position), name(value))
        for position, value in enumerate(ordered[:CATEGORIES])
    )
    return Theme(
        column,
        say(f"map.theme.{column}", None, language),
        column,
        kinds,
        say("map.legend.category_other", None, language),
    )


def _by_class(language: Language) -> Theme:
    kinds = tuple(
        Kind((letter,), key, say(f"map.legend.{key}", None, language))
        for letter, key in ((letter, f"class_{letter.lower()}") for letter in CLASSES)
    )
    other = say("map.class.none", None, language)
    return Theme("grade", say("map.theme.grade", None, language), "grade", kinds, other)
