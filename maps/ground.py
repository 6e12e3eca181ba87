"""What lies between the parcels: street space, so that streets read as streets without tiles."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from maps.data import drawable

STREET_WIDTH_M: Final = 60.0
"""Gaps between parcels up to this wide count as street space; wider ones are open ground."""
_DETAIL_M: Final = 1.0


def street_space(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the ground that gets the colour of streets, to be drawn under the parcels.

    It is all land with parcels on both sides of it, parcels included: what parcels do not cover
    stays visible as street. In the CRS of the parcels, which is metric; without rows where there
    are no parcels.
    """
    shapes = np.asarray(parcels.geometry)[drawable(parcels.geometry)]
    half = STREET_WIDTH_M / 2
    wide = shapely.buffer(shapely.simplify(shapes, _DETAIL_M), half, quad_segs=2)
    grown = shapely.union_all(wide)
    closed = shapely.simplify(shapely.buffer(grown, -half, quad_segs=2), _DETAIL_M)
    pieces = [] if closed.is_empty else [closed]
    return gpd.GeoDataFrame(
        {"street_space": ["street"] * len(pieces)}, geometry=pieces, crs=parcels.crs
    )
