"""landplan …: what exchanges of land mean for the owners."""

import json
from pathlib import Path
from typing import Annotated

import typer

from landplan.cli_terminal import AsJson, language

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
