"""Frontage, what is left beside a site, width, rectangle and holes on towns of squares."""

import numpy as np
import pytest
import shapely

from landplan.cadastre.adjacency import build_adjacency
from landplan.planning.assemble.fronting import frontage, open_stretches
from landplan.planning.assemble.leftovers import Leftovers
from landplan.planning.assemble.request_parts import Neighbours, Shape
from landplan.planning.assemble.whole_site import WholeSite
from tests.towns import EAST, NORTH, squares

BLOCK = """
ABC
DEF
GHI
"""


def town(picture, street=""):
    parcels = squares(picture)
    parcels["street"] = [name in street for name in parcels["id"]]
    return parcels


def rows(parcels, names):
    return np.flatnonzero(parcels["id"].isin(list(names)))


def leftovers(parcels, contact=None):
    land = ~parcels["street"].to_numpy()
    borders = build_adjacency(parcels, 0.1, 1.0, land).pairs
    open_m = open_stretches(parcels, 0.1).metres(len(parcels))
    touching = open_m >= 1.0 if contact is None else parcels["id"].isin(list(contact)).to_numpy()
    area = np.full(len(parcels), 1_000_000)
    return Leftovers.of(land, touching, area, borders)


def names(parcels, rests):
    return ["".join(parcels["id"].iloc[rest]) for rest in rests]


def roads(*lines):
    import geopandas as gpd

    data = {
        "class": [kind for kind, *_ in lines],
        "width_m": [width for _, width, *_ in lines],
    }
    shapes = [
        shapely.LineString([(EAST + x, NORTH + y) for x, y in points]) for *_, points in lines
    ]
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4549")


def test_open_boundary_is_what_no_other_land_lies_along():
    parcels = town(BLOCK)
    metres = open_stretches(parcels, 0.1).metres(len(parcels))
    assert dict(zip(parcels["id"], metres, strict=True)) == pytest.approx(
        {"A": 200, "B": 100, "C": 200, "D": 100, "E": 0, "F": 100, "G": 200, "H": 100, "I": 200}
    )


def test_boundary_along_a_street_parcel_is_open():
    parcels = town("ABC", street="B")
    metres = open_stretches(parcels, 0.1).metres(len(parcels))
    assert metres == pytest.approx([400, 0, 400])


def test_only_boundary_with_a_road_of_the_class_straight_ahead_counts():
    parcels = town(BLOCK)
    along_south = roads(
        ("main", 10.0, [(-50, -12), (350, -12)]), ("lane", 4.0, [(-8, 0), (-8, 300)])
    )
    stretches = open_stretches(parcels, 0.1)
    main = frontage(stretches, parcels, along_south, ["main"], 10.0, 0.1)
    # the edge of the road is 7 m away; sides that leave the road at right angles do not count
    assert dict(zip(parcels["id"], main, strict=True)) == pytest.approx(
        dict.fromkeys("ABCDEF", 0.0) | dict.fromkeys("GHI", 100.0)
    )
    assert frontage(stretches, parcels, along_south, ["main"], 6.0, 0.1).sum() == 0.0
    both = frontage(stretches, parcels, along_south, [], 10.0, 0.1)
    assert both.sum() == pytest.approx(600.0)


def test_a_site_along_a_road_has_the_sum_of_its_parcels():
    parcels = town("AB")
    stretches = open_stretches(parcels, 0.1)
    south = roads(("main", float("nan"), [(0, -5), (200, -5)]))
    assert frontage(stretches, parcels, south, ["main"], 5.0, 0.1) == pytest.approx([100, 100])


def test_land_shut_in_by_a_site_loses_its_way_unless_it_never_had_one():
    parcels = town(BLOCK)
    assert names(parcels, leftovers(parcels).landlocked(rows(parcels, "ABCDFGHI"))) == ["E"]
    assert leftovers(parcels).landlocked(rows(parcels, "ABCDGHI")) == []
    # only A touches a street: whatever holds A shuts in all the rest
    only = leftovers(parcels, contact="A")
    assert names(parcels, only.landlocked(rows(parcels, "A"))) == ["BCDEFGHI"]
    assert names(parcels, only.landlocked(rows(parcels, "BEH"))) == ["CFI"]
    nobody = leftovers(parcels, contact="")
    assert nobody.landlocked(rows(parcels, "BEH")) == []


