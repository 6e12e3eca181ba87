"""How much of every parcel lies in which zone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_SHARE_NOISE = 1e-6


def zone_shares(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Overlay parcels and zones.

    Returns
    -------
    DataFrame
        ``parcel`` (row number), ``zone`` (code) and ``share`` (0..1 of the parcel's area), one row
        per pair that meets in an area, sorted. Where zones of one code overlap each other, the
        land counts once.
    """
    shapes = parcels.geometry.to_numpy()
    usable = np.flatnonzero(
        shapely.is_valid(shapes) & ~shapely.is_missing(shapes) & (shapely.area(shapes) > 0)
    )
    ground = zones.geometry.to_numpy()
    shapely.prepare(ground)
    tree = shapely.STRtree(shapes[usable])
    zone, parcel = tree.query(ground, predicate="intersects")
    parcel = usable[parcel]
    inside = shapely.contains_properly(ground[zone], shapes[parcel])
    common = shapes[parcel].copy()
    common[~inside] = shapely.intersection(shapes[parcel[~inside]], ground[zone[~inside]])
    pairs = pd.DataFrame(
        {
            "parcel": parcel,
            "zone": zones["zone"].to_numpy()[zone],
            "area": shapely.area(common),
            "row": np.arange(len(parcel)),
        }
    )
    pairs = pairs[pairs["zone"].notna() & (pairs["area"] > 0)]
    summed = (
        pairs.groupby(["parcel", "zone"], sort=True)
        .agg(area=("area", "sum"), rows=("row", list))
        .reset_index()
    )
    total = shapely.area(shapes)[summed["parcel"].to_numpy()]
    # only zones that overlap each other can exceed the parcel: there the union counts
    double = np.flatnonzero(summed["area"].to_numpy() > total * (1 + _SHARE_NOISE))
    areas = summed["area"].to_numpy(copy=True)
    for position in double:
        areas[position] = shapely.area(shapely.union_all(common[summed["rows"].iloc[position]]))
    share = np.minimum(areas / total, 1.0)
    return pd.DataFrame(
        {"parcel": summed["parcel"], "zone": summed["zone"].astype(str), "share": share}
    )


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
