"""The mapping of an upload as the fields of a form; `landplan.workspace.upload_posted` reads them.

The form asks what a person must decide: the layers, the columns, the units, the town. Whatever else
a draft says (joined tables, street codes, owners and rights) is carried along as drafted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from landplan.codes import landuse
from landplan.workspace.upload_records import UploadDraft, UploadedLayer

Kind = Literal["text", "date", "choice", "columns", "amount"]

CONSTANT: Final = "="
"""Posted in place of a column: every parcel has the amount in ``….constant``."""
MONEY_UNITS: Final = ("total", "per_m2")
AREA_UNITS: Final = ("m2", "ha", "mu", "ft2", "acre")
ENCODINGS: Final = ("utf-8", "GBK", "GB18030", "Big5", "windows-1252")
TEXTS: Final = ("owner", "year_built", "address", "name")
TOWN: Final = ("name", "crs", "currency", "as_of")
OTHER_LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "zones": ("polygon",),
    "restrictions": ("polygon", "line"),
    "roads": ("line", "polygon"),
    "buildings": ("polygon",),
    "facilities": ("point", "polygon"),
}
NEEDED_COLUMN: Final = {"zones": "code", "restrictions": "kind", "facilities": "kind"}


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: what is posted, what is shown, and for a column some of its values."""

    value: str
    label: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingField:
    """One field of the form.

    Attributes
    ----------
    key
        Its name in what is posted, such as ``parcels.cost.unit``.
    group
        The section it belongs to: town, parcels, zones, …
    label
        Its label is the sentence ``upload.field.<label>``; of units and schemes, the options are
        codes with the sentences ``upload.option.<value>``.
    kind, value
        The value is a list for ``columns`` (several columns joined to one id), else text.
    options
        Of a choice or of columns; an empty one stands for "none".
    required
        Whether nothing can be read without it.
    """

    key: str
    group: str
    label: str
    kind: Kind
    value: str | list[str]
    options: tuple[Option, ...] = ()
    required: bool = False


def mapping_fields(draft: UploadDraft, mapping: Mapping[str, Any]) -> list[MappingField]:
    """Return the fields of the form, filled from a mapping (the drafted or the last one)."""
    town = mapping.get("town", {})
    fields = [
        MappingField(
            f"town.{key}",
            "town",
            key,
            "date" if key == "as_of" else "text",
            str(town.get(key) or ""),
            required=key != "as_of",
        )
        for key in TOWN
    ]
    fields += _parcels(draft, mapping.get("parcels", {}))
    for name, kinds in OTHER_LAYERS.items():
        fields += _other_layer(draft, name, kinds, mapping.get(name, {}))
    return fields


def layer_of(draft: UploadDraft, section: Mapping[str, Any]) -> UploadedLayer | None:
    """Return the layer that a section of a mapping names."""
    files = section.get("file") or []
    names = (files,) if isinstance(files, str) else tuple(files)
    same = [one for one in draft.layers if one.files == names]
    return next((one for one in same if one.layer == section.get("layer")), None)


def column_options(
    draft: UploadDraft, layer: UploadedLayer | None, section: Mapping[str, Any]
) -> tuple[Option, ...]:
    """Return the columns of a layer, and those that joined tables bring in."""
    own = layer.columns if layer is not None else ()
    options = [Option(one.name, one.name, one.samples) for one in own]
    for join in section.get("join", []):
        table = layer_of(draft, join)
        for name, source in join["columns"].items():
            column = source if isinstance(source, str) else source["column"]
            known = table.columns if table is not None else ()
            samples = next((one.samples for one in known if one.name == column), ())
            label = f"{name} ({table.label})" if table is not None else name
            options.append(Option(name, label, samples))
    return tuple(options)


def scheme_key(name: str, edition: str | None) -> str:
    """Return how a form names a land-use scheme."""
    return f"{name} {edition}" if edition else name


def joined(value: Any) -> str:
    """Return the column of a mapping's entry; several with a hyphen, as the ids are made."""
    return "-".join(names_of(value))


def names_of(value: Any) -> list[str]:
    """Return the columns of a mapping's entry."""
    column = value.get("column") if isinstance(value, Mapping) else value
    return [] if column is None else [column] if isinstance(column, str) else list(column)


