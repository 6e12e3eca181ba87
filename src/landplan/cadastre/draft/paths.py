"""How a layer's file, CRS and encoding are written into the town file."""

import os
from dataclasses import dataclass
from pathlib import Path

from landplan.cadastre.draft.notes import Note, Section
from landplan.cadastre.draft.place import LONGITUDE_LATITUDE, assumed_crs, zone_prefixed_crs
from landplan.cadastre.draft.survey import Source


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths relative to the folder of the town file, with forward slashes."""

    folder: Path

    def relative(self, path: Path) -> str:
        """Return the path as the town file names it."""
        return Path(os.path.relpath(path.resolve(), self.folder.resolve())).as_posix()


def layer_lines(
    section: Section,
    source: Source,
    others: tuple[Source, ...],
    paths: Paths,
    left_open: list[Note],
) -> None:
    """Write ``file``, ``layer``, ``crs`` and ``encoding`` of a layer; name the other choices."""
    names = [paths.relative(path) for path in source.paths]
    notes = [Note("draft.layer", {"n": len(source.frame), "kind": source.kind})]
    if others:
        notes.append(Note("draft.layer_others", {"files": [one.label for one in others]}))
    section.add("file", names if len(names) > 1 else names[0], *notes)
    if source.layer is not None:
        section.add("layer", source.layer)
    if source.kind != "table":
        _crs_line(section, source, left_open)
    if source.encoding is not None:
        params: dict[str, object] = {"file": source.label, "encoding": source.encoding}
        section.add("encoding", source.encoding, Note("draft.encoding_guess", params))


def _crs_line(section: Section, source: Source, left_open: list[Note]) -> None:
    crs, guessed = assumed_crs(source)
    if guessed:
        section.add("crs", LONGITUDE_LATITUDE, Note("draft.crs_guess"))
    elif crs is None:
        x, y = (round(float(value), 1) for value in source.geometry.total_bounds[:2])
        note = Note("draft.crs_unknown", {"file": source.label, "x": x, "y": y})
        candidate = zone_prefixed_crs(x)
        if candidate is None:
            section.add("crs", "EPSG:…", note, active=False)
        else:
            hint = Note("draft.crs_zone_prefix", {"crs": candidate[0], "working": candidate[1]})
            section.add("crs", candidate[0], note, hint, active=False)
        left_open.append(note)
