"""The sections of everything around the parcels: zones, restrictions, roads, buildings, rights."""

from typing import Final

from landplan.cadastre.draft.columns import Profile, best, hinted, profiles
from landplan.cadastre.draft.notes import Note, Section
from landplan.cadastre.draft.paths import Paths, layer_lines
from landplan.cadastre.draft.roles import Roles, restriction_kind
from landplan.cadastre.draft.schemes import guess_scheme
from landplan.cadastre.draft.survey import Source

_MOST_ZONE_CODES: Final = 0.75  # of the polygons: a column with more is a name, not a code
_ROADS: Final = ("class", "width_m")
_BUILDINGS: Final = ("floors", "height_m", "year_built")
_RIGHTS: Final = ("share", "type", "ownership", "end", "encumbrance")
_OWNERS: Final = ("kind", "consent", "refusal_probability", "homestead_x", "homestead_y")
_NUMERIC: Final = frozenset(
    {"width_m", "floors", "height_m", "year_built", "capacity", "share", "refusal_probability"}
)


def draft_surroundings(
    roles: Roles, parcels: list[Profile], in_china: bool, paths: Paths
) -> tuple[list[Section], list[Note]]:
    """Write the sections of all layers but the parcels; returns them and what was left open."""
    left_open: list[Note] = []
    drafted = [
        _zones(roles.zones, in_china, paths, left_open),
        _restrictions(roles.restrictions, paths, left_open),
        _plain("roads", roles.roads, _ROADS, paths, left_open),
        _plain("buildings", roles.buildings, _BUILDINGS, paths, left_open),
        _facilities(roles.facilities, paths, left_open),
        _owners(roles.owners, paths, left_open),
        _rights(roles.rights, parcels, paths, left_open),
    ]
    if not roles.zones:
        left_open.append(Note("draft.zones_missing"))
    left_open += [Note("draft.source_unused", {"file": source.label}) for source in roles.unused]
    return [section for section in drafted if section is not None], left_open


def _zones(
    sources: tuple[Source, ...], in_china: bool, paths: Paths, left_open: list[Note]
) -> Section | None:
    if not sources:
        return None
    source = sources[0]
    found = profiles(source.attributes)
    codes = [
        one
        for one in found
        if one.is_code
        and not one.is_technical
        and one.distinct <= max(3, _MOST_ZONE_CODES * len(source.frame))
    ]
    column = best(codes, "zone")
    if column is None:
        params: dict[str, object] = {"file": source.label, "columns": [one.name for one in found]}
        left_open.append(Note("draft.zone_code_missing", params))
        return None
    section = Section("zones")
    layer_lines(section, source, sources[1:], paths, left_open)
    counts = column.text.value_counts()
    values = Note("draft.values", {"values": [str(value)[:40] for value in counts.index[:5]]})
    guess = guess_scheme(column, in_china)
    section.add("code", guess.mapping(column.name), values)
    return section


def _restrictions(
    sources: tuple[Source, ...], paths: Paths, left_open: list[Note]
) -> Section | None:
    if not sources:
        return None
    source = sources[0]
    section = Section("restrictions")
    layer_lines(section, source, sources[1:], paths, left_open)
    found = profiles(source.attributes)
    constant = restriction_kind(source)
    column = best(found, "kind")
    if constant is not None:
        section.add("kind", {"constant": constant}, Note("draft.restriction_constant"))
    elif column is not None:
        section.add("kind", column.name)
    else:
        note = Note("draft.restriction_kind_missing", {"file": source.label})
        section.add("kind", {"constant": "restriction"}, note)
        left_open.append(note)
    hard = _named(found, "hard")
    if hard is not None:
        section.add("hard", {"column": hard.name})
    else:
        lines = source.kind == "line"
        section.add("hard", not lines, Note("draft.hard_line" if lines else "draft.hard_area"))
    buffer = _named(found, "buffer_m")
    if buffer is not None:
        section.add("buffer_m", {"column": buffer.name})
    if len(sources) > 1:
        files = [one.label for one in sources[1:]]
        left_open.append(Note("draft.restriction_one_layer", {"files": files}))
    return section


def _plain(
    title: str,
    sources: tuple[Source, ...],
    keys: tuple[str, ...],
    paths: Paths,
    left_open: list[Note],
) -> Section | None:
    if not sources:
        return None
    section = Section(title)
    layer_lines(section, sources[0], sources[1:], paths, left_open)
    _optional(section, profiles(sources[0].attributes), keys)
    return section


def _optional(section: Section, found: list[Profile], keys: tuple[str, ...]) -> None:
    for key in keys:
        column = _named(found, key)
        if column is not None:
            section.add(key, column.name)


def _named(found: list[Profile], key: str) -> Profile | None:
    """Return the column for a key; a number where the key needs one."""
    fitting = [one for one in found if key not in _NUMERIC or one.is_numeric]
    return best(fitting, key, least_filled=0.0)


def _facilities(sources: tuple[Source, ...], paths: Paths, left_open: list[Note]) -> Section | None:
    if not sources:
        return None
    found = profiles(sources[0].attributes)
    kind = best(found, "kind")
    if kind is None:
        left_open.append(Note("draft.source_unused", {"file": sources[0].label}))
        return None
    section = Section("facilities")
    layer_lines(section, sources[0], sources[1:], paths, left_open)
    section.add("kind", kind.name)
    _optional(section, found, ("capacity",))
    return section


def _owners(sources: tuple[Source, ...], paths: Paths, left_open: list[Note]) -> Section | None:
    if not sources:
        return None
    found = profiles(sources[0].attributes)
    unique = [one for one in found if one.is_code and one.repeated == 0]
    identity = best(unique, "owner") or (unique[0] if unique else None)
    if identity is None:
        left_open.append(Note("draft.source_unused", {"file": sources[0].label}))
        return None
    section = Section("owners")
    layer_lines(section, sources[0], sources[1:], paths, left_open)
    section.add("id", identity.name, Note("draft.no_names"))
    _optional(section, [one for one in found if one is not identity], _OWNERS)
    return section


def _rights(
    sources: tuple[Source, ...], parcels: list[Profile], paths: Paths, left_open: list[Note]
) -> Section | None:
    """Draft the rights; their parcel column must share values with a column of the parcels."""
    if not sources:
        return None
    found = profiles(sources[0].attributes)
    owner = best(found, "owner")
    known = [set(one.text.dropna()) for one in parcels if one.is_code]
    keys = [one for one in found if hinted(one.name, "parcel") and one is not owner]
    key = next((one for one in keys if any(_share(one, values) > 0.5 for values in known)), None)
    if owner is None or key is None:
        left_open.append(Note("draft.source_unused", {"file": sources[0].label}))
        return None
    section = Section("rights")
    layer_lines(section, sources[0], sources[1:], paths, left_open)
    section.add("parcel", key.name)
    section.add("owner", owner.name)
    _optional(section, [one for one in found if one not in (owner, key)], _RIGHTS)
    return section


def _share(profile: Profile, values: set[str]) -> float:
    return float(profile.text.isin(values).mean())
