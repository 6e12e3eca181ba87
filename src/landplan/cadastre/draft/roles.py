"""Which source is which layer of a town: parcels, zones, roads and the rest."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from landplan.cadastre.draft.columns import words
from landplan.cadastre.draft.place import looks_like_degrees
from landplan.cadastre.draft.survey import Source

_HINTS: Final[dict[str, str]] = {
    "parcels": r"\b(parcel|plot|lot|cadastr\w*|parcelle|flurst\w*)s?\b|宗地|地块|地籍",
    "zones": r"\bzon(e|es|ing)\b|\bdistricts?\b|\bplu\b|规划|分区|控规",
    "overlay": r"\boverlay\b|叠加",
    "roads": r"\b(road|street|centerline|centreline|route|highway)s?\b|道路|路网",
    "rail": r"\brail(way|road)?s?\b|铁路|轨道",
    "water": r"\b(water|river|hydro\w*|lake)s?\b|水系|河流|水域",
    "buildings": r"\b(building|bati|footprint)s?\b|建筑|房屋",
    "restrictions": r"\b(restriction|constraint|red ?line|protection|flood)s?\b|红线|限制|禁建",
    "facilities": r"\b(facilit(y|ies)|poi|school|amenit(y|ies))s?\b|设施",
    "owners": r"\b(owner|holder)s?\b|权利人",
    "rights": r"\brights?\b|权利",
}
_PARCEL_M2: Final = (30.0, 1_000_000.0)
_LEAST_COUNT: Final = 0.3  # of the largest candidate: smaller layers are another thing
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Roles:
    """The chosen sources; each list has the chosen one first and the alternatives behind it."""

    parcels: tuple[Source, ...]
    zones: tuple[Source, ...]
    roads: tuple[Source, ...]
    buildings: tuple[Source, ...]
    restrictions: tuple[Source, ...]
    facilities: tuple[Source, ...]
    owners: tuple[Source, ...]
    rights: tuple[Source, ...]
    tables: tuple[Source, ...]
    unused: tuple[Source, ...]


def assign(sources: tuple[Source, ...]) -> Roles | None:
    """Give every source its role, or None where no polygons could be parcels."""
    parcels = _parcels(sources)
    if not parcels:
        return None
    rest = [source for source in sources if source not in parcels]
    roles = {name: _with_hint(rest, name) for name in ("rights", "owners")}
    taken = {id(source) for role in roles.values() for source in role}
    for name, kinds in (
        ("restrictions", ("polygon", "line")),
        ("zones", ("polygon",)),
        ("roads", ("line", "polygon")),
        ("buildings", ("polygon",)),
        ("facilities", ("point", "polygon")),
    ):
        free = [source for source in rest if id(source) not in taken and source.kind in kinds]
        roles[name] = _with_hint(free, name, kinds)
        taken |= {id(source) for source in roles[name]}
    left = [source for source in rest if id(source) not in taken]
    tables = tuple(source for source in left if source.kind == "table")
    return Roles(
        parcels=parcels,
        tables=tables,
        unused=tuple(source for source in left if source.kind != "table"),
        **roles,
    )


def says(source: Source, hint: str) -> bool:
    """Whether file or layer name has a word of the hint; the layer's own name counts first."""
    own = words(source.layer or source.paths[0].stem)
    return re.search(_HINTS[hint], own) is not None


def restriction_kind(source: Source) -> str | None:
    """Return ``rail`` or ``water`` where the name says so."""
    return next((kind for kind in ("rail", "water") if says(source, kind)), None)


def _with_hint(
    sources: list[Source], name: str, kinds: tuple[str, ...] = ("table",)
) -> tuple[Source, ...]:
    hints = (name, "rail", "water") if name == "restrictions" else (name,)
    found = [
        (kinds.index(source.kind), says(source, "overlay"), hints.index(hint), position, source)
        for position, source in enumerate(sources)
        if source.kind in kinds and (hint := _first_hint(source, hints)) is not None
    ]
    if name == "restrictions":  # what is forbidden comes before what lies on it, whatever the shape
        found = [
            (0, overlay, hint, position, source) for _, overlay, hint, position, source in found
        ]
    return tuple(entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1]))


def _first_hint(source: Source, hints: tuple[str, ...]) -> str | None:
    return next((hint for hint in hints if says(source, hint)), None)


def _parcels(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Polygon layers that say parcels; else those that say nothing and have parcel size.

    Of several of about the same size the latest year in the name comes first, then the larger one.
    """
    polygons = [source for source in sources if source.kind == "polygon"]
    named = [source for source in polygons if says(source, "parcels")]
    other = [hint for hint in _HINTS if hint != "parcels"]
    if not named:
        named = [
            source
            for source in polygons
            if not any(says(source, hint) for hint in other)
            and _PARCEL_M2[0] <= median_area_m2(source) <= _PARCEL_M2[1]
        ]
    most = max((len(source.frame) for source in named), default=0)
    large = [source for source in named if len(source.frame) >= _LEAST_COUNT * most]
    return tuple(sorted(large, key=lambda one: (_year(one), len(one.frame)), reverse=True))


def _year(source: Source) -> int:
    years = _YEAR.findall(source.paths[0].stem)
    return int(years[-1]) if years else 0


def median_area_m2(source: Source) -> float:
    """Return the rough median area of the polygons in m², whatever the unit of the coordinates.

    Degrees are taken at 111.32 km, shortened by the cosine of the latitude.
    """
    geometry = source.geometry.to_numpy()
    areas = shapely.area(geometry)
    if looks_like_degrees(source.geometry):
        bounds = shapely.bounds(geometry)
        latitude = np.radians(np.nanmedian((bounds[:, 1] + bounds[:, 3]) / 2))
        areas = areas * 111_320.0**2 * np.cos(latitude)
    elif source.crs is not None:
        areas = areas * source.crs.axis_info[0].unit_conversion_factor ** 2
    return float(np.nanmedian(areas)) if len(areas) else 0.0
