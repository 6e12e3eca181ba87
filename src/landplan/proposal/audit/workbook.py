"""`ledger.xlsx`: stub."""

from collections.abc import Iterator

from landplan.proposal.audit.report import Check
from landplan.proposal.audit.view import View


def check_workbook(view: View) -> Iterator[Check]:
    """Check."""
    yield from ()
