"""Whole commands on the demo town and on real towns, at several numbers of parcels per site.

The request of each town (town.toml, assemble.toml) is kept with its first demand only; its area per
parcel is that of the request, and the site is to have at least as many parcels as asked for.
"""

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.towns import landplan

PARCELS = {"short": (20,), "all": (10, 20, 30, 40, 60)}
REAL = ("cambridge", "forest_city_west", "gennes")
DEMO_SIZES = {"short": (2_000,), "all": (2_000, 20_000, 100_000)}
AREA_SLACK = 1.3


def towns_measured(name: str, requests: Path) -> list[dict[str, Any]]:
    """Return a record per town and number of parcels; what is absent is skipped with the reason."""
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for size in DEMO_SIZES[name]:
            demo = folder / f"demo{size}"
            landplan("demo", demo, "--size", size)
            records += [measured(f"demo {size:,}", demo, n, folder) for n in PARCELS[name]]
        for town in REAL:
            home = requests / town
            if (home / "town.toml").exists():
                records += [measured(town, home, n, folder) for n in PARCELS[name]]
            else:
                records.append({"town": town, "skipped": "no such request at hand"})
    return records


def measured(town: str, home: Path, parcels: int, scratch: Path) -> dict[str, Any]:
    """Run a town's request for a site of so many parcels; seconds are those of the wall."""
    out, request = scratch / "out", scratch / "assemble.toml"
    request.write_text(scaled((home / "assemble.toml").read_text("utf-8"), parcels), "utf-8")
    (out / "proposal.json").unlink(missing_ok=True)
    record: dict[str, Any] = {"town": town, "asked": parcels}
    try:
        run = landplan("run", home / "town.toml", request, "--out", out)
    except subprocess.CalledProcessError as error:
        return {**record, "skipped": f"no plan (exit {error.returncode})"}
    document = json.loads((out / "proposal.json").read_text("utf-8"))
    print(f"{town}, {parcels}: {run.seconds:.1f} s", flush=True)
    return {
        **record,
        "seconds": run.seconds,
        "megabytes": run.megabytes,
        "gap": document["certificate"]["gap"],
        "status": document["certificate"]["status"],
        "audit": document["audit"]["passed"],
    }


def scaled(request: str, parcels: int) -> str:
    """Return a request for one site of at least so many parcels, at its area per parcel."""
    head, first = request.split("[[demand]]")[:2]
    least = re.search(r"^min_parcels\s*=\s*(\d+)", first, re.MULTILINE)
    area = re.search(r"^area_ha\s*=\s*\[\s*([\d.]+)", first, re.MULTILINE)
    if area is None:
        raise ValueError("the first demand of the request has no area_ha")
    each = float(area[1]) / (int(least[1]) if least else 10)
    wanted = f"area_ha = [{each * parcels:.4f}, {each * parcels * AREA_SLACK:.4f}]"
    first = re.sub(r"^(area_ha|min_parcels)\s*=.*\n", "", first, flags=re.MULTILINE)
    return f"{head}[[demand]]\n{wanted}\nmin_parcels = {parcels}\n{first.lstrip()}"
