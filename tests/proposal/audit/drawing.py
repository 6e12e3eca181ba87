"""A proposal drawn by hand, small enough to check by eye, and ways to lie about it consistently.

::

    y 132 +------+------+------+------+
          |  N1  |  N2  |  N3  |  N4 #|   # hard red line over the corner of N4
       92 +------+------+------+------+
          |  ST: street, 12 m wide    |   one bridge: M1 - N1
       80 +------+------+------+------+
          |  M1  |  M2  |  M3  |  M4  |
       40 +------+------+------+------+
          |  S1  |  S2  |  S3  |  S4  |   every plot 50 x 40 m
        0 +------+------+------+------+
          |  RV: river                |
      -20 +------+------+------+------+
          0     50    100    150    200
            zone IND (x < 150)   | RES

``plant-1`` = M1 M2 S1 + N1 across the street, 0.8 ha; ``shop-1`` = M3 S3, 0.4 ha.
"""

import hashlib
import json
import math
from copy import deepcopy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from shapely import MultiPolygon, Polygon, box

from landplan.proposal.fingerprint import document_hash, layer_hash
from tests.proposal.audit.sheets import write_workbook

CRS = "EPSG:4549"
EAST, NORTH = 352_000.0, 3_460_000.0
LAYERS = (
    "sites",
    "parcels",
    "bridges",
    "zones",
    "restrictions",
    "roads",
    "rights",
    "exclusions",
    "ledger",
)
SITE_COLUMNS = [
    *("site_id", "demand_id", "area_m2", "cost", "parcel_count", "owner_count", "bridge_count"),
    *("perimeter_m", "polsby_popper", "hull_ratio", "rectangularity", "elongation", "inertia"),
]
SITES = {"plant-1": ("M1", "M2", "S1", "N1"), "shop-1": ("M3", "S3")}
OWNERS = {"M1": "o1", "M2": "o1", "S1": "o2", "N1": "city", "N2": "o7", "M3": "o3", "S3": "o3"}