def test_small_rests_beside_a_site_are_orphans():
    parcels = town(BLOCK)
    left = leftovers(parcels)
    assert names(parcels, left.orphans(rows(parcels, "BEH"), 4_000_000)) == ["ADG", "CFI"]
    assert left.orphans(rows(parcels, "BEH"), 3_000_000) == []
    assert names(parcels, left.orphans(rows(parcels, "BD"), 2_000_000)) == ["A"]


def test_land_across_a_street_is_no_rest():
    parcels = town("AB\nXY\nCD", street="XY")
    assert leftovers(parcels).orphans(rows(parcels, "A"), 1_000_001)[0].tolist() == [1]
    assert leftovers(parcels).orphans(rows(parcels, "AB"), 1_000_001) == []


def judge(parcels, shape, eligible=None, neighbours=None):
    points = np.column_stack([parcels.centroid.x, parcels.centroid.y])
    usable = np.ones(len(parcels), bool) if eligible is None else parcels["id"].isin(list(eligible))
    left = leftovers(parcels) if neighbours else None
    return WholeSite(
        parcels.geometry.to_numpy(),
        points,
        np.asarray(usable),
        0.1,
        Shape(**shape),
        neighbours or Neighbours(),
        left,
    )


@pytest.mark.parametrize(
    ("shape", "site", "kept"),
    [
        ({"min_width_m": 100.0}, "ADG", True),
        ({"min_width_m": 150.0}, "ADG", False),
        ({"min_width_m": 150.0}, "ABDE", True),
        # a long arm of one square beside four: four fifths are wide
        ({"min_width_m": 150.0, "width_share": 0.8}, "ABDEC", True),
        ({"min_width_m": 150.0, "width_share": 0.85}, "ABDEC", False),
        ({"rectangle_length_m": 300.0, "rectangle_width_m": 100.0}, "ADGH", True),
        ({"rectangle_length_m": 200.0, "rectangle_width_m": 200.0}, "ADGH", False),
        ({"holes": "forbid"}, "ABCDFGHI", False),
        ({"holes": "forbid"}, "ABCDGHI", True),
        ({"holes": "fill"}, "ABCDFGHI", False),
        ({"holes": "allow"}, "ABCDFGHI", True),
    ],
)
def test_shapes_of_sites(shape, site, kept):
    parcels = town(BLOCK)
    assert judge(parcels, shape)(rows(parcels, site)) is kept


def test_enclosed_land_that_may_not_be_used_need_not_join():
    parcels = town(BLOCK)
    ring = rows(parcels, "ABCDFGHI")
    assert judge(parcels, {"holes": "fill"}, eligible="ABCDFGHI")(ring)
    assert not judge(parcels, {"holes": "forbid"}, eligible="ABCDFGHI")(ring)


def test_every_part_across_a_street_must_be_wide_and_one_must_hold_the_rectangle():
    parcels = town("AB\n  \nC ")
    site = rows(parcels, "ABC")
    assert judge(parcels, {"min_width_m": 100.0})(site)
    both = {"rectangle_length_m": 200.0, "rectangle_width_m": 100.0}
    assert judge(parcels, both)(site)
    assert not judge(parcels, {"rectangle_length_m": 300.0, "rectangle_width_m": 90.0})(site)


def test_faults_say_what_is_measured_and_where():
    parcels = town(BLOCK)
    rule = judge(parcels, {}, neighbours=Neighbours(min_orphan_area_m2=15_000))
    fault = next(rule.faults(rows(parcels, "BD")))
    assert (fault.code, fault.params["measured_m2"]) == ("orphan", 10_000)
    assert fault.parcels.tolist() == rows(parcels, "A").tolist()
