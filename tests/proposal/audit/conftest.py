from collections.abc import Callable
from pathlib import Path

import pytest

from landplan.proposal.audit import AuditReport, audit
from tests.proposal.audit.drawing import Drawing


@pytest.fixture
def audited(tmp_path: Path) -> Callable[[Drawing], AuditReport]:
    """Write a drawing and audit what was written."""
    return lambda drawing: audit(drawing.write(tmp_path / "proposal"))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The untouched drawing, written once; copy it before changing anything."""
    return Drawing().write(tmp_path_factory.mktemp("drawn") / "proposal")
