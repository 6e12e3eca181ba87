"""A proposal small enough to check by hand.

          0     10    20    30
     30   +-----+-----+-----+
          | P4  | P5  | P6  |        site plant-1 = P1 + P2 + P5, crossing the street once
     20   +-----+-----+-----+
            the street (S)
     10   +-----+-----+-----+
          | P1  | P2  |=1+1 |        "=1+1" is a parcel whose number looks like a formula
      0   +-----+-----+-----+

The parcel "坏" has no geometry. Parcels are worth 100 and cost 50 each; the city owns half of P5
and acquires, so P5 costs 25. P4 has no value.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box, union_all

from landplan.cadastre.cadastre import Provenance, Town
from landplan.measures.shape import site_measures
from landplan.proposal.certificate import Certificate
from landplan.proposal.layers import empty_layer
from landplan.proposal.ledger import build_ledger
from landplan.proposal.proposal import DemandOutcome, Measures, Proposal, proposal_id

CRS = "EPSG:4549"
EAST, NORTH = 340_000.0, 3_460_000.0
REQUEST = {
    "process": "assemble",
    "title": "整车厂",
    "seed": 1,
    "acquirer_owners": ["city"],
    "demand": [{"id": "plant", "area_ha": (0.03, 0.04), "zones": []}],
}
IDS = ["P1", "P2", "=1+1", "P4", "P5", "P6", "S", "坏"]
SITE = {"P1", "P2", "P5"}


def square(x, y, width=10.0, height=10.0):
    return box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def parcels(crs=CRS):
    ground = [square(x, 0) for x in (0, 10, 20)] + [square(x, 20) for x in (0, 10, 20)]
    return gpd.GeoDataFrame(
        {
            "parcel_id": IDS,
            "area_m2": [100.0] * 6 + [300.0, np.nan],
            "area_registered_m2": [101.5, np.nan, 100, 100, 100, 100, 300, 0],
            "owner_id": ["o1", "o2", "@SUM(A1)", "o1", "city", None, "city", "o3"],
            "land_use": ["工业", "工业", "农田", "农田", "工业", "农田", "道路", None],
            "zone": ["M1", "M1", "M1", "G", "M1", "G", None, None],
            "zone_share": [1.0, 0.97, 1, 1, 1, 1, 0, np.nan],
            "value": [100.0, 100, 100, np.nan, 100, 100, 0, 100],
            "cost": [50.0, 50, 50, 50, 50, 50, np.nan, 50],
            "street": [False] * 6 + [True, False],
            "site_id": ["plant-1" if name in SITE else None for name in IDS],
            "excluded_by": [None, None, "never", *[None] * 3, "street", "data.null_geometry"],
        },
        geometry=[*ground, square(0, 10, 30, 10), None],
        crs=crs,
    )


def sites(ground):
    union = gpd.GeoSeries([union_all(ground[ground["site_id"].notna()].geometry.to_numpy())])
    row = {
        "site_id": ["plant-1"],
        "demand_id": ["plant"],
        "area_m2": [300.0],
        "cost": [125.0],
        "parcel_count": [3],
        "owner_count": [2],
        "bridge_count": [1],
    }
    table = pd.concat([pd.DataFrame(row), site_measures(union)], axis=1)
    return gpd.GeoDataFrame(table, geometry=union.to_numpy(), crs=ground.crs)


def bridges(crs=CRS):
    row = {"site_id": ["plant-1"], "parcel_a": ["P2"], "parcel_b": ["P5"]}
    row |= {"width_m": [10.0], "facing_m": [10.0]}
    return gpd.GeoDataFrame(row, geometry=[square(10, 10)], crs=crs)


def rights():
    rows = [("P1", "o1", 1.0), ("P2", "o2", 1.0), ("P5", "city", 0.5), ("P5", "o2", 0.5)]
    table = pd.DataFrame(rows, columns=["parcel_id", "owner_id", "share"])
    return table.assign(
        type="使用权", ownership="state", end=[None, "2050-01-01", None, None], encumbrance=None
    )


def exclusions():
    rows = [
        ("=1+1", "plant", "never", np.nan, np.nan, None),
        ("P4", "plant", "zone.share", 0.93, 0.95, "share"),
        ("P6", "plant", "zone.share", 0.5, 0.95, "share"),
    ]
    columns = ["parcel_id", "demand_id", "rule", "measured", "limit", "unit"]
    return pd.DataFrame(rows, columns=columns)


def zones(crs=CRS):
    ground = [square(0, 0, 30, 10), square(0, 20, 30, 10)]
    return gpd.GeoDataFrame({"zone": ["M1", "G"]}, geometry=ground, crs=crs)


def example(crs=CRS, ground=None, **changes):
    """Return the proposal of the picture, with ``changes`` to its fields."""
    ground = parcels(crs) if ground is None else ground
    fields = {
        "id": proposal_id("assemble", REQUEST, "d" * 64, "0.1.0", 1),
        "process": "assemble",
        "version": "0.1.0",
        "request": REQUEST,
        "town": Town("安亭", crs, "CNY", base_date="2026-01-01", water_uses=("水",)),
        "provenance": Provenance((("parcels.gpkg", "a" * 64),), "d" * 64, ("made valid: 坏",)),
        "certificate": Certificate(
            "min", "CNY", 125.0, 120.0, "feasible", {"cost": 125.0}, "centre", 1, {"nodes": 7}, True
        ),
        "demands": (DemandOutcome("plant", True, ("plant-1",)),),
        "measures": Measures({"owners": 5}, {"owners": 4, "inertia": None}),
        "assumptions": ({"code": "cost.constant", "params": {"amount": 50.0}},),
        "times": {"seconds": 1.25},
        "sites": sites(ground),
        "parcels": ground,
        "bridges": bridges(crs),
        "zones": zones(crs),
        "restrictions": empty_layer("restrictions", crs),
        "roads": empty_layer("roads", crs),
        "rights": rights(),
        "exclusions": exclusions(),
        "ledger": build_ledger(ground),
    }
    return Proposal(**{**fields, **changes})
