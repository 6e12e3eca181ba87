"""Streets that join a site: only named ones, priced by area, and nobody else's only street."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.planning.answer import answer
from landplan.proposal.audit import audit
from landplan.proposal.proposal import Proposal
from tests.towns import CRS, box, squares, write_town

# One hectare each; the blank column is a street 100 m wide, with a lane in its middle.
STREET = """
ab cd
ef gh
"""
# The street ends at y, whose only way out it is.
DEAD_END = """
b c
xyz
uvw
"""
KEYS = """
owner = "id"
cost = { column = "cost", unit = "total" }
[roads]
file = "roads.gpkg"
class = "class"
"""
REQUEST = """
process = "assemble"
[[demand]]
id = "plant"
area_ha = [2.0, 2.0]
max_bridges = 1
[shape]
max_radius_factor = 0
[bridge]
max_width_m = 120
mode = "{mode}"
{classes}
[price]
{price}
"""


def town(
    folder: Path, picture: str, cheap: str, roads: dict[str, list[tuple[float, float]]]
) -> Path:
    """Write the picture as a town; parcels cost 10, the ``cheap`` ones 1."""
    parcels = squares(picture)
    parcels["cost"] = [1.0 if name in cheap else 10.0 for name in parcels["id"]]
    corner = box(0, 0, 1, 1).bounds[:2]
    lines = [shapely.LineString(np.array(path) + corner) for path in roads.values()]
    layer = gpd.GeoDataFrame({"class": list(roads)}, geometry=lines, crs=CRS)
    return write_town(folder, parcels, KEYS, layers={"roads": layer})


def ask(
    folder: Path,
    price: float = 0.0,
    classes: str = 'classes = ["lane"]',
    picture: str = STREET,
    mode: str = "close",
    roads: dict[str, list[tuple[float, float]]] | None = None,
) -> Proposal:
    """Ask for two hectares, of which b and c, on both sides of the street, are the cheapest."""
    lanes = roads or {"lane": [(250, 0), (250, 200)]}
    priced = f"per_closed_m2 = {price}" if price else ""
    (folder / "request.toml").write_text(
        REQUEST.format(mode=mode, classes=classes, price=priced), encoding="utf-8"
    )
    return answer(town(folder, picture, "bc", lanes), folder / "request.toml", folder / "out")


def chosen(plan: Proposal) -> str:
    inside = plan.parcels["site_id"].notna()
    return "".join(sorted(plan.parcels.loc[inside, "parcel_id"]))


def test_the_street_between_joins_the_site_and_is_paid_by_its_area(tmp_path: Path) -> None:
    plan = ask(tmp_path, price=0.0005)
    assert chosen(plan) == "bc"
    site, bridge = plan.sites.iloc[0], plan.bridges.iloc[0]
    assert bridge["closed_m2"] == pytest.approx(10_000)
    assert bridge["road_class"] == "lane"
    assert site["area_m2"] == pytest.approx(20_000)
    assert site["price_closing"] == pytest.approx(5.0)
    assert site.geometry.area == pytest.approx(30_000, rel=1e-4)
    assert len(shapely.get_parts(site.geometry)) == 1
    assert plan.certificate.objective == pytest.approx(7.0)
    assert plan.certificate.terms == {"acquisition": 2.0, "closing": 5.0}
    assert plan.certificate.status == "optimal"
    assert plan.audit is not None
    assert plan.audit["passed"], [one for one in plan.audit["checks"] if not one["passed"]]


def test_where_the_street_costs_more_than_dearer_land_it_stays(tmp_path: Path) -> None:
    plan = ask(tmp_path, price=0.002)
    assert chosen(plan) in ("ab", "cd")
    assert len(plan.bridges) == 0
    assert plan.certificate.objective == pytest.approx(11.0)


def test_a_street_that_a_road_of_another_class_crosses_is_not_closed(tmp_path: Path) -> None:
    roads = {"lane": [(250, 0), (250, 200)], "main": [(0, 150), (500, 150)]}
    assert chosen(ask(tmp_path, roads=roads)) != "bc"


def test_a_street_is_not_closed_that_is_the_only_way_out_of_another_parcel(tmp_path: Path) -> None:
    roads = {"lane": [(150, 200), (150, 300)]}
    kept = ask(tmp_path, picture=DEAD_END, mode="keep", classes="", roads=roads)
    assert chosen(kept) == "bc"
    assert chosen(ask(tmp_path, picture=DEAD_END, roads=roads)) != "bc"


def test_the_street_stays_where_it_is_not_to_be_closed(tmp_path: Path) -> None:
    plan = ask(tmp_path, mode="keep", classes="")
    assert plan.bridges["closed_m2"].tolist() == [0.0]
    assert plan.sites.geometry.area.iloc[0] == pytest.approx(20_000)
    assert set(plan.certificate.terms) == {"acquisition"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"classes": ""}, "bridge.no_classes"),
        ({"mode": "keep"}, "bridge.kept"),
        ({"mode": "keep", "classes": "", "price": 1.0}, "bridge.kept"),
        ({"classes": 'classes = ["path"]'}, "request.unknown_road"),
        ({"classes": 'classes = ["lane"]\n[frontage]\nmin_m = 5'}, "bridge.closed_front"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    tmp_path: Path, more: dict[str, object], code: str
) -> None:
    with pytest.raises(ManyErrors) as caught:
        ask(tmp_path, **more)  # type: ignore[arg-type]
    assert code in {error.code for error in caught.value.errors}


def broken(folder: Path, change: str) -> set[str]:
    """Spoil the written plan and return the checks that find it."""
    path = folder / "out" / "proposal.gpkg"
    bridges = gpd.read_file(path, layer="bridges")
    if change == "area":
        bridges["closed_m2"] = 9_000.0
    elif change == "ground":
        bridges.geometry = bridges.geometry.translate(0, 30)
    bridges.to_file(path, layer="bridges")
    if change == "class":
        roads = gpd.read_file(path, layer="roads")
        roads["class"] = "main"
        roads.to_file(path, layer="roads")
    if change == "mode":
        document = folder / "out" / "proposal.json"
        data = json.loads(document.read_text())
        data["request"]["bridge"]["mode"] = "keep"
        document.write_text(json.dumps(data))
    return {check.code for check in audit(folder / "out").failed}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("area", "audit.closings.area"),
        ("ground", "audit.sites.geometry"),
        ("class", "audit.closings.class"),
        ("mode", "audit.closings.asked"),
    ],
)
def test_the_audit_finds_what_is_spoiled(tmp_path: Path, change: str, code: str) -> None:
    ask(tmp_path, price=0.0005)
    assert code in broken(tmp_path, change)


# The street runs down between b and c, and on between d and e to y, which has no other way out.
POCKET = """
b c
d e
xyz
uvw
"""


def test_a_street_is_not_closed_that_leads_on_to_others_without_another_way(
    tmp_path: Path,
) -> None:
    roads = {"lane": [(150, 200), (150, 400)]}
    kept = ask(tmp_path, picture=POCKET, mode="keep", classes="", roads=roads)
    assert chosen(kept) == "bc"
    assert chosen(ask(tmp_path, picture=POCKET, roads=roads)) != "bc"


def test_every_check_of_closed_streets_has_its_sentence(tmp_path: Path) -> None:
    closed, kept = ask(tmp_path, price=0.0005), {"audit.closings.asked"}
    assert closed.audit is not None
    codes = {check["code"] for check in closed.audit["checks"]}
    told = {code for code in codes if code.startswith("audit.closings.")} | kept
    assert len(told) == 5
    for language in LANGUAGES:
        assert all(has(code, language) for code in told)


def test_the_audit_finds_a_parcel_that_a_closed_street_was_to_serve(tmp_path: Path) -> None:
    roads = {"lane": [(150, 200), (150, 400)]}
    ask(tmp_path, picture=POCKET, mode="keep", classes="", roads=roads)
    document = tmp_path / "out" / "proposal.json"
    data = json.loads(document.read_text())
    data["request"]["bridge"] |= {"mode": "close", "classes": ["lane"]}
    document.write_text(json.dumps(data))
    failed = {check.code: check.ids for check in audit(tmp_path / "out").failed}
    assert failed["audit.closings.contact"] == ("y",)
