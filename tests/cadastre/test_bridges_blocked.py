"""What stands in the way of a bridge; `tests/bridging.py` explains the pictures."""

import numpy as np
import pytest
import shapely

from tests.bridging import about, bridges, frame, line, polygon
from tests.towns import EAST, NORTH, box


@pytest.mark.parametrize("fault", [None, "data.geometry.overlap"])
def test_not_past_a_third_parcel(fault):
    """C lies in the middle of the street, faulty or not; its gaps to A and B are 1 m.

    BBB
    CCC
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 21, 30, 10))
    parcels["fault"] = [None, None, fault]
    expected = {} if fault else {"AC": about(1.0, 30.0), "BC": about(1.0, 30.0)}
    assert bridges(parcels) == expected


def test_an_invalid_third_parcel_is_in_the_way_too():
    """C is a bow tie: faulty, and no ray may pass through it.

    BBB
    C×C
    AAA
    """
    bow_tie = polygon((0, 22), (30, 30), (30, 22), (0, 30))
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=bow_tie)
    parcels["fault"] = [None, None, "data.geometry.invalid"]
    assert bridges(parcels) == {}


def test_past_a_third_parcel_where_it_leaves_enough_of_the_facades_free():
    """BBBBBB
    CC....
    AAAAAA
    """
    parcels = frame(A=box(0, 0, 60, 20), B=box(0, 32, 60, 20), C=box(0, 21, 20, 10))
    assert bridges(parcels)["AB"] == about(12.0, 40.0)


def test_not_across_a_hair_of_a_third_parcel():
    """C is a strip of 5 cm along B: the ray meets it first, however thin.

    BBB
    CCC
    ...
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 31.95, 30, 0.05))
    assert "AB" not in bridges(parcels)


def test_a_barred_parcel_is_no_end_but_stands_in_the_way():
    """BBB
    CCC
    AAA
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), C=box(0, 21, 30, 10))
    assert bridges(parcels, usable=np.array([True, True, False])) == {}
    assert set(bridges(parcels, usable=np.array([True, False, True]))) == {"AC"}


@pytest.mark.parametrize(
    "water",
    [
        box(-50, 24, 200, 4),
        box(-50, 20, 200, 12),
        box(-50, 10, 200, 40),
        box(-500, -500, 2000, 2000),
        line((-50, 26), (150, 26)),
        line((-50, 20), (150, 20)),
        line((-50, 32), (150, 32)),
        line((-50, 32.05), (150, 32.05)),
        line((-50, 19.95), (150, 19.95)),
        shapely.MultiLineString([line((-50, 26), (10, 26)), line((10, 26), (150, 26))]),
        shapely.GeometryCollection([shapely.Point(EAST, NORTH), box(-50, 24, 200, 4)]),
    ],
    ids=[
        "canal",
        "canal as wide as the street",
        "canal that overlaps both banks",
        "lake around all",
        "line",
        "line on A's facade",
        "line on B's facade",
        "line a hair inside B",
        "line a hair inside A",
        "broken line",
        "collection",
    ],
)
def test_not_across_a_barrier(water):
    """BBB
    ###   water or rail, wherever it lies between the facades
    AAA
    """
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20)), water) == {}


def test_not_across_a_rail_line_within_a_street_parcel():
    """BBBB
    S##S
    AAAA
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    assert bridges(parcels, line((-40, 22), (90, 30))) == {}


def test_beside_a_barrier_that_ends_in_the_street():
    """The culvert leaves 30 m of 60 free.

    BBBBBB
    ###...
    AAAAAA
    """
    parcels = frame(A=box(0, 0, 60, 20), B=box(0, 32, 60, 20))
    assert bridges(parcels, box(-50, 24, 80, 4)) == {"AB": about(12.0, 30.0)}


def test_a_barrier_behind_a_parcel_does_not_matter():
    """BBB
    ...
    AAA
    ###
    """
    parcels = frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20))
    empty = shapely.LineString()
    assert set(bridges(parcels, line((-50, -1), (150, -1)), line((-50, 10), (90, 10)), empty)) == {
        "AB"
    }


def test_not_between_parcels_that_share_a_border():
    """A and B meet west of a pocket of ground and face each other across it.

    BBBB
    B...
    A...
    AAAA
    """
    a = polygon((0, 0), (60, 0), (60, 14), (10, 14), (10, 20), (0, 20))
    b = polygon((0, 20), (10, 20), (10, 26), (60, 26), (60, 40), (0, 40))
    assert bridges(frame(A=a, B=b)) == {}


def test_not_between_parcels_a_hair_apart():
    """A|B: within the tolerance is a border; a wider slit is the narrowest of bridges."""
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(30.1, 0, 30, 20))) == {}
    wider = bridges(frame(A=box(0, 0, 30, 20), B=box(30.3, 0, 30, 20)))
    assert wider == {"AB": about(0.3, 20.0)}


def test_not_between_parcels_that_overlap():
    """A and B overlap by 12 m (#): from inside the other, one looks out, not across a street.

    BBB
    ###
    AAA
    """
    assert bridges(frame(A=box(0, 0, 30, 20), B=box(0, 8, 30, 32))) == {}


def test_not_from_a_parcel_to_itself():
    """A is a horseshoe around a yard, and has a second part beyond the street.

    A.A AA
    AAA AA
    """
    horseshoe = polygon((0, 0), (40, 0), (40, 40), (28, 40), (28, 12), (12, 12), (12, 40), (0, 40))
    parcels = frame(A=shapely.MultiPolygon([horseshoe, box(50, 0, 30, 40)]), B=box(200, 0, 9, 9))
    assert bridges(parcels) == {}


def test_not_through_a_parcel_of_its_own():
    """The own second part of A stands between A and B; only the far part faces B.

    A..A..B
    """
    parts = shapely.MultiPolygon([box(0, 0, 20, 20), box(26, 0, 4, 20)])
    found = bridges(frame(A=parts, B=box(36, 0, 20, 20)))
    assert found == {"AB": about(6.0, 20.0)}
