"""The real towns, each drafted and checked once per session.

The draft is used as it comes, without an edit: what it cannot read, these tests cannot pass.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.check import check_town
from landplan.cadastre.draft import Draft, draft_town
from landplan.cadastre.findings import Finding


@dataclass(frozen=True)
class RealTown:
    """A drafted town file with what check says about it."""

    draft: Draft
    file: dict[str, Any]
    cadastre: Cadastre
    findings: dict[tuple[str, str], Finding]

    def count(self, code: str, layer: str = "parcels") -> float:
        """How many rows a finding concerns; 0 where there is none."""
        finding = self.findings.get((code, layer))
        return 0.0 if finding is None else finding.measured or 0.0


Drafted = Callable[..., RealTown]


@pytest.fixture(scope="session")
def drafted(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    def draft_and_check(pattern: str) -> RealTown:
        folder = tmp_path_factory.mktemp("town")
        draft = draft_town(sorted(real_data.glob(pattern)), folder)
        path = folder / "town.toml"
        path.write_text(draft.text, encoding="utf-8")
        reading = check_town(path)
        findings = {(finding.code, finding.layer): finding for finding in reading.findings}
        return RealTown(draft, tomllib.loads(draft.text), reading.require(), findings)

    return draft_and_check


@pytest.fixture(scope="session")
def cambridge(drafted: Drafted) -> RealTown:
    return drafted("cambridge_ma/*")


@pytest.fixture(scope="session")
def forest_city(drafted: Drafted) -> RealTown:
    return drafted("forest_city_west/*")


@pytest.fixture(scope="session")
def gennes(drafted: Drafted) -> RealTown:
    return drafted("artiscales_fr/*")


@pytest.fixture(scope="session")
def changhua(drafted: Drafted) -> RealTown:
    return drafted("changhua_zoning/*")


@pytest.fixture(scope="session")
def bubenec(drafted: Drafted) -> RealTown:
    return drafted("momepy_bubenec/*")
