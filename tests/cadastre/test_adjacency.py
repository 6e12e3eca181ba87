"""Who borders whom, along how many metres.

Pictures: one letter is a square of 10 m unless a test says otherwise, north is up.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from landplan.cadastre.adjacency import build_adjacency
from tests.towns import CRS, EAST, NORTH, box, squares

TOLERANCE = 0.1
MIN_BORDER = 1.0


def frame(**shapes):
    """Parcels by name, in the order of the alphabet of the names given."""
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=CRS)


def polygon(*points):
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


def named(parcels, pairs, metres):
    names = parcels["id"].tolist()
    return {
        names[i] + names[j]: float(length) for (i, j), length in zip(pairs, metres, strict=True)
    }


def borders(parcels, tolerance=TOLERANCE, min_border=MIN_BORDER, usable=None):
    """{"AB": metres} of the pairs that are connected."""
    found = build_adjacency(parcels, tolerance, min_border, usable)
    return named(parcels, found.pairs, found.length_m)


def contacts(parcels, tolerance=TOLERANCE, min_border=MIN_BORDER):
    """{"AB": metres} of all pairs in contact, connected or not."""
    found = build_adjacency(parcels, tolerance, min_border, None)
    return named(parcels, found.contacts, found.contact_m)


def metres(length):
    return pytest.approx(length, abs=1e-3)


def test_a_shared_edge_is_a_border_of_its_length():
    """AB."""
    assert borders(squares("AB", side=10.0)) == {"AB": metres(10.0)}


def test_a_block_of_four_has_its_four_edges_and_no_diagonal():
    """The middle is a point that all four share.

    CD
    AB
    """
    found = borders(squares("CD\nAB", side=10.0))
    assert found == {pair: metres(10.0) for pair in ("AB", "AC", "BD", "CD")}


def test_a_touch_at_a_corner_is_no_border():
    """.B
    A.
    """
    assert borders(squares(" B\nA ", side=10.0), min_border=0.0) == {}


@pytest.mark.parametrize("hair", [-0.09, -0.05, 0.0, 0.05, 0.09])
def test_a_corner_that_overlaps_or_misses_by_a_hair_is_no_border(hair):
    """.B   B moved south-west by a hair, either way
    A.
    """
    parcels = frame(A=box(0, 0, 10, 10), B=box(10 + hair, 10 + hair, 10, 10))
    assert borders(parcels, min_border=0.0) == {}


def test_t_junctions_split_the_border_between_the_two_across():
    """C's south edge has no corner where A and B meet.

    CCCC
    AAAB
    """
    parcels = frame(A=box(0, 0, 30, 10), B=box(30, 0, 10, 10), C=box(0, 10, 40, 10))
    assert borders(parcels) == {"AB": metres(10.0), "AC": metres(30.0), "BC": metres(10.0)}


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(0.09, {"AB": 10.0}), (0.10, {"AB": 10.0}), (0.11, {}), (0.5, {})],
)
def test_a_hairline_gap_is_a_border_up_to_the_tolerance(gap, expected):
    """A|B: a gap as wide as given."""
    parcels = frame(A=box(0, 0, 10, 10), B=box(10 + gap, 0, 10, 10))
    assert borders(parcels) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("overlap", "expected"), [(0.05, {"AB": 10.0}), (0.3, {})])
def test_an_overlap_of_a_hair_is_a_border_a_wider_one_is_not(overlap, expected):
    """A#B: the two overlap where # stands."""
    parcels = frame(A=box(0, 0, 10, 10), B=box(10 - overlap, 0, 10, 10))
    assert borders(parcels) == pytest.approx(expected, abs=1e-3)


def test_a_border_shorter_than_the_least_does_not_connect_but_is_kept_as_a_contact():
    """B begins 0.8 m below the top of A.

    .B
    AB
    A.
    """
    parcels = frame(A=box(0, 0, 10, 10), B=box(10, 9.2, 10, 10))
    assert borders(parcels) == {}
    assert contacts(parcels) == {"AB": metres(0.8)}
    assert borders(parcels, min_border=0.8) == {"AB": metres(0.8)}


def test_a_border_broken_in_two_counts_as_their_sum():
    """C touches A west and east of the hole.

    CCC
    C.C
    AAA
    """
    c = polygon((0, 10), (4, 10), (4, 15), (26, 15), (26, 10), (30, 10), (30, 20), (0, 20))
    assert borders(frame(A=box(0, 0, 30, 10), C=c)) == {"AC": metres(8.0)}


def test_every_part_of_a_parcel_in_several_parts_counts():
    """A is one parcel in two parts; B lies between them, C beyond.

    ABAC
    """
    a = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 10, 10)])
    parcels = frame(A=a, B=box(10, 0, 10, 10), C=box(30, 0, 10, 10))
    assert borders(parcels) == {"AB": metres(20.0), "AC": metres(10.0)}


def test_a_parcel_of_two_parts_that_touch_does_not_border_itself():
    """AA: drawn as two parts with a common edge."""
    halves = shapely.MultiPolygon([box(0, 0, 10, 10), box(10, 0, 10, 10)])
    assert contacts(frame(A=halves, B=box(0, 10, 20, 10))) == {"AB": metres(20.0)}


