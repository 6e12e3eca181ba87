"""Fingerprints: that the files are the ones that were written, of the town that was read."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import pyproj
from pyproj.exceptions import CRSError

from landplan.errors import InputError
from landplan.proposal.audit.report import Check, none_of
from landplan.proposal.audit.view import View
from landplan.proposal.fingerprint import document_hash, layer_hash

BY_HAND = "landplan hand edit 1"
CONTINUED = {
    "landplan centre engine 1, continued": "replan.from",
    "landplan exchange engine 1, continued": "replan.exchange_from",
}
"""Solvers of plans made from another one, and the assumption that names it."""
DOCUMENT, WORKBOOK = "proposal.json", "ledger.xlsx"


def check_seals(view: View, town_files: Mapping[str, Path] | None) -> Iterator[Check]:
    """Check the id, the fingerprints of layers and files, the CRS, and town files if given."""
    document = view.document
    yield none_of("files.id", [] if document.id == _own_id(view) else [document.id])
    yield none_of("files.content_hash", _changed_layers(view))
    yield none_of("files.sealed", _broken_seals(view))
    yield none_of("files.crs", _foreign_layers(view))
    if town_files is not None:
        yield none_of("files.town", _changed_town_files(document.file_hashes, town_files))


def _own_id(view: View) -> str:
    """First 12 hexadecimal digits of SHA-256 over process, request, data, version and seed.

    A plan edited by hand answers the same question with other sites: they are part of its id. One
    whose search began from another plan names that among its assumptions.
    """
    document = view.document
    parts: list[object] = [
        document.process,
        document.request,
        document.data_hash,
        document.version,
        document.certificate.seed,
    ]
    if document.certificate.solver == BY_HAND:
        parts.append({site: sorted(view.ids[rows]) for site, rows in view.members.items()})
    if document.certificate.solver in CONTINUED:
        said = document.raw["assumptions"]
        code = CONTINUED[document.certificate.solver]
        parts += [entry["params"] for entry in said if entry["code"] == code]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _broken_seals(view: View) -> list[str]:
    """Document and workbook, where their fingerprints are stated and are not theirs."""
    stated = view.document.content_hash
    found = {
        DOCUMENT: document_hash(view.document.raw),
        WORKBOOK: _file_hash(view.written.directory / WORKBOOK),
    }
    return [name for name, digest in found.items() if stated.get(name, digest) != digest]


def _changed_layers(view: View) -> list[str]:
    stated = {
        name: digest
        for name, digest in view.document.content_hash.items()
        if name not in (DOCUMENT, WORKBOOK)
    }
    found = {name: layer_hash(frame) for name, frame in view.written.raw.items()}
    return sorted(name for name in {*stated, *found} if stated.get(name) != found.get(name))


def _foreign_layers(view: View) -> list[str]:
    """Layers that are in another CRS than the document says."""
    try:
        stated = pyproj.CRS.from_user_input(view.document.crs)
    except CRSError:
        return [view.document.crs]
    layers = {
        name: frame
        for name, frame in view.written.raw.items()
        if isinstance(frame, gpd.GeoDataFrame)
    }
    return sorted(
        name
        for name, frame in layers.items()
        if frame.crs is None or not stated.equals(frame.crs, ignore_axis_order=True)
    )


def _changed_town_files(stated: Mapping[str, str], given: Mapping[str, Path]) -> list[str]:
    """Town files with other bytes than the proposal was made from, or on one side only."""
    changed = [name for name in stated if name not in given]
    changed += [name for name, path in given.items() if stated.get(name) != _file_hash(path)]
    return sorted(changed)


def _file_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            "audit.town_file_missing", file=path.name, directory=str(path.parent)
        ) from error
