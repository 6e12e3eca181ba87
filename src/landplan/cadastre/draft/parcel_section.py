"""The section ``[parcels]`` with its join."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from landplan.cadastre.draft import joins
from landplan.cadastre.draft.areas import UnitFit, fit_unit
from landplan.cadastre.draft.columns import Profile, best, hinted, profiles
from landplan.cadastre.draft.ids import choose_id
from landplan.cadastre.draft.notes import Note, Section
from landplan.cadastre.draft.paths import Paths, layer_lines
from landplan.cadastre.draft.schemes import guess_scheme
from landplan.cadastre.draft.survey import Source

_STREET_SHARE: Final = 0.15  # of the parcels: more without a row is a bad join, not a street net
_STREET_COMPACTNESS: Final = 0.5  # of the compactness of the other parcels


@dataclass(frozen=True, slots=True)
class Found:
    """A column for a role: of the parcels themselves, or of a joined table."""

    profile: Profile
    join: joins.Candidate | None = None

    @property
    def name(self) -> str:
        """The column's name in its file."""
        return self.profile.name


@dataclass(slots=True)
class ParcelDraft:
    """What is known of the parcels while their section is written."""

    source: Source
    own: list[Profile]
    join: joins.Candidate | None
    area_m2: pd.Series | None
    in_china: bool
    section: Section
    left_open: list[Note] = field(default_factory=list)
    brought: dict[str, tuple[str, str]] = field(default_factory=dict)

    def pick(self, hint: str, numeric: bool = False, without: Sequence[str] = ()) -> Found | None:
        """Return the column that fits a hint best: the parcels' own first, then a joined one."""
        pools: list[tuple[list[Profile], joins.Candidate | None]] = [(self.own, None)]
        if self.join is not None:
            pools.append((self.join.columns, self.join))
        for pool, join in pools:
            fitting = [
                one
                for one in pool
                if (one.is_numeric or not numeric) and not any(hinted(one.name, w) for w in without)
            ]
            profile = best(fitting, hint)
            if profile is not None:
                return Found(profile, join)
        return None

    def column(self, found: Found, role: str) -> str:
        """Return the name the mapping uses for a column; a joined one gets a line in the join."""
        if found.join is None:
            return found.name
        taken = {one.name for one in self.own}
        name = found.name if found.name not in taken else f"{found.name}_joined"
        self.brought[name] = (found.name, found.join.combine(found.profile, role))
        return name


def draft_parcels(
    sources: tuple[Source, ...],
    tables: tuple[Source, ...],
    working: CRS | None,
    in_china: bool,
    paths: Paths,
) -> tuple[list[Section], list[Note], list[Profile]]:
    """Write the sections of the parcels; returns them, what was left open and the columns."""
    source = sources[0]
    own = profiles(source.attributes)
    fitting = joins.candidates(own, tables)
    section = Section("parcels")
    area = _computed_area(source, working)
    join = fitting[0] if fitting else None
    draft = ParcelDraft(source, own, join, area, in_china, section)
    layer_lines(section, source, sources[1:], paths, draft.left_open)
    _identity(draft)
    _owner(draft)
    _land_use(draft)
    _money(draft)
    _registered_area(draft)
    _year_built(draft)
    _streets(draft)
    sections = [section]
    if draft.join is not None:
        sections.append(_join_section(draft, draft.join, fitting[1:], paths))
    for table in tables:
        if all(table is not one.table for one in fitting):
            draft.left_open.append(Note("draft.table_unjoined", {"file": table.label}))
    return sections, draft.left_open, own


def _computed_area(source: Source, working: CRS | None) -> pd.Series | None:
    from landplan.cadastre.draft.place import assumed_crs

    crs, _ = assumed_crs(source)
    if working is None or crs is None:
        return None
    shapes = source.geometry.set_crs(crs, allow_override=True).to_crs(working)
    return pd.Series(shapely.area(shapes.to_numpy()), index=source.frame.index)


