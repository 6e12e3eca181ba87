"""landplan …: results on stdout, progress and messages on stderr, never a traceback."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landplan import __version__, cli_owners, cli_plans, cli_scenario
from landplan.cli_exchange import check_exchange, print_reach, read_exchange
from landplan.cli_terminal import (
    AsJson,
    finish_audit,
    finish_proposal,
    language,
    progress_told,
    say,
    stop_on_interrupt,
    tell,
)
from landplan.errors import InputError, LandplanError, ManyErrors

if TYPE_CHECKING:
    from landplan.cadastre.findings import Finding
    from landplan.cadastre.reading import Reading
    from landplan.proposal.proposal import Proposal
    from landplan.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(cli_plans.app)
app.add_typer(cli_owners.app)
TownPath = Annotated[Path, typer.Argument(metavar="TOWN", help="The town file, town.toml.")]

TOWN_ERRORS, BAD_INPUT = 1, 2


def main() -> None:
    """Run the command line; every fault ends in a sentence and an exit code."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except LandplanError as error:
        complain(error)
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as fault:
        show = getattr(fault, "show", None)
        if (
            show is not None
        ):  # a usage error of the command line parser, which is not importable by a public name
            show()
            sys.exit(BAD_INPUT)
        if os.environ.get("LANDPLAN_TRACEBACK"):
            raise
        tell(say("cli.internal", kind=type(fault).__name__, detail=str(fault)))
        sys.exit(70)


