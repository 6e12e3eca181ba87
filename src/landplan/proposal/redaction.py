"""What viewers and the public may get of a town and a plan: the one place that strips.

Everything is a list of what *may* go out, never of what may not: a column, key or message that is
added later stays inside until somebody decides otherwise. Inside stay ids of owners, rights, costs,
values, prices, columns that the town merely keeps, and the order of parcels by price. Counts of
owners, areas, rules and the relative distance of a plan from the least possible cost go out.
"""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from landplan.messages import Language, say
from landplan.messages.numbers import share
from landplan.proposal.certificate import EXCHANGE, TRAVEL, Certificate, distance
from landplan.proposal.document import certificate_from_json

Json = dict[str, Any]

PUBLIC_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "sites": (
        *("site_id", "demand_id", "area_m2", "parcel_count", "owner_count", "bridge_count"),
        *("perimeter_m", "polsby_popper", "hull_ratio", "rectangularity", "elongation", "inertia"),
        *("centre_parcel", "frontage_m", "width_m", "rectangle_length_m", "rectangle_width_m"),
        *("rectangle_x", "rectangle_y", "rectangle_angle_deg"),
    ),
    "parcels": (
        *("parcel_id", "area_m2", "area_registered_m2", "land_use", "zone", "zone_share"),
        *("street", "fault", "site_id", "excluded_by", "floor_area_m2", "footprint_area_m2"),
        *("year_built", "grade", "industry", "planned_use", "address"),
    ),
    "bridges": (
        "site_id",
        "parcel_a",
        "parcel_b",
        "width_m",
        "facing_m",
        "closed_m2",
        "road_class",
    ),
    "zones": ("zone",),
    "restrictions": ("kind", "hard", "buffer_m"),
    "roads": ("class", "width_m"),
    "buildings": ("floors", "height_m", "year_built"),
    "facilities": ("kind", "capacity"),
    "exclusions": ("parcel_id", "demand_id", "rule", "measured", "limit", "unit"),
    "ledger": (
        *("parcel_before", "parcel_after", "parent_ids", "area_before_m2", "area_after_m2"),
        *("land_use", "zone"),
    ),
}
"""Columns that go out, by layer of a dataset or a proposal; other layers never do."""

_MEASURED_UNITS: Final = frozenset({"m", "m2", "share", "parts"})
_OWNER_RULES, _HAND_RULE = ("never_owner", "owner_refuses"), "never"
_SAID: Final[dict[str, tuple[str, ...]]] = {
    "unmet.must_excluded": ("ids", "rules"),
    "unmet.no_land": (),
    "unmet.too_small": ("largest_ha", "area_min_ha"),
    "unmet.proven": ("largest_ha", "area_min_ha"),
    "unmet.not_found": ("largest_ha", "area_min_ha"),
    "unmet.jointly": ("met", "count"),
    "unmet.jointly_proven": ("met", "count"),
    "unmet.budget": (),
    "unmet.one_more_bridge": ("largest_ha",),
    "unmet.one_more_bridge_between": ("found_ha", "bound_ha"),
    "unmet.zone_share_09": ("largest_ha",),
    "unmet.zone_share_09_between": ("found_ha", "bound_ha"),
    "note.without.too_narrow": ("demand", "measured_m", "limit_m"),
    "note.without.no_rectangle": ("demand", "length_m", "width_m", "long_m", "short_m"),
    "note.without.no_rectangle_at_all": ("demand", "long_m", "short_m"),
    "note.without.hole": ("demand", "n"),
    "note.without.hole_to_fill": ("demand", "n"),
    "note.without.landlocked": ("demand", "n"),
    "note.without.orphan": ("demand", "measured_m2", "limit_m2"),
    "note.near_miss": ("demand", "n", "ids"),
}
_MEASURES: Final = (
    *("parcels", "owners", "area_m2", "mean_area_m2", "parties", "pieces", "pieces_per_party"),
    *("distance_m", "simmons"),
)
_PROVENANCE: Final = (
    *("town", "crs", "currency", "base_date", "tolerance_m", "min_border_m"),
    *("land_use_scheme", "land_use_edition", "water_uses", "repairs", "data_hash"),
)
_REQUEST: Final = (
    *("process", "title", "seed", "effort", "partial", "zero_cost", "bridge", "shape"),
    *("consent", "frontage", "neighbours", "elsewhere", "between"),
    *("prefer", "attributes", "lock", "reference"),
)
_DEMAND: Final = (
    *("id", "area_ha", "count", "land_uses", "zones", "min_zone_share"),
    *("max_bridges", "min_parcels", "must", "never", "place"),
)