def at(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """A rectangle of the drawing at the coordinates of a real town."""
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def plots() -> dict[str, Polygon]:
    rows = {"N": (92, 132), "M": (80 - 40, 80), "S": (0, 40)}
    drawn = {
        f"{row}{k + 1}": at(50 * k, low, 50 * k + 50, high)
        for row, (low, high) in rows.items()
        for k in range(4)
    }
    return drawn | {"ST": at(0, 80, 200, 92), "RV": at(0, -20, 200, 0)}


def zone_of(name: str) -> tuple[str, float]:
    if name in ("ST", "RV"):
        return "IND", 0.75
    return ("RES" if name.endswith("4") else "IND"), 1.0


def use_of(name: str) -> str:
    if name in ("N2", "N3", "N4"):
        return "housing"
    return {"ST": "road", "RV": "river"}.get(name, "works")


def excluded(sites: dict[str, tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """(parcel, demand, rule) as the rules of the two demands have it."""
    plant = [("ST", "street"), ("RV", "water"), ("RV", "land_use"), ("RV", "cost.missing")]
    plant += [(name, "land_use") for name in ("N2", "N3", "N4")]
    plant += [(name, "zone_share") for name in ("RV", "N4", "M4", "S4")]
    plant += [("N4", "restriction.hard"), ("S2", "never")]
    shop = [("ST", "street"), ("RV", "water"), ("RV", "cost.missing")]
    shop += [("N4", "restriction.hard"), ("N2", "never_owner")]
    return [(p, "plant", rule) for p, rule in plant] + [(p, "shop", rule) for p, rule in shop]


class Drawing:
    """All that is written, open to change: layers, document, and the members of the sites."""

    def __init__(self, sites: dict[str, tuple[str, ...]] = SITES) -> None:
        self.sites = dict(sites)
        self.crossings = {"plant-1": [("M1", "N1", at(0, 80, 50, 92), 12.0, 50.0)]}
        self.layers: dict[str, pd.DataFrame] = {
            "parcels": self._parcels(),
            "zones": frame(
                {"zone": ["IND", "RES"]}, [at(0, -20, 150, 132), at(150, -20, 200, 132)]
            ),
            "restrictions": frame(
                {"kind": ["redline"], "hard": [True], "buffer_m": [2.0]}, [at(190, 122, 200, 132)]
            ),
            "roads": frame({"class": ["street"], "width_m": [7.0]}, [line(0, 86, 200, 86)]),
            "rights": self._rights(),
        }
        self.document = deepcopy(DOCUMENT)
        self.derive()

    def _parcels(self) -> gpd.GeoDataFrame:
        drawn = plots()
        names = list(drawn)
        barred = {"ST": "street", "RV": "water", "N4": "restriction.hard"}
        return frame(
            {
                "parcel_id": names,
                "area_m2": [drawn[name].area for name in names],
                "area_registered_m2": [
                    drawn[name].area if name != "S4" else np.nan for name in names
                ],
                "owner_id": [OWNERS.get(name, f"o-{name}") for name in names],
                "land_use": [use_of(name) for name in names],
                "zone": [zone_of(name)[0] for name in names],
                "zone_share": [zone_of(name)[1] for name in names],
                "value": [
                    np.nan if name in ("ST", "RV") else 80.05 * drawn[name].area for name in names
                ],
                "cost": [
                    np.nan if name in ("ST", "RV") else 100.01 * drawn[name].area for name in names
                ],
                "street": [name == "ST" for name in names],
                "excluded_by": [barred.get(name) for name in names],
            },
            [drawn[name] for name in names],
        )

    def _rights(self) -> pd.DataFrame:
        rows = [(name, OWNERS.get(name, f"o-{name}"), 1.0) for name in plots() if name != "N1"]
        # the acquirer holds three quarters of N1 already
        rows += [("N1", "city", 0.75), ("N1", "o9", 0.25)]
        rights = pd.DataFrame(rows, columns=["parcel_id", "owner_id", "share"])
        return rights.assign(type="use", ownership="state", end=None, encumbrance=None)

    def parcel(self, name: str) -> int:
        ids = self.layers["parcels"]["parcel_id"]
        return int(ids[ids == name].index[0])

    def set(self, layer: str, row: int, column: str, value: object) -> None:
        self.layers[layer].loc[row, column] = value

    def derive(self) -> "Drawing":
        """Make everything that follows from parcels and members follow from them."""
        parcels = self.layers["parcels"]
        home = {name: site for site, names in self.sites.items() for name in names}
        parcels["site_id"] = parcels["parcel_id"].map(home).astype(object)
        parcels["site_id"] = parcels["site_id"].where(parcels["site_id"].notna(), None)
        self.layers["sites"] = self._sites()
        self.layers["bridges"] = self._bridges()
        self.layers["exclusions"] = self._exclusions()
        self.layers["ledger"] = self._ledger()
        self._conclude()
        return self

    def _sites(self) -> gpd.GeoDataFrame:
        parcels = self.layers["parcels"].drop_duplicates("parcel_id").set_index("parcel_id")
        rights = self.layers["rights"]
        records, shapes = [], []
        for site, names in self.sites.items():
            own = parcels.loc[list(names)]
            shape = shapely.union_all(own.geometry.to_numpy())
            held = rights[rights["parcel_id"].isin(names) & (rights["owner_id"] != "city")]
            records.append(
                {
                    "site_id": site,
                    "demand_id": site.rsplit("-", 1)[0],
                    "area_m2": float(own["area_m2"].sum()),
                    "cost": round(sum(self.price(name) for name in names), 2),
                    "parcel_count": len(names),
                    "owner_count": held["owner_id"].nunique(),
                    "bridge_count": len(self.crossings.get(site, [])),
                    **naive_measures(shape),
                }
            )
            shapes.append(shape)
        columns = list(records[0]) if records else SITE_COLUMNS
        return frame({name: [record[name] for record in records] for name in columns}, shapes)

    def price(self, name: str) -> float:
        """What the acquirer pays: the share of the acquirer itself costs nothing."""
        parcels, rights = self.layers["parcels"], self.layers["rights"]
        own = rights[(rights["parcel_id"] == name) & (rights["owner_id"] == "city")]["share"].sum()
        return round(float(parcels["cost"][self.parcel(name)]) * (1 - own), 2)

    def _bridges(self) -> gpd.GeoDataFrame:
        rows = [(site, *crossing) for site, many in self.crossings.items() for crossing in many]
        names = ("site_id", "parcel_a", "parcel_b", "corridor", "width_m", "facing_m")
        columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
        corridors = columns.pop("corridor")
        return frame(columns, corridors)

    def _exclusions(self) -> pd.DataFrame:
        rows = excluded(self.sites)
        table = pd.DataFrame(rows, columns=["parcel_id", "demand_id", "rule"])
        return table.assign(measured=np.nan, limit=np.nan, unit="")

    def _ledger(self) -> pd.DataFrame:
        parcels = self.layers["parcels"]
        site = parcels["site_id"]
        return pd.DataFrame(
            {
                "parcel_before": parcels["parcel_id"],
                "parcel_after": site.where(site.notna(), parcels["parcel_id"]),
                "parent_ids": parcels["parcel_id"],
                "owner_before": parcels["owner_id"],
                "owner_after": parcels["owner_id"].mask(site.notna(), "ACQUIRER"),
                "area_before_m2": parcels["area_m2"],
                "area_after_m2": parcels["area_m2"],
                "value_before": parcels["value"],
                "value_after": parcels["value"],
                "land_use": parcels["land_use"],
                "zone": parcels["zone"],
            }
        )

    def _conclude(self) -> None:
        sites = self.layers["sites"]
        total = round(float(sites["cost"].sum()), 2)
        bound = round(0.98 * total, 2)
        self.document["certificate"] |= {
            "objective": total,
            "bound": bound,
            "gap": abs(total - bound) / max(abs(total), 1.0),
            "terms": {"acquisition": total},
        }
        for outcome in self.document["demands"]:
            own = sites.loc[sites["demand_id"] == outcome["id"], "site_id"]
            outcome["sites"] = sorted(own)
        self.document["exclusions"] = self.layers["exclusions"]["rule"].value_counts().to_dict()

    def write(self, directory: Path) -> Path:
        """Write the three files with the fingerprints that belong to them."""
        directory.mkdir(parents=True, exist_ok=True)
        for name in [name for name in LAYERS if name in self.layers]:
            table = self.layers[name]
            spatial = isinstance(table, gpd.GeoDataFrame)
            kind = {"geometry_type": "Unknown"} if spatial else {}
            pyogrio.write_dataframe(
                table,
                directory / "proposal.gpkg",
                layer=name,
                driver="GPKG",
                append=name != LAYERS[0],
                **kind,
            )
        write_workbook(self, directory / "ledger.xlsx")
        self.seal(directory)
        return directory

    def seal(self, directory: Path) -> None:
        document = self.document
        question = [document[key] for key in ("process", "request")]
        question += [
            document["provenance"]["data_hash"],
            document["landplan_version"],
            document["certificate"]["seed"],
        ]
        text = json.dumps(question, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
        document["id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
        hashes = {name: layer_hash(table) for name, table in self.layers.items()}
        hashes["proposal.json"] = document_hash(document)
        document["provenance"]["content_hash"] = hashes
        save(document, directory)


def save(document: object, directory: Path) -> None:
    (directory / "proposal.json").write_text(
        json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1), "utf-8"
    )


def frame(columns: dict[str, list[object]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)


def line(x0: float, y0: float, x1: float, y1: float) -> shapely.LineString:
    return shapely.LineString([(EAST + x0, NORTH + y0), (EAST + x1, NORTH + y1)])


def naive_measures(shape: MultiPolygon | Polygon) -> dict[str, float]:
    """Shape measures of sites made of whole metres; the moment by a raster of 1 m cells."""
    west, south, east, north = shape.bounds
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    width, height = sorted(math.dist(corners[k], corners[k + 1]) for k in (0, 1))
    x, y = np.meshgrid(np.arange(west, east) + 0.5, np.arange(south, north) + 0.5)
    inside = shapely.contains_xy(shape, x.ravel(), y.ravel())
    x, y = x.ravel()[inside], y.ravel()[inside]
    moment = ((x - x.mean()) ** 2 + (y - y.mean()) ** 2).sum() + 2 * len(x) / 12
    return {
        "perimeter_m": shape.length,
        "polsby_popper": round(4 * math.pi * shape.area / shape.length**2, 6),
        "hull_ratio": round(shape.area / shape.convex_hull.area, 6),
        "rectangularity": round(shape.area / shapely.minimum_rotated_rectangle(shape).area, 6),
        "elongation": round(width / height, 6),
        "inertia": round(shape.area**2 / (2 * math.pi * moment), 6),
    }


DEMAND = {
    "count": 1,
    "land_uses": [],
    "zones": [],
    "min_zone_share": 0.95,
    "max_bridges": 0,
    "min_parcels": 1,
    "must": [],
    "never": [],
    "never_owners": [],
}
DOCUMENT = {
    "format": 1,
    "process": "assemble",
    "landplan_version": "0.1.0",
    "request": {
        "process": "assemble",
        "title": "手绘小镇",
        "seed": 7,
        "effort": "normal",
        "partial": False,
        "acquirer_owners": ["city"],
        "zero_cost": "exclude",
        "bridge": {"max_width_m": 30, "min_facing_m": 10, "never_over": ["rail", "water"]},
        "shape": {"max_radius_factor": 2},
        "demand": [
            DEMAND
            | {
                "id": "plant",
                "area_ha": [0.75, 0.85],
                "land_uses": ["works"],
                "zones": ["IND"],
                "max_bridges": 1,
                "min_parcels": 3,
                "must": ["M1"],
                "never": ["S2"],
            },
            DEMAND | {"id": "shop", "area_ha": [0.35, 0.45], "never_owners": ["o7"]},
        ],
    },
    "provenance": {
        "town": "手绘小镇",
        "crs": CRS,
        "currency": "CNY",
        "tolerance_m": 0.1,
        "min_border_m": 1,
        "land_use_scheme": "local",
        "water_uses": ["river"],
        "files": [],
        "repairs": [],
        "data_hash": "d" * 64,
        "content_hash": {},
    },
    "certificate": {
        "sense": "min",
        "unit": "CNY",
        "status": "feasible",
        "solver": "by hand",
        "seed": 7,
        "work": {"looks": 3},
        "limit_hit": False,
        "relative_to": {"code": "request", "params": {}},
    },
    "demands": [
        {"id": "plant", "met": True, "sites": [], "reason": None},
        {"id": "shop", "met": True, "sites": [], "reason": None},
    ],
    "measures": {"before": {}, "after": {}},
    "assumptions": [],
    "audit": None,
    "times": {"total_s": 0.1},
}
