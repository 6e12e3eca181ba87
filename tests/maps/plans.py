"""Plans for tests of maps: the small example, and one whose every text is an attack."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from landplan.proposal.proposal import Proposal
from tests.proposal import example as small

IMAGE = "<img src=x onerror=window.hacked=1>"
SCRIPT = "</script><script>window.hacked=1</script>"
TEMPLATE = "{{ 7 * 7 }}{% raw %}"


def plan(**changes: Any) -> Proposal:
    """The example: one site of three parcels, one crossing, one parcel excluded by hand."""
    request: Mapping[str, Any] = {
        **small.REQUEST,
        "demand": [{"id": "plant", "area_ha": (0.03, 0.04), "zones": [], "must": ["P1"]}],
    }
    return small.example(**{"request": request, **changes})


def hostile() -> Proposal:
    """A plan whose parcels, uses, zones, owners, site, demand, title and town are HTML."""
    ground = small.parcels()
    ground["parcel_id"] = [
        f"{IMAGE}{name}" if name != "P2" else SCRIPT for name in ground["parcel_id"]
    ]
    ground["land_use"] = [IMAGE, SCRIPT, TEMPLATE, IMAGE, SCRIPT, IMAGE, IMAGE, None]
    ground["zone"] = [SCRIPT, IMAGE, SCRIPT, IMAGE, IMAGE, IMAGE, None, None]
    ground["owner_id"] = [IMAGE, SCRIPT, IMAGE, TEMPLATE, SCRIPT, None, IMAGE, IMAGE]
    ground["site_id"] = ground["site_id"].map({"plant-1": IMAGE})
    sites = small.sites(ground).assign(site_id=[IMAGE], demand_id=[SCRIPT])
    bridges = small.bridges().assign(site_id=[IMAGE], parcel_a=[SCRIPT], parcel_b=[IMAGE])
    zones = small.zones().assign(zone=[SCRIPT, IMAGE])
    request = {
        **small.REQUEST,
        "title": f"{SCRIPT}{IMAGE}{TEMPLATE}",
        "demand": [{"id": SCRIPT, "must": [f"{IMAGE}P1"], "never": [f"{IMAGE}=1+1"]}],
    }
    made = small.example(ground=ground, sites=sites, bridges=bridges, zones=zones, request=request)
    return replace(made, town=replace(made.town, name=f"{IMAGE}{SCRIPT}"))


def many(columns: int, rows: int) -> Proposal:
    """The example's ground as a grid of parcels: as many as a test needs."""
    from landplan.proposal.layers import empty_layer

    cells = [(x, y) for y in range(rows) for x in range(columns)]
    one = small.parcels().iloc[[2] * len(cells)].reset_index(drop=True)
    one["parcel_id"] = [f"N{number}" for number in range(len(cells))]
    one["excluded_by"] = pd.Series([None] * len(cells), dtype="str")
    one.geometry = [small.square(10 * x, 10 * y) for x, y in cells]
    empty = {name: empty_layer(name, small.CRS) for name in ("sites", "bridges")}
    return small.example(ground=one, demands=(), **empty)
