"""A proposal as one person may read it: everything that the plan's pages print comes from here."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from fastapi import Request

from api.people import person_of
from api.problems import Refused
from api.services import services
from landplan.errors import LandplanError
from landplan.messages import Language
from landplan.planning.assemble.edit import BY_HAND
from landplan.proposal.certificate import (
    Certificate,
    certificate_sentence,
    certificate_short,
    does_not_cover,
)
from landplan.proposal.document import to_document
from landplan.proposal.proposal import Proposal
from landplan.proposal.redaction import (
    public_certificate,
    public_certificate_sentence,
    public_document,
    public_layer,
)
from maps.svg import site_letters


@dataclass(frozen=True, eq=False)
class Source:
    """A proposal, and whether its reader may see owners and money.

    ``whole`` is for counting and for finding the way (which parcels, which plan); whatever is
    printed comes from ``document`` and ``layer``, which hold only what the reader may get.
    """

    whole: Proposal
    language: Language
    names: bool

    @cached_property
    def document(self) -> dict[str, Any]:
        """``proposal.json``, without what the reader may not get."""
        document = to_document(self.whole)
        return document if self.names else public_document(document)

    def layer(self, name: str) -> pd.DataFrame:
        """Return a layer without the columns that the reader may not get."""
        frame = self.whole.layer(name)
        return frame if self.names else public_layer(name, frame)

    @property
    def id(self) -> str:
        """Id of the proposal."""
        return self.whole.id

    @property
    def currency(self) -> str:
        """Currency of the town."""
        return self.whole.town.currency

    @property
    def found(self) -> bool:
        """Whether there is a plan at all."""
        return self.whole.certificate.objective is not None

    @property
    def by_hand(self) -> bool:
        """Whether a person has changed which parcels are in."""
        return self.whole.certificate.solver == BY_HAND

    @property
    def certificate(self) -> Certificate:
        """What is proven; not for printing to those who may not see money."""
        return self.whole.certificate

    @cached_property
    def proof(self) -> dict[str, Any]:
        """What is proven, without amounts: status, distance, whether nothing better exists."""
        return public_certificate(self.whole.certificate)

    @cached_property
    def letters(self) -> dict[str, str]:
        """The letter of every site, as on the map."""
        return site_letters(self.whole)

    def sentence(self) -> str:
        """Return the certificate in full."""
        if not self.names:
            return public_certificate_sentence(self.proof, self.language)
        return certificate_sentence(self.whole.certificate, self.language, edited=self.by_hand)

    def short(self) -> str:
        """Return the certificate in its short form."""
        if not self.names:
            return public_certificate_sentence(self.proof, self.language)
        return certificate_short(self.whole.certificate, self.language)

    def not_covered(self) -> str:
        """Return what no certificate covers."""
        return does_not_cover(self.language)


def open_source(request: Request, proposal_id: str) -> Source:
    """Return a proposal as the caller may read it; Refused (404) where there is none."""
    workspace = services(request).workspace
    try:
        known = workspace.proposals.exists(proposal_id)
    except LandplanError:
        known = False
    if not known:
        raise Refused(404, "plan.unknown", id=proposal_id)
    proposal = workspace.proposals.get(proposal_id)
    return Source(proposal, request.state.language, person_of(request).sees_names)
