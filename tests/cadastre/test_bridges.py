"""Which parcels face each other across a street; `tests/bridging.py` explains the pictures."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from landplan.cadastre.bridges import corridor, warm_up
from tests.bridging import about, bridges, found_in, frame, line, polygon
from tests.towns import CRS, EAST, NORTH, box, squares


def test_across_a_gap_between_parcels():
    """BBB
    ...   12 m
    AAA
    """
    found = bridges(frame(A=box(0, 0, 30, 20), B=box(0, 32, 30, 20)))
    assert found == {"AB": about(12.0, 30.0)}


def test_across_a_parcel_of_the_street():
    """BBB
    SSS   12 m
    AAA
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    assert bridges(parcels) == {"AB": about(12.0, 30.0)}


def test_across_several_parcels_of_the_street_and_a_gap_between_them():
    """BBB
    TTT   5 m
    ...   2 m
    SSS   5 m
    AAA
    """
    parcels = frame(
        "ST",
        A=box(0, 0, 30, 20),
        B=box(0, 32, 30, 20),
        S=box(0, 20, 30, 5),
        T=box(0, 27, 30, 5),
    )
    assert bridges(parcels) == {"AB": about(12.0, 30.0)}


def test_across_a_street_that_holds_the_blocks_in_its_holes():
    """SSSSS
    SASBS
    SSSSS
    """
    blocks = {"A": box(12, 12, 30, 30), "B": box(54, 12, 30, 30)}
    street = box(0, 0, 96, 54).difference(shapely.union_all(list(blocks.values())))
    assert bridges(frame("S", **blocks, S=street)) == {"AB": about(12.0, 30.0)}


@pytest.mark.parametrize(("width", "bridged"), [(19.9, True), (20.0, True), (20.1, False)])
def test_not_across_a_street_wider_than_allowed(width, bridged):
    """A....B"""
    found = bridges(frame(A=box(0, 0, 30, 20), B=box(30 + width, 0, 30, 20)))
    assert bool(found) == bridged


@pytest.mark.parametrize(("facing", "bridged"), [(8.0, False), (10.0, True), (12.0, True)])
def test_not_where_they_face_each_other_too_short(facing, bridged):
    """B begins west of A's east end by as much as they face each other.

    ..BBB
    .....
    AAA..
    """
    found = bridges(frame(A=box(0, 0, 40, 20), B=box(40 - facing, 32, 40, 20)))
    assert found == ({"AB": about(12.0, facing)} if bridged else {})


def test_the_shorter_of_both_facades_counts():
    """B is narrow but its sides make no difference.

    .BB.   15 m
    ....
    AAAA   60 m
    """
    found = bridges(frame(A=box(0, 0, 60, 20), B=box(20, 32, 15, 20)))
    assert found == {"AB": about(12.0, 15.0)}


def test_staggered_facades_give_the_median_width():
    """B's facade stands 8 m away along 20 m and 14 m away along 10 m.

    BBBBBB
    BBBB..
    ......
    AAAAAA
    """
    b = polygon((0, 28), (20, 28), (20, 34), (30, 34), (30, 50), (0, 50))
    assert bridges(frame(A=box(0, 0, 30, 20), B=b)) == {"AB": about(8.0, 30.0)}


def test_a_broken_facade_is_bridged_in_several_parts():
    """C takes the middle of the street.

    BBBBBBBB
    ...CC...
    AAAAAAAA
    """
    parcels = frame(A=box(0, 0, 80, 20), B=box(0, 32, 80, 20), C=box(30, 20, 20, 12))
    found = found_in(parcels)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.facing_m[0] == pytest.approx(60.0, abs=1.01)
    shape = corridor(parcels, found, 0, gpd.GeoSeries([], crs=CRS))
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 2
    assert shape.area == pytest.approx(60.0 * 12.0, rel=0.05)


def test_not_across_a_corner():
    """A crossing of two streets: neighbours across a street are bridged, diagonal ones are not.

    C.D
    ...
    A.B
    """
    parcels = frame(
        A=box(0, 0, 30, 30),
        B=box(42, 0, 30, 30),
        C=box(0, 42, 30, 30),
        D=box(42, 42, 30, 30),
    )
    assert bridges(parcels, max_width=40.0, min_facing=1.0) == {
        pair: about(12.0, 30.0) for pair in ("AB", "AC", "BD", "CD")
    }


def test_not_across_a_corner_cut_off():
    """A and D at the crossing have corners cut off by 4 m: they face each other along 5.7 m.

    C./D
    ...
    A/.B
    """
    parcels = frame(
        A=polygon((0, 0), (30, 0), (30, 26), (26, 30), (0, 30)),
        B=box(38, 0, 30, 30),
        C=box(0, 38, 30, 30),
        D=polygon((42, 38), (68, 38), (68, 68), (38, 68), (38, 42)),
    )
    assert set(bridges(parcels)) == {"AB", "AC", "BD", "CD"}
    assert "AD" in bridges(parcels, min_facing=5.0)


