"""A proposal in a few lines, for the terminal."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from landplan.messages import Language
from landplan.messages.numbers import area, count, money
from landplan.proposal.certificate import certificate_sentence, does_not_cover
from landplan.proposal.proposal import Proposal
from landplan.proposal.worse import worse_lines

MOST_SITES: Final = 20
"""Sites that are listed one by one."""
Say = Callable[..., str]


def lines(proposal: Proposal, say: Say, language: Language = "en") -> Iterator[str]:
    """Yield what a planner wants to know first.

    What one parcel would do, sites, what is unmet, who is worse off, certificate, assumptions.
    """
    for demand in proposal.demands:
        yield from (say(n["code"], **n["params"]) for n in demand.notes if not _is_help(n))
    owners_known = bool(proposal.rights["owner_id"].notna().any())
    listed = proposal.sites.drop(columns="geometry").head(MOST_SITES)
    for site in listed.to_dict("records"):
        yield say(
            "cli.site",
            site=site["site_id"],
            area=area(site["area_m2"], language),
            parcels=count(site["parcel_count"], "parcel", language),
            owners=count(site["owner_count"], "owner", language)
            if owners_known
            else say("plan.owners.unknown"),
            cost=money(site["cost"], proposal.town.currency, language),
            bridges=site["bridge_count"],
        )
        yield from _closed(proposal, str(site["site_id"]), say, language)
    if len(proposal.sites) > MOST_SITES:
        yield say("cli.more_sites", n=len(proposal.sites) - MOST_SITES)
    for demand in proposal.demands:
        if not demand.met:
            assert demand.reason is not None
            yield say(
                "cli.unmet",
                demand=demand.id,
                reason=say(demand.reason["code"], **demand.reason["params"]),
            )
            yield from (say(n["code"], **n["params"]) for n in demand.notes if _is_help(n))
    yield from worse_lines(proposal, language)
    if proposal.certificate.objective is not None:
        yield certificate_sentence(proposal.certificate, language)
        yield does_not_cover(language)
    for assumption in proposal.assumptions:
        yield say(assumption["code"], **assumption["params"])


def _closed(proposal: Proposal, site: str, say: Say, language: Language) -> Iterator[str]:
    """Say how much street ground joins a site, if any."""
    bridges = proposal.bridges
    mine = bridges[(bridges["site_id"] == site) & (bridges["closed_m2"] > 0)]
    if len(mine):
        classes = sorted({one for text in mine["road_class"] for one in text.split("; ")})
        ground = area(float(mine["closed_m2"].sum()), language)
        named = (", " if language == "en" else "、").join(classes)
        yield say("cli.site.closed", site=site, area=ground, n=len(mine), classes=named)


def _is_help(note: Mapping[str, Any]) -> bool:
    """Whether a note says what would help an unmet demand; it follows the reason."""
    return str(note["code"]).startswith("unmet.")
