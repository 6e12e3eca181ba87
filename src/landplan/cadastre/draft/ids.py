"""Which column, or which columns together, name each parcel once."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from landplan.cadastre.draft.columns import Profile, best, hinted

MOST_REPEATED: Final = 0.04  # share of rows; above 5 % of unusable parcels a town is refused
_MOST_COLUMNS: Final = 5
_AMOUNTS: Final = ("value", "cost", "area")


@dataclass(frozen=True, slots=True)
class Identity:
    """Columns of the id, the share of rows they do not name alone, and another choice."""

    columns: tuple[str, ...]
    repeated: float
    other: str | None = None


def choose_id(found: list[Profile], keys: frozenset[str]) -> Identity | None:
    """Choose the id: a key that joins a table or an official number before a running number.

    Of equal rank the most unique wins. Where no column is unique enough, columns are combined,
    from the coarsest to the finest. None: nothing names the parcels.
    """
    usable = [one for one in found if one.is_code and one.repeated <= MOST_REPEATED]
    ranked = sorted(usable, key=lambda one: (_rank(one, keys), one.repeated))
    if not ranked:
        return _combined(found)
    unique = next((one.name for one in ranked[1:] if one.repeated < ranked[0].repeated), None)
    return Identity((ranked[0].name,), ranked[0].repeated, unique)


def _rank(profile: Profile, keys: frozenset[str]) -> int:
    if profile.name in keys or hinted(profile.name, "id"):
        return 0
    if any(hinted(profile.name, role) for role in _AMOUNTS):
        return 3  # prices and areas may all differ, but name nothing
    return 2 if profile.is_technical else 1


def _combined(found: list[Profile]) -> Identity | None:
    """Add column after column, each time the one that makes the most different ids."""
    parts = [one for one in found if one.is_code and one.filled > 0.95]
    chosen: list[Profile] = []
    names, repeated = 0, 1.0
    while len(chosen) < _MOST_COLUMNS and repeated > 0:
        left = [(*_named([*chosen, one]), one) for one in parts if one not in chosen]
        if not left:
            break
        more, share, profile = max(left, key=lambda entry: entry[0])
        if more <= names:
            break
        chosen, names, repeated = [*chosen, profile], more, share
    if repeated > MOST_REPEATED:
        return None
    # numbers that are unique in this file by luck are not once the next village is added
    village = best([one for one in parts if one not in chosen], "municipality")
    ordered = sorted(chosen, key=lambda one: one.distinct)
    if village is not None:
        ordered.insert(0, village)
    return Identity(tuple(one.name for one in ordered), repeated)


def _named(parts: list[Profile]) -> tuple[int, float]:
    """Return the number of different ids, and the share of rows empty or named like another."""
    table = pd.concat([part.text for part in parts], axis=1)
    empty = table.isna().any(axis=1)
    different = int((~table.duplicated() & ~empty).sum())
    return different, float((table.duplicated(keep=False) | empty).mean())