def test_a_block_in_the_hole_of_a_street_borders_the_street_all_around():
    """S is one parcel around both blocks; the blocks of one hole border each other.

    SSSSSSS
    SABSCCS
    SSSSSSS
    """
    hole_west, hole_east = box(10, 10, 20, 10), box(40, 10, 20, 10)
    parcels = frame(
        A=box(10, 10, 10, 10),
        B=box(20, 10, 10, 10),
        C=hole_east,
        S=box(0, 0, 70, 30).difference(hole_west).difference(hole_east),
    )
    assert borders(parcels) == {
        "AB": metres(10.0),
        "AS": metres(30.0),
        "BS": metres(30.0),
        "CS": metres(60.0),
    }


def test_a_parcel_upon_another_does_not_border_it():
    """B lies inside A, which has no hole; their common south edge runs the same way."""
    assert borders(frame(A=box(0, 0, 30, 30), B=box(10, 0, 10, 10))) == {}


def test_a_neighbour_turned_by_a_hair_borders_as_far_as_the_tolerance_reaches():
    """B leans away from A by 1 % beginning at their common corner: 10 m until the gap is 0.1 m.

    A|B
    A|B
    """
    b = polygon((10, 0), (40, 0), (40, 30), (10.3, 30))
    found = borders(frame(A=box(0, 0, 10, 30), B=b))
    assert found == {"AB": pytest.approx(10.0, abs=0.01)}


def test_a_border_digitised_with_more_points_on_one_side_is_as_long():
    """A|B: B's west edge has a point every 0.5 m that strays by 2 cm."""
    west = [(10.0 + (0.02 if k % 2 else 0.0), 20.0 - 0.5 * k) for k in range(41)]
    found = borders(frame(A=box(0, 0, 10, 20), B=polygon(*west, (20, 0), (20, 20))))
    assert found == {"AB": pytest.approx(20.0, abs=0.05)}


@pytest.mark.parametrize(("straight", "jagged"), [("A", "B"), ("B", "A")])
def test_the_side_that_is_straight_counts(straight, jagged):
    """A|B: one side has teeth 8 cm deep, every 20 cm, and is longer by 28 %."""
    teeth = [(10.0 + (0.08 if k % 2 else 0.0), 20.0 - 0.1 * k) for k in range(201)]
    shapes = {straight: box(0, 0, 10, 20), jagged: polygon(*teeth, (20, 0), (20, 20))}
    assert borders(frame(A=shapes["A"], B=shapes["B"])) == {"AB": pytest.approx(20.0, abs=0.05)}


def test_a_metre_bordered_twice_counts_once():
    """A|BB: B's first part is a sliver of 3 cm, and its second part is within the tolerance too."""
    sliver_and_rest = shapely.MultiPolygon([box(10, 0, 0.03, 20), box(10.06, 0, 10, 20)])
    assert borders(frame(A=box(0, 0, 10, 20), B=sliver_and_rest)) == {"AB": metres(20.0)}


def test_edges_that_meet_at_an_angle_are_no_border():
    """B stands with a right-angled tip on the middle of A's north edge.

    \\B/
    AAA
    """
    tip = polygon((15, 10), (25, 20), (5, 20))
    assert borders(frame(A=box(0, 0, 30, 10), B=tip), min_border=0.0) == {}


def test_parcels_with_a_fault_without_shape_or_barred_take_no_part():
    """ABCDEFG: B is faulty, C has no geometry, at the end F is barred."""
    parcels = squares("ABCDEFG", side=10.0)
    parcels["fault"] = [None, "data.geometry.overlap", None, None, None, None, None]
    shapes = parcels.geometry.to_numpy().copy()
    shapes[2] = None
    parcels = parcels.set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    assert borders(parcels) == {pair: metres(10.0) for pair in ("DE", "EF", "FG")}
    usable = np.array([True, True, True, True, True, False, True])
    assert borders(parcels, usable=usable) == {"DE": metres(10.0)}


@pytest.mark.parametrize("shapes", [[], [None, None], [shapely.Polygon(), None]])
def test_a_town_without_shapes_has_no_borders(shapes):
    found = build_adjacency(gpd.GeoDataFrame(geometry=shapes, crs=CRS), TOLERANCE, MIN_BORDER, None)
    assert found.pairs.shape == found.contacts.shape == (0, 2)
    assert len(found.length_m) == len(found.contact_m) == 0


def test_the_arrays_cannot_be_changed():
    found = build_adjacency(squares("AB", side=10.0), TOLERANCE, MIN_BORDER, None)
    for array in (found.pairs, found.length_m, found.contacts, found.contact_m):
        assert not array.flags.writeable


def test_a_parcel_far_away_does_not_hide_borders():
    """AB, and C 5000 km east: the grid must not grow with the distance."""
    parcels = squares("AB", side=10.0)
    far = frame(C=box(5_000_000, 0, 10, 10))
    both = gpd.GeoDataFrame(
        {"id": ["A", "B", "C"]}, geometry=[*parcels.geometry, *far.geometry], crs=CRS
    )
    assert borders(both) == {"AB": metres(10.0)}


def test_a_turned_town_has_the_same_borders():
    """CD, turned by 37°
    AB
    """
    parcels = squares("CD\nAB", side=10.0)
    turned = parcels.set_geometry(
        gpd.GeoSeries([affinity.rotate(shape, 37, (EAST, NORTH)) for shape in parcels.geometry])
    )
    assert borders(turned) == {pair: metres(10.0) for pair in ("AB", "AC", "BD", "CD")}
