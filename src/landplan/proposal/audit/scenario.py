"""What a scenario promises: its steps hold, begin alike, hand on what they say, and add up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from landplan.errors import InputError
from landplan.proposal.audit import audit
from landplan.proposal.audit.report import AuditReport, Check, at_most, none_of
from landplan.proposal.audit.written import Written, read_written

DOCUMENT: Final = "scenario.json"
LEDGER: Final = "scenario-ledger.csv"
_TENTH_M2: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Link:
    """A step as the document tells it, and its files where it has any."""

    told: Mapping[str, Any]
    written: Written | None

    @property
    def name(self) -> str:
        """The step's name."""
        return str(self.told["name"])

    def table(self) -> pd.DataFrame:
        """Return the ledger of the step by parcel."""
        assert self.written is not None
        return self.written.raw["ledger"].set_index("parcel_before")

    def changed(self) -> set[str]:
        """Return the parcels that change hands or become part of a site."""
        if self.written is None:
            return set()
        table = self.table()
        hands = table["owner_before"].fillna("") != table["owner_after"].fillna("")
        return set(table.index[hands | (table["parcel_after"] != table.index)])


def audit_scenario(directory: Path) -> AuditReport:
    """Re-check a scenario from its files: every step's own audit, and what ties the steps.

    Raises
    ------
    InputError
        A file is missing or cannot be read (exit code 2).
    """
    document = _read(directory)
    links = [_Link(told, _files(directory, told)) for told in document["taken"]]
    return AuditReport(tuple(_checks(directory, links)))


def _read(directory: Path) -> dict[str, Any]:
    try:
        document = json.loads((directory / DOCUMENT).read_text(encoding="utf-8"))
        names = [one["name"] for one in document["taken"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("audit.scenario_unreadable", file=DOCUMENT) from None
    assert isinstance(document, dict)
    assert isinstance(names, list)
    return document


def _files(directory: Path, told: Mapping[str, Any]) -> Written | None:
    folder = told.get("folder")
    return read_written(directory / str(folder)) if folder is not None else None


def _checks(directory: Path, links: list[_Link]) -> Iterator[Check]:
    yield none_of("scenario.steps", [one.name for one in links if _fails(directory, one)])
    yield none_of("scenario.start", _other_starts(links))
    yield none_of("scenario.receives", _wrongly_given(links))
    yield none_of("scenario.once", _changed_twice(links))
    done = [one for one in links if one.written is not None]
    if not done:
        return
    rows = _ledger(directory)
    yield none_of("scenario.ledger", _wrong_rows(rows, done))
    whole = done[0].table()
    for code, column in (("land", "area_before_m2"), ("value", "value_before")):
        own = "area_m2" if code == "land" else "value"
        off = abs(float(rows[own].sum()) - float(whole[column].sum()))
        yield at_most(f"scenario.{code}", [("town", off)], _TENTH_M2)


def _fails(directory: Path, link: _Link) -> bool:
    """Whether a step's audit fails, or its files are not those the scenario was made of."""
    if link.written is None:
        return False
    if not audit(directory / str(link.told["folder"])).passed:
        return True
    return dict(link.written.document.content_hash) != link.told.get("content_hash")


def _other_starts(links: list[_Link]) -> list[str]:
    hashes = [(one.name, one.told.get("data_hash")) for one in links if one.written is not None]
    return [name for name, found in hashes if found != hashes[0][1]]


def _wrongly_given(links: list[_Link]) -> list[str]:
    """Parcels of sites that a later step does not hand on, or hands on without a site."""
    known = {one.name: one for one in links}
    wrong: set[str] = set()
    for link in links:
        source = link.told.get("displaced_by")
        if source is None:
            continue
        earlier = known[str(source)].written
        if earlier is None:
            return [link.name]
        frame = earlier.parcels
        street = frame["street"].fillna(False).astype(bool)
        sites = set(frame.loc[frame["site_id"].notna() & ~street, "parcel_id"])
        wrong |= sites ^ set(link.told["gives"])
        if link.written is not None:
            asked = link.written.document.request.get("acquirer", {}).get("receives", [])
            wrong |= sites - set(asked)
            held = link.written.raw["holdings"]
            got = held.loc[held["parcel_id"].isin(sites), "party_after"]
            if link.told.get("met") and set(got) - {"ACQUIRER"}:
                wrong.add(link.name)
    return sorted(map(str, wrong))


def _changed_twice(links: list[_Link]) -> list[str]:
    twice: set[str] = set()
    for number, link in enumerate(links):
        for earlier in links[:number]:
            both = link.changed() & earlier.changed()
            if link.told.get("displaced_by") == earlier.name:
                both -= set(link.told["gives"])
            twice |= both
    return sorted(map(str, twice))


def _ledger(directory: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(
            directory / LEDGER,
            encoding="utf-8-sig",
            keep_default_na=False,
            na_values={"area_m2": [""], "value": [""]},
            dtype={"parcel_id": str},
        )
    except (OSError, ValueError):
        raise InputError("audit.scenario_unreadable", file=LEDGER) from None


def _wrong_rows(rows: pd.DataFrame, done: list[_Link]) -> list[str]:
    """Parcels whose row is missing, double, or tells another story than the steps' ledgers."""
    wrong = set(rows.loc[rows["parcel_id"].duplicated(), "parcel_id"])
    first = done[0].table()
    wrong |= set(first.index) ^ set(rows["parcel_id"])
    if wrong:
        return sorted(map(str, wrong))
    rows = rows.set_index("parcel_id").reindex(first.index)
    owner = first["owner_before"].fillna("").astype(str)
    parcel = pd.Series(first.index, index=first.index)
    told = [(owner, "owner_start")]
    for link in done:
        table = link.table().reindex(first.index)
        moved = pd.Series(first.index.isin(list(link.changed())), index=first.index)
        owner = owner.mask(moved, table["owner_after"].fillna("").astype(str))
        parcel = parcel.mask(table["parcel_after"] != table.index, table["parcel_after"])
        told.append((owner, f"owner_{link.name}"))
    told += [(owner, "owner_end"), (parcel, "parcel_end")]
    for expected, column in told:
        if column not in rows:
            return [column]
        wrong |= set(first.index[rows[column].astype(str) != expected.astype(str)])
    return sorted(map(str, wrong))
