"""Names in a request that the town does not have, all at once."""

import difflib
from collections.abc import Iterable

from landplan.cadastre.cadastre import Cadastre
from landplan.codes import landuse
from landplan.errors import InputError, ManyErrors
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.request_places import Place
from landplan.rules.places import NAME_COLUMN, of_use


def check_names(request: AssembleRequest, cadastre: Cadastre) -> None:
    """Raise ManyErrors for every parcel.

    Owner, zone or use in the request that the town does not have.
    """
    parcels = set(cadastre.parcels["parcel_id"])
    owners = set(cadastre.rights["owner_id"].dropna()) | set(cadastre.owners["owner_id"].dropna())
    zones = set(cadastre.zones["zone"].dropna())
    faults = _unknown(
        "request.unknown_owner", "–", "acquirer_owners", request.acquirer_owners, owners
    )
    faults += _unknown_roads(request, cadastre)
    faults += _unknown_closed(request, cadastre)
    aside = [parcel for land in request.elsewhere for parcel in land.parcels]
    faults += _unknown("request.unknown_parcel", "–", "elsewhere", aside, parcels)
    for demand in request.demand:
        faults += _unknown("request.unknown_parcel", demand.id, "must", demand.must, parcels)
        faults += _unknown("request.unknown_parcel", demand.id, "never", demand.never, parcels)
        faults += _unknown(
            "request.unknown_owner", demand.id, "never_owners", demand.never_owners, owners
        )
        if demand.zones and not len(cadastre.zones):
            faults.append(InputError("request.no_zones", demand=demand.id))
        else:
            faults += _unknown("request.unknown_zone", demand.id, "zones", demand.zones, zones)
        faults += _unknown(
            "request.unknown_use",
            demand.id,
            "land_uses",
            demand.land_uses,
            _known_uses(cadastre, demand.land_uses),
        )
        for place in demand.place:
            faults += _unknown_places(place, demand.id, cadastre)
    if faults:
        raise ManyErrors(faults)


def _unknown_roads(request: AssembleRequest, cadastre: Cadastre) -> list[InputError]:
    """Return the classes of roads that the town does not have, or that it has no roads at all."""
    asked, roads = request.frontage, cadastre.roads
    if asked.min_m == 0:
        return []
    streets = bool(cadastre.parcels["street"].any()) and not asked.classes
    if not len(roads) and not streets:
        return [InputError("request.no_roads", demand="–")]
    known = set(roads["class"].dropna())
    return _unknown("request.unknown_road", "–", "classes", asked.classes, known)


def _unknown_closed(request: AssembleRequest, cadastre: Cadastre) -> list[InputError]:
    """Return the classes of roads to close that the town does not have, or that it has none."""
    asked = request.bridge.classes
    if asked and not len(cadastre.roads):
        return [InputError("request.no_roads", demand="–")]
    known = set(cadastre.roads["class"].dropna())
    return _unknown("request.unknown_road", "–", "bridge.classes", asked, known)


def _unknown_places(place: Place, demand: str, cadastre: Cadastre) -> list[InputError]:
    """Return the names of places that the town does not have, or that it has no such layer."""
    if place.layer == "land_use":
        uses = _known_uses(cadastre, place.names)
        strange = _unknown("request.unknown_use", demand, "place", place.names, uses)
        # a code of the scheme that no parcel of the town has
        nowhere = not strange and not of_use(cadastre, tuple(place.names)).any()
        none = InputError("request.no_places", demand=demand, layer=", ".join(place.names))
        return [none] if nowhere else strange
    frame = getattr(cadastre, place.layer)
    if not len(frame):
        return [InputError("request.no_places", demand=demand, layer=place.layer)]
    known = set(frame[NAME_COLUMN[place.layer]].dropna()) if place.names else set()
    return _unknown("request.unknown_place", demand, place.layer, place.names, known)


def _known_uses(cadastre: Cadastre, asked: Iterable[str]) -> set[str]:
    """Return the uses that exist in the town, and the codes above them that were asked for."""
    uses = set(cadastre.parcels["land_use"].dropna())
    scheme = landuse.scheme(cadastre.town.land_use_scheme, cadastre.town.land_use_edition)
    above = {wanted for wanted in asked if scheme.accepted([wanted], uses) or scheme.find(wanted)}
    return uses | above


def _unknown(
    code: str, demand: str, key: str, named: Iterable[str], known: set[str]
) -> list[InputError]:
    missing = sorted(set(named) - known)
    choices = sorted(known)
    return [
        InputError(
            code,
            demand=demand,
            key=key,
            id=name,
            nearest=next(iter(difflib.get_close_matches(name, choices, n=1, cutoff=0.0)), "–"),
        )
        for name in missing
    ]