def _parcels(draft: UploadDraft, section: Mapping[str, Any]) -> list[MappingField]:
    layer = layer_of(draft, section)
    columns = column_options(draft, layer, section)
    identity = names_of(section.get("id"))
    area = section.get("area_registered")
    unit = area.get("unit", "m2") if isinstance(area, Mapping) else "m2"
    return [
        _layer_choice(draft, "parcels", ("polygon",), layer, required=True),
        MappingField("parcels.crs", "parcels", "layer_crs", "text", section.get("crs") or ""),
        _choice("parcels.encoding", "encoding", section.get("encoding") or "", ("", *ENCODINGS)),
        MappingField("parcels.id", "parcels", "id", "columns", identity, columns, True),
        *(_column(f"parcels.{key}", section.get(key), columns) for key in TEXTS),
        *_land_use("parcels.land_use", section.get("land_use"), columns),
        *_amount("cost", section.get("cost"), columns),
        *_amount("value", section.get("value"), columns),
        _column("parcels.area_registered", area, columns),
        _choice("parcels.area_registered.unit", "unit", unit, AREA_UNITS),
    ]


def _other_layer(
    draft: UploadDraft, name: str, kinds: tuple[str, ...], section: Mapping[str, Any]
) -> list[MappingField]:
    layer = layer_of(draft, section)
    choice = _layer_choice(draft, name, kinds, layer)
    if len(choice.options) == 1:  # nothing in the upload could be this layer
        return []
    needed = NEEDED_COLUMN.get(name)
    if layer is None or needed is None:
        return [choice]
    columns = column_options(draft, layer, section)
    if needed == "code":
        return [choice, *_land_use("zones.code", section.get("code"), columns)]
    return [choice, _column(f"{name}.{needed}", section.get(needed), columns, required=True)]


def _layer_choice(
    draft: UploadDraft,
    name: str,
    kinds: tuple[str, ...],
    chosen: UploadedLayer | None,
    required: bool = False,
) -> MappingField:
    options = tuple(Option(one.key, one.label) for one in draft.layers if one.kind in kinds)
    value = chosen.key if chosen is not None else ""
    shown = options if required else (Option("", ""), *options)
    return MappingField(f"{name}.layer", name, "layer", "choice", value, shown, required)


def _choice(key: str, label: str, value: str, values: Sequence[str]) -> MappingField:
    known = list(dict.fromkeys([*values, value]))
    options = tuple(Option(one, one) for one in known)
    return MappingField(key, key.split(".", 1)[0], label, "choice", value, options)


def _column(
    key: str, value: Any, columns: tuple[Option, ...], required: bool = False
) -> MappingField:
    group, label = key.split(".", 1)
    chosen = joined(value)
    options = [Option("", ""), *columns]
    if chosen not in [one.value for one in options]:
        options.append(Option(chosen, chosen))
    return MappingField(key, group, label, "choice", chosen, tuple(options), required)


def _land_use(key: str, value: Any, columns: tuple[Option, ...]) -> list[MappingField]:
    scheme = landuse.LOCAL
    if isinstance(value, Mapping):
        scheme = scheme_key(value.get("scheme", landuse.LOCAL), value.get("edition"))
    known = [scheme_key(one.name, one.edition) for one in landuse.schemes()]
    return [
        _column(key, value, columns, required=key == "zones.code"),
        _choice(f"{key}.scheme", "scheme", scheme, known),
    ]


def _amount(name: str, value: Any, columns: tuple[Option, ...]) -> list[MappingField]:
    key = f"parcels.{name}"
    constant = value.get("constant") if isinstance(value, Mapping) else None
    chosen = joined(value) if constant is None else CONSTANT
    unit = value.get("unit", "total") if isinstance(value, Mapping) else "total"
    options = (Option("", ""), *columns, Option(CONSTANT, CONSTANT))
    amount = "" if constant is None else f"{constant:.12g}"
    return [
        MappingField(key, "parcels", name, "choice", chosen, options),
        MappingField(f"{key}.constant", "parcels", "constant", "amount", amount),
        _choice(f"{key}.unit", "unit", unit, MONEY_UNITS),
    ]