def complain(error: LandplanError) -> None:
    """Print the sentence of every fault."""
    errors: Sequence[LandplanError] = error.errors if isinstance(error, ManyErrors) else (error,)
    if len(errors) > 1:
        tell(say("many", n=len(errors)))
    for fault in errors:
        tell(say(fault.code, **fault.params))


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Assemble land into contiguous sites.

    With a proven bound, an audit and a reason for every parcel left out.
    """
    if show:
        print(__version__)
        raise typer.Exit


@app.command()
def init(
    files: Annotated[list[Path], typer.Argument(help="Layers and tables of the town.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the draft.")] = Path(
        "town.toml"
    ),
) -> None:
    """Draft a commented town file from layers and tables."""
    from landplan.cadastre.draft import draft_town

    if out.exists():
        raise InputError("cli.draft.exists", file=str(out))
    draft = draft_town(files, out.parent, language())
    try:
        out.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        detail = error.strerror or ""
        raise InputError("cli.not_writable", file=str(out), detail=detail) from None
    tell(say("cli.draft.written", file=str(out)))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    size: Annotated[int, typer.Option(help="Parcels, 500 to 50,000.")] = 2000,
    seed: Annotated[int, typer.Option(help="Same seed, same town.")] = 1,
) -> None:
    """Invent a town: layers, town.toml and example requests."""
    from landplan.cadastre.demo import write_demo

    written = write_demo(folder, size, seed)
    tell(say("cli.demo.written", folder=str(folder), files=[path.name for path in written]))
    print(folder / "town.toml")


@app.command()
def check(
    town: TownPath,
    request: Annotated[
        Path | None, typer.Option("--request", help="A request of exchange: whom it cannot suit.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong or odd with a town, all at once."""
    from landplan.cadastre.check import check_town

    asked = read_exchange(request) if request is not None else None
    reading = check_town(town)
    told: list[dict[str, Any]] = []
    if asked is not None and reading.cadastre is not None and not reading.errors:
        told = check_exchange(asked, reading.cadastre)
    if as_json:
        data = _check_json(reading) | ({} if asked is None else {"out_of_reach": told})
        print(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        _print_findings(reading)
        if asked is not None and not reading.errors:
            print_reach(request, told)
    if reading.errors or told:
        raise typer.Exit(TOWN_ERRORS)


@app.command()
def run(
    town: TownPath,
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="The request, for example assemble.toml.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the proposal.")] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", help="Workspace that keeps the plan.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request: a proposal with its certificate, tables and audit."""
    from landplan.cadastre.validation import read_toml
    from landplan.planning.process import report_ids
    from landplan.proposal.scenario import PROCESS as SCENARIO

    if (out is None) == (workspace is None):
        raise InputError("cli.no_target")
    process = read_toml(request).get("process")
    if process in report_ids():
        _report(town, request, out, as_json)
        return
    if process == SCENARIO:
        cli_scenario.run_scenario(town, request, out, as_json)
        return
    if out is not None:
        from landplan.planning.answer import answer

        proposal = answer(town, request, out, progress=progress_told(), stop=stop_on_interrupt())
    else:
        assert workspace is not None
        proposal, out = _ask(workspace, town, request)
    finish_proposal(proposal, out, as_json)


@app.command("import")
def import_town(
    town: TownPath,
    workspace: Annotated[Path, typer.Option("--workspace", help="Workspace that keeps the data.")],
    as_of: Annotated[
        str | None, typer.Option(help="Date of the register, YYYY-MM-DD; else the town file's.")
    ] = None,
) -> None:
    """Store a town's data as a dataset of a workspace and print its id."""
    dataset = _open_workspace(workspace).datasets.import_town(town, "command line", _date(as_of))
    shown = {"town": dataset.town, "version": dataset.version, "parcels": dataset.parcels}
    tell(say("cli.imported", **shown))
    print(dataset.id)


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a proposal.")],
    town: Annotated[
        Path | None, typer.Option("--town", help="The town file: its layers are hashed again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proposal, or a scenario with all its steps, again from its files alone."""
    from landplan.planning.answer import source_files
    from landplan.proposal.audit import audit as check_again
    from landplan.proposal.audit.scenario import audit_scenario
    from landplan.proposal.scenario import DOCUMENT

    if (folder / DOCUMENT).is_file():
        finish_audit(audit_scenario(folder), as_json)
    else:
        finish_audit(check_again(folder, source_files(town) if town is not None else None), as_json)


@app.command()
def processes(
    process: Annotated[str | None, typer.Argument(metavar="ID", help="One process.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what can be asked: every field with unit, bounds, default and help."""
    from landplan.planning.reference import describe, fields, listing, reports, series

    if as_json:
        told = describe(process) if process else [*listing(), *reports(), *series()]
        print(json.dumps(told, ensure_ascii=False, indent=1))
    elif process is None:
        for entry in [*listing(), *reports(), *series()]:
            print(f"{entry['id']:<12} {entry['version']:<4} {entry['title']}")
    else:
        for line in fields(process):
            print(line)


def _report(town: Path, request: Path, out: Path | None, as_json: bool) -> None:
    """Measure, write and print: nothing is searched for, so no audit and no certificate."""
    from landplan.planning.measure.answer import answer
    from landplan.planning.measure.words import lines

    if out is None:
        raise InputError("measure.folder_only")
    measured = answer(town, request, out)
    if as_json:
        print((out / "measures.json").read_text(encoding="utf-8"), end="")
    else:
        for line in lines(measured, language()):
            print(line)
    tell(say("measure.written", out=str(out)))


def _ask(folder: Path, town: Path, request: Path) -> "tuple[Proposal, Path]":
    from landplan.workspace.asking import ask

    kept = _open_workspace(folder)
    proposal, plan = ask(kept, town, request, progress_told(), stop_on_interrupt())
    scenario = kept.scenarios.get(plan.scenario_id)
    tell(say("cli.kept", scenario=scenario.code, plan=plan.label))
    return proposal, kept.proposals.folder(proposal.id)


def _open_workspace(folder: Path) -> "Workspace":
    from sqlalchemy.exc import SQLAlchemyError

    from landplan.workspace.workspace import Workspace

    try:
        return Workspace(folder)
    except (OSError, SQLAlchemyError) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise InputError("cli.no_workspace", folder=str(folder), detail=detail) from None


def _date(text: str | None) -> str | None:
    from datetime import date

    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError("cli.no_date", text=text) from None


def _check_json(reading: "Reading") -> dict[str, Any]:
    parcels = reading.cadastre.parcels if reading.cadastre is not None else None
    return {
        "usable": not reading.errors,
        "parcels": None if parcels is None else len(parcels),
        "errors": [
            {"code": e.code, "params": e.params, "message": say(e.code, **e.params)}
            for e in reading.errors
        ],
        "findings": [_finding_json(finding) for finding in reading.findings],
    }


def _finding_json(finding: "Finding") -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "layer": finding.layer,
        "ids": list(finding.ids),
        "measured": finding.measured,
        "limit": finding.limit,
        "hint": say(f"{finding.code}.hint"),
        "message": _finding_sentence(finding),
        "params": finding.params,
    }


def _finding_sentence(finding: "Finding") -> str:
    params = {
        "layer": finding.layer,
        "ids": finding.ids,
        "measured": finding.measured,
        "limit": finding.limit,
    }
    return say(finding.code, **(params | finding.params))


def _print_findings(reading: "Reading") -> None:
    order = ("town_error", "parcel_error", "warning", "note")
    for finding in sorted(reading.findings, key=lambda found: order.index(found.severity)):
        if finding.severity == "town_error":
            continue
        print(
            f"[{say('cli.severity.' + finding.severity)}] {finding.code}: "
            + _finding_sentence(finding)
        )
        print(f"    {say('cli.hint', hint=say(finding.code + '.hint'))}")
    for error in reading.errors:
        print(f"[{say('cli.severity.town_error')}] {error.code}: {say(error.code, **error.params)}")
    if reading.cadastre is None:
        tell(say("cli.check.unusable", n=len(reading.errors)))
        return
    parcels = reading.cadastre.parcels
    tell(
        say(
            "cli.check.usable",
            town=reading.cadastre.town.name,
            parcels=len(parcels),
            usable=int(parcels["fault"].isna().sum()),
            n=len({finding.code for finding in reading.findings}),
        )
    )
