"""landplan run for a scenario: its steps one after the other, then the whole."""

from pathlib import Path

import typer

from landplan.cli_terminal import (
    AUDIT_FAILED,
    UNMET,
    language,
    progress_told,
    say,
    stop_on_interrupt,
    tell,
    tell_audit,
)


def run_scenario(town: Path, request: Path, out: Path | None, as_json: bool) -> None:
    """Answer, write, audit and print a scenario; end with the exit code of audit and needs."""
    from landplan.errors import InputError
    from landplan.planning.report import lines
    from landplan.planning.scenario.run import answer
    from landplan.proposal.scenario import DOCUMENT, who_gives_way

    if out is None:
        raise InputError("scenario.folder_only")
    scenario = answer(town, request, out, progress_told(), stop_on_interrupt())
    if as_json:
        print((out / DOCUMENT).read_text(encoding="utf-8"), end="")
    else:
        for number, step in enumerate(scenario.steps, 1):
            print(say("scenario.step", number=number, of=len(scenario.names), step=step.name))
            if step.proposal is not None:
                for line in lines(step.proposal, say, language()):
                    print("  " + line)
            elif step.reason is not None:
                print("  " + say(step.reason["code"], **step.reason["params"]))
            for party in who_gives_way(step):
                print("  " + _displaced(party, scenario.town.currency))
        for name in scenario.names[len(scenario.steps) :]:
            print(say("scenario.not_begun", step=name))
    assert scenario.audit is not None
    tell_audit(scenario.audit, failures=True)
    tell(say("scenario.written", out=str(out)))
    if not scenario.audit["passed"]:
        raise typer.Exit(AUDIT_FAILED)
    if not scenario.met:
        raise typer.Exit(UNMET)


def _displaced(party: dict[str, object], currency: str) -> str:
    """Return what becomes of one who gives way."""
    from landplan.messages.numbers import area, money

    def told(key: str) -> str:
        return money(abs(float(str(party[key] or 0.0))), currency, language())

    if party["placed"]:
        return say(
            "scenario.pays" if float(str(party["payment"])) < 0 else "scenario.placed",
            party=party["party"],
            claim=told("claim_value"),
            value=told("value_after"),
            area=area(float(str(party["area_after_m2"])), language()),
            payment=told("payment"),
        )
    if party["missing_value"] or party["missing_m2"]:
        missing = area(float(str(party["missing_m2"] or 0.0)), language())
        return say(
            "scenario.short", party=party["party"], value=told("missing_value"), area=missing
        )
    before = area(float(str(party["area_before_m2"])), language())
    return say("scenario.needs", party=party["party"], claim=told("claim_value"), area=before)
