"""The independent audit: re-checks a proposal from its written files alone.

It shares nothing with the engines, the writers or the adjacency of the cadastre; contiguity,
overlays, sums and formulas are its
own. What the stated fingerprint of a layer is, it reads in `landplan.proposal.fingerprint`.
"""

from collections.abc import Mapping
from pathlib import Path

from landplan.proposal.audit.accounts import check_accounts
from landplan.proposal.audit.closings import check_closings
from landplan.proposal.audit.crossings import check_crossings
from landplan.proposal.audit.exchange import EXCHANGE, check_exchange
from landplan.proposal.audit.ground import check_ground
from landplan.proposal.audit.holders import check_holders
from landplan.proposal.audit.land import check_land
from landplan.proposal.audit.partition import check_partition
from landplan.proposal.audit.proof import check_proof
from landplan.proposal.audit.report import AuditReport, Check
from landplan.proposal.audit.rules import check_rules
from landplan.proposal.audit.seals import check_seals
from landplan.proposal.audit.sites import check_sites
from landplan.proposal.audit.surroundings import check_surroundings
from landplan.proposal.audit.terms import check_terms
from landplan.proposal.audit.together import check_together
from landplan.proposal.audit.view import View
from landplan.proposal.audit.workbook import check_workbook
from landplan.proposal.audit.written import read_written
from landplan.proposal.audit.zoning import share_table

__all__ = ["AuditReport", "Check", "audit"]


def audit(directory: Path, town_files: Mapping[str, Path] | None = None) -> AuditReport:
    """Re-check the files of a proposal.

    Parameters
    ----------
    directory
        Holds ``proposal.json``, ``proposal.gpkg`` and ``ledger.xlsx``. The keys ``audit`` and
        ``times`` of the document are
        not read.
    town_files
        Files of the town by the names that ``provenance.files`` gives them; where given, their
        hashes are compared too.

    Raises
    ------
    InputError
        A file is missing, is not what its name says, or lacks a layer, column or key (exit code 2).
    """
    view = View(read_written(Path(directory)))
    if view.document.process == EXCHANGE:
        found = (
            check_seals(view, town_files),
            check_exchange(view),
            check_workbook(view),
            check_proof(view),
        )
        return AuditReport(tuple(check for part in found for check in part))
    shares = share_table(view)
    checks = [
        *check_seals(view, town_files),
        *check_land(view, shares),
        *check_sites(view),
        *check_terms(view),
        *check_together(view),
        *check_holders(view),
        *check_ground(view),
        *check_surroundings(view),
        *check_crossings(view),
        *check_closings(view),
        *check_rules(view, shares),
        *check_accounts(view),
        *check_workbook(view),
        *check_proof(view),
        *check_partition(view),
    ]
    return AuditReport(tuple(checks))
