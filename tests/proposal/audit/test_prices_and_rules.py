"""Claims about prices and rules that the written files do not bear out, each found by its check.

A plan is made without a rule and then claims to have been asked for it, id and all.
"""

import tomllib
from copy import deepcopy
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landplan.cadastre.reading import read_town
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.proposal.audit import audit
from landplan.proposal.files import write_proposal
from landplan.proposal.proposal import proposal_id
from tests.towns import CRS, EAST, NORTH, squares, write_town

PICTURE = """
ABC
DEF
GHI
"""
TOML = """
[owners]
file = "owners.csv"
id = "who"
consent = "said"
refusal_probability = "risk"
[roads]
file = "roads.gpkg"
class = "kind"
width_m = "width"
"""
RING = '["A", "B", "C", "D", "F", "G", "H", "I"]'
CORNER = '["A", "B", "C", "F", "I"]'
ALL_OWNERS = "per_owner = 100\nper_survival = 1000\nmoment = 10"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    names = "ABCDEFGHI"
    parcels = squares(PICTURE, price=[100.0] * 9, holder=[f"o{name}" for name in names])
    said = ["agreed"] * 4 + ["refused"] * 3 + [None] * 2
    owners = pd.DataFrame({"who": [f"o{n}" for n in names], "said": said, "risk": [0.1] * 9})
    lines = [shapely.LineString([(EAST - 5, NORTH - 10), (EAST + 305, NORTH - 10)])]
    roads = gpd.GeoDataFrame({"kind": ["main"], "width": [8.0]}, geometry=lines, crs=CRS)
    path = write_town(
        folder,
        parcels,
        parcel_keys='cost = "price"\nowner = "holder"\n',
        toml=TOML,
        layers={"roads": roads},
        tables={"owners": owners},
    )
    return read_town(path).require()


PLANS = {}


def planned(town, must, rules=""):
    """The plan that holds these parcels and no other, made once."""
    if (must, rules) in PLANS:
        return PLANS[must, rules]
    n = must.count('"') // 2
    text = f'process = "assemble"\n{rules}\n[[demand]]\nid = "d"\n'
    text += f"area_ha = [{n}.0, {n}.0]\nmust = {must}\n"
    request = AssembleRequest.model_validate(tomllib.loads(text))
    PLANS[must, rules] = run(request, town, {})
    return PLANS[must, rules]


def claiming(proposal, **tables):
    """The same plan, as if these rules had been asked for."""
    request = deepcopy(dict(proposal.request))
    for name, keys in tables.items():
        request[name] = {**request[name], **keys}
    own_id = proposal_id(
        "assemble", request, proposal.provenance.data_hash, proposal.version, request["seed"]
    )
    return replace(proposal, id=own_id, request=request)


def failures(proposal, folder):
    write_proposal(proposal, folder)
    return {check.code.removeprefix("audit.") for check in audit(folder).failed}


@pytest.mark.parametrize(
    ("must", "tables", "expected"),
    [
        (RING, {"shape": {"holes": "forbid"}}, {"rules.holes"}),
        (RING, {"shape": {"holes": "fill"}}, {"rules.holes"}),
        (CORNER, {"shape": {"holes": "forbid"}}, set()),
        (RING, {"neighbours": {"keep_street_contact": True}}, {"rules.street_contact"}),
        (CORNER, {"neighbours": {"keep_street_contact": True}}, set()),
        (RING, {"neighbours": {"min_orphan_area_m2": 10_100.0}}, {"rules.orphan"}),
        (RING, {"neighbours": {"min_orphan_area_m2": 9_900.0}}, set()),
        (CORNER, {"shape": {"min_width_m": 104.0}}, {"rules.min_width"}),
        (CORNER, {"shape": {"min_width_m": 100.0}}, set()),
        (
            CORNER,
            {"shape": {"rectangle_length_m": 301.0, "rectangle_width_m": 90.0}},
            {"rules.rectangle"},
        ),
        (
            CORNER,
            {"shape": {"rectangle_length_m": 150.0, "rectangle_width_m": 101.0}},
            {"rules.rectangle"},
        ),
        (CORNER, {"frontage": {"min_m": 150.0, "classes": ["main"]}}, {"rules.frontage"}),
        (CORNER, {"frontage": {"min_m": 100.0, "classes": ["main"]}}, set()),
        (RING, {"frontage": {"min_m": 300.0, "classes": ["lane"]}}, {"rules.frontage"}),
    ],
)
def test_a_rule_that_the_ground_breaks_is_found(town, tmp_path, must, tables, expected):
    assert failures(claiming(planned(town, must), **tables), tmp_path / "plan") == expected


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        ({"heads": 0.85}, {"rules.consent_heads"}),
        ({"heads": 0.8}, set()),
        ({"heads": 0.8, "unknown": "against"}, {"rules.consent_heads"}),
        ({"area": 0.85}, {"rules.consent_area"}),
        ({"area": 0.6, "unknown": "against"}, set()),
        ({"refused": "exclude"}, {"rules.owner_refuses", "exclusions.reason"}),
    ],
)
def test_consent_that_was_not_given_is_found(town, tmp_path, consent, expected):
    # of the owners of A, B, C, F and I three agreed, one refused and one has not said
    proposal = planned(town, CORNER, "[price]\nper_owner = 1")
    told = claiming(proposal, consent=consent)
    assert failures(told, tmp_path / "plan") == expected


def told_about_sites(proposal, **columns):
    return replace(proposal, sites=proposal.sites.assign(**columns))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"centre_parcel": "E"}, {"sites.centre"}),
        ({"price_owners": 400.0}, {"sites.terms"}),
        ({"price_refusals": float("nan")}, {"sites.terms"}),
        ({"price_distance": 1.0}, {"sites.terms"}),
        ({"price_crossings": 0.01}, {"sites.terms"}),
        ({"width_m": 108.0}, {"sites.width"}),
        ({"rectangle_length_m": 301.0}, {"sites.rectangle"}),
        ({"rectangle_angle_deg": 40.0}, {"sites.rectangle"}),
    ],
)
def test_a_lie_about_a_site_is_found(town, tmp_path, columns, expected):
    proposal = planned(town, CORNER, f"[price]\n{ALL_OWNERS}")
    found = failures(told_about_sites(proposal, **columns), tmp_path / "false")
    # another centre has other distances
    assert found - {"sites.terms", "certificate.objective", "certificate.terms"} <= expected
    assert expected <= found


def test_the_plan_itself_tells_the_truth(town, tmp_path):
    proposal = planned(town, CORNER, f"[price]\n{ALL_OWNERS}")
    assert failures(proposal, tmp_path / "plan") == set()


def test_a_price_that_is_not_counted_is_found(town, tmp_path):
    proposal = planned(town, CORNER)
    told = claiming(proposal, price={"per_owner": 100.0})
    expected = {"sites.terms", "certificate.objective", "certificate.terms"}
    assert failures(told, tmp_path / "plan") == expected


def test_another_refusal_probability_gives_another_price(town, tmp_path):
    proposal = planned(town, CORNER, f"[price]\n{ALL_OWNERS}")
    owners = proposal.owners.assign(refusal_probability=0.2)
    expected = {"sites.terms", "certificate.objective", "certificate.terms"}
    assert failures(replace(proposal, owners=owners), tmp_path / "plan") == expected
