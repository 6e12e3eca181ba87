"""What one map shows, as data: everything the page needs to know, and nothing about how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd

from landplan.cadastre.cadastre import Cadastre
from landplan.messages import Language, say
from landplan.messages.numbers import count
from landplan.proposal.certificate import certificate_short, does_not_cover
from landplan.proposal.exchange import holdings_of, is_exchange
from landplan.proposal.fingerprint import fingerprint_short
from landplan.proposal.proposal import Proposal
from landplan.proposal.redaction import public_certificate_sentence
from maps.basemap import Basemap
from maps.data import Bounds, bounds_of
from maps.layers import (
    DATASET_LAYERS,
    EXCHANGE_LAYERS,
    PROPOSAL_LAYERS,
    MapLayer,
    dataset_layer,
    map_parcels,
    marks,
    proposal_layer,
)
from maps.themes import Theme, holder_theme, themes

MOST_DRAWN: Final = 20_000
"""Parcels drawn at once; beyond that the map asks to zoom in."""


@dataclass(frozen=True, slots=True)
class MapView:
    """A map of a plan or of a town, in one language, for one role.

    Attributes
    ----------
    title, language, role
        Heading; words; ``viewer`` gets neither owners nor money, in no byte.
    layer
        Returns a layer by name, made when asked for: how pages with their data inside, and the
        service, get the same rows.
    names, counts
        The layers, in the order they are drawn, and the number of parcels.
    themes, theme
        What can colour the parcels, and what does at first.
    bounds, focus
        Box of all, and of what is shown first (degrees).
    locks
        Parcels locked in (``must``) or excluded (``never``) when the plan was asked for.
    certificate, figures
        Sentences that stand with the plan, ready to print.
    town, data_date, fingerprint, stale
        Where, as of when, which; ``stale`` fades the plan, made of older data.
    url
        Where the browser fetches ``<url>/<layer>.geojson``; None: a script brings the data.
    open_url, parent_origins, selected
        Link to landplan, pages that may exchange selections with the map, the site chosen at first.
    exchange
        Whether land changes hands parcel by parcel, and no site is made.
    """

    title: str
    language: Language
    role: str
    layer: Callable[[str], MapLayer]
    names: tuple[str, ...]
    parcels: int
    themes: tuple[Theme, ...]
    town: str
    bounds: Bounds | None
    focus: Bounds | None
    theme: str = "plan"
    show: str = "after"
    locks: Mapping[str, str] = field(default_factory=dict)
    certificate: str = ""
    not_covered: str = ""
    figures: tuple[str, ...] = ()
    data_date: str = ""
    fingerprint: str = ""
    stale: str = ""
    url: str | None = None
    version: str = ""
    basemap: Basemap | None = None
    open_url: str | None = None
    parent_origins: tuple[str, ...] = ()
    selected: str | None = None
    table: bool = True
    exchange: bool = False


def proposal_view(
    proposal: Proposal,
    *,
    language: Language,
    role: str = "viewer",
    data_date: str = "",
    url: str | None = None,
    **others: object,
) -> MapView:
    """Return the map of a proposal.

    Parameters
    ----------
    proposal
        As read by `landplan.proposal.files.read_proposal`.
    language
        Of all words.
    role
        ``viewer`` gets neither owners nor money.
    data_date
        Date of the register, ready to print; empty where it is not known.
    url
        Where the service serves the layers; None for a page that carries its data.
    others
        Further attributes of `MapView`.
    """
    parcels = map_parcels(proposal.parcels, role)
    title = str(proposal.request.get("title") or "") or proposal.town.name
    defaults: dict[str, object] = {
        "certificate": _certificate(proposal, language, role),
        "not_covered": does_not_cover(language),
        "figures": _figures(proposal, language),
        "locks": marks(proposal),
        "fingerprint": fingerprint_short(proposal.content_hash) if proposal.content_hash else "",
        "version": proposal.id,
    }
    found = themes(parcels.frame, parcels.columns, proposal.town, language)
    if is_exchange(proposal):
        found = _exchange_themes(proposal, found, language, role)
        defaults |= {"theme": found[0].key, "exchange": True}
    return MapView(
        title=title,
        language=language,
        role=role,
        layer=lambda name: proposal_layer(proposal, name, role),
        names=EXCHANGE_LAYERS if is_exchange(proposal) else PROPOSAL_LAYERS,
        parcels=len(proposal.parcels),
        themes=found,
        town=proposal.town.name,
        bounds=bounds_of([proposal.parcels]),
        focus=_around(_shown_first(proposal)) or bounds_of([proposal.parcels]),
        data_date=data_date,
        url=url,
        **{**defaults, **others},  # type: ignore[arg-type]  # attributes by name
    )


def dataset_view(
    cadastre: Cadastre,
    *,
    language: Language,
    role: str = "viewer",
    data_date: str = "",
    url: str | None = None,
    **others: object,
) -> MapView:
    """Return the map of a town as it is; arguments as for `proposal_view`."""
    parcels = map_parcels(cadastre.parcels, role)
    box = bounds_of([cadastre.parcels])
    options: dict[str, object] = {
        "figures": (count(len(cadastre.parcels), "parcel", language),),
        "version": cadastre.provenance.data_hash,
        **others,
    }
    return MapView(
        title=cadastre.town.name,
        language=language,
        role=role,
        layer=lambda name: dataset_layer(cadastre, name, role),
        names=DATASET_LAYERS,
        parcels=len(cadastre.parcels),
        themes=themes(parcels.frame, parcels.columns, cadastre.town, language),
        town=cadastre.town.name,
        bounds=box,
        focus=box,
        data_date=data_date,
        url=url,
        **options,  # type: ignore[arg-type]  # attributes by name
    )


def _around(sites: gpd.GeoDataFrame) -> Bounds | None:
    """Return the box of the sites with a quarter of it on every side."""
    box = bounds_of([sites])
    if box is None:
        return None
    west, south, east, north = box
    across, up = (east - west) / 8, (north - south) / 8
    return west - across, south - up, east + across, north + up


def _shown_first(proposal: Proposal) -> gpd.GeoDataFrame:
    """Return what the map shows first: the sites, or the land that takes part in an exchange."""
    if not is_exchange(proposal):
        return proposal.sites
    inside = proposal.parcels["parcel_id"].isin(proposal.layer("holdings")["parcel_id"])
    return proposal.parcels[inside]


def _exchange_themes(
    proposal: Proposal, found: tuple[Theme, ...], language: Language, role: str
) -> tuple[Theme, ...]:
    """Return the themes of an exchange: its holders first, for those who may see them."""
    rest = tuple(theme for theme in found if theme.column not in ("excluded_by", "owner_id"))
    if role == "viewer":
        return rest
    return (holder_theme(holdings_of(proposal), language), *rest)


def _certificate(proposal: Proposal, language: Language, role: str) -> str:
    if role == "viewer":
        return public_certificate_sentence(proposal.certificate, language)
    return certificate_short(proposal.certificate, language)


def _figures(proposal: Proposal, language: Language) -> tuple[str, ...]:
    unmet = [demand.id for demand in proposal.demands if not demand.met]
    if is_exchange(proposal):
        held = proposal.layer("holdings")
        moved = int((held["party_before"] != held["party_after"]).sum())
        shown = count(moved, "parcel", language)
        return (say("map.figure.moved", {"parcels": shown}, language),)
    figures = [
        count(len(proposal.sites), "site", language),
        count(int(proposal.sites["parcel_count"].sum()), "parcel", language),
    ]
    if unmet:
        figures.append(say("map.unmet", {"ids": unmet}, language))
    return tuple(figures)
