"""How much of every parcel lies in which zone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]


def zone_shares(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Overlay parcels and zones.

    Returns
    -------
    DataFrame
        ``parcel`` (row number), ``zone`` (code) and ``share`` (0..1 of the parcel's area), one row
        per pair that meets in an area, sorted. Where zones of one code overlap, land counts once.
    """
    shapes = parcels.geometry.to_numpy()
    usable = np.flatnonzero(
        shapely.is_valid(shapes) & ~shapely.is_missing(shapes) & (shapely.area(shapes) > 0)
    )
    ground, codes = _disjoint(zones)
    shapely.prepare(ground)
    tree = shapely.STRtree(shapes[usable])
    zone, parcel = tree.query(ground, predicate="intersects")
    parcel = usable[parcel]
    inside = shapely.contains_properly(ground[zone], shapes[parcel])
    common = shapes[parcel].copy()
    common[~inside] = shapely.intersection(shapes[parcel[~inside]], ground[zone[~inside]])
    pairs = pd.DataFrame({"parcel": parcel, "zone": codes[zone], "area": shapely.area(common)})
    areas = pairs[pairs["area"] > 0].groupby(["parcel", "zone"], sort=True)["area"].sum()
    summed = areas.reset_index()
    share = np.minimum(summed["area"] / shapely.area(shapes)[summed["parcel"].to_numpy()], 1.0)
    zone_code = summed["zone"].astype("str")
    return pd.DataFrame({"parcel": summed["parcel"], "zone": zone_code, "share": share})


def _disjoint(zones: gpd.GeoDataFrame) -> tuple[Geometries, Geometries]:
    """Unite zones of one code, so that their overlaps count once; return parts and codes."""
    known = zones["zone"].notna().to_numpy()
    shapes = zones.geometry.to_numpy()[known]
    code, names = pd.factorize(zones["zone"].to_numpy()[known], sort=True)
    parts = [shapely.get_parts(shapely.union_all(shapes[code == i])) for i in range(len(names))]
    owner = np.repeat(np.arange(len(names)), [len(part) for part in parts])
    empty = np.empty(0, dtype=object)
    return np.concatenate([empty, *parts]), np.asarray(names, dtype=object)[owner]


def main_zone(shares: pd.DataFrame, n_parcels: int) -> pd.DataFrame:
    """Return zone and zone_share per parcel.

    The code with the largest share (equal: the smaller code); NaN outside.
    """
    ordered = shares.sort_values(["parcel", "share", "zone"], ascending=[True, False, True])
    best = ordered.drop_duplicates("parcel").set_index("parcel")
    frame = best.reindex(range(n_parcels))
    return pd.DataFrame(
        {"zone": frame["zone"].astype("str"), "zone_share": frame["share"].astype(float)}
    )


def allowed_share(
    shares: pd.DataFrame, codes: list[str], n_parcels: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the share [n] of every parcel that lies in zones with one of the codes, at most 1."""
    allowed = shares[shares["zone"].isin(codes)]
    total = allowed.groupby("parcel")["share"].sum().reindex(range(n_parcels), fill_value=0.0)
    return np.asarray(np.minimum(total.to_numpy(dtype=float), 1.0))
