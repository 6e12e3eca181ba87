"""Where the real cadastres lie, how many tests ran on them, and the one browser of a session."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium that reaches nothing but this machine.

    One for the session: Playwright cannot be started twice in one thread.
    """
    from playwright.sync_api import sync_playwright

    from tests.browsing import CHROMIUM, OFFLINE

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OFFLINE))
        yield launched
        launched.close()


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
