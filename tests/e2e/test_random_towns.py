"""Random small towns, all keys of the request on: the plan equals the best of all subsets.

The ground is a 3 x 4 grid of 100 m squares. Between the second and the third column runs a street
of 20 m, bare ground; real borders and crossings are plain from the drawing, so the oracle needs no
geometry of the product.

    A B | C D
    E F | G H
    I J | K L
"""

import itertools
import math

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.planning.answer import answer
from tests.towns import CRS, box, write_town

NAMES = "ABCDEFGHIJKL"
STREET_M = 20.0
PLACE = {name: (i % 4, 2 - i // 4) for i, name in enumerate(NAMES)}


def corner(name):
    column, row = PLACE[name]
    return column * 100 + (STREET_M if column > 1 else 0.0), row * 100


def touching(a, b):
    (ca, ra), (cb, rb) = PLACE[a], PLACE[b]
    same_side = (ca < 2) == (cb < 2)
    return abs(ca - cb) + abs(ra - rb) == 1 and same_side


def across(a, b):
    return PLACE[a][1] == PLACE[b][1] and {PLACE[a][0], PLACE[b][0]} == {1, 2}


def pieces(members, joined):
    left, count = set(members), 0
    while left:
        count += 1
        stack = [left.pop()]
        while stack:
            here = stack.pop()
            beside = {other for other in left if joined(here, other)}
            left -= beside
            stack += beside
    return count


def centre_of(name):
    x, y = corner(name)
    return x + 50, y + 50


def cheapest(town, ask):
    """The least cost over all subsets that the request allows; inf if there is none."""
    usable = [
        name
        for name in NAMES
        if town["use"][name] == "work"
        and town["owner"][name] != ask["never_owner"]
        and name not in ask["never"]
        and town["zoned"][name]
    ]
    best = math.inf
    disc = math.sqrt(ask["high"] * 10_000 / math.pi)
    for size in range(max(1, ask["min_parcels"]), len(usable) + 1):
        if not ask["low"] <= size <= ask["high"]:
            continue
        for members in itertools.combinations(usable, size):
            if not set(ask["must"]) <= set(members):
                continue
            if pieces(members, touching) > ask["max_bridges"] + 1:
                continue
            if pieces(members, lambda a, b: touching(a, b) or across(a, b)) > 1:
                continue
            reach = ask["factor"] * disc if ask["factor"] else math.inf
            if not any(
                all(math.dist(centre_of(c), centre_of(m)) <= reach + 1e-9 for m in members)
                for c in members
            ):
                continue
            cost = sum(0 if town["owner"][m] == "own" else town["price"][m] for m in members)
            best = min(best, cost)
    return best


@st.composite
def towns(draw):
    def each(choice):
        return {name: draw(choice) for name in NAMES}

    return {
        "price": each(st.integers(1, 9)),
        "use": each(st.sampled_from(["work", "work", "work", "home"])),
        "owner": each(st.sampled_from(["o1", "o2", "own"])),
        "zoned": each(st.sampled_from([True, True, True, False])),
    }


@st.composite
def requests(draw):
    low = draw(st.integers(1, 5))
    return {
        "low": low,
        "high": low + draw(st.integers(0, 2)),
        "min_parcels": draw(st.integers(1, 4)),
        "max_bridges": draw(st.integers(0, 2)),
        "factor": draw(st.sampled_from([0.0, 1.0, 1.3, 2.0])),
        "must": draw(st.lists(st.sampled_from(NAMES), max_size=1)),
        "never": draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)),
        "never_owner": draw(st.sampled_from(["o1", "o2"])),
    }


def write(folder, town, ask):
    shapes = [box(*corner(name), 100, 100) for name in NAMES]
    parcels = gpd.GeoDataFrame(
        {
            "id": list(NAMES),
            "price": [town["price"][name] for name in NAMES],
            "use": [town["use"][name] for name in NAMES],
            "owner": [town["owner"][name] for name in NAMES],
        },
        geometry=shapes,
        crs=CRS,
    )
    codes = ["M" if town["zoned"][name] else "R" for name in NAMES]
    zones = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS)
    keys = 'cost = "price"\nland_use = "use"\nowner = "owner"\n'
    toml = '[zones]\nfile = "zones.gpkg"\ncode = "code"\n'
    path = write_town(folder, parcels, toml, keys, {"zones": zones})
    known = set(town["owner"].values())
    own = '["own"]' if "own" in known else "[]"
    refused = f'["{ask["never_owner"]}"]' if ask["never_owner"] in known else "[]"
    uses = '["work"]' if "work" in town["use"].values() else "[]"
    (folder / "ask.toml").write_text(
        f"""process = "assemble"
acquirer_owners = {own}
partial = true
[shape]
max_radius_factor = {ask["factor"]}
[[demand]]
id = "d"
area_ha = [{float(ask["low"])}, {float(ask["high"])}]
min_parcels = {ask["min_parcels"]}
max_bridges = {ask["max_bridges"]}
zones = {'["M"]' if "M" in codes else "[]"}
land_uses = {uses}
must = {ask["must"]}
never = {ask["never"]}
never_owners = {refused}
""",
        encoding="utf-8",
    )
    return path


@given(town=towns(), ask=requests())
@settings(
    max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_plan_is_the_cheapest_of_all_subsets_and_passes_the_audit(town, ask, tmp_path_factory):
    if set(ask["must"]) & set(ask["never"]):
        ask = ask | {"never": []}
    if "work" not in town["use"].values() or True not in town["zoned"].values():
        return
    folder = tmp_path_factory.mktemp("town")
    proposal = answer(write(folder, town, ask), folder / "ask.toml", folder / "out")
    best = cheapest(town, ask)
    assert proposal.audit["passed"], [c for c in proposal.audit["checks"] if not c["passed"]]
    assert proposal.demands[0].met == (best < math.inf)
    if best < math.inf:
        assert proposal.certificate.objective == pytest.approx(best)
        assert proposal.certificate.bound == pytest.approx(best)
        assert proposal.certificate.status == "optimal"
    else:
        assert proposal.certificate.status == "infeasible"
        assert proposal.demands[0].reason is not None