def _identity(draft: ParcelDraft) -> None:
    keys = frozenset([draft.join.parcel_key.name]) if draft.join else frozenset[str]()
    identity = choose_id(draft.own, keys)
    if identity is None:
        columns = [one.name for one in draft.own]
        note = Note("draft.id_missing", {"columns": columns})
        draft.left_open.append(note)
        draft.section.add("id", "…", note, active=False)
        return
    notes = []
    if len(identity.columns) > 1:
        notes.append(Note("draft.id_combined"))
    if identity.repeated > 0:
        rows = round(identity.repeated * len(draft.source.frame))
        notes.append(Note("draft.id_repeated", {"rows": rows, "total": len(draft.source.frame)}))
    if identity.other is not None:
        notes.append(Note("draft.id_other", {"column": identity.other}))
    value = identity.columns[0] if len(identity.columns) == 1 else list(identity.columns)
    draft.section.add("id", value, *notes)


def _owner(draft: ParcelDraft) -> None:
    found = draft.pick("owner")
    if found is None:
        draft.left_open.append(Note("draft.owner_missing"))
        draft.section.add("owner", "…", Note("draft.owner_missing"), active=False)
        return
    params: dict[str, object] = {"n": found.profile.distinct}
    weak = hinted(found.name, "owner") == 3
    note = Note("draft.owner_proxy" if weak else "draft.owner", params)
    draft.section.add("owner", draft.column(found, "owner"), note)


def _land_use(draft: ParcelDraft) -> None:
    found = draft.pick("land_use")
    if found is None:
        draft.left_open.append(Note("draft.land_use_missing"))
        draft.section.add("land_use", "…", Note("draft.land_use_missing"), active=False)
        return
    guess = guess_scheme(found.profile, draft.in_china)
    notes = [Note("draft.values", {"values": _examples(found.profile)})]
    if guess.doubtful:
        doubt = Note("draft.scheme_doubtful", {"column": found.name, "schemes": guess.doubtful})
        draft.left_open.append(doubt)
        notes.append(doubt)
    elif guess.known:
        notes.append(Note("draft.scheme", {"share": _percent(guess.known)}))
    name = draft.column(found, "land_use")
    draft.section.add("land_use", guess.mapping(name), *notes)
    streets = [
        code for code in found.profile.text.dropna().unique() if guess.scheme.is_street(code)
    ]
    if streets and found.join is None:
        value = {"column": name, "values": sorted(streets)}
        draft.section.add("street", value, Note("draft.street_codes"))


def _examples(profile: Profile) -> list[str]:
    """Return the most frequent values; owners never pass here."""
    counts = profile.text.value_counts()
    return [str(value)[:40] for value in counts.index[:5]]


def _money(draft: ParcelDraft) -> None:
    parts = ("area", "land_part", "improvement_part")
    total = draft.pick("value", numeric=True, without=(*parts, "cost"))
    land = draft.pick("land_part", numeric=True, without=("improvement_part",))
    value = land or total
    cost = draft.pick("cost", numeric=True, without=("area",)) or total or land
    for role, found, other in (("value", value, cost), ("cost", cost, value)):
        if found is None:
            note = Note(f"draft.{role}_missing")
            draft.left_open.append(note)
            draft.section.add(role, {"constant": 0.0, "unit": "per_m2"}, note, active=False)
            continue
        unit = "per_m2" if hinted(found.name, "per_m2") else "total"
        notes = [Note(f"draft.{role}")]
        if other is not None and found.name == other.name and role == "cost":
            notes = [Note("draft.cost_is_value")]
            draft.left_open.append(Note("draft.cost_is_value"))
        amounts = found.join.summed(found.profile) if found.join else found.profile.numbers
        empty = float(1 - (amounts > 0).mean())
        if empty > 0:
            notes.append(Note("draft.money_empty", {"share": _percent(empty)}))
        draft.section.add(role, {"column": draft.column(found, role), "unit": unit}, *notes)


