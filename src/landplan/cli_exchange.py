"""What the commands about plans do where the plan is an exchange of land."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from landplan.cli_terminal import (
    counted_told,
    finish_proposal,
    language,
    progress_told,
    stop_on_interrupt,
)

if TYPE_CHECKING:
    from landplan.cadastre.cadastre import Cadastre
    from landplan.proposal.proposal import Proposal


def exchange_again(
    plan: "Proposal",
    town: "Cadastre",
    owners: Sequence[str],
    parcels: Sequence[str],
    leave: float | None,
) -> "Proposal":
    """Return the exchange after owners dropped out and parcels were refused."""
    from landplan.planning.exchange.replan import Refused, changed_request, replan

    request = changed_request(plan, Refused(tuple(owners), tuple(parcels)))
    return replan(plan, town, request, leave, progress_told(), stop_on_interrupt())


def finish_exchange(proposal: "Proposal", out: Path, as_json: bool) -> None:
    """Write and audit an exchange made again, and say what changed against the agreed one."""
    from landplan.proposal.agreed import what_changed
    from landplan.proposal.agreed_words import lines
    from landplan.proposal.audit import audit
    from landplan.proposal.files import write_proposal

    written = write_proposal(proposal, out, lambda folder: audit(folder).to_json())
    if not as_json and written.certificate.objective is not None:
        for line in lines(what_changed(written), written.town.currency, language()):
            print(line)
    finish_proposal(written, out, as_json)


def exchange_refusals(plan: "Proposal", town: "Cadastre", most: int, as_json: bool) -> None:
    """Say whose dropping out costs an exchange most."""
    from landplan.planning.exchange.key_owner_words import lines, to_json
    from landplan.planning.exchange.key_owners import key_owners, parties_in_plan

    found = key_owners(plan, town, most, counted_told(), stop_on_interrupt())
    if as_json:
        print(json.dumps(to_json(plan, found), ensure_ascii=False, indent=1))
        return
    for line in lines(found, parties_in_plan(plan), plan.town.currency, language()):
        print(line)
