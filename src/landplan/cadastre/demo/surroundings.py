"""What stands on and beside the parcels: buildings, restrictions, facilities, street names."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.cadastre.demo.ground import Bones, FloatArray, Geometries
from landplan.cadastre.demo.lots import Lots
from landplan.cadastre.demo.streets import Blocks
from landplan.cadastre.demo.uses import Words

_BUILT = {"industry": 0.86, "storage": 0.9, "research": 0.8, "commerce": 0.9, "housing": 0.95}
_FLOORS = {
    "industry": (1, 3),
    "storage": (1, 2),
    "research": (3, 9),
    "commerce": (2, 12),
    "housing": (5, 19),
}
_SETBACK_M = 7.0
_FIRST = "安博昌墨百和泽曹翔园米泉民新宝永桃芳绿春"
_SECOND = "亭园吉玉安静普秋林丰乐泰源康宁平兴"
_FACILITIES = (
    ("消防站", 1, 25_000), ("变电站", 1, 110_000), ("公交站", 12, 4_000), ("充电站", 5, 120),
    ("学校", 4, 1_200), ("卫生服务中心", 2, 300), ("食堂", 5, 800),
)  # fmt: skip


def buildings(lots: Lots, group: Words, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return one building on most built parcels, set back from the boundary."""
    chance = np.array([_BUILT.get(str(name), 0.0) for name in group])
    host = np.flatnonzero(rng.random(len(group)) < chance)
    inner = shapely.buffer(lots.polygons[host], -_SETBACK_M, join_style="mitre")
    size = rng.uniform(0.45, 0.9, len(host))
    shrunk = _shrunk(inner, shapely.centroid(lots.polygons[host]), size)
    kept = shapely.is_valid(shrunk) & (shapely.area(shrunk) > 60.0)
    parts, origin = shapely.get_parts(shrunk[kept], return_index=True)
    owner = host[kept][origin]
    storeys = np.array(
        [rng.integers(*_FLOORS[str(group[number])], endpoint=True) for number in owner]
    )
    return gpd.GeoDataFrame(
        {
            "CS": storeys,
            "GD": (storeys * rng.uniform(3.0, 5.5, len(owner))).round(1),
            "NF": rng.integers(1984, 2023, len(owner)),
        },
        geometry=parts,
    )


def _shrunk(shapes: Geometries, centres: Geometries, factor: FloatArray) -> Geometries:
    """Scale shapes [n] about their centres."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    centre = shapely.get_coordinates(centres)[owner]
    scaled = centre + (xy - centre) * factor[owner, None]
    return np.asarray(shapely.set_coordinates(shapes.copy(), scaled), dtype=object)


def restrictions(bones: Bones, blocks: Blocks, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return red lines: farmland, water, its banks, railway; and the power line, which is soft."""
    farm = blocks.polygons[(blocks.district == "farm") & (blocks.kind == "land")]
    basic = farm[rng.random(len(farm)) < 0.55]
    rows: list[tuple[str, bool, float, shapely.Geometry]] = [
        ("farmland", True, 0.0, shapely.union_all(basic)),
        ("water", True, 0.0, shapely.intersection(bones.water, bones.limits)),
        ("river_bank", True, 0.0, shapely.intersection(bones.banks, bones.limits)),
        ("rail", True, 0.0, shapely.intersection(bones.rail, bones.limits)),
        ("power_line", False, 20.0, bones.power_line),
    ]
    rows = [row for row in rows if not shapely.is_empty(row[3])]
    frame = pd.DataFrame(rows, columns=["LX", "YZ", "HC", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry")


def facilities(
    middle: FloatArray, district: NDArray[np.str_], rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return points with kind and capacity, more of them in a larger town."""
    scale = max(1, len(middle) // 2_000)
    inhabited = np.flatnonzero(district != "farm")
    kinds = [
        (kind, capacity) for kind, count, capacity in _FACILITIES for _ in range(count * scale)
    ]
    at = middle[rng.choice(inhabited, len(kinds))].round(1)
    return gpd.GeoDataFrame(
        {"LX": [kind for kind, _ in kinds], "NL": [float(capacity) for _, capacity in kinds]},
        geometry=list(shapely.points(at)),
    )


def street_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return invented street names; larger towns repeat them with 东, 西, 南, 北, 中."""
    pairs = [first + second for first in _FIRST for second in _SECOND if first != second]
    order = rng.permutation(len(pairs))
    suffix = ("", "东", "西", "南", "北", "中")
    return [
        pairs[order[number % len(pairs)]] + suffix[number // len(pairs) % len(suffix)] + "路"
        for number in range(count)
    ]


def addresses(middle: Geometries, streets: Geometries, names: list[str]) -> NDArray[np.object_]:
    """Return street and number of every parcel: the nearest street, numbered along it."""
    nearest = shapely.STRtree(streets).nearest(middle)
    along = shapely.line_locate_point(streets[nearest], middle)
    return np.array(
        [
            f"{names[street]}{int(metre // 8) * 2 + 1}号"
            for street, metre in zip(nearest, along, strict=True)
        ],
        dtype=object,
    )