def _registered_area(draft: ParcelDraft) -> None:
    """Take the column whose numbers are areas of the parcels in some unit, if there is one."""
    fits: list[tuple[UnitFit, Found]] = []
    names: list[str] = []
    for profile, join in _area_columns(draft):
        names.append(profile.name)
        numbers = join.on_parcels(profile) if join else profile.numbers
        fit = fit_unit(numbers, draft.area_m2) if draft.area_m2 is not None else None
        if fit is not None:
            fits.append((fit, Found(profile, join)))
    if fits:
        fit, found = max(fits, key=lambda entry: entry[0].agreeing)
        column = draft.column(found, "area_registered")
        params: dict[str, object] = {
            "factor": f"{fit.factor:.6g}",
            "unit": fit.unit,
            "share": _percent(fit.agreeing),
            "total": fit.parcels,
        }
        note = Note("draft.area_unit", params)
        draft.section.add("area_registered", {"column": column, "unit": fit.unit}, note)
    elif names:
        draft.left_open.append(Note("draft.area_unit_unknown", {"columns": names}))


def _area_columns(draft: ParcelDraft) -> list[tuple[Profile, joins.Candidate | None]]:
    own: list[tuple[Profile, joins.Candidate | None]] = [(one, None) for one in draft.own]
    joined = [(one, draft.join) for one in draft.join.columns] if draft.join else []
    return [
        (one, join)
        for one, join in [*own, *joined]
        if one.is_numeric and hinted(one.name, "area") and not hinted(one.name, "other_area")
    ]


def _year_built(draft: ParcelDraft) -> None:
    found = draft.pick("year_built", numeric=True)
    if found is not None:
        draft.section.add("year_built", draft.column(found, "year_built"))


def _streets(draft: ParcelDraft) -> None:
    """Say whether the parcels without a tax row look like streets: few, and far from compact."""
    if draft.join is None:
        return
    without = draft.join.unmatched.to_numpy()
    if not without.any() or without.all():
        return
    shapes = draft.source.geometry.to_numpy()
    length = shapely.length(shapes)
    length[~(length > 0)] = np.nan
    compactness = 4 * np.pi * shapely.area(shapes) / length**2
    median_without = float(np.nanmedian(compactness[without]))
    median_with = float(np.nanmedian(compactness[~without]))
    few = without.mean() <= _STREET_SHARE
    holes = shapely.get_num_interior_rings(shapely.get_parts(shapes[without]))
    streets = few and (median_without < _STREET_COMPACTNESS * median_with or holes.max() >= 3)
    params: dict[str, object] = {
        "n": int(without.sum()),
        "without": round(median_without, 2),
        "with_row": round(median_with, 2),
        "holes": int(holes.max()) if len(holes) else 0,
    }
    note = Note("draft.street_unjoined" if streets else "draft.street_unjoined_not", params)
    draft.section.add("street_when_unjoined", True, note, active=bool(streets))
    draft.left_open.append(Note("draft.street_check"))


def _join_section(
    draft: ParcelDraft, join: joins.Candidate, others: list[joins.Candidate], paths: Paths
) -> Section:
    section = Section("parcels.join", array=True)
    params: dict[str, object] = {
        "parcels": _percent(join.parcels_matched),
        "rows": _percent(join.rows_matched),
    }
    section.notes.append(Note("draft.join", params))
    if join.several_rows:
        section.notes.append(Note("draft.join_several", {"n": join.several_rows}))
    section.add("file", paths.relative(join.table.paths[0]))
    if join.table.encoding is not None:
        note = Note(
            "draft.encoding_guess", {"file": join.table.label, "encoding": join.table.encoding}
        )
        section.add("encoding", join.table.encoding, note)
    key = {"parcels": join.parcel_key.name, "table": join.table_key.name}
    section.add("key", key)
    columns: dict[str, object] = {
        name: column if not join.several_rows and name != column else _brought(column, how)
        for name, (column, how) in draft.brought.items()
    }
    section.add("columns", columns)
    for other in others:
        params = {"file": other.table.label, "parcels": _percent(other.parcels_matched)}
        section.notes.append(Note("draft.join_other", params))
    return section


def _brought(column: str, how: str) -> dict[str, str]:
    return {"column": column, "combine": how}


def _percent(share: float) -> str:
    """Write a share; never 100 % where something is missing, never 0 % where something is."""
    percent = 100 * share
    if 99.9 < percent < 100:
        percent = 99.9
    if 0 < percent < 0.1:
        percent = 0.1
    return f"{percent:.1f}%"
