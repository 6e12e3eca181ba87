"""What every command needs at the terminal: words, progress, and a search that Ctrl-C ends well."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from landplan.messages import Language
    from landplan.proposal.audit.report import AuditReport
    from landplan.proposal.proposal import Proposal

UNMET, AUDIT_FAILED = 3, 4
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def say(code: str, /, **params: object) -> str:
    """Return a sentence in the language of LANDPLAN_LANG."""
    from landplan.messages import say as sentence

    return sentence(code, params, language())


def language() -> "Language":
    """Return the language that LANDPLAN_LANG asks for."""
    from landplan.messages import choose_language

    return choose_language(os.environ.get("LANDPLAN_LANG"))


def tell(text: str) -> None:
    """Print to stderr: what goes on, not what comes out."""
    print(text, file=sys.stderr, flush=True)


def stop_on_interrupt() -> Callable[[float, float], bool]:
    """Make the first Ctrl-C end the search with the best plan and its bound.

    The second ends the program.
    """
    asked: list[bool] = []
    stopping = f"{say('cli.stopping')}\n".encode()

    def interrupt(number: int, frame: object) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # not print: the interrupt may fall into the middle of one, and buffers are not reentrant
        os.write(2, stopping)

    signal.signal(signal.SIGINT, interrupt)
    return lambda best, bound: bool(asked)


def progress_told() -> Callable[[str, float, float], None]:
    """Tell each phase once, and each better plan in it."""
    known: set[tuple[str, float]] = set()

    def told(phase: str, best: float, bound: float) -> None:
        if (phase, best) in known:
            return
        known.add((phase, best))
        shown = {"phase": phase, "best": best, "bound": max(bound, 0.0)}
        tell(say(_phase_code(best, bound), **shown))

    return told


def counted_told() -> Callable[[str, float, float], None]:
    """Tell how many of how many are done."""

    def told(phase: str, done: float, of: float) -> None:
        tell(say("cli.counted", done=int(done), of=int(of)))

    return told


def _phase_code(best: float, bound: float) -> str:
    """Return which sentence says how far a search is; a bound above the best is one on a yield."""
    if best == float("inf"):
        return "cli.phase.none"
    if best == bound:
        return "cli.phase.proven"
    return "cli.phase.most" if bound > best else "cli.phase"


def tell_audit(report: Mapping[str, Any], *, failures: bool = False) -> None:
    """Say how many checks an audit made and how many failed; ``failures``: and which."""
    failed = [found for found in report["checks"] if not found["passed"]]
    code = "cli.audit.failed" if failed else "cli.audit.passed"
    tell(say(code, n=len(report["checks"]), failed=len(failed)))
    for found in failed if failures else ():
        tell("✗ " + check_sentence(found))


def check_sentence(found: dict[str, Any]) -> str:
    """Return what one check of an audit found."""
    return say(str(found["code"]), **{key: value for key, value in found.items() if key != "code"})


def finish_audit(report: "AuditReport", as_json: bool) -> None:
    """Print what an audit found; end with the exit code of a failed one."""
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        for found in report.checks:
            print(("✓ " if found.passed else "✗ ") + check_sentence(found.to_json()))
    tell_audit(report.to_json())
    if not report.passed:
        raise typer.Exit(AUDIT_FAILED)


def finish_proposal(proposal: "Proposal", out: "Path", as_json: bool) -> None:
    """Print a written proposal; end with the exit code of its audit and of unmet demands."""
    from landplan.planning.report import lines

    if as_json:
        print((out / "proposal.json").read_text(encoding="utf-8"), end="")
    else:
        for line in lines(proposal, say, language()):
            print(line)
    if proposal.audit is not None:
        tell_audit(proposal.audit, failures=True)
    tell(say("cli.written", out=str(out)))
    if proposal.audit is not None and not proposal.audit["passed"]:
        raise typer.Exit(AUDIT_FAILED)
    unmet = [demand for demand in proposal.demands if not demand.met]
    if unmet and not proposal.request.get("partial", False):
        raise typer.Exit(UNMET)
