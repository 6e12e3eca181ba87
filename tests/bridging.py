"""Streets drawn by hand, and the bridges found across them.

Pictures: north is up, S is a parcel of the street, a dot is ground without a parcel, # a barrier.
Unless a test says otherwise, a bridge is up to 20 m wide and its ends face each other along 10 m.
"""

import geopandas as gpd
import pytest
import shapely

from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.bridges import corridor, find_bridges
from tests.towns import CRS, EAST, NORTH

MAX_WIDTH, MIN_FACING = 20.0, 10.0


def frame(streets="", **shapes):
    """Parcels by name; ``streets`` names those that are street."""
    return gpd.GeoDataFrame(
        {
            "id": list(shapes),
            "street": [name in streets for name in shapes],
            "fault": [None] * len(shapes),
        },
        geometry=list(shapes.values()),
        crs=CRS,
    )


def polygon(*points):
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def found_in(parcels, *barriers, max_width=MAX_WIDTH, min_facing=MIN_FACING, usable=None):
    adjacency = build_adjacency(parcels, 0.1, 1.0, None)
    return find_bridges(
        parcels,
        adjacency,
        max_width_m=max_width,
        min_facing_m=min_facing,
        barriers=gpd.GeoSeries(list(barriers), crs=CRS),
        usable=usable,
    )


def bridges(parcels, *barriers, **limits):
    """{"AB": (width, facing)} of the bridges found; their corridors are checked on the way."""
    found = found_in(parcels, *barriers, **limits)
    names = parcels["id"].tolist()
    for row in range(len(found.pairs)):
        check_corridor(parcels, found, row, barriers)
    return {
        names[i] + names[j]: (float(width), float(facing))
        for (i, j), width, facing in zip(found.pairs, found.width_m, found.facing_m, strict=True)
    }


def check_corridor(parcels, found, row, barriers):
    """A corridor is a valid area of street space that joins both parcels and crosses no barrier."""
    shape = corridor(parcels, found, row, gpd.GeoSeries(list(barriers), crs=CRS))
    ends = parcels.geometry.iloc[found.pairs[row]]
    assert shape.is_valid
    assert shape.area > 0.0
    assert (ends.distance(shape) < 1e-3).all()
    assert ends.iloc[0].distance(ends.iloc[1]) - 1e-6 <= found.width_m[row] <= found.max_width_m
    solid = parcels[~parcels["street"] & ~shapely.is_missing(parcels.geometry.to_numpy())]
    for other in shapely.make_valid(solid.geometry.to_numpy()):
        assert shape.intersection(other).area < 1e-3
    for barrier in barriers:
        assert not shape.intersects(barrier)


def about(width, facing):
    """Facing is measured in steps of at most a metre."""
    return (pytest.approx(width, abs=0.01), pytest.approx(facing, abs=1.01))
