"""landplan …: what else can be asked about a plan that lies in a folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from landplan.cli_exchange import exchange_again, exchange_refusals, finish_exchange
from landplan.cli_terminal import (
    AUDIT_FAILED,
    AsJson,
    counted_told,
    finish_proposal,
    language,
    progress_told,
    say,
    stop_on_interrupt,
    tell,
)
from landplan.errors import InputError, NothingFound

if TYPE_CHECKING:
    from landplan.proposal.proposal import Proposal

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
    """Say whose refusal costs most: of the land of a site, or of those who exchange land."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble.refusal_words import lines, to_json
    from landplan.planning.assemble.refusals import owners_in_plan
    from landplan.planning.assemble.refusals import refusals as without_each
    from landplan.proposal.files import read_proposal

    proposal = read_proposal(folder)
    cadastre = read_town(town).require()
    if proposal.process == "exchange":
        exchange_refusals(proposal, cadastre, most, as_json)
        return
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


@app.command()
def alternatives(
    folder: PlanFolder,
    town: TownFile,
    out: Annotated[Path, typer.Option("--out", help="Folder of the plans: OUT/1, OUT/2 …")],
    count: Annotated[int, typer.Option(min=1, max=20, help="How many to look for.")] = 3,
    max_share: Annotated[
        float,
        typer.Option(
            min=0, max=0.9999, help="Most of a site's area on the land of an earlier plan."
        ),
    ] = 0.5,
    max_extra: Annotated[
        float, typer.Option(min=0, max=100, help="How much dearer than the plan, as a share.")
    ] = 0.2,
    as_json: AsJson = False,
) -> None:
    """Find the next best plans that differ from a plan and from each other."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble import alternative_words as words
    from landplan.planning.assemble.alternatives import Alternative
    from landplan.planning.assemble.alternatives import alternatives as others
    from landplan.proposal.files import read_proposal, require_writable

    plan = read_proposal(folder)
    cadastre = read_town(town).require()
    require_writable(out)
    kept = Keeper(out)

    def found(one: Alternative) -> None:
        place = kept.write(one.proposal)
        if not as_json:
            print(words.line(len(kept.folders), one, plan, place, language()), flush=True)

    result = others(plan, cadastre, count, max_share, max_extra, None, stop_on_interrupt(), found)
    if as_json:
        told = words.to_json(result, plan, kept.folders)
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for sentence in words.ending(result, plan, max_share, language()):
            print(sentence)
    kept.finish()


@app.command("why")
def why_parcels(
    folder: PlanFolder,
    town: TownFile,
    parcels: Annotated[list[str], typer.Argument(metavar="PARCEL…", help="Ids of parcels.")],
    as_json: AsJson = False,
) -> None:
    """Say why parcels are in a plan or not, and what deciding each otherwise would cost."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble.counterfactual import worth
    from landplan.planning.assemble.counterfactual_words import lines, to_json
    from landplan.planning.assemble.ground import GroundCache
    from landplan.proposal.files import read_proposal

    proposal = read_proposal(folder)
    cadastre = read_town(town).require()
    told = counted_told() if len(parcels) > 1 else None
    found = worth(proposal, cadastre, parcels, GroundCache(), told, stop_on_interrupt())
    if as_json:
        print(json.dumps(to_json(proposal, found), ensure_ascii=False, indent=1))
        return
    for line in lines(found, proposal.town.currency, language()):
        print(line)


