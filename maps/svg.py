"""The printed map: a proposal, a town or a difference as one static SVG, drawn by the server.

The same symbols as on the screen, in the town's own metric system at a round scale. No script, no
style sheet, no outside reference; the same content gives the same bytes. Nothing but ids of
parcels and sites, areas and shapes is in it, except owners' ids in the map of the ground before,
and there only for people who may see them.
"""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language, say
from landplan.messages.numbers import area, count, decimal
from landplan.proposal.exchange import is_exchange
from landplan.proposal.proposal import Proposal
from maps.svg_drawing import Drawing, Page, bounds_of, document
from maps.svg_furniture import Entry, entries
from maps.svg_layers import (
    MOST_SURE,
    Lock,
    Show,
    draw_crossings,
    draw_locks,
    draw_proposal,
    draw_zones,
    name_zones,
    parcel_numbers,
    pieces,
    site_letters,
)
from maps.svg_sheet import PER_PX, Sheet, fit
from maps.symbols import symbols

__all__ = [
    "Lock",
    "Show",
    "dataset_svg",
    "difference_groups",
    "difference_svg",
    "parcel_numbers",
    "proposal_svg",
    "site_letters",
    "thumbnail_svg",
]

_FIGURE, _SMALL = 36.0, 22.0
_ROOM: Final = 40.0
"""A parcel smaller than a square of this side has no room for its class."""
_SMALL_SHEET_MM: Final = 120.0
_MOST_ON_SMALL: Final = 4
"""With more sites the legend of a small drawing names none, or it would leave no map."""
_CLASSES: Final = ("A", "B", "C", "D")
_PLAIN: Final = ("parcel", "street")


def proposal_svg(
    proposal: Proposal,
    *,
    language: Language,
    width_mm: float,
    height_mm: float,
    site: str | None = None,
    show: Show = "after",
    role: str = "viewer",
    locks: Mapping[str, Lock] | None = None,
    data_date: str = "",
    heading: str = "",
    ident: str = "map",
) -> str:
    """Draw a proposal with its surroundings.

    Parameters
    ----------
    proposal
        What is drawn.
    language
        Of all words.
    width_mm, height_mm
        The whole drawing, legend included.
    site
        Only the window around this site, with its parcels numbered; all sites where None.
    show
        The ground ``before`` (parcels by owner), the sites ``after``, or ``both``.
    role
        Owners' ids stand in the legend of ``before`` unless this is ``viewer``.
    locks
        Parcels locked in or excluded; by default those that the proposal was asked with.
    data_date
        Date of the register, ready to print.
    heading
        Line above the map, for a sheet that stands alone.
    ident
        Prefix of all ids in the drawing.

    Raises
    ------
    KeyError
        There is no such site.
    """
    sites = proposal.sites
    letters = site_letters(proposal)
    if site is not None and site not in letters:
        raise KeyError(site)
    focus = sites if site is None else sites[sites["site_id"] == site]
    page = Page(width_mm, height_mm, heading)
    if is_exchange(proposal):
        focus = proposal.parcels[
            proposal.parcels["parcel_id"].isin(proposal.layer("holdings")["parcel_id"])
        ]
    bounds = bounds_of((focus if len(focus) else proposal.parcels).geometry)
    crowded = min(width_mm, height_mm) < _SMALL_SHEET_MM and len(sites) > _MOST_ON_SMALL
    named = _named_sites(proposal, language) if show != "before" and not crowded else []
    items: list[Entry] = named
    # what the legend needs is known when all is drawn: draw again in the window that it leaves
    for _ in range(2):
        drawing = Drawing(page.sheet(bounds, items), language, ident)
        owners = draw_proposal(
            drawing, proposal, show=show, owners=role != "viewer", locks=locks, site=site
        )
        items = [*entries(drawing.keys, language, named), *owners]
    return page.finished(
        drawing,
        items,
        title=str(proposal.request.get("title") or proposal.town.name),
        desc=_description(proposal, drawing.sheet, language),
        note=_date_note(data_date, language),
    )


