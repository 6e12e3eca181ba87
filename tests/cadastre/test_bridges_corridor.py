"""Corridors at bends, and rays cast in batches."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landplan.cadastre import facing
from landplan.cadastre.adjacency import build_adjacency
from landplan.cadastre.bridges import corridor, find_bridges
from tests.towns import CRS, EAST, NORTH, box

NO_BARRIERS = gpd.GeoSeries([], crs=CRS)


def bridges_of(parcels):
    adjacency = build_adjacency(parcels, 0.1, 1.0)
    return find_bridges(
        parcels, adjacency, max_width_m=20.0, min_facing_m=10.0, barriers=NO_BARRIERS
    )


def ring(inner, outer, chord_degrees):
    """A quarter of a ring around the corner of the town, in chords."""
    angles = np.radians(np.arange(0, 90 + chord_degrees, chord_degrees))
    unit = np.column_stack((np.cos(angles), np.sin(angles)))
    points = np.concatenate((unit * inner, (unit * outer)[::-1]))
    return shapely.Polygon(points + np.array([EAST, NORTH]))


@pytest.mark.parametrize("chord_degrees", [3, 10, 30])
def test_the_corridor_of_a_curved_street_has_no_open_wedges(chord_degrees):
    """A around B: rays from B's corners fan out, those from A close the fan.

    What is missing lies at both ends of the quarter, where long chords do not look across squarely.

    AAA
    ..A
    B.A
    """
    parcels = gpd.GeoDataFrame(
        geometry=[ring(52, 70, chord_degrees), ring(20, 40, chord_degrees)], crs=CRS
    )
    found = bridges_of(parcels)
    shape = corridor(parcels, found, 0, NO_BARRIERS)
    street = ring(40, 52, chord_degrees)
    assert shape.geom_type == "Polygon"
    assert not shape.interiors
    assert shape.intersection(street).area > 0.95 * street.area


def test_rays_in_many_batches_see_the_same(monkeypatch):
    """EEDD
    ....
    ABBC
    """
    parcels = gpd.GeoDataFrame(
        geometry=[
            box(0, 0, 20, 20),
            box(20, 0, 40, 20),
            box(60, 0, 20, 20),
            box(40, 32, 40, 20),
            box(0, 32, 40, 20),
        ],
        crs=CRS,
    )
    whole = bridges_of(parcels)
    monkeypatch.setattr(facing, "_RAYS_AT_ONCE", 30)
    batched = bridges_of(parcels)
    assert whole.pairs.tolist() == batched.pairs.tolist() == [[0, 4], [1, 3], [1, 4], [2, 3]]
    assert whole.width_m.tolist() == batched.width_m.tolist()
    assert whole.facing_m.tolist() == batched.facing_m.tolist()
