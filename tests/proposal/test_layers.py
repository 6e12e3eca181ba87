import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon

from landplan.cadastre import schema
from landplan.proposal.layers import LAYERS, SPATIAL, conform, empty_layer, same_crs
from landplan.proposal.proposal import DemandOutcome
from tests.proposal.example import CRS, example, parcels, rights, square


def test_columns_come_in_the_agreed_order_and_others_are_left_out():
    frame = conform(parcels().iloc[:, ::-1].assign(note="x"), "parcels", CRS)
    assert list(frame.columns) == [*LAYERS["parcels"], "geometry"]
    assert frame.index.tolist() == list(range(8))


def test_the_kinds_of_columns_that_come_from_the_town_are_those_of_its_schema():
    shared = set(SPATIAL["parcels"]) & set(schema.PARCELS)
    assert {name: SPATIAL["parcels"][name] for name in shared} == {
        name: schema.PARCELS[name] for name in shared
    }
    assert SPATIAL["zones"] == schema.ZONES
    assert SPATIAL["restrictions"] == schema.RESTRICTIONS
    assert SPATIAL["roads"] == schema.ROADS
    assert LAYERS["rights"] == schema.RIGHTS


def test_single_parts_become_multi_and_empty_ground_becomes_missing():
    ground = parcels()
    ground.loc[0, "geometry"] = Polygon()
    shapes = conform(ground, "parcels", CRS).geometry
    assert shapes.iloc[0] is None
    assert shapes.iloc[7] is None
    assert isinstance(shapes.iloc[1], MultiPolygon)
    assert shapes.iloc[1].equals(square(10, 0))


def test_lines_and_points_are_promoted_too():
    roads = gpd.GeoDataFrame(
        {"class": ["a", "b"], "width_m": [1, 2]},
        geometry=[LineString([(0, 0, 5), (1, 1, 5)]), Point(0, 0)],
        crs=CRS,
    )
    shapes = conform(roads, "roads", CRS).geometry
    assert shapes.geom_type.tolist() == ["MultiLineString", "MultiPoint"]
    assert not shapes.has_z.any()


def test_kinds_are_cast_and_missing_text_stays_missing():
    frame = conform(parcels().assign(zone=None, street=1, cost=5), "parcels", CRS)
    assert frame["zone"].isna().all()
    assert str(frame["zone"].dtype) == "str"
    assert frame["street"].dtype == bool
    assert frame["cost"].dtype == float


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"street": [None] * 8}, "must not be missing"),
        ({"cost": ["dear"] * 8}, "does not hold float"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        conform(parcels().assign(**change), "parcels", CRS)


def test_a_missing_column_geometry_or_system_is_refused():
    with pytest.raises(ValueError, match="lacks value"):
        conform(parcels().drop(columns="value"), "parcels", CRS)
    with pytest.raises(ValueError, match="no geometry"):
        conform(pd.DataFrame(parcels().drop(columns="geometry")), "parcels", CRS)
    with pytest.raises(ValueError, match="not in the town's system"):
        conform(parcels("EPSG:2154"), "parcels", CRS)
    with pytest.raises(ValueError, match="lacks share"):
        conform(rights().drop(columns="share"), "rights", CRS)


def test_every_layer_can_be_empty():
    for name in LAYERS:
        frame = empty_layer(name, CRS)
        assert len(frame) == 0
        assert conform(frame, name, CRS).equals(frame)


def test_systems_are_compared_without_the_order_of_their_axes():
    assert same_crs("EPSG:4549", "EPSG:4549")
    assert not same_crs("EPSG:4549", "EPSG:4548")
    assert not same_crs("EPSG:4549", "nonsense")


def test_two_proposals_are_equal_when_all_they_would_write_is():
    assert example() == example()
    assert example() != example(version="0.2.0")
    assert example() != example(ground=parcels().assign(value=1.0))
    assert example() != "a proposal"


def test_layers_are_found_by_name():
    assert example().layer("sites")["site_id"].tolist() == ["plant-1"]
    with pytest.raises(KeyError):
        example().layer("times")


def test_exclusions_are_counted_by_rule():
    assert example().exclusion_counts == {"never": 1, "zone.share": 2}


def test_an_unmet_demand_needs_a_reason():
    with pytest.raises(ValueError, match="without a reason"):
        DemandOutcome("plant", met=False)


def test_making_a_proposal_changes_none_of_its_frames():
    ground = parcels()
    example(ground=ground)
    assert np.array_equal(ground.columns, parcels().columns)
    assert ground.geometry.geom_type.iloc[0] == "Polygon"
