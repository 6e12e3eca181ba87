"""From a town file to a cadastre: everything read, checked and reported in one pass."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from landplan.cadastre import surroundings
from landplan.cadastre.cadastre import Cadastre, Provenance, Town
from landplan.cadastre.crs import crs_name, require_true_area, working_crs
from landplan.cadastre.faults import mark_faults, repair, require_usable
from landplan.cadastre.findings import Finding
from landplan.cadastre.layers import Sources
from landplan.cadastre.parcels import ParcelLayer, read_parcels
from landplan.cadastre.townfile import TownFile, read_town_file
from landplan.cadastre.zoning import main_zone, zone_shares
from landplan.codes import landuse
from landplan.errors import InputError, LandplanError, ManyErrors


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a town file: the cadastre, unless town errors forbid it, and all findings."""

    cadastre: Cadastre | None
    findings: tuple[Finding, ...]
    errors: tuple[LandplanError, ...]

    def require(self) -> Cadastre:
        """Return the cadastre or raise ManyErrors with all town errors."""
        if self.cadastre is None:
            raise ManyErrors(self.errors)
        return self.cadastre


def read_town(path: Path) -> Reading:
    """Read a town with all its layers.

    Raises ManyErrors only where the town file itself cannot be read.
    """
    town = read_town_file(path)
    sources = Sources(path.parent)
    errors: list[LandplanError] = []
    findings: list[Finding] = []
    try:
        if town.town.crs_file:
            sources.resolve(town.town.crs_file)
        crs = working_crs(
            town.town.crs, path.parent / town.town.crs_file if town.town.crs_file else None
        )
    except InputError as error:
        return Reading(None, (), (error,))
    parcels: ParcelLayer | None = None
    repairs: list[str] = []
    try:
        parcels = read_parcels(town.parcels, crs, sources)
        parcels.frame, repaired, repairs = repair(parcels.frame, town.repair.make_valid)
        findings += (
            parcels.findings + repaired + mark_faults(parcels.frame, town.adjacency.tolerance_m)
        )
        require_usable(parcels.frame)
        if all(finding.severity != "town_error" for finding in findings):
            bounds = parcels.frame.geometry.bounds.to_numpy()
            require_true_area(crs, (bounds[:, :2] + bounds[:, 2:]) / 2.0)
    except InputError as error:
        errors.append(error)
    layers, found, faults = surroundings.read_surroundings(town, crs, sources)
    findings += found
    errors += faults
    errors += [
        InputError(f.code, layer=f.layer, **f.params)
        for f in findings
        if f.severity == "town_error"
    ]
    if errors or parcels is None:
        return Reading(None, tuple(findings), tuple(errors))
    try:
        cadastre = _complete(town, crs, parcels, layers, sources, repairs, findings)
    except InputError as error:
        return Reading(None, tuple(findings), (error,))
    return Reading(cadastre, tuple(findings), ())


def _complete(
    town: TownFile,
    crs: CRS,
    parcels: ParcelLayer,
    layers: dict[str, gpd.GeoDataFrame],
    sources: Sources,
    repairs: list[str],
    findings: list[Finding],
) -> Cadastre:
    frame = parcels.frame
    rights, found = surroundings.read_rights(town.rights, frame, sources)
    findings += found
    if town.rights is not None:
        frame["owner_id"] = surroundings.main_holders(rights).reindex(frame["parcel_id"]).to_numpy()
        frame["owner_id"] = frame["owner_id"].astype("str")
    owners = surroundings.read_owners(town.owners, frame, sources)
    shares = zone_shares(frame, layers["zones"])
    zone = main_zone(shares, len(frame))
    frame["zone"], frame["zone_share"] = zone["zone"], zone["zone_share"]
    frame = frame[[*(name for name in frame.columns if name != "geometry"), "geometry"]]
    return Cadastre(
        town=Town(
            name=town.town.name,
            crs=crs_name(crs),
            currency=town.town.currency,
            base_date=town.town.base_date,
            tolerance_m=town.adjacency.tolerance_m,
            min_border_m=town.adjacency.min_border_m,
            land_use_scheme=town.parcels.land_use.scheme if town.parcels.land_use else "local",
            land_use_edition=town.parcels.land_use.edition if town.parcels.land_use else None,
            water_uses=_water_uses(town, frame["land_use"]),
        ),
        provenance=_provenance(town, sources, repairs),
        parcels=frame,
        owners=owners,
        rights=rights,
        zone_shares=shares,
        assumptions=tuple(parcels.assumptions),
        borders=None,
        **layers,
    )


def _water_uses(town: TownFile, land_use: pd.Series) -> tuple[str, ...]:
    """Return those codes of the parcels that mean water in the town's scheme."""
    mapping = town.parcels.land_use
    if mapping is None:
        return ()
    scheme = landuse.scheme(mapping.scheme, mapping.edition)
    return tuple(code for code in sorted(land_use.dropna().unique()) if scheme.is_water(code))


def _provenance(town: TownFile, sources: Sources, repairs: list[str]) -> Provenance:
    files = tuple(sorted(sources.hashes.items()))
    return Provenance(files, data_hash(town, sources), tuple(repairs))


def data_hash(town: TownFile, sources: Sources) -> str:
    """Return what tells the data of towns apart: of the town file's keys and of all files named."""
    files = tuple(sorted(sources.hashes.items()))
    content = json.dumps([town.canonical(), files], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
