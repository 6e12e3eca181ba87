"""Draft a town file from a heap of files: what each guess rests on stands beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from pyproj import CRS

from landplan.cadastre.draft.columns import words
from landplan.cadastre.draft.notes import Note, Section, render
from landplan.cadastre.draft.parcel_section import draft_parcels
from landplan.cadastre.draft.paths import Paths
from landplan.cadastre.draft.place import Place, find_place
from landplan.cadastre.draft.roles import Roles, assign, says
from landplan.cadastre.draft.surrounding_sections import draft_surroundings
from landplan.cadastre.draft.survey import Source, Survey, survey
from landplan.errors import InputError
from landplan.messages import Language

NO_CURRENCY: Final = "XXX"
"""ISO 4217: no currency involved; stands until a person names the town's."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A commented town file, and what was not dared to guess."""

    text: str
    notes: tuple[Note, ...]


def draft_town(files: list[Path], folder: Path | None = None, language: Language = "en") -> Draft:
    """Draft a town file.

    Parameters
    ----------
    files
        Layers and tables; files of other formats are left aside and named in a comment.
    folder
        Where the town file will lie: paths are written relative to it (default: here).
    language
        Of the comments; keys are the same in both.

    Raises
    ------
    ManyErrors
        One InputError per file that is missing, cut off, unreadable or not what its name says.
    InputError
        ``draft.no_parcels`` where no layer of polygons could be the parcels.
    """
    return draft_survey(survey(files), folder, language)


def draft_survey(found: Survey, folder: Path | None = None, language: Language = "en") -> Draft:
    """Draft a town file of layers and tables that were read before; else as `draft_town`."""
    roles = assign(found.sources)
    if roles is None:
        raise InputError("draft.no_parcels", files=[source.label for source in found.sources])
    place = find_place([*roles.parcels[:1], *roles.zones, *roles.roads, *roles.buildings])
    paths = Paths(folder or Path.cwd())
    in_china = place.currency == "CNY"
    working = CRS(place.crs) if place.crs else None
    parcels, open_parcels, columns = draft_parcels(
        roles.parcels, roles.tables, working, in_china, paths
    )
    others, open_others = draft_surroundings(roles, columns, in_china, paths)
    town, open_town = _town(roles, place)
    sections = [town, *parcels, *others, *_tolerances(roles.parcels[0])]
    if not says(roles.parcels[0], "parcels"):
        open_town.append(Note("draft.parcels_unnamed", {"file": roles.parcels[0].label}))
    left_open = _once([*open_town, *open_parcels, *open_others, *found.notes])
    text = render(sections, [Note("draft.header")], left_open, language)
    return Draft(text, tuple(left_open))


def _once(notes: list[Note]) -> list[Note]:
    return [note for position, note in enumerate(notes) if note not in notes[:position]]


def _town(roles: Roles, place: Place) -> tuple[Section, list[Note]]:
    section = Section("town")
    left_open: list[Note] = []
    name = words(roles.parcels[0].paths[0].resolve().parent.name).title() or "Town"
    section.add("name", name, Note("draft.name"))
    if place.crs is None:
        note = Note("draft.working_crs_missing")
        section.add("crs", "EPSG:…", note)
        left_open.append(note)
    else:
        params: dict[str, object] = {"name": place.name, "crs": place.crs}
        notes = [Note(f"draft.crs_{place.reason}", params)]
        if place.others:
            notes.append(Note("draft.crs_others", {"others": list(place.others)}))
        section.add("crs", place.crs, *notes)
    if place.currency is None:
        note = Note("draft.currency_missing")
        section.add("currency", NO_CURRENCY, note)
        left_open.append(note)
    else:
        section.add("currency", place.currency, Note("draft.currency"))
    section.add("base_date", "2026-01-01", Note("draft.base_date"), active=False)
    return section, left_open


def _tolerances(parcels: Source) -> list[Section]:
    adjacency = Section("adjacency")
    adjacency.add("tolerance_m", 0.1, Note("draft.tolerance"))
    adjacency.add("min_border_m", 1.0, Note("draft.min_border"))
    repair = Section("repair")
    shapes = parcels.geometry.to_numpy()
    present = ~shapely.is_missing(shapes)
    broken = int(np.sum(present & ~shapely.is_valid(shapes)))
    repair.add("make_valid", False, Note("draft.make_valid", {"n": broken, "total": len(shapes)}))
    return [adjacency, repair]
