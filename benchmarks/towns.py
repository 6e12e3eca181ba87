"""Whole commands as a planner runs them: seconds and peak memory, each in a process of its own.

    python -m benchmarks.towns [--requests FOLDER] [--repeat 3] [--parcels 48501] [--side 317]

``--requests`` names a folder of towns, each with town.toml and assemble.toml. ``--side`` squared is
the number of parcels of the town that is asked in a workspace: first with its import, then with
other questions to the same data.
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

import geopandas as gpd
import numpy as np
import shapely

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
    parser.add_argument("--side", type=int, default=317)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        measure_asking(folder / "square", asked.side, asked.repeat)
        measure_check(folder / "large", asked.parcels, asked.repeat)
        landplan("demo", folder / "demo", "--size", 2000)
        measure_run("demo 2,000", folder / "demo", folder / "out", asked.repeat)
        for town in sorted(asked.requests.glob("*/town.toml")):
            measure_run(town.parent.name, town.parent, folder / "out", asked.repeat)


def measure_asking(folder: Path, side: int, repeat: int) -> None:
    """Measure `landplan run --workspace`: with the import, then from the dataset."""
    folder.mkdir()
    write_square_town(folder, side)
    runs = []
    for turn in range(repeat + 1):
        # another question each time: the same one would only be looked up
        request = f'process = "assemble"\n[[demand]]\nid = "s"\narea_ha = [{20 + 0.1 * turn}, 25]\n'
        (folder / "request.toml").write_text(request, "utf-8")
        words = (folder / "town.toml", folder / "request.toml", "--workspace", folder / "kept")
        runs.append(landplan("run", *words))
    print(f"{side**2:,} parcels, 20 per site, with the import: {shown(runs[:1])}")
    print(f"{side**2:,} parcels, 20 per site, from the dataset: {shown(runs[1:])}", flush=True)


def write_square_town(folder: Path, side: int) -> None:
    """Write ``side`` squared parcels of about a hectare, corners astray by up to 25 m."""
    random = np.random.default_rng(0)
    east, north = np.meshgrid(np.arange(side + 1) * 100.0, np.arange(side + 1) * 100.0)
    east = 610_000 + east + random.uniform(-25, 25, east.shape)
    north = 3_463_000 + north + random.uniform(-25, 25, north.shape)
    corner = np.stack([east, north], axis=2)
    around = [corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1], corner[:-1, :-1]]
    polygons = shapely.polygons(np.stack(around, axis=2).reshape(-1, 5, 2))
    blocks = random.uniform(0.7, 1.3, (side // 20 + 1, side // 20 + 1))
    smooth = np.kron(blocks, np.ones((20, 20)))[:side, :side].ravel()
    price = 100 * shapely.area(polygons) * smooth
    price *= np.exp(0.3 * random.standard_normal(len(polygons)))
    owners = random.integers(0, 30_000, len(polygons))
    columns = {
        "id": [f"P{i:06d}" for i in range(len(polygons))],
        "owner": [f"O{i:05d}" for i in owners],
        "cost": price.round(2),
    }
    frame = gpd.GeoDataFrame(columns, geometry=polygons, crs="EPSG:4549")
    frame.to_file(folder / "parcels.gpkg")
    (folder / "town.toml").write_text(
        'format = 1\n[town]\nname = "Square"\ncrs = "EPSG:4549"\ncurrency = "CNY"\n'
        '[parcels]\nfile = "parcels.gpkg"\nid = "id"\nowner = "owner"\n'
        'cost = { column = "cost", unit = "total" }\n',
        "utf-8",
    )


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
