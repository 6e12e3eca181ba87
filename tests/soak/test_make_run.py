"""`make run` on a clean folder: the demo town, three plans, the service and one address."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_START_S = 420.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page(port: int, path: str) -> str:
    """Return a page of the service."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"accept": "text/html"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


@contextmanager
def running(out: Path, port: int, log: Path) -> Iterator[float]:
    """Run `make run` until the block ends; yields the seconds until a page was answered."""
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            ["make", "run", f"OUT={out}", f"PORT={port}"],
            cwd=ROOT,
            env={**os.environ, "LANDPLAN_LANG": "en"},
            stderr=said,
            start_new_session=True,
        )
    try:
        while True:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.perf_counter() - started < FIRST_START_S, "no page after seven minutes"
            try:
                page(port, "/")
                break
            except OSError:
                time.sleep(0.1)
        yield time.perf_counter() - started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


@pytest.mark.soak
def test_make_run_serves_the_demo_town_with_three_plans_and_starts_again(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "said.txt"
    with running(tmp_path / "out", port, log) as first_s:
        assert page(port, "/").count("/proposals/") >= 3
    assert f"http://127.0.0.1:{port}/" in log.read_text(encoding="utf-8")

    with running(tmp_path / "out", port, log) as second_s:
        assert page(port, "/").count("/proposals/") >= 3
    print(f"make run: first page after {first_s:.1f} s, at the second start {second_s:.1f} s")
