"""Where the real cadastres lie, and how many tests ran on them."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# a deadline is wall clock, and machines are shared
settings.register_profile("landplan", deadline=None)
settings.load_profile("landplan")

ROOT = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("LANDPLAN_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real cadastres; skips where there is none."""
    if not REAL_DATA.is_dir():
        pytest.skip(
            f"no real cadastres: neither LANDPLAN_REAL_DATA nor {REAL_DATA.name} beside the project"
        )
    return REAL_DATA


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests used the real cadastres."""
    ran = sum(
        "real_data" in report.keywords
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call"
    )
    where = "found" if REAL_DATA.is_dir() else "absent"
    terminalreporter.write_line(f"real cadastres: {ran} tests ran (data {where})")
