"""Which parcels a demand may use, and for every other the rule, the measure and the limit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.zoning import allowed_share
from landplan.rules.places import ROUNDING_M, PlaceRule, distance_to, of_use

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

RESTRICTED_AREA_M2 = 1.0
"""A hard restriction excludes a parcel that it covers by more than this.

Survey noise along a line is not cover.
"""

NEAR_MISS_SHARE = 0.05
"""Of a zone share that is missing, or of the distance asked for."""
_HALF_SQUARE_DECIMETRE = 0.005
"""Areas count in dm² (0.01 m²): a range asked in mu is no exact number of m²."""
COLUMNS = ["parcel_id", "demand_id", "rule", "measured", "limit", "unit"]


@dataclass(frozen=True, slots=True)
class UseRules:
    """What one demand allows.

    Codes of uses and zones (empty: all), parcels and owners it refuses, and its largest area.
    """

    demand_id: str
    land_uses: tuple[str, ...]
    zones: tuple[str, ...]
    min_zone_share: float
    never: tuple[str, ...]
    never_owners: tuple[str, ...]
    area_max_m2: float
    allow_zero_cost: bool
    refused: tuple[str, ...] = ()
    """Owners who refuse, where that bars their land."""
    places: tuple[PlaceRule, ...] = ()
    """How far every parcel must, and may, lie from given places."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all demands share: overlays of the town, computed once."""

    cadastre: Cadastre
    restricted_m2: FloatArray
    water: BoolArray
    parts: FloatArray
    """Pieces of land [n] that a parcel consists of; pieces within the tolerance count as one."""

    @classmethod
    def of(cls, cadastre: Cadastre) -> "Ground":
        """Overlay the parcels of a town with its hard restrictions."""
        return cls(
            cadastre, restricted_area(cadastre), is_water(cadastre), pieces_of_land(cadastre)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Eligible parcels [n] of a demand, and one row per failed rule of the others (`COLUMNS`)."""

    eligible: BoolArray
    exclusions: pd.DataFrame
    near_misses: pd.DataFrame


def judge(ground: Ground, rules: UseRules) -> Verdict:
    """Apply every rule to every parcel; a parcel that fails several has several rows.

    Street space and parcels with a fault fail that one rule only: nothing else is asked of what is
    not a plot of land.
    """
    parcels = ground.cadastre.parcels
    n = len(parcels)
    fault = parcels["fault"].notna().to_numpy()
    street = parcels["street"].to_numpy() & ~fault
    land = ~fault & ~street
    nothing = np.full(n, np.nan)
    rows = [
        _rows(parcels, fault, parcels["fault"].to_numpy(), nothing, np.nan, ""),
        _rows(parcels, street, "street", nothing, np.nan, ""),
    ]
    for rule, failed, measured, limit, unit in _land_rules(ground, rules):
        rows.append(_rows(parcels, land & failed, rule, measured, limit, unit))
    exclusions = pd.concat(rows, ignore_index=True)
    exclusions.insert(1, "demand_id", rules.demand_id)
    eligible = land & ~parcels["parcel_id"].isin(exclusions["parcel_id"]).to_numpy()
    order = (
        exclusions["parcel_id"].map(pd.Series(np.arange(n), index=parcels["parcel_id"])).to_numpy()
    )
    exclusions = exclusions.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
    return Verdict(eligible, exclusions[COLUMNS], _near_misses(exclusions))


def _land_rules(
    ground: Ground, rules: UseRules
) -> list[tuple[str, BoolArray, FloatArray, float, str]]:
    """Rule code, who fails it [n], the measure [n], the limit and the unit."""
    parcels = ground.cadastre.parcels
    n = len(parcels)
    nothing = np.full(n, np.nan)
    cost = parcels["cost"].to_numpy(dtype=float)
    no_cost = np.isnan(cost) | (cost < 0) | ((cost == 0) & (not rules.allow_zero_cost))
    area, area_max = parcels["area_m2"].to_numpy(dtype=float), rules.area_max_m2
    listed = [
        ("water", ground.water, nothing, np.nan, ""),
        ("land_use", ~use_allowed(ground.cadastre, rules.land_uses), nothing, np.nan, ""),
        (
            "restriction.hard",
            ground.restricted_m2 > RESTRICTED_AREA_M2,
            ground.restricted_m2,
            RESTRICTED_AREA_M2,
            "m2",
        ),
        ("cost.missing", no_cost, cost, np.nan, ground.cadastre.town.currency),
        ("never", parcels["parcel_id"].isin(rules.never).to_numpy(), nothing, np.nan, ""),
        ("never_owner", _held_by(ground.cadastre, rules.never_owners), nothing, np.nan, ""),
        ("owner_refuses", _held_by(ground.cadastre, rules.refused), nothing, np.nan, ""),
        ("area.above_range", area > area_max + _HALF_SQUARE_DECIMETRE, area, area_max, "m2"),
        ("geometry.multipart", ground.parts > 1, ground.parts, 1.0, "parts"),
    ]
    if rules.zones:
        share = zone_share(ground.cadastre, rules.zones)
        # a share that only rounding keeps below the limit is not a miss
        listed.append(
            (
                "zone_share",
                share < rules.min_zone_share - 1e-9,
                share,
                rules.min_zone_share,
                "share",
            )
        )
    for place in rules.places:
        listed += _of_place(ground.cadastre, place)
    return listed


def _of_place(
    cadastre: Cadastre, place: PlaceRule
) -> list[tuple[str, BoolArray, FloatArray, float, str]]:
    """Return the rules of one place: the least and the largest distance, m."""
    away = distance_to(cadastre, place)
    told = np.where(np.isinf(away), np.nan, away)
    listed = []
    if place.min_m > 0:
        listed.append(("place.min", away < place.min_m - ROUNDING_M, told, place.min_m, "m"))
    if place.max_m is not None:
        listed.append(("place.max", away > place.max_m + ROUNDING_M, told, place.max_m, "m"))
    return listed


def _rows(
    parcels: pd.DataFrame,
    where: BoolArray,
    rule: object,
    measured: FloatArray,
    limit: float,
    unit: str,
) -> pd.DataFrame:
    rules = rule[where] if isinstance(rule, np.ndarray) else rule
    return pd.DataFrame(
        {
            "parcel_id": parcels.loc[where, "parcel_id"].to_numpy(),
            "rule": rules,
            "measured": measured[where].round(6),
            "limit": limit,
            "unit": unit,
        }
    ).astype({"parcel_id": "str", "rule": "str", "measured": float, "limit": float, "unit": "str"})


def _near_misses(exclusions: pd.DataFrame) -> pd.DataFrame:
    """Parcels that fail by the zone share or one distance alone, and narrowly; nearest first."""
    alone = exclusions[~exclusions["parcel_id"].duplicated(keep=False)]
    missing = (alone["measured"] - alone["limit"]).abs()
    share = missing.where(alone["rule"] == "zone_share", missing / alone["limit"].clip(lower=1.0))
    measured = alone["rule"].isin(["zone_share", "place.min", "place.max"])
    # what decimals add to a difference is no miss of the margin
    near = alone.assign(share=share)[measured & (share <= NEAR_MISS_SHARE + 1e-9)]
    ordered = near.sort_values(["share", "parcel_id"])
    return ordered[COLUMNS].reset_index(drop=True)


def use_allowed(cadastre: Cadastre, land_uses: tuple[str, ...]) -> BoolArray:
    """Which parcels [n] have one of the uses.

    In hierarchical schemes a code stands for its children too.
    """
    if not land_uses:
        return np.ones(len(cadastre.parcels), dtype=bool)
    return of_use(cadastre, land_uses)


def zone_share(cadastre: Cadastre, codes: tuple[str, ...]) -> FloatArray:
    """Return the share [n] of every parcel that lies in zones with one of the codes.

    Zones of different codes may overlap; where a parcel meets several of them the land counts once.
    """
    shares = cadastre.zone_shares
    allowed = shares[shares["zone"].isin(codes)]
    total = allowed_share(shares, list(codes), len(cadastre.parcels))
    several = allowed["parcel"][allowed["parcel"].duplicated()].unique()
    if len(several) == 0:
        return total
    zones = cadastre.zones.geometry.to_numpy()[cadastre.zones["zone"].isin(codes).to_numpy()]
    shapes = cadastre.parcels.geometry.to_numpy()[several]
    parcel, zone = shapely.STRtree(zones).query(shapes, predicate="intersects")
    common = shapely.intersection(shapes[parcel], zones[zone])
    for row, number in enumerate(several):
        land = shapely.union_all(common[parcel == row])
        total[number] = min(shapely.area(land) / shapely.area(shapes[row]), 1.0)
    return total


def pieces_of_land(cadastre: Cadastre) -> FloatArray:
    """Return of how many pieces [n] each parcel consists; a gap within the tolerance is none."""
    shapes = cadastre.parcels.geometry.to_numpy()
    count = np.maximum(shapely.get_num_geometries(shapes), 1).astype(float)
    several = np.flatnonzero((count > 1) & cadastre.parcels["fault"].isna().to_numpy())
    grown = shapely.buffer(shapes[several], cadastre.town.tolerance_m / 2.0)
    count[several] = shapely.get_num_geometries(grown)
    return count


def is_water(cadastre: Cadastre) -> BoolArray:
    """Which parcels [n] are water by their use."""
    return cadastre.parcels["land_use"].isin(cadastre.town.water_uses).to_numpy()


def restricted_area(cadastre: Cadastre) -> FloatArray:
    """Area [n] of every parcel, m², under hard restrictions with their buffers."""
    shapes = cadastre.parcels.geometry.to_numpy()
    covered = np.zeros(len(shapes))
    hard = cadastre.restrictions[cadastre.restrictions["hard"]]
    if hard.empty:
        return covered
    distance = hard["buffer_m"].fillna(0.0).to_numpy()
    grounds = hard.geometry.to_numpy()
    grounds = np.where(distance > 0, shapely.buffer(grounds, distance), grounds)
    usable = np.flatnonzero(cadastre.parcels["fault"].isna().to_numpy())
    whole = shapely.union_all(grounds)
    near = usable[shapely.intersects(shapes[usable], whole)]
    covered[near] = shapely.area(shapely.intersection(shapes[near], whole)).round(2)
    return covered


def _held_by(cadastre: Cadastre, owners: tuple[str, ...]) -> BoolArray:
    rights = cadastre.rights
    held = rights.loc[rights["owner_id"].isin(owners), "parcel_id"]
    return cadastre.parcels["parcel_id"].isin(held).to_numpy()
