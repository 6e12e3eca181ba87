"""A proposal in a few lines, for the terminal."""

from collections.abc import Callable, Iterator

from landplan.messages import Language
from landplan.messages.numbers import area, count, money
from landplan.proposal.certificate import certificate_sentence
from landplan.proposal.proposal import Proposal

Say = Callable[..., str]


def lines(proposal: Proposal, say: Say, language: Language = "en") -> Iterator[str]:
    """Yield what a planner wants to know first.

    What one parcel would do, sites, what is unmet, certificate, assumptions.
    """
    for demand in proposal.demands:
        for note in demand.notes:
            yield say(note["code"], **note["params"])
    for site in proposal.sites.drop(columns="geometry").to_dict("records"):
        yield say(
            "cli.site",
            site=site["site_id"],
            area=area(site["area_m2"], language),
            parcels=count(site["parcel_count"], "parcel", language),
            owners=count(site["owner_count"], "owner", language),
            cost=money(site["cost"], proposal.certificate.unit, language),
            bridges=site["bridge_count"],
        )
    for demand in proposal.demands:
        if not demand.met:
            assert demand.reason is not None
            yield say(
                "cli.unmet",
                demand=demand.id,
                reason=say(demand.reason["code"], **demand.reason["params"]),
            )
    if proposal.certificate.objective is not None:
        yield certificate_sentence(proposal.certificate, language)
    for assumption in proposal.assumptions:
        yield say(assumption["code"], **assumption["params"])
