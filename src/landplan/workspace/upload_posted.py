"""Reading the posted form of `landplan.workspace.upload_form` back into a mapping."""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

from landplan.errors import InputError, LandplanError, ManyErrors
from landplan.workspace.upload_form import (
    CONSTANT,
    NEEDED_COLUMN,
    OTHER_LAYERS,
    TEXTS,
    TOWN,
    column_options,
    joined,
    layer_of,
)
from landplan.workspace.upload_records import UploadDraft, UploadedLayer

Posted = Mapping[str, str | Sequence[str]]


def mapping_of(draft: UploadDraft, mapping: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    """Return the mapping that a posted form describes.

    Parameters
    ----------
    draft
        The layers that may be named.
    mapping
        What the form was filled from; what the form does not ask stays as it is there.
    posted
        Value by key; a key that is absent leaves the mapping as it is.

    Raises
    ------
    ManyErrors
        ``upload.no_layer``, ``upload.no_column``, ``upload.no_number``: every field that is wrong.
    """
    form = _Form(draft, posted)
    made: dict[str, Any] = copy.deepcopy(dict(mapping))
    made["format"] = 1
    town = made.setdefault("town", {})
    for key in TOWN:
        form.text(town, key, f"town.{key}")
    made["parcels"] = form.parcels(made.get("parcels", {}))
    for name in OTHER_LAYERS:
        section = form.other_layer(name, made.pop(name, {}))
        if section:
            made[name] = section
    if form.errors:
        raise ManyErrors(form.errors)
    return made


class _Form:
    """What was posted, with the faults found in it so far."""

    def __init__(self, draft: UploadDraft, posted: Posted) -> None:
        self.draft = draft
        self.posted = posted
        self.errors: list[LandplanError] = []

    def value(self, key: str) -> str | None:
        """Return a posted value without blanks around it; None where the form lacks the field."""
        found = self.posted.get(key)
        if found is None or isinstance(found, str):
            return None if found is None else found.strip()
        return found[0].strip() if found else ""

    def text(self, section: dict[str, Any], key: str, field: str) -> None:
        """Set or remove a text."""
        found = self.value(field)
        if found:
            section[key] = found
        elif found is not None:
            section.pop(key, None)

    def parcels(self, section: dict[str, Any]) -> dict[str, Any]:
        """Return the section of the parcels."""
        section = self._layer("parcels", section) or {}
        if not section:
            self.errors.append(InputError("upload.no_layer"))
            return section
        known = self._known(section)
        self.text(section, "crs", "parcels.crs")
        self.text(section, "encoding", "parcels.encoding")
        self._identity(section, known)
        for key in TEXTS:
            self._column(section, key, f"parcels.{key}", known)
        self._land_use(section, "land_use", "parcels.land_use", known)
        for key in ("cost", "value"):
            self._amount(section, key, known)
        self._with_unit(section, "area_registered", known)
        return section

    def other_layer(self, name: str, section: dict[str, Any]) -> dict[str, Any] | None:
        """Return the section of another layer, None where there is none."""
        if self.value(f"{name}.layer") is None:
            return section
        made = self._layer(name, section)
        needed = NEEDED_COLUMN.get(name)
        if made is None or needed is None:
            return made
        known = self._known(made)
        if needed == "code":
            self._land_use(made, "code", "zones.code", known)
        else:
            self._column(made, needed, f"{name}.{needed}", known)
        return made

    def _layer(self, name: str, section: dict[str, Any]) -> dict[str, Any] | None:
        """Return the section with the chosen layer: as it was, or begun anew for another layer."""
        key = self.value(f"{name}.layer")
        if key is None:
            return section
        if key == "":
            return None
        layer = next((one for one in self.draft.layers if one.key == key), None)
        if layer is None:
            self.errors.append(InputError("upload.foreign_file", file=key.split("|")[0]))
            return None
        return section if layer_of(self.draft, section) == layer else _begun(layer)

    def _known(self, section: Mapping[str, Any]) -> list[str]:
        layer = layer_of(self.draft, section)
        return [one.value for one in column_options(self.draft, layer, section)]

    def _identity(self, section: dict[str, Any], known: list[str]) -> None:
        posted = self.posted.get("parcels.id")
        if posted is None:
            return
        names = [posted] if isinstance(posted, str) else list(posted)
        names = [name for name in names if name]
        if self._require(names, known, section):
            section["id"] = names[0] if len(names) == 1 else names
        if not names:
            section.pop("id", None)

    def _require(self, names: list[str], known: list[str], section: Mapping[str, Any]) -> bool:
        layer = layer_of(self.draft, section)
        label = layer.label if layer is not None else "–"
        wrong = [name for name in names if name not in known]
        self.errors += [InputError("upload.no_column", column=one, layer=label) for one in wrong]
        return not wrong and bool(names)

    def _column(self, section: dict[str, Any], key: str, field: str, known: list[str]) -> bool:
        """Set or remove a column; returns whether the form names one."""
        found = self.value(field)
        if found is None or (found and found == joined(section.get(key))):
            return found is not None
        if not found:
            section.pop(key, None)
        elif self._require([found], known, section):
            section[key] = found
            return True
        return False

    def _land_use(self, section: dict[str, Any], key: str, field: str, known: list[str]) -> None:
        if not self._column(section, key, field, known):
            return
        scheme = self.value(f"{field}.scheme")
        if scheme is None:
            return
        name, _, edition = scheme.partition(" ")
        column = _column_of(section[key])
        entry: dict[str, Any] = {"column": column, "scheme": name}
        section[key] = entry | ({"edition": edition} if edition else {})

    def _amount(self, section: dict[str, Any], key: str, known: list[str]) -> None:
        field = f"parcels.{key}"
        if self.value(field) != CONSTANT:
            self._with_unit(section, key, known)
            return
        written = self.value(f"{field}.constant") or ""
        try:
            amount = float(written.replace(",", ""))
        except ValueError:
            amount = math.nan
        if not math.isfinite(amount):
            self.errors.append(InputError("upload.no_number", value=written))
            return
        section[key] = {"constant": amount, "unit": self.value(f"{field}.unit") or "total"}

    def _with_unit(self, section: dict[str, Any], key: str, known: list[str]) -> None:
        field = f"parcels.{key}"
        if self._column(section, key, field, known):
            unit = self.value(f"{field}.unit")
            entry: dict[str, Any] = {"column": _column_of(section[key])}
            section[key] = entry | ({"unit": unit} if unit else {})


def _column_of(entry: Any) -> Any:
    return entry["column"] if isinstance(entry, Mapping) else entry


def _begun(layer: UploadedLayer) -> dict[str, Any]:
    """Return a section that names a layer and nothing else."""
    files = list(layer.files)
    section: dict[str, Any] = {"file": files[0] if len(files) == 1 else files}
    if layer.layer is not None:
        section["layer"] = layer.layer
    if layer.encoding is not None:
        section["encoding"] = layer.encoding
    return section