def test_around_a_dead_end_street():
    """The street ends at C: the sides face each other, C faces neither.

    CCC
    A.B
    A.B
    """
    parcels = frame(A=box(0, 0, 30, 40), B=box(42, 0, 30, 40), C=box(0, 40, 72, 20))
    assert bridges(parcels) == {"AB": about(12.0, 40.0)}


def test_the_head_of_a_dead_end_street_faces_the_parcel_opposite():
    """C looks down the short street at D.

    ACB
    A.B
    ADB
    """
    parcels = frame(
        A=box(0, 0, 30, 50),
        B=box(42, 0, 30, 50),
        C=box(30, 34, 12, 16),
        D=box(30, 0, 12, 16),
    )
    assert bridges(parcels) == {"AB": about(12.0, 18.0), "CD": about(18.0, 12.0)}


def test_every_part_of_a_parcel_may_face():
    """B's two parts face A along 12 m in all.

    B...B
    .....
    AAAAA
    """
    b = shapely.MultiPolygon([box(0, 32, 6, 20), box(54, 32, 6, 20)])
    assert bridges(frame(A=box(0, 0, 60, 20), B=b)) == {"AB": about(12.0, 12.0)}


def test_across_a_curved_street():
    """Two rings around one centre, 12 m apart, in chords of 3°: facing is measured inside.

    )B) )A)
    """

    def arc(inner, outer):
        angles = np.radians(np.arange(0, 91, 3))
        unit = np.column_stack((np.cos(angles), np.sin(angles)))
        return polygon(*(unit * inner), *(unit * outer)[::-1])

    found = bridges(frame(A=arc(112, 130), B=arc(80, 100)))
    width, facing = found["AB"]
    assert width == pytest.approx(12.0, abs=0.1)
    assert facing == pytest.approx(100.0 * np.pi / 2.0, abs=3.0)


def test_across_a_street_that_narrows():
    """B's facade leans by 10°: rays from A and from B differ, both see each other.

    BBBB
    B...
    AAAA
    """
    b = polygon((0, 26), (60, 26 + 60 * np.tan(np.radians(10.0))), (60, 60), (0, 60))
    width, facing = bridges(frame(A=box(0, 0, 60, 20), B=b))["AB"]
    assert 6.0 < width < 16.6
    assert 50.0 < facing < 60.0


def test_every_pair_across_a_street_of_lots():
    """Lots of 20 m face their opposite only; lots half opposite face along 10 m.

    .EEDD
    .....
    AABBC
    """
    parcels = frame(
        A=box(0, 0, 20, 20),
        B=box(20, 0, 20, 20),
        C=box(40, 0, 20, 20),
        D=box(30, 32, 20, 20),
        E=box(10, 32, 20, 20),
    )
    assert bridges(parcels) == {pair: about(12.0, 10.0) for pair in ("AE", "BD", "BE", "CD")}


def test_streets_are_no_ends():
    """S and T are streets beside each other, 5 m of verge between.

    SSS
    ...
    TTT
    """
    assert bridges(frame("ST", S=box(0, 0, 30, 5), T=box(0, 10, 30, 5))) == {}


def test_a_frame_that_knows_no_streets_and_no_faults_has_none():
    """A.B"""
    parcels = squares("A B", side=15.0)
    found = found_in(parcels)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.width_m[0] == pytest.approx(15.0, abs=0.01)


@pytest.mark.parametrize("shapes", [[], [None], [None, shapely.Polygon()]])
def test_a_town_without_shapes_has_no_bridges(shapes):
    parcels = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    assert found_in(parcels, line((0, 0), (1, 1))).pairs.shape == (0, 2)


def test_the_arrays_cannot_be_changed():
    found = found_in(squares("A B", side=15.0))
    for array in (found.pairs, found.width_m, found.facing_m):
        assert not array.flags.writeable


@pytest.mark.parametrize("degrees", [17.0, 45.0, 90.0, 133.0])
def test_a_turned_street_is_the_same_street(degrees):
    """BBB
    SSS
    AAA, turned
    """
    parcels = frame("S", A=box(0, 0, 30, 20), B=box(0, 32, 30, 20), S=box(-50, 20, 150, 12))
    turned = parcels.set_geometry(
        gpd.GeoSeries(
            [affinity.rotate(shape, degrees, (EAST, NORTH)) for shape in parcels.geometry], crs=CRS
        )
    )
    assert bridges(turned) == {"AB": about(12.0, 30.0)}


def test_warming_up_compiles_the_kernels():
    warm_up()
