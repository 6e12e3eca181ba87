"""The fabric of the invented town: side by side, without strips, with large sites to be had."""

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landplan.cadastre.demo import write_demo
from landplan.cadastre.demo.people import PLANT_OWNER

INDUSTRIAL = ["0601", "0604"]


@pytest.fixture(scope="module", params=[(500, 1), (500, 4), (2000, 1)])
def layers(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fabric")
    write_demo(folder, *request.param)
    return folder / "town.gpkg"


def layer(path, name):
    return gpd.read_file(path, layer=name)


def test_parcels_are_simple_polygons_that_overlap_by_less_than_a_hand(layers):
    shapes = layer(layers, "parcels").geometry.to_numpy()
    assert set(shapely.get_type_id(shapes)) == {shapely.GeometryType.POLYGON}
    assert not shapely.get_num_interior_rings(shapes).any()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    assert (shapely.area(shapely.intersection(shapes[one], shapes[other])) < 0.05).all()


def test_hardly_any_parcel_is_a_strip_but_banks_water_and_rails(layers):
    parcels = layer(layers, "parcels")
    area, around = parcels.geometry.area, parcels.geometry.length
    strip = 4.0 * np.pi * area / around**2 < 0.24
    along = parcels["DLBM"].isin(["0810", "1101", "1001"])
    assert (strip & ~along).sum() <= 0.005 * len(parcels)
    assert area.min() > 100.0


def test_buildings_stand_inside_parcels(layers):
    parcels = layer(layers, "parcels").geometry.to_numpy()
    built = layer(layers, "buildings").geometry.to_numpy()
    inside, _ = shapely.STRtree(parcels).query(built, predicate="within")
    assert set(inside) == set(range(len(built)))


def test_streets_are_ground_without_parcels(layers):
    """Halfway along a street lies no parcel."""
    streets = layer(layers, "roads").geometry
    parcels = layer(layers, "parcels").geometry.to_numpy()
    middle = streets.interpolate(0.5, normalized=True).to_numpy()
    on_parcel, _ = shapely.STRtree(parcels).query(middle, predicate="within")
    assert len(set(on_parcel)) <= 0.03 * len(middle)


def test_twenty_hectares_of_industry_lie_together_outside_the_plant_and_the_red_lines(layers):
    parcels, rights = layer(layers, "parcels"), pyogrio.read_dataframe(layers, layer="rights")
    lines = layer(layers, "restrictions")
    shapes = parcels.geometry.to_numpy()
    red = shapely.union_all(lines.geometry[lines["YZ"].astype(bool)].to_numpy())
    plant = rights.loc[rights["QLRBH"] == PLANT_OWNER, "ZDDM"]
    usable = parcels["DLBM"].isin(INDUSTRIAL) & ~parcels["ZDDM"].isin(plant)
    usable &= shapely.area(shapely.intersection(shapes, red)) <= 1.0
    shapes = shapes[usable.to_numpy()]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    side = shapely.length(shapely.intersection(shapes[one], shapes[other])) > 1.0
    graph = coo_array((side[side], (one[side], other[side])), shape=(len(shapes), len(shapes)))
    _, piece = connected_components(graph, directed=False)
    assert np.bincount(piece, weights=shapely.area(shapes)).max() >= 200_000.0


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    first, second = (write_demo(tmp_path / name, 500, 7) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
