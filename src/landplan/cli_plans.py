"""landplan …: what else can be asked about a plan that lies in a folder."""

import json
from pathlib import Path
from typing import Annotated

import typer

from landplan.cli_terminal import AsJson, counted_told, language, stop_on_interrupt

app = typer.Typer()
PlanFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a proposal.")]
TownFile = Annotated[Path, typer.Option("--town", help="The town file it was made from.")]


@app.command()
def refusals(
    folder: PlanFolder,
    town: TownFile,
    most: Annotated[int, typer.Option(min=1, max=500, help="How many owners to look at.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Say whom to invite first: what the plan costs more if an owner of its land refuses."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble.refusal_words import lines, to_json
    from landplan.planning.assemble.refusals import owners_in_plan
    from landplan.planning.assemble.refusals import refusals as without_each
    from landplan.proposal.files import read_proposal

    proposal = read_proposal(folder)
    cadastre = read_town(town).require()
    found = without_each(proposal, cadastre, most, counted_told(), stop_on_interrupt())
    if as_json:
        print(json.dumps(to_json(proposal, found), ensure_ascii=False, indent=1))
        return
    for line in lines(found, len(owners_in_plan(proposal)), proposal.town.currency, language()):
        print(line)


@app.command()
def changes(folder: PlanFolder, town: TownFile, as_json: AsJson = False) -> None:
    """Say which single change of the request would be enough where a demand is not met."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble.change_words import lines, to_json
    from landplan.planning.assemble.changes import smallest_changes
    from landplan.planning.assemble.ground import GroundCache
    from landplan.proposal.files import read_proposal

    proposal = read_proposal(folder)
    cadastre = read_town(town).require()
    told, stop = counted_told(), stop_on_interrupt()
    advice = smallest_changes(proposal, cadastre, GroundCache(), progress=told, stop=stop)
    if as_json:
        print(json.dumps(to_json(proposal, advice, language()), ensure_ascii=False, indent=1))
        return
    for line in lines(proposal, advice, language()):
        print(line)
