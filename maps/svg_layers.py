"""The layers of the printed map: zones, restrictions, sites, crossings, owners, locks."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import geopandas as gpd
import shapely

from landplan.messages import say
from landplan.messages.numbers import M2_PER_HA, MISSING, rounded
from landplan.proposal.exchange import is_exchange
from landplan.proposal.proposal import Proposal
from maps.svg_drawing import Drawing
from maps.svg_exchange import draw_exchange
from maps.svg_furniture import Entry
from maps.svg_sheet import path
from maps.svg_style import cased
from maps.symbols import CATEGORIES, category, symbols

Show = Literal["before", "after", "both"]
Lock = Literal["must", "never"]
_BY_HAND: Final = ("never", "never_owner", "owner_refuses")
_LETTER, _FIGURE, _SMALL = 42.0, 28.0, 22.0
MOST_SURE: Final = 12
"""With more sites, only those with room for it carry a label; the list has them all."""


def site_letters(proposal: Proposal) -> dict[str, str]:
    """Return the letter of every site, A first, in the order of the proposal."""
    return {str(name): _letter(row) for row, name in enumerate(proposal.sites["site_id"])}


def parcel_numbers(proposal: Proposal) -> dict[str, str]:
    """Return the number of every parcel in a site, ``A1``, as map and table print it."""
    letters = site_letters(proposal)
    members = proposal.parcels[proposal.parcels["site_id"].notna()]
    numbers: dict[str, str] = {}
    for site, letter in letters.items():
        names = sorted(map(str, members.loc[members["site_id"] == site, "parcel_id"]))
        numbers |= {name: f"{letter}{row}" for row, name in enumerate(names, start=1)}
    return numbers


def hectares(m2: float, language: str) -> str:
    """Return an area in hectares alone, for a label: ``21.4 ha``, ``21.4公顷``."""
    places = 1 if rounded(m2 / M2_PER_HA, 2) >= 10 else 2
    shown = f"{rounded(m2 / M2_PER_HA, places):,.{places}f}"
    return f"{shown} ha" if language == "en" else f"{shown}公顷"


def draw_proposal(
    drawing: Drawing,
    proposal: Proposal,
    *,
    show: Show,
    owners: bool,
    locks: Mapping[str, Lock] | None,
    site: str | None,
) -> list[Entry]:
    """Draw a proposal; returns the lines of the legend that only this map has (the owners)."""
    parcels = proposal.parcels
    members = parcels[parcels["site_id"].notna()]
    drawing.ground(parcels.geometry, parcels["street"])
    hard = proposal.restrictions[proposal.restrictions["hard"]]
    drawing.shapes("restriction", hard.geometry)
    draw_zones(drawing, proposal.zones)
    legend: list[Entry] = []
    if is_exchange(proposal):
        legend = draw_exchange(drawing, proposal, show=show, named=owners)
    elif show == "before":
        legend = _owners(drawing, members, named=owners)
        _parcel_lines(drawing, members)
    else:
        if show == "both" or site is not None:
            # under the sites, whose outline then covers what both have in common
            _parcel_lines(drawing, members)
        if site is not None:
            _numbers(drawing, proposal, site)
        _sites(drawing, proposal, numbered=site)
        draw_crossings(drawing, proposal)
    draw_locks(drawing, parcels, asked_locks(proposal) if locks is None else locks)
    name_zones(drawing, proposal.zones)
    return legend


def asked_locks(proposal: Proposal) -> dict[str, Lock]:
    """Return the parcels that the request locks in or excludes by hand."""
    by_hand = proposal.exclusions["rule"].isin(_BY_HAND)
    locks: dict[str, Lock] = dict.fromkeys(proposal.exclusions.loc[by_hand, "parcel_id"], "never")
    for demand in proposal.request.get("demand", []):
        locks |= dict.fromkeys(demand.get("must", []), "must")
    return locks


def draw_locks(drawing: Drawing, parcels: gpd.GeoDataFrame, locks: Mapping[str, Lock]) -> None:
    """Draw parcels locked in (padlock) and excluded (hatch and cross)."""
    state = parcels["parcel_id"].map(locks)
    for key, wanted in (("excluded", "never"), ("locked", "must")):
        shapes = parcels.geometry[state == wanted]
        if drawing.shapes(key, shapes):
            drawing.icons(key, shapes)


def draw_zones(drawing: Drawing, zones: gpd.GeoDataFrame) -> None:
    """Draw the borders of planning zones, once where zones of one code touch."""
    for _, merged in _zones_in_window(drawing, zones):
        drawing.shapes("zone", [merged])


def name_zones(drawing: Drawing, zones: gpd.GeoDataFrame) -> None:
    """Write the code of each zone where there is room that nothing else needs."""
    for code, merged in _zones_in_window(drawing, zones):
        for part in sorted(shapely.get_parts(merged), key=lambda part: -part.area)[:3]:
            drawing.label([(code, _SMALL, False)], part, colour="secondary")


def draw_crossings(drawing: Drawing, proposal: Proposal, *, numbered: bool = True) -> None:
    """Draw the street crossings that sites use, each with its number."""
    symbol = symbols()["crossing"]
    for row, shape in enumerate(proposal.bridges.geometry, start=1):
        d = path([shape], drawing.sheet)
        drawing.raw("crossing", cased(symbol, d))
        if d and numbered:
            drawing.label([(str(row), _FIGURE, True)], shape, must=True)


def pieces(shapes: gpd.GeoDataFrame) -> list[Any]:
    """Return the connected pieces of shapes, largest first."""
    if shapes.empty:
        return []
    merged = shapely.union_all(shapely.make_valid(shapes.geometry.to_numpy()), grid_size=0.01)
    return sorted(shapely.get_parts(merged), key=lambda part: -part.area)


def _sites(drawing: Drawing, proposal: Proposal, *, numbered: str | None) -> None:
    """Draw the sites; one whose parcels are numbered needs no letter where there is no room."""
    letters = site_letters(proposal)
    few = len(letters) <= MOST_SURE
    columns = zip(
        proposal.sites["site_id"], proposal.sites["area_m2"], proposal.sites.geometry, strict=True
    )
    for name, m2, shape in columns:
        shown = hectares(float(m2), drawing.language)
        if drawing.shapes("site", [shape], title=f"{letters[name]} {name} {shown}"):
            lines = [(letters[name], _LETTER, True), (shown, _FIGURE, True)]
            must = few and name != numbered
            if not drawing.label(lines, shape, must=must):
                drawing.label(lines[:1], shape)


def _parcel_lines(drawing: Drawing, members: gpd.GeoDataFrame) -> None:
    drawing.shapes("before", members.geometry)


def _numbers(drawing: Drawing, proposal: Proposal, site: str) -> None:
    """Write the number of each parcel of one site where it has room."""
    numbers = parcel_numbers(proposal)
    members = proposal.parcels[proposal.parcels["site_id"] == site]
    for name, shape in zip(members["parcel_id"], members.geometry, strict=True):
        drawing.label([(numbers[name], _SMALL, False)], shape)


def _owners(drawing: Drawing, members: gpd.GeoDataFrame, *, named: bool) -> list[Entry]:
    """Colour the parcels by their largest owners, numbered; who they are only where allowed."""
    holders = members["owner_id"].fillna(MISSING)
    areas = members["area_m2"].groupby(holders).sum()
    order = sorted(areas.index, key=lambda owner: (-areas[owner], owner))
    legend = []
    for row, owner in enumerate(order[:CATEGORIES]):
        held = members[holders == owner]
        key = category(row)
        drawing.shapes(key, held.geometry)
        drawing.keys.discard(key)
        number = str(row + 1)
        for shape in held.geometry:
            drawing.label([(number, _FIGURE, True)], shape)
        label = str(owner) if named else _say(drawing, "print.map.owner", number=number)
        legend.append(Entry(key, label, number))
    if drawing.shapes("category_other", members.geometry[holders.isin(order[CATEGORIES:])]):
        drawing.keys.discard("category_other")
        legend.append(Entry("category_other", _say(drawing, "print.map.other_owners")))
    return legend


def _zones_in_window(drawing: Drawing, zones: gpd.GeoDataFrame) -> list[tuple[str, Any]]:
    seen = zones[drawing.sheet.shows(zones.geometry.to_numpy())]
    codes = seen["zone"].fillna(MISSING)
    merged = []
    for code in sorted(codes.unique()):
        shapes = shapely.make_valid(seen.geometry[codes == code].to_numpy())
        merged.append((str(code), shapely.union_all(shapes, grid_size=0.01)))
    return merged


def _letter(row: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    letters = ""
    row += 1
    while row:
        row, rest = divmod(row - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _say(drawing: Drawing, code: str, **params: object) -> str:
    return say(code, params, drawing.language)
