"""Proposals of a workspace: written once, then only read."""

import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from landplan.errors import AuditFailed, InputError
from landplan.proposal.audit import audit
from landplan.proposal.files import DOCUMENT, read_document, read_proposal, write_proposal
from landplan.proposal.proposal import ID_DIGITS, Proposal
from landplan.workspace.read_once import ReadOnce

KEPT: Final = 16
KEPT_DOCUMENTS: Final = 1000


class Proposals:
    """The folder ``proposals/``: one folder per id, in the layout of `landplan.proposal.files`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._read: ReadOnce[Proposal] = ReadOnce(KEPT)
        self._documents: ReadOnce[dict[str, Any]] = ReadOnce(KEPT_DOCUMENTS)

    def folder(self, proposal_id: str) -> Path:
        """Return where a proposal lies; raises InputError for what is no id."""
        if len(proposal_id) != ID_DIGITS or not set(proposal_id) <= set("0123456789abcdef"):
            raise InputError("workspace.no_proposal", proposal=proposal_id)
        return self.home / proposal_id

    def exists(self, proposal_id: str) -> bool:
        """Whether there is such a proposal."""
        try:
            return (self.folder(proposal_id) / DOCUMENT).is_file()
        except InputError:
            return False

    def list(self) -> Sequence[str]:
        """Return the ids of all proposals."""
        found = self.home.iterdir() if self.home.is_dir() else ()
        return sorted(path.name for path in found if self.exists(path.name))

    def document(self, proposal_id: str) -> dict[str, Any]:
        """Return ``proposal.json``, to be read only; raises InputError where there is none."""
        folder = self._present(proposal_id)
        return self._documents.get(proposal_id, lambda: read_document(folder))

    def get(self, proposal_id: str) -> Proposal:
        """Return a proposal, read once and kept; raises InputError where there is none."""
        folder = self._present(proposal_id)
        return self._read.get(proposal_id, lambda: read_proposal(folder))

    def store(self, proposal: Proposal) -> Proposal:
        """Write and audit a proposal; one that is there already is left as it is.

        Raises
        ------
        AuditFailed
            The files contradict themselves; then nothing is kept.
        """
        if self.exists(proposal.id):
            return self.get(proposal.id)
        staging = self.staging()
        try:
            written = write_proposal(proposal, staging, lambda folder: audit(folder).to_json())
            require_passed(written.audit)
            self.adopt(staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return written

    def adopt(self, folder: Path) -> str:
        """Move a written proposal into its place and return its id.

        Equal questions have equal answers: where the place is taken, the earlier one stays. Raises
        AuditFailed for one that did not pass.
        """
        document = read_document(folder)
        require_passed(document.get("audit"))
        proposal_id = str(document["id"])
        target = self.folder(proposal_id)
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except OSError:
            if not self.exists(proposal_id):
                raise
            shutil.rmtree(folder, ignore_errors=True)
        return proposal_id

    def staging(self) -> Path:
        """Return a new folder beside the others, which no listing shows."""
        folder = self.home / f".{uuid.uuid4().hex}.part"
        folder.mkdir(parents=True)
        return folder

    def _present(self, proposal_id: str) -> Path:
        if not self.exists(proposal_id):
            raise InputError("workspace.no_proposal", proposal=proposal_id)
        return self.folder(proposal_id)


def require_passed(report: Mapping[str, Any] | None) -> None:
    """Raise AuditFailed unless the audit passed, naming the checks that did not."""
    if report is not None and report["passed"]:
        return
    checks = (report or {}).get("checks", [])
    failed = [str(found["code"]) for found in checks if not found["passed"]]
    raise AuditFailed("workspace.audit_failed", checks=failed)
