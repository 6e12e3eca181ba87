"""`make run` on a clean folder: the demo town, three plans, the service and one address."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
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


def start(out: Path, port: int) -> tuple[subprocess.Popen[str], float]:
    """Start `make run`, wait until a page is answered; return the process and the seconds."""
    started = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run", f"OUT={out}", f"PORT={port}"],
        cwd=ROOT,
        env={**os.environ, "LANDPLAN_LANG": "en"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while time.perf_counter() - started < FIRST_START_S:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            page(port, "/")
        except OSError:
            time.sleep(0.1)
        else:
            return process, time.perf_counter() - started
    os.killpg(process.pid, signal.SIGKILL)
    raise AssertionError("no page after seven minutes")


@pytest.mark.soak
def test_make_run_serves_the_demo_town_with_three_plans_and_starts_again(tmp_path: Path) -> None:
    port = free_port()
    process, first_s = start(tmp_path / "out", port)
    try:
        desk = page(port, "/")
        assert desk.count("/proposals/") >= 3
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    assert process.stderr is not None
    assert f"http://127.0.0.1:{port}/" in process.stderr.read()

    process, second_s = start(tmp_path / "out", port)
    try:
        assert page(port, "/").count("/proposals/") >= 3
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    print(f"make run: first page after {first_s:.1f} s, at the second start {second_s:.1f} s")
