"""What the commands about plans do where the plan is an exchange of land."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landplan.cli_terminal import (
    counted_told,
    finish_proposal,
    language,
    progress_told,
    say,
    stop_on_interrupt,
)
from landplan.errors import InputError

if TYPE_CHECKING:
    from landplan.cadastre.cadastre import Cadastre
    from landplan.planning.exchange.request import ExchangeRequest
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


def read_exchange(file: Path) -> "ExchangeRequest":
    """Read a request of exchange; raises InputError for one of another process."""
    from landplan.planning.answer import read_request
    from landplan.planning.exchange.request import ExchangeRequest

    process, asked = read_request(file)
    if not isinstance(asked, ExchangeRequest):
        raise InputError("check.request_not_exchange", file=file.name, process=process.id)
    return asked


def check_exchange(request: "ExchangeRequest", town: "Cadastre") -> list[dict[str, Any]]:
    """Return {code, params, message} of every party that cannot meet the tolerances."""
    from landplan.planning.exchange.out_of_reach import check_request, notes

    told = notes(check_request(request, town), town.town.currency)
    return [{**note, "message": say(note["code"], **note["params"])} for note in told]


def print_reach(file: Path | None, told: Sequence[dict[str, Any]]) -> None:
    """Print who cannot meet the tolerances of a request."""
    for note in told:
        print(f"[{say('cli.severity.town_error')}] {note['message']}")
    if not told and file is not None:
        print(say("check.request_sound", file=file.name))