def dataset_svg(
    cadastre: Cadastre,
    *,
    language: Language,
    width_mm: float,
    height_mm: float,
    locks: Mapping[str, Lock] | None = None,
    data_date: str = "",
    heading: str = "",
    ident: str = "map",
) -> str:
    """Draw the parcels of a town, by class where they are graded, with zones and locks."""
    parcels = cadastre.parcels
    page = Page(width_mm, height_mm, heading)
    keys = {"parcel", "street", "zone", "locked", "excluded"}
    graded = "grade" in parcels.columns and parcels["grade"].isin(_CLASSES).any()
    if graded:
        keys |= {f"class_{letter.lower()}" for letter in _CLASSES}
    sheet = page.sheet(bounds_of(parcels.geometry), entries(keys, language), margin=0.03)
    drawing = Drawing(sheet, language, ident)
    drawing.ground(parcels.geometry, parcels["street"])
    for letter in _CLASSES if graded else ():
        chosen = parcels[parcels["grade"] == letter]
        drawing.shapes(f"class_{letter.lower()}", chosen.geometry)
        for shape in chosen.geometry[chosen.geometry.area > drawing.sheet.metres(_ROOM) ** 2]:
            drawing.label([(letter, _SMALL, False)], shape)
    draw_zones(drawing, cadastre.zones)
    draw_locks(drawing, parcels, locks or {})
    name_zones(drawing, cadastre.zones)
    town = cadastre.town.name
    figures = {"town": town, "parcels": count(len(parcels), "parcel", language)}
    return page.finished(
        drawing,
        entries(drawing.keys, language),
        title=town,
        desc=say("print.map.dataset", figures, language),
        note=_date_note(data_date, language),
    )


def difference_svg(
    first: Proposal,
    second: Proposal,
    *,
    language: Language,
    width_mm: float,
    height_mm: float,
    ident: str = "difference",
) -> str:
    """Draw which parcels only the first plan takes, only the second, and both.

    Raises
    ------
    ValueError
        The plans are of different towns.
    """
    if first.town.crs != second.town.crs:
        raise ValueError("plans of different towns have no common map")
    groups = difference_groups(first, second)
    page = Page(width_mm, height_mm)
    taken = pd.concat(list(groups.values()))
    bounds = bounds_of((taken if len(taken) else first.parcels).geometry)
    items = entries([key for key, rows in groups.items() if len(rows)] + list(_PLAIN), language)
    drawing = Drawing(page.sheet(bounds, items), language, ident)
    drawing.ground(first.parcels.geometry, first.parcels["street"])
    for key, rows in groups.items():
        drawing.shapes(key, rows.geometry)
    for key, rows in groups.items():
        for shape in pieces(rows) if key != "both" else ():
            number = symbols()[key].letter or ""
            drawing.label([(number, _FIGURE, True)], shape, must=True)
    figures = {key: area(float(rows["area_m2"].sum()), language) for key, rows in groups.items()}
    return page.finished(
        drawing,
        items,
        title=say("print.map.difference", None, language),
        desc=say("print.map.difference_desc", figures, language),
        note="",
    )


def thumbnail_svg(
    proposal: Proposal,
    *,
    language: Language,
    width_px: int = 120,
    height_px: int = 80,
    ident: str = "thumbnail",
) -> str:
    """Draw the sites alone on the ground around them, for lists; no words but its name."""
    size = round(width_px * PER_PX), round(height_px * PER_PX)
    bounds = bounds_of((proposal.sites if len(proposal.sites) else proposal.parcels).geometry)
    sheet = fit(bounds, (0, 0, *size), margin=0.2)
    drawing = Drawing(sheet, language, ident)
    drawing.ground(proposal.parcels.geometry, proposal.parcels["street"])
    drawing.shapes("site", proposal.sites.geometry)
    draw_crossings(drawing, proposal, numbered=False)
    title = str(proposal.request.get("title") or proposal.town.name)
    desc = _description(proposal, sheet, language)
    return document(size, ident, title, desc, language, [drawing.map()])


def difference_groups(first: Proposal, second: Proposal) -> dict[str, gpd.GeoDataFrame]:
    """Return the parcels that both plans take, only the first, only the second."""
    one, two = (p.parcels[p.parcels["site_id"].notna()] for p in (first, second))
    in_two, in_one = (
        one["parcel_id"].isin(two["parcel_id"]),
        two["parcel_id"].isin(one["parcel_id"]),
    )
    return {"both": one[in_two], "only_first": one[~in_two], "only_second": two[~in_one]}


def _named_sites(proposal: Proposal, language: Language) -> list[Entry]:
    """Return the lines of the legend that name the sites with their letters."""
    letters = site_letters(proposal)
    sites = proposal.sites.head(MOST_SURE)
    named = [
        Entry("site", f"{name} · {area(float(m2), language)}", letters[name])
        for name, m2 in zip(sites["site_id"], sites["area_m2"], strict=True)
    ]
    rest = len(proposal.sites) - len(named)
    if rest > 0:
        named.append(Entry("site", say("print.map.more_sites", {"n": rest}, language), "…"))
    return named


def _description(proposal: Proposal, sheet: Sheet, language: Language) -> str:
    figures: Mapping[str, object] = {
        "town": proposal.town.name,
        "sites": count(len(proposal.sites), "site", language),
        "area": area(float(proposal.sites["area_m2"].sum()), language),
        "scale": decimal(sheet.scale, 0),
    }
    return say("print.map.proposal", figures, language)


def _date_note(data_date: str, language: Language) -> str:
    return say("print.map.data_date", {"date": data_date}, language) if data_date else ""
