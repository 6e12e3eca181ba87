"""Whole commands as a planner runs them: seconds and peak memory, each in a process of its own.

    python -m benchmarks.towns [--requests FOLDER] [--repeat 3] [--parcels 48501]

``--requests`` names a folder of towns, each with town.toml and assemble.toml.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SHANGHAI_INDUSTRIAL_PARCELS = 48_501


class Run(NamedTuple):
    """One command: seconds of wall clock and peak memory in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=Path, default=Path("../shared/requests"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--parcels", type=int, default=SHANGHAI_INDUSTRIAL_PARCELS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        measure_check(folder / "large", asked.parcels, asked.repeat)
        landplan("demo", folder / "demo", "--size", 2000)
        measure_run("demo 2,000", folder / "demo", folder / "out", asked.repeat)
        for town in sorted(asked.requests.glob("*/town.toml")):
            measure_run(town.parent.name, town.parent, folder / "out", asked.repeat)


def measure_check(folder: Path, parcels: int, repeat: int) -> None:
    """Measure `landplan check` on a large invented town."""
    grown = landplan("demo", folder, "--size", parcels)
    runs = [landplan("check", folder / "town.toml") for _ in range(repeat)]
    print(f"demo of {parcels:,} parcels: {grown.seconds:.1f} s, {grown.megabytes:.0f} MB")
    print(f"check of {parcels:,} parcels: {shown(runs)}", flush=True)


def measure_run(name: str, town: Path, out: Path, repeat: int) -> None:
    """Measure `landplan run` and say how good the plan is."""
    words = ("run", town / "town.toml", town / "assemble.toml", "--out", out)
    runs = [landplan(*words) for _ in range(repeat)]
    document = json.loads((out / "proposal.json").read_text("utf-8"))
    certificate = document["certificate"]
    ledger = [site for demand in document["demands"] for site in demand["sites"]]
    print(
        f"{name}: {shown(runs)}, gap {certificate['gap']:.2g} ({certificate['status']}), "
        f"{len(ledger)} sites, audit {'passed' if document['audit']['passed'] else 'FAILED'}",
        flush=True,
    )


def landplan(*words: object) -> Run:
    """Run one command to its end; raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "landplan", *map(str, words)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return Run(seconds, usage.ru_maxrss / 1024)


def shown(runs: list[Run]) -> str:
    """Return the median time and the highest memory."""
    median = statistics.median(run.seconds for run in runs)
    return f"{median:.1f} s, {max(run.megabytes for run in runs):.0f} MB"


if __name__ == "__main__":
    main()
