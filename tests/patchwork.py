"""Random towns: a grid of crooked cells, dissolved into parcels.

Neighbouring cells share their corners exactly. Dissolved at random they give T-junctions, parcels
in several parts, and parcels in the holes of others.
"""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

from tests.towns import CRS, EAST, NORTH

SIDE, CROOKED = 10.0, 2.5


def patchwork(seed: int, columns: int, rows: int, parcel_count: int) -> gpd.GeoDataFrame:
    """Return parcels of a grid of ``columns`` by ``rows`` cells, each cell given to one at random.

    Corners stray by up to ``CROOKED`` m from a square grid, so no edge is shorter than 5 m.
    """
    rng = np.random.default_rng(seed)
    corner = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1) * SIDE
    corner = corner + rng.uniform(-CROOKED, CROOKED, corner.shape) + (EAST, NORTH)
    cells = [
        shapely.Polygon([corner[y, x], corner[y, x + 1], corner[y + 1, x + 1], corner[y + 1, x]])
        for y in range(rows)
        for x in range(columns)
    ]
    label = rng.integers(parcel_count, size=len(cells))
    shapes = [
        shapely.union_all([cell for cell, its in zip(cells, label, strict=True) if its == parcel])
        for parcel in np.unique(label)
    ]
    return gpd.GeoDataFrame({"id": np.arange(len(shapes))}, geometry=shapes, crs=CRS)


def patchworks() -> st.SearchStrategy[gpd.GeoDataFrame]:
    """Hypothesis strategy of towns with 1 to 20 parcels."""
    return st.builds(
        patchwork,
        st.integers(0, 2**32 - 1),
        st.integers(1, 5),
        st.integers(1, 4),
        st.integers(1, 20),
    )
