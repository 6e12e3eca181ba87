"""landplan …: what exchanges of land mean for the owners."""

import json
from pathlib import Path
from typing import Annotated

import typer

from landplan.cli_terminal import AsJson, counted_told, language, stop_on_interrupt
from landplan.errors import InputError

app = typer.Typer()


@app.command("compare-owners")
def compare_owners(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of an exchange.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.")],
    most: Annotated[int, typer.Option(min=0, help="How many parties to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Compare two exchanges owner by owner: who is better off in which, and how evenly."""
    from landplan.proposal.by_owner import compare_owners as compare
    from landplan.proposal.by_owner_words import lines, to_json
    from landplan.proposal.files import read_proposal

    found = compare(read_proposal(first), read_proposal(second))
    if as_json:
        print(json.dumps(to_json(found), ensure_ascii=False, indent=1))
        return
    for line in lines(found, language(), most):
        print(line)


@app.command()
def invite(
    town: Annotated[Path, typer.Argument(metavar="TOWN", help="The town file, town.toml.")],
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="A request of the process exchange.")
    ],
    most: Annotated[int, typer.Option(min=1, max=500, help="How many to invite at most.")] = 10,
    tries: Annotated[
        int, typer.Option(min=1, max=100_000, help="Most exchanges searched for each of them.")
    ] = 24,
    out: Annotated[Path | None, typer.Option("--out", help="A table to write, invite.csv.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say whom to invite to an exchange first: what all invited so far gain, and a bound."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.answer import read_request
    from landplan.planning.exchange.invite import invite as curve
    from landplan.planning.exchange.invite_words import lines, to_csv, to_json
    from landplan.planning.exchange.request import ExchangeRequest

    process, asked = read_request(request)
    if not isinstance(asked, ExchangeRequest):
        raise InputError("exchange.about_other_process", process=process.id)
    cadastre = read_town(town).require()
    found = curve(asked, cadastre, most, tries, counted_told(), stop_on_interrupt())
    if out is not None:
        try:
            out.write_text(to_csv(found), encoding="utf-8-sig", newline="")
        except OSError as error:
            detail = error.strerror or ""
            raise InputError("cli.not_writable", file=str(out), detail=detail) from None
    if as_json:
        print(json.dumps(to_json(found), ensure_ascii=False, indent=1))
        return
    for line in lines(found, language()):
        print(line)
