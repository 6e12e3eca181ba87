"""Holdings of real cadastres: figures that follow from the layers by another way."""

import pandas as pd
import pytest
import shapely

from landplan.cadastre.reading import read_town
from landplan.planning.measure.request import MeasureRequest
from landplan.planning.measure.run import run

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def measured(real_data):
    town = real_data.parent / "requests" / "forest_city_west" / "town.toml"
    if not town.is_file():
        pytest.skip("no requests beside the real cadastres (forest_city_west)")
    return run(MeasureRequest(process="measure"), read_town(town).require())


def test_every_parcel_is_measured_or_names_its_rule(measured):
    table = measured.parcels
    counted = table["left_out"].isna()
    assert sum(measured.left_out.values()) == int((~counted).sum())
    assert measured.figures["parcels"] == int(counted.sum())
    assert table.loc[counted, "psi"].between(0, 1).all()
    assert table.loc[counted, "polsby_popper"].between(0, 1).all()


def test_land_and_parcels_of_the_holdings_add_up_to_the_town(measured):
    held = measured.parcels[measured.parcels["left_out"].isna()]
    by_hand = held.groupby("holding")["area_m2"].agg(["sum", "size"])
    table = measured.holdings.set_index("holding")
    assert table["area_m2"].to_numpy() == pytest.approx(by_hand["sum"].to_numpy())
    assert table["parcels"].tolist() == by_hand["size"].tolist()
    shares = held.assign(part=held["area_m2"] / held["holding"].map(by_hand["sum"]))
    simmons = (shares["part"] ** 2).groupby(shares["holding"]).sum()
    assert table["simmons"].to_numpy() == pytest.approx(simmons.to_numpy())


def test_pieces_of_the_largest_holdings_are_those_of_parcels_that_lie_along_each_other(measured):
    """Two parcels hang together where 1 m of one's boundary lies within 0.1 m of the other."""
    held = measured.parcels[measured.parcels["left_out"].isna()]
    table = measured.holdings.set_index("holding")
    largest = table["parcels"].nlargest(40).index
    differ = [label for label in largest if _pieces(held, label) != table.loc[label, "pieces"]]
    assert differ == []
    assert pd.notna(table.loc[largest, "schmook"]).all()


def _pieces(held: pd.DataFrame, label: str) -> int:
    """Count pieces by joining every pair that lies along each other, without the adjacency."""
    shapes = held.loc[held["holding"] == label, "geometry"].to_numpy()
    piece = list(range(len(shapes)))
    for i, one in enumerate(shapes):
        near = shapely.buffer(one, 0.1)
        for j in range(i):
            if shapely.length(shapely.intersection(shapely.boundary(shapes[j]), near)) >= 1.0:
                piece = [piece[i] if p == piece[j] else p for p in piece]
    return len(set(piece))
