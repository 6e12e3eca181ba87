"""`proposal.json`: a proposal without its layers, as JSON data, and back."""

import difflib
from collections.abc import Mapping
from typing import Any, Final

from landplan.cadastre.cadastre import Provenance, Town
from landplan.errors import InputError
from landplan.proposal.certificate import Certificate
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal

FORMAT: Final = 1
Json = dict[str, Any]
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "": (
        *("format", "id", "process", "landplan_version", "request", "provenance", "certificate"),
        *("demands", "measures", "exclusions", "assumptions", "audit", "times"),
    ),
    "provenance": (
        *("town", "crs", "currency", "base_date", "tolerance_m", "min_border_m"),
        *("land_use_scheme", "land_use_edition", "water_uses"),
        *("files", "repairs", "data_hash", "content_hash"),
    ),
    "certificate": (
        *("sense", "unit", "objective", "bound", "gap", "status", "terms"),
        *("solver", "seed", "work", "limit_hit", "relative_to"),
    ),
    "demands": ("id", "met", "sites", "reason", "notes"),
    "measures": ("before", "after"),
    "files": ("name", "sha256"),
}
"""Every key of the document, by the block that holds it; ``""`` is the document itself."""


def to_document(proposal: Proposal) -> Json:
    """Return the content of ``proposal.json``: codes and parameters, no sentences."""
    return {
        "format": FORMAT,
        "id": proposal.id,
        "process": proposal.process,
        "landplan_version": proposal.version,
        "request": proposal.request,
        "provenance": provenance_to_json(proposal.town, proposal.provenance, proposal.content_hash),
        "certificate": certificate_to_json(proposal.certificate),
        "demands": [
            {
                "id": demand.id,
                "met": demand.met,
                "sites": list(demand.sites),
                "reason": demand.reason,
                "notes": list(demand.notes),
            }
            for demand in proposal.demands
        ],
        "measures": {"before": proposal.measures.before, "after": proposal.measures.after},
        "exclusions": proposal.exclusion_counts,
        "assumptions": list(proposal.assumptions),
        "audit": proposal.audit,
        "times": proposal.times,
    }


def from_document(document: Json, layers: Mapping[str, Any]) -> Proposal:
    """Make the proposal that `to_document` came from, given its layers by name.

    Raises
    ------
    InputError
        ``proposal.format``, ``proposal.key_unknown``, ``proposal.key_missing``, or
        ``proposal.contradiction`` where values cannot stand together.
    """
    _check_keys(document, "")
    if document["format"] != FORMAT:
        raise InputError("proposal.format", found=document["format"], known=FORMAT)
    for block in ("provenance", "certificate", "measures"):
        _check_keys(document[block], block)
    try:
        return _build(document, layers)
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError("proposal.contradiction", detail=str(error)) from None


def certificate_to_json(certificate: Certificate) -> Json:
    """Return the ``certificate`` block."""
    return {key: getattr(certificate, key) for key in _KEYS["certificate"]}


def certificate_from_json(block: Json) -> Certificate:
    """Make a certificate of its block; raises ValueError where the stated gap is another."""
    stated = {key: value for key, value in block.items() if key != "gap"}
    certificate = Certificate(**stated)
    if certificate.gap != block["gap"]:
        raise ValueError(f"gap {block['gap']} is stated, {certificate.gap} follows")
    return certificate


def _build(document: Json, layers: Mapping[str, Any]) -> Proposal:
    return Proposal(
        id=document["id"],
        process=document["process"],
        version=document["landplan_version"],
        request=document["request"],
        town=_town(document["provenance"]),
        provenance=_sources(document["provenance"]),
        certificate=certificate_from_json(document["certificate"]),
        demands=tuple(_demand(item) for item in document["demands"]),
        measures=Measures(document["measures"]["before"], document["measures"]["after"]),
        assumptions=document["assumptions"],
        audit=document["audit"],
        times=document["times"],
        content_hash=document["provenance"]["content_hash"],
        **layers,
    )


def provenance_to_json(town: Town, sources: Provenance, content_hash: Mapping[str, str]) -> Json:
    """Return the ``provenance`` block: town, source files, fingerprints of what is written."""
    return {
        "town": town.name,
        "crs": town.crs,
        "currency": town.currency,
        "base_date": town.base_date,
        "tolerance_m": town.tolerance_m,
        "min_border_m": town.min_border_m,
        "land_use_scheme": town.land_use_scheme,
        "land_use_edition": town.land_use_edition,
        "water_uses": list(town.water_uses),
        "files": [{"name": name, "sha256": digest} for name, digest in sources.files],
        "repairs": list(sources.repairs),
        "data_hash": sources.data_hash,
        "content_hash": content_hash,
    }


def _town(block: Json) -> Town:
    return Town(
        name=block["town"],
        crs=block["crs"],
        currency=block["currency"],
        base_date=block["base_date"],
        tolerance_m=block["tolerance_m"],
        min_border_m=block["min_border_m"],
        land_use_scheme=block["land_use_scheme"],
        land_use_edition=block["land_use_edition"],
        water_uses=tuple(block["water_uses"]),
    )


def _sources(block: Json) -> Provenance:
    for entry in block["files"]:
        _check_keys(entry, "files")
    files = tuple((entry["name"], entry["sha256"]) for entry in block["files"])
    return Provenance(files, block["data_hash"], tuple(block["repairs"]))


def _demand(item: Json) -> DemandOutcome:
    _check_keys(item, "demands")
    return DemandOutcome(
        item["id"], item["met"], tuple(item["sites"]), item["reason"], tuple(item["notes"])
    )


def _check_keys(block: object, name: str) -> None:
    """Refuse a block that is no object, holds a key too many, or lacks one."""
    known = _KEYS[name]
    if not isinstance(block, dict):
        raise InputError("proposal.key_missing", block=name or "proposal.json", key=known[0])
    for key in sorted(set(block) - set(known)):
        nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
        raise InputError(
            "proposal.key_unknown", block=name or "proposal.json", key=key, nearest=nearest
        )
    for key in known:
        if key not in block:
            raise InputError("proposal.key_missing", block=name or "proposal.json", key=key)
