"""Street space as a graph, on drawn blocks: what closing stretches leaves without a way out."""

import geopandas as gpd
import numpy as np

from landplan.planning.assemble.fronting import open_stretches
from landplan.planning.assemble.street_space import StreetSpace, street_space
from tests.towns import CRS, box, squares

# A ring road of blanks inside a wall of land, open to the outside at the gap below g only.
RING = """
mmmmmm
m    m
m ab m
m cd m
m    m
mmm mm
"""


def town() -> gpd.GeoDataFrame:
    frame = squares(RING, 50.0)
    frame["id"] = [f"{name}{k}" if name == "m" else name for k, name in enumerate(frame["id"])]
    return frame.to_crs(CRS).assign(street=False, fault=None)


def space_of(*closed: tuple[float, float, float, float]) -> tuple[StreetSpace, gpd.GeoDataFrame]:
    parcels = town()
    ground = np.array([box(*one) for one in closed], dtype=object)
    return street_space(parcels, open_stretches(parcels, 0.1), ground, 1.0), parcels


def names(space: StreetSpace, parcels: gpd.GeoDataFrame, closed: list[int]) -> set[str]:
    nobody = np.empty(0, np.int64)
    rows = space.cut_off(np.array(closed, np.int64), nobody)
    return {name for name in parcels["id"].iloc[rows] if not name.startswith("m")}


# the gap lies at 150..200 east, 0..50 north; stretches across the ring west and east of the blocks
GAP, WEST, EAST = (150, 0, 50, 50), (50, 120, 50, 20), (200, 120, 50, 20)


def test_with_nothing_closed_everyone_keeps_the_way_out() -> None:
    space, parcels = space_of(GAP, WEST, EAST)
    assert names(space, parcels, []) == set()


def test_closing_the_only_gap_cuts_the_whole_ring_off() -> None:
    space, parcels = space_of(GAP, WEST, EAST)
    assert names(space, parcels, [0]) == {"a", "b", "c", "d"}


def test_a_ring_can_be_closed_once_and_not_twice() -> None:
    space, parcels = space_of(GAP, WEST, EAST)
    assert names(space, parcels, [1]) == set()
    assert names(space, parcels, [2]) == set()
    # what looks onto the northern half alone has no way out any more
    assert names(space, parcels, [1, 2]) == {"a", "b"}