def public_layer(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a layer without what viewers may not get.

    Parameters
    ----------
    name
        A layer of a proposal or of a dataset, one of `PUBLIC_COLUMNS`.
    frame
        Its rows; columns it does not have are not missed.

    Raises
    ------
    KeyError
        The layer is not for viewers at all: rights, owners, or one that is not known.
    """
    allowed = PUBLIC_COLUMNS[name]
    kept = [column for column in allowed if column in frame.columns]
    if "geometry" in frame.columns:
        kept.append("geometry")
    public = frame[kept].copy()
    for column in ("excluded_by", "rule"):
        if column in kept:
            public[column] = public[column].replace(dict.fromkeys(_OWNER_RULES, _HAND_RULE))
    if name == "exclusions" and "unit" in kept:
        hidden = ~public["unit"].isin(_MEASURED_UNITS)
        public.loc[hidden, ["measured", "limit"]] = float("nan")
        public.loc[hidden, "unit"] = None
        public = public.drop_duplicates(["parcel_id", "demand_id", "rule"], ignore_index=True)
    return public


def public_document(document: Mapping[str, Any]) -> Json:
    """Return ``proposal.json`` as viewers may get it.

    It is no proposal that could be read back: amounts, owners and the hashes of hidden content are
    gone, and ``certificate`` is that of `public_certificate`.
    """
    certificate = certificate_from_json(document["certificate"])
    return {
        **{key: document[key] for key in ("format", "id", "process")},
        # what follows a plus may be a hash of amounts
        "landplan_version": str(document["landplan_version"]).split("+")[0],
        "request": public_request(document["request"]),
        "provenance": _provenance(document["provenance"]),
        "certificate": public_certificate(certificate),
        "demands": [_outcome(item) for item in document["demands"]],
        "measures": {when: _measures(document["measures"][when]) for when in ("before", "after")},
        "exclusions": _exclusions(document["exclusions"]),
        "assumptions": [_assumption(item) for item in document["assumptions"]],
        "audit": _audit(document["audit"]),
        "times": _numbers_only(document["times"]),
    }


def public_request(request: Mapping[str, Any]) -> Json:
    """Return a canonical request without the owners that it names."""
    demands = [
        {key: demand[key] for key in _DEMAND if key in demand}
        for demand in request.get("demand", [])
    ]
    return {**{key: request[key] for key in _REQUEST if key in request}, "demand": demands}


def public_certificate(certificate: Certificate) -> Json:
    """Return what is proven without an amount: sense, status and the relative distance.

    ``distance`` is (plan − lower limit) / lower limit, rounded up to 0.1 %; None where unknown.
    """
    worse = distance(certificate)
    return {
        "sense": certificate.sense,
        "status": certificate.status,
        "found": certificate.objective is not None,
        "proven_best": certificate.proven_best,
        **({"about": EXCHANGE} if TRAVEL in certificate.terms else {}),
        "distance": None if worse is None else float(worse),
        "limit_hit": certificate.limit_hit,
        "relative_to": {"code": certificate.relative_to.get("code", ""), "params": {}},
    }


def public_certificate_sentence(
    certificate: Certificate | Mapping[str, Any], language: Language
) -> str:
    """Return what is proven in one sentence without an amount.

    Takes a certificate, or the block that `public_certificate` made of one.
    """
    if isinstance(certificate, Certificate):
        certificate = public_certificate(certificate)
    sentence = _verdict(certificate, language)
    reference = str(certificate["relative_to"]["code"])
    if not certificate["found"] or not reference.endswith(".same_sites"):
        return sentence
    return sentence + (" " if language == "en" else "") + say(reference, None, language)


def _verdict(block: Mapping[str, Any], language: Language) -> str:
    if not block["found"]:
        code = "nothing_fits" if block["status"] == "infeasible" else "nothing_found"
        return say(f"certificate.{code}", None, language)
    if block["proven_best"]:
        return say(f"certificate.best.{block.get('about', block['sense'])}", None, language)
    if block["distance"] is None:
        return say("certificate.unproven", None, language)
    percent = share(block["distance"], language, "up")
    kind = block.get("about", block["sense"])
    return say(f"certificate.public.{kind}", {"percent": percent}, language)


def _provenance(block: Mapping[str, Any]) -> Json:
    files = [{"name": entry["name"]} for entry in block["files"]]
    return {**{key: block[key] for key in _PROVENANCE}, "files": files}


def _outcome(item: Mapping[str, Any]) -> Json:
    notes = [_said(note) for note in item["notes"]]
    reason = item["reason"]
    if reason is not None:
        reason = _said(reason) or {"code": "unmet.not_public", "params": {}}
    return {
        **{key: item[key] for key in ("id", "met", "sites")},
        "reason": reason,
        "notes": [note for note in notes if note is not None],
    }


def _said(entry: Mapping[str, Any]) -> Json | None:
    """Return a reason or a note that may go out; None for one that may not."""
    code, params = str(entry["code"]), entry["params"]
    if code == "note.one_parcel":
        # its ids are the cheapest ones: naming them would tell an order of prices
        return {
            "code": "note.one_parcel_count",
            "params": {"demand": params["demand"], "n": params["n"]},
        }
    if code not in _SAID:
        return None
    kept = {key: params[key] for key in _SAID[code] if key in params}
    if "rules" in kept:
        for rule in _OWNER_RULES:
            kept["rules"] = str(kept["rules"]).replace(rule, _HAND_RULE)
    return {"code": code, "params": kept}


def _exclusions(counts: Mapping[str, int]) -> dict[str, int]:
    public: dict[str, int] = {}
    for rule, n in counts.items():
        name = _HAND_RULE if rule in _OWNER_RULES else rule
        public[name] = public.get(name, 0) + int(n)
    return public


def _measures(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: figures[key] for key in _MEASURES if key in figures}


def _assumption(item: Mapping[str, Any]) -> Json:
    """Say that something was assumed; what, only where it is a public column."""
    params = item["params"]
    if item["code"] == "hand_edit.from":
        return {"code": "hand_edit.from", "params": {"id": params["id"]}}
    field = str(params.get("field", ""))
    shown = set(PUBLIC_COLUMNS["parcels"])
    if item["code"] == "assumption.constant" and shown & {field, f"{field}_m2"}:
        return {
            "code": "assumption.constant",
            "params": {key: params[key] for key in ("field", "value", "unit") if key in params},
        }
    return {"code": "assumption.not_public", "params": {}}


def _audit(block: Mapping[str, Any] | None) -> Json | None:
    """Return which checks passed; measures may be money and ids may be owners."""
    if block is None:
        return None
    checks = [{"code": check["code"], "passed": check["passed"]} for check in block["checks"]]
    return {"passed": block["passed"], "checks": checks}


def _numbers_only(times: Mapping[str, Any]) -> Json:
    return {key: value for key, value in times.items() if key.endswith("_s")}