@app.command("replan")
def plan_again(
    folder: PlanFolder,
    town: TownFile,
    out: Annotated[Path, typer.Option("--out", help="Folder of the new proposal.")],
    lock: Annotated[list[str] | None, typer.Option(help="A parcel to lock in.")] = None,
    never: Annotated[list[str] | None, typer.Option(help="A parcel to exclude.")] = None,
    never_owner: Annotated[list[str] | None, typer.Option(help="An owner to exclude.")] = None,
    area: Annotated[
        tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Area range, ha.")
    ] = None,
    demand: Annotated[str | None, typer.Option(help="Whose; needed where it is unclear.")] = None,
    within: Annotated[
        float, typer.Option(min=0, max=1, help="Gap at which to end; 0: once proven.")
    ] = 0.0,
    leave: Annotated[
        float | None,
        typer.Option(min=0, help="Exchange: what a parcel counts that goes elsewhere than agreed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan again after a lock, a refusal or another area, starting from what the plan knows."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble.replan import Wish, changed_request, replan
    from landplan.proposal.audit import audit
    from landplan.proposal.files import read_proposal, require_writable, write_proposal

    plan = read_proposal(folder)
    cadastre = read_town(town).require()
    require_writable(out)
    if plan.process == "exchange":
        if lock or area or demand or within:
            raise InputError("replan.exchange_option")
        again = exchange_again(plan, cadastre, never_owner or [], never or [], leave)
        finish_exchange(again, out, as_json)
        return
    if leave is not None:
        raise InputError("replan.leave_option")
    wish = Wish(tuple(lock or ()), tuple(never or ()), tuple(never_owner or ()), area, demand)
    request = changed_request(plan, wish)
    proposal = replan(
        plan, cadastre, request, within, progress=progress_told(), stop=stop_on_interrupt()
    )
    if proposal.certificate.status == "stopped" and proposal.sites.empty:
        raise NothingFound("run.nothing_found")
    written = write_proposal(proposal, out, lambda folder: audit(folder).to_json())
    finish_proposal(written, out, as_json)


class Keeper:
    """Writes plans to OUT/1, OUT/2 … and audits each from its files."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folders: list[str] = []
        self.failed: list[str] = []

    def write(self, plan: "Proposal") -> str:
        """Write and audit one plan; return its folder."""
        from landplan.proposal.audit import audit
        from landplan.proposal.files import write_proposal

        place = self.out / str(len(self.folders) + 1)
        report: list[bool] = []

        def checked(folder: Path) -> dict[str, object]:
            told = audit(folder)
            report.append(told.passed)
            return told.to_json()

        write_proposal(plan, place, checked)
        self.folders.append(str(place))
        if not all(report):
            self.failed.append(str(place))
        return str(place)

    def finish(self) -> None:
        """End with the exit code of a failed audit where one failed."""
        for place in self.failed:
            tell(say("alternatives.audit_failed", folder=place))
        if self.failed:
            raise typer.Exit(AUDIT_FAILED)


@app.command()
def front(
    folder: PlanFolder,
    town: TownFile,
    out: Annotated[Path, typer.Option("--out", help="Folder of the plans: OUT/1, OUT/2 …")],
    most: Annotated[int, typer.Option(min=1, max=500, help="How many searches at most.")] = 12,
    step: Annotated[
        float, typer.Option(min=0.01, max=10, help="Radii are told apart in steps of disc radii.")
    ] = 0.1,
    order: Annotated[
        str, typer.Option(help="Criteria by importance, where known: cost,owners,radius.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Find the plans that cannot be cheaper, have fewer owners and be more compact all at once."""
    from landplan.cadastre.reading import read_town
    from landplan.planning.assemble import front_words as words
    from landplan.planning.assemble.front import front as search
    from landplan.proposal.files import read_proposal, require_writable

    plan = read_proposal(folder)
    named = [name.strip() for name in order.split(",") if name.strip()]
    if len(set(named)) < len(named) or not set(named) <= set(words.CRITERIA):
        raise InputError("front.order", order=order, known=list(words.CRITERIA))
    cadastre = read_town(town).require()
    require_writable(out)
    told, stop = counted_told(), stop_on_interrupt()
    result = search(plan, cadastre, most, step, told, stop)
    known = words.criteria_of(result)
    won = words.weighed(result, [name for name in named if name in known])
    kept = Keeper(out)
    for point in result.points:
        kept.write(point.proposal)
    currency = cadastre.town.currency
    table = words.to_csv(result, won, kept.folders, currency)
    (out / "front.csv").write_text(table, encoding="utf-8-sig", newline="")
    if as_json:
        data = words.to_json(result, won, kept.folders, currency)
        print(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        for line in words.lines(result, won, kept.folders, currency, language()):
            print(line)
    kept.finish()
