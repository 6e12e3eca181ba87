"""Streets of a real town that may be closed: disjoint, of the classes named, nobody's only way."""

import numpy as np
import pytest
import shapely

from landplan.cadastre.reading import read_town
from landplan.planning.answer import answer
from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.request import AssembleRequest

pytestmark = pytest.mark.real_data

CLASSES = ("Route à 1 chaussée", "Route empierrée")
REQUEST = """
process = "assemble"
[bridge]
max_width_m = 15
min_facing_m = 8
mode = "close"
classes = ["Route à 1 chaussée", "Route empierrée"]
[price]
per_closed_m2 = 1
[[demand]]
id = "zone"
area_ha = [12.0, 13.0]
zones = ["AU", "U"]
max_bridges = 3
"""


@pytest.fixture(scope="module")
def gennes(real_data, tmp_path_factory):
    """The town of Gennes with the classes of its roads, which its own town file does not name."""
    source = real_data.parent / "requests" / "gennes" / "town.toml"
    if not source.is_file():
        pytest.skip(f"no request for Gennes beside the real cadastres ({source.parent.name})")
    text = source.read_text(encoding="utf-8")
    text = text.replace("../../data", str(real_data)).replace(
        'road.gpkg"', 'road.gpkg"\nclass = "NATURE"'
    )
    path = tmp_path_factory.mktemp("gennes") / "town.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_stretches_are_disjoint_join_their_parcels_and_cut_nobody_off(gennes):
    town = read_town(gennes).require()
    asked = {
        "process": "assemble",
        "bridge": {"max_width_m": 15, "min_facing_m": 8, "mode": "close", "classes": CLASSES},
        "demand": [{"id": "zone", "area_ha": [12, 13], "max_bridges": 3}],
    }
    made = formulate(AssembleRequest.model_validate(asked), town)
    closings, pairs = made.closings, made.bridges.pairs
    assert closings is not None
    assert len(pairs) > 100
    ground = closings.ground
    one, other = shapely.STRtree(ground).query(ground, predicate="intersects")
    apart = one < other
    shared = shapely.area(shapely.intersection(ground[one[apart]], ground[other[apart]]))
    assert float(shared.max(initial=0.0)) < 0.02
    shapes = town.parcels.geometry.to_numpy()
    for end in (0, 1):
        assert float(shapely.distance(ground, shapes[pairs[:, end]]).max()) < 0.01
    assert set("; ".join(closings.road_class).split("; ")) <= set(CLASSES)
    assert not any(
        len(closings.cut_off(np.array([k]), pair)) for k, pair in enumerate(pairs.tolist())
    )


def test_a_site_closes_streets_and_the_audit_passes(gennes, tmp_path):
    (tmp_path / "request.toml").write_text(REQUEST, encoding="utf-8")
    plan = answer(gennes, tmp_path / "request.toml", tmp_path / "out")
    assert plan.audit["passed"], [one for one in plan.audit["checks"] if not one["passed"]]
    closed = plan.bridges["closed_m2"].sum()
    assert closed > 100
    assert plan.certificate.terms["closing"] == pytest.approx(closed, abs=0.02)
