"""What the parcels of the invented town are used for, planned for and worth."""

import numpy as np
import shapely
from numpy.typing import NDArray

from landplan.cadastre.demo.ground import FloatArray, Geometries
from landplan.cadastre.demo.lots import IntArray, Lots
from landplan.cadastre.demo.streets import Blocks

Words = NDArray[np.str_]

# present use by GB/T 21010-2017 with its probability; 0804, 0810 and 01xx are recalled codes
_USES: dict[str, dict[str, float]] = {
    "industry": {"0601": 0.82, "0604": 0.12, "0810": 0.03, "05H1": 0.03},
    "research": {"0804": 0.85, "0810": 0.10, "05H1": 0.05},
    "centre": {"05H1": 0.55, "0701": 0.33, "0810": 0.12},
    "housing": {"0701": 0.86, "0810": 0.07, "05H1": 0.07},
    "farm": {"0101": 0.62, "0103": 0.26, "0702": 0.12},
}
GROUPS = {
    "0601": "industry",
    "0604": "storage",
    "0804": "research",
    "05H1": "commerce",
    "0701": "housing",
    "0702": "housing",
    "0810": "green",
    "0101": "farm",
    "0103": "farm",
    "1001": "rail",
    "1101": "water",
}
RESERVE = {"R": "reserve", "Q": "firm", "Z": "residents", "C": "collective"}
"""Kind of owner by the first letter of its id."""

# planned zone by the 2023 territorial classification
_ZONES: dict[str, dict[str, float]] = {
    "plant": {"100102": 1.0},
    "industry": {"100102": 0.62, "100101": 0.28, "1101": 0.10},
    "research": {"0802": 1.0},
    "centre": {"0901": 0.7, "0701": 0.3},
    "housing": {"0701": 0.94, "0804": 0.06},
    "farm": {"16": 0.12, "0103": 0.88},
}
FARM_USES = ("0101", "0103")
HOMESTEAD = "0702"
COLLECTIVE_USES = (*FARM_USES, HOMESTEAD)
_PRICE = {
    "0601": 850.0,
    "0604": 700.0,
    "0804": 1_500.0,
    "05H1": 5_200.0,
    "0701": 6_500.0,
    "0702": 2_400.0,
}
"""Invented price levels, CNY/m²; nothing is known of the real ones."""
_OTHER_PRICE = 260.0
_STRIP_M = 18.0


def present_uses(blocks: Blocks, lots: Lots, rng: np.random.Generator) -> Words:
    """Return the land-use code [n] of every parcel; "plant" marks the vehicle plant."""
    district, kind = blocks.district[lots.block], blocks.kind[lots.block]
    use = np.full(len(lots.block), "0601", dtype="<U5")
    for name, mix in _USES.items():
        here = np.flatnonzero((district == name) & (kind == "land"))
        use[here] = rng.choice(list(mix), len(here), p=list(mix.values()))
    use[kind == "water"] = "1101"
    use[kind == "bank"] = "0810"
    use[kind == "rail"] = "1001"
    use[(district == "plant") & (kind == "land")] = "plant"
    return use


def planned_zones(blocks: Blocks, rng: np.random.Generator) -> tuple[Geometries, Words]:
    """Return zones as polygons with codes.

    One per block, some with a green strip along one side.
    """
    code = np.full(len(blocks.polygons), "1401", dtype="<U6")
    for name, mix in _ZONES.items():
        here = np.flatnonzero((blocks.district == name) & (blocks.kind == "land"))
        code[here] = rng.choice(list(mix), len(here), p=list(mix.values()))
    code[blocks.kind == "water"] = "1701"
    code[blocks.kind == "rail"] = "1201"
    striped = np.flatnonzero(
        (rng.random(len(code)) < 0.16) & np.isin(code, ["100101", "100102", "1101"])
    )
    whole = blocks.polygons.copy()
    width = rng.uniform(0.4, 1.0, len(striped)) * _STRIP_M
    inner = shapely.buffer(whole[striped], -width, join_style="mitre")
    strip = shapely.difference(whole[striped], inner)
    kept = ~shapely.is_empty(inner)
    whole[striped[kept]] = inner[kept]
    zones = np.concatenate([whole, strip[kept]])
    return zones, np.concatenate([code, np.full(int(kept.sum()), "1402", dtype="<U6")])


def prices(
    use: Words, area_m2: FloatArray, middle: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return value and cost [n] in CNY: smooth over the town, noisy from parcel to parcel."""
    level = np.array(
        [_PRICE.get("0601" if code == "plant" else str(code), _OTHER_PRICE) for code in use]
    )
    wave = rng.normal(0.0, 1.0 / 650.0, (24, 2))
    smooth = np.cos(middle @ wave.T + rng.uniform(0, 2 * np.pi, 24)).sum(axis=1) / np.sqrt(12)
    land = level * np.exp(0.22 * smooth + rng.normal(0.0, 0.12, len(use)))
    industrial = np.isin(use, ["0601", "0604"])
    land[industrial] = np.clip(land[industrial], 300.0, 2_000.0)
    buildings = level * rng.uniform(0.05, 0.6, len(use))
    taking = (land + buildings) * rng.uniform(1.0, 1.15, len(use))
    taking[industrial] = np.minimum(taking[industrial], 2_000.0)
    value = (land * area_m2).round(2)
    cost = (taking * area_m2).round(2)
    return value, cost


def parcel_codes(face: IntArray, use: Words) -> NDArray[np.object_]:
    """Return invented 19-character parcel codes.

    Six digits of a county that does not exist (310199), three of the cadastral district, three of
    its part, two letters of ownership and kind, five of the running number; the code has no check
    digit.
    """
    serial = np.zeros(len(face), dtype=np.int64)
    seen: dict[int, int] = {}
    for number, place in enumerate(face.tolist()):
        seen[place] = serial[number] = seen.get(place, 0) + 1
    letters = np.where(np.isin(use, FARM_USES), "JA", np.where(use == HOMESTEAD, "JC", "GB"))
    return np.array(
        [
            f"310199{place // 100 + 1:03d}{place % 100 + 1:03d}{letter}{count:05d}"
            for place, letter, count in zip(
                face.tolist(), letters.tolist(), serial.tolist(), strict=True
            )
        ],
        dtype=object,
    )
