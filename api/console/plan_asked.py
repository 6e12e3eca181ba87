"""The rules of a site beyond area, pieces, uses and zones: kept or not, with which figure."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from landplan.messages import Language, say
from landplan.messages.numbers import M2_PER_HA, area, count, length, money, share
from landplan.planning.assemble.term_words import apart_sentences
from landplan.planning.assemble.words import place_sentences

Said = dict[str, Any]
Line = tuple[str, tuple[str, ...], Said]

NO_LARGEST_HA = 1_000_000.0
"""An area that no site reaches: no largest is asked for."""


def asked_lines(
    request: Mapping[str, Any], site: Mapping[str, Any], language: Language
) -> list[Line]:
    """Return code of the sentence, checks of the audit, and figures of every rule asked for."""
    return [
        *_owners(request, site),
        *_shape(request["shape"], site, language),
        *_around(request, site, language),
    ]


def lines_together(request: Mapping[str, Any], currency: str, language: Language) -> list[Line]:
    """Return the rules that all sites keep together: distances between them, the budget."""
    said = [("plan.between", sentence) for sentence in apart_sentences(request, language)]
    if limit := request.get("budget", {}).get("max_cost"):
        amount = {"amount": money(limit, currency, language)}
        said.append(("plan.budget", say("words.budget", amount, language)))
    return [("all.said", (check,), {"sentence": sentence}) for check, sentence in said]


def lines_of_places(demand: Said, language: Language) -> list[Line]:
    """Return the distances that a demand's sites keep from given places."""
    sentences = place_sentences(demand, language)
    return [("said", ("rules.place",), {"sentence": sentence}) for sentence in sentences]


def lines_of_all(request: Mapping[str, Any], sites: pd.DataFrame, language: Language) -> list[Line]:
    """Return the rules of a partition, each once for all of its many sites."""
    demand = request["demand"][0]
    low, high = (value * M2_PER_HA for value in demand["area_ha"])
    figures = {
        "sites": count(len(sites), "site", language),
        "least": area(float(sites["area_m2"].min()), language, "down"),
        "most": area(float(sites["area_m2"].max()), language, "up"),
        "low": area(low, language),
        "high": area(high, language),
    }
    limited = high < NO_LARGEST_HA * M2_PER_HA
    lines: list[Line] = [
        ("all.area" if limited else "all.area_least", ("sites.area", "sites.area_range"), figures),
        (
            "all.across" if demand["max_bridges"] else "all.one_piece",
            ("sites.contiguous", "bridges.limit", "bridges.count"),
            figures,
        ),
        ("all.uses", ("rules.land_use", "rules.street", "rules.water"), figures),
    ]
    if demand["zones"]:
        limit = {"limit": share(demand["min_zone_share"], language)}
        lines.append(("all.zone", ("rules.zone",), limit))
    if demand["never"]:
        lines.append(("all.never", ("rules.never",), {"n": len(demand["never"])}))
    lines.append(("all.restriction", ("rules.restriction",), figures))
    return lines


def _owners(request: Mapping[str, Any], site: Mapping[str, Any]) -> Iterator[Line]:
    consent = request.get("consent", {})
    if most := consent.get("max_owners"):
        yield "max_owners", ("sites.max_owners",), {"n": int(site["owner_count"]), "limit": most}
    if consent.get("heads") or consent.get("area"):
        yield "consent", ("rules.consent_heads", "rules.consent_area"), {}
    if consent.get("refused") == "exclude":
        yield "refuses", ("rules.owner_refuses",), {}


def _shape(shape: Said, site: Mapping[str, Any], language: Language) -> Iterator[Line]:
    if least := shape.get("min_width_m"):
        figures = {
            "measured": length(site["width_m"], language),
            "limit": length(least, language),
        }
        yield "width", ("rules.min_width",), figures
    if long := shape.get("rectangle_length_m"):
        figures = {
            "length": length(site["rectangle_length_m"], language),
            "width": length(site["rectangle_width_m"], language),
            "long": length(long, language),
            "short": length(shape["rectangle_width_m"], language),
        }
        yield "rectangle", ("rules.rectangle", "sites.rectangle"), figures
    if shape.get("holes", "allow") != "allow":
        yield "holes", ("rules.holes",), {}


def _around(
    request: Mapping[str, Any], site: Mapping[str, Any], language: Language
) -> Iterator[Line]:
    if least := request.get("frontage", {}).get("min_m"):
        figures = {
            "measured": length(site["frontage_m"], language),
            "limit": length(least, language),
        }
        yield "frontage", ("rules.frontage",), figures
    for land in request.get("elsewhere", []):
        figures = {"name": land["name"], "share": share(land["max_share"], language, "down")}
        yield "elsewhere", ("sites.elsewhere",), figures
    neighbours = request.get("neighbours", {})
    if neighbours.get("keep_street_contact"):
        yield "street_contact", ("rules.street_contact",), {}
    if smallest := neighbours.get("min_orphan_area_m2"):
        yield "orphan", ("rules.orphan",), {"limit": area(smallest, language)}
