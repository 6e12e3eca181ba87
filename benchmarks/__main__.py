"""Benchmarks, one run after the other: `python -m benchmarks --set short`.

Sets: smoke (seconds), short (up to ten minutes), one (one site, an hour), all (hours). Writes a
JSON document to ``--out`` and the Markdown page of it to ``--page``. ``--seeds`` overrides the
number of seeds, ``--only`` keeps the runs whose case or solver holds a word.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.cases import SETS, runs_of
from benchmarks.measure import measured
from benchmarks.report import page
from benchmarks.truth import towns_measured

PACKAGES = ("landplan", "numpy", "scipy", "numba", "pyscipopt", "ortools", "spopt", "pygeoda")


def main(words: list[str] | None = None) -> None:
    """Run a set, then write what came of it."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--set", choices=SETS, default="short")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    parser.add_argument("--page", type=Path, help="folder of the dated page")
    parser.add_argument("--requests", type=Path, default=Path("../shared/requests"))
    asked = parser.parse_args(words)
    document = run_set(asked.set, asked.seeds, asked.only, asked.requests)
    asked.out.mkdir(parents=True, exist_ok=True)
    name = f"{document['date']}-{asked.set}"
    (asked.out / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    folder = asked.page or asked.out
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(page(document), "utf-8")
    print(f"{asked.out / name}.json, {folder / name}.md")


def run_set(name: str, seeds: int | None, only: str, requests: Path) -> dict[str, Any]:
    """Return a document: date, machine, versions, a record per run, whole commands."""
    document: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "set": name,
        "machine": machine(),
        "versions": versions(),
    }
    records: list[dict[str, Any]] = []
    for run in runs_of(name, seeds):
        if only in f"{run.case.name} {run.solver}":
            found = measured(run)
            records += found
            print(f"{run.case.name}; {run.solver}: {brief(found)}", flush=True)
    document["records"] = records
    document["commands"] = (
        [] if name in ("smoke", "one") or only else towns_measured(name, requests)
    )
    document["partitions"] = partitions() if name == "all" and not only else []
    document["machine"]["load_after"] = load()
    document["runs"] = [{**asdict(r), "case": r.case.name} for r in runs_of(name, seeds)]
    return document


def partitions() -> list[str]:
    """Return what `benchmarks.partition` says, alone and beside the peers that are installed."""
    lines = []
    for suite in ("full", "peers"):
        command = [sys.executable, "-m", "benchmarks.partition", "--suite", suite]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines += done.stdout.splitlines()
        if done.returncode:
            lines.append(f"{suite} broke off: {done.stderr.strip().splitlines()[-1]}")
    return lines


def brief(records: list[dict[str, Any]]) -> str:
    """Return one line about the seeds of a run."""
    return "; ".join(
        f"skipped: {r['skipped']}"
        if "skipped" in r
        else f"{r['seconds']:.2f} s{' proven' if r['proven'] else ''}{r['wrong'] and ' WRONG'}"
        for r in records
    )


def machine() -> dict[str, Any]:
    """Return what the runs are made on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load_before": load(),
        "load_after": "?",
    }


def load() -> str:
    """Return the mean number of waiting processes of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor() or "unknown processor"
    lines = path.read_text("utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def versions() -> dict[str, str]:
    """Return the versions of what takes part; what is not installed is left out."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
