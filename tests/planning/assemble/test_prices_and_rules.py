"""From request to files: prices and rules hold in the plan, in the enumeration and in the audit."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landplan.cadastre.reading import read_town
from landplan.errors import ManyErrors
from landplan.messages import LANGUAGES, has
from landplan.planning.assemble.edit import judge_edit
from landplan.planning.assemble.formulate import formulate
from landplan.planning.assemble.ground import GroundCache
from landplan.planning.assemble.owners import share_meant
from landplan.planning.assemble.remaining import remaining
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.rule_words import warning_text
from landplan.planning.assemble.run import run
from landplan.planning.assemble.site_cost import site_cost
from landplan.planning.assemble.words import request_words
from landplan.proposal.audit import audit
from landplan.proposal.files import read_proposal, write_proposal
from tests.optimize.assembly.oracles import cheapest_plan
from tests.towns import CRS, EAST, NORTH, squares, write_town

PICTURE = """
ABCD
EFGH

IJKL
"""
NAMES = "ABCDEFGHIJKL"
PRICES = [5.0, 3.0, 8.0, 2.0, 9.0, 4.0, 1.0, 7.0, 6.0, 2.5, 3.5, 1.5]
HOLDERS = ["p", "p", "q", "q", "r", "r", "s", "s", "t", "t", "u", "u"]
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
DEMAND = '[[demand]]\nid = "d"\narea_ha = [3.0, 4.0]\nmax_bridges = 1\nmin_parcels = 3\n'


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    parcels = squares(PICTURE, price=[1000 * p for p in PRICES], holder=HOLDERS)
    said = {"p": "agreed", "q": "refused", "r": None, "s": "agreed", "t": None, "u": "refused"}
    risk = {"p": 0.0, "q": 0.9, "r": 0.3, "s": None, "t": None, "u": 1.0}
    owners = pd.DataFrame(
        {"who": list(said), "said": list(said.values()), "risk": list(risk.values())}
    )
    lines = [shapely.LineString([(EAST - 20, NORTH + 150), (EAST + 420, NORTH + 150)])]
    roads = gpd.GeoDataFrame({"kind": ["main"], "width": [90.0]}, geometry=lines, crs=CRS)
    path = write_town(
        folder,
        parcels,
        parcel_keys='cost = "price"\nowner = "holder"\n',
        toml=TOML,
        layers={"roads": roads},
        tables={"owners": owners},
    )
    return read_town(path).require()


def ask(rules="", demand=DEMAND):
    return AssembleRequest.model_validate(
        tomllib.loads(f'process = "assemble"\n[bridge]\nmax_width_m = 120\n{rules}\n{demand}')
    )


def plan(town, rules=""):
    proposal = run(ask(rules), town, {})
    used = proposal.parcels["site_id"].notna()
    return proposal, "".join(sorted(proposal.parcels.loc[used, "parcel_id"]))


def audited(proposal, folder: Path):
    written = write_proposal(proposal, folder)
    assert audit(folder).failed == ()
    assert read_proposal(folder) == written


def test_without_prices_and_rules_nothing_but_the_land_counts(town):
    proposal, names = plan(town)
    assert proposal.certificate.terms == {"acquisition": proposal.certificate.objective}
    assert names == "GKL"
    assert proposal.owners.empty


def test_a_price_per_owner_is_paid_once_for_each(town, tmp_path):
    proposal, names = plan(town, "[price]\nper_owner = 4000")
    terms = proposal.certificate.terms
    held = {HOLDERS[NAMES.index(name)] for name in names}
    assert terms["owners"] == 4000 * len(held)
    assert proposal.certificate.status == "optimal"
    assert proposal.sites["price_owners"].tolist() == [terms["owners"]]
    audited(proposal, tmp_path / "plan")


def test_the_risk_of_refusals_is_the_sum_of_logarithms(town, tmp_path):
    proposal, names = plan(town, "[price]\nper_survival = 10000\nrefusal_unknown = 0.5")
    # u is certain to refuse: its land is out, and says why
    assert not set(names) & set("KL")
    rules = proposal.exclusions.set_index("parcel_id")["rule"]
    assert rules.reindex(list("KL")).tolist() == ["owner_refuses"] * 2
    chance = {"p": 0.0, "q": 0.9, "r": 0.3, "s": 0.0, "t": 0.5}
    held = {HOLDERS[NAMES.index(name)] for name in names}
    expected = sum(round(-10000 * np.log1p(-chance[o]), 2) for o in held)
    assert proposal.certificate.terms["refusals"] == pytest.approx(expected, abs=0.001)
    survival = np.prod([1 - chance[owner] for owner in held])
    assert proposal.sites["survival"].iloc[0] == pytest.approx(survival, abs=1e-6)
    said = [item for item in proposal.assumptions if item["code"] == "assumption.refusal_unknown"]
    assert said[0]["params"] == {"n": 1, "share": 0.5}
    audited(proposal, tmp_path / "plan")


def test_crossings_and_distance_have_their_price(town, tmp_path):
    proposal, _ = plan(town, "[price]\nper_bridge = 700\nmoment = 100")
    site = proposal.sites.iloc[0]
    assert site["price_crossings"] == 700.0 * site["bridge_count"]
    centres = proposal.parcels.set_index("parcel_id").geometry.centroid
    inside = proposal.parcels[proposal.parcels["site_id"].notna()]["parcel_id"]
    away = centres[inside].distance(centres[site["centre_parcel"]]) / 100
    assert site["price_distance"] == pytest.approx(float(100 * (away**2).sum()), abs=0.02)
    audited(proposal, tmp_path / "plan")


RULES = {
    "heads": "[consent]\nheads = 0.6667",
    "heads strictly": '[consent]\nheads = 0.5\nunknown = "against"',
    "area": "[consent]\narea = 0.75",
    "refused": '[consent]\nrefused = "exclude"',
    "width": "[shape]\nmin_width_m = 100\nwidth_share = 0.99",
    "rectangle": "[shape]\nrectangle_length_m = 300\nrectangle_width_m = 100",
    "holes": '[shape]\nholes = "forbid"',
    "frontage": '[frontage]\nmin_m = 150\nclasses = ["main"]',
    "contact": "[neighbours]\nkeep_street_contact = true",
    "orphans": "[neighbours]\nmin_orphan_area_m2 = 15000",
}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_alone_gives_the_best_site_that_keeps_it(town, tmp_path, name):
    request = ask(RULES[name])
    proposal = run(request, town, {})
    expected = cheapest_plan(formulate(request, town).problem, [1])
    assert proposal.certificate.objective == pytest.approx(expected / 100)
    assert proposal.certificate.status == "optimal"
    audited(proposal, tmp_path / "plan")


CHOICES = st.fixed_dictionaries(
    {
        "price": st.fixed_dictionaries(
            {
                "per_owner": st.sampled_from([0.0, 2500.0]),
                "per_bridge": st.sampled_from([0.0, 1200.0]),
                "moment": st.sampled_from([0.0, 333.3]),
                "per_survival": st.sampled_from([0.0, 4000.0]),
            }
        ),
        "consent": st.fixed_dictionaries(
            {
                "heads": st.sampled_from([0.0, 0.5, 0.6667]),
                "area": st.sampled_from([0.0, 0.5, 0.75]),
                "unknown": st.sampled_from(["for", "against"]),
                "refused": st.sampled_from(["allow", "exclude"]),
            }
        ),
        "shape": st.fixed_dictionaries(
            {
                "min_width_m": st.sampled_from([0.0, 100.0, 150.0]),
                "rectangle_length_m": st.just(200.0),
                "rectangle_width_m": st.sampled_from([100.0, 150.0]),
                "holes": st.sampled_from(["allow", "forbid", "fill"]),
            }
        ),
        "frontage": st.fixed_dictionaries({"min_m": st.sampled_from([0.0, 100.0, 300.0])}),
        "neighbours": st.fixed_dictionaries(
            {
                "keep_street_contact": st.booleans(),
                "min_orphan_area_m2": st.sampled_from([0.0, 15000.0]),
            }
        ),
    }
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=CHOICES)
def test_all_together_the_plan_is_the_best_of_all_sites_and_passes_the_audit(town, tmp_path, asked):
    request = AssembleRequest.model_validate({**ask().model_dump(), **asked})
    proposal = run(request, town, {})
    expected = cheapest_plan(formulate(request, town).problem, [1])
    if np.isinf(expected):
        assert proposal.certificate.objective is None
        assert proposal.certificate.status == "infeasible"
        return
    assert proposal.certificate.objective == pytest.approx(expected / 100)
    assert proposal.certificate.bound == proposal.certificate.objective
    audited(proposal, tmp_path / "plan")


@pytest.mark.parametrize(
    ("rules", "edited", "expected"),
    [
        (RULES["heads"], "CDG", ["heads"]),
        (RULES["area"], "CDG", ["land_in_favour"]),
        (RULES["refused"], "CDG", ["not_allowed", "not_allowed"]),
        ("[shape]\nmin_width_m = 150", "BCD", ["too_narrow"]),
        (RULES["rectangle"], "ABEF", ["no_rectangle"]),
        (RULES["frontage"], "ABC", ["frontage"]),
        (RULES["orphans"], "BEF", ["orphan"]),
    ],
)
def test_a_hand_edit_names_the_rule_it_breaks(town, rules, edited, expected):
    proposal, _ = plan(town, rules)
    edit = judge_edit(proposal, town, GroundCache(), {"d-1": list(edited)})
    assert [one.code.removeprefix("hand_edit.") for one in edit.broken] == expected
    for language in LANGUAGES:
        for one in edit.broken:
            assert has(one.code, language)
            assert "{" not in warning_text(one, language)
            assert one.code not in warning_text(one, language)


def test_a_hand_edit_is_priced_with_every_term_against_the_bound(town):
    rules = "[price]\nper_owner = 4000\nper_bridge = 700\nmoment = 100\nper_survival = 3000"
    proposal, _ = plan(town, rules)
    edit = judge_edit(proposal, town, GroundCache(), {"d-1": list("ABE")})
    assert edit.broken == ()
    assert set(edit.certificate.terms) == set(proposal.certificate.terms)
    assert edit.cost >= proposal.certificate.objective
    assert edit.bound == proposal.certificate.bound
    assert edit.certificate.terms["owners"] == 8000.0


def test_a_third_written_with_four_decimals_means_a_third():
    assert [str(share_meant(share)) for share in (0.6667, 0.75, 0.95, 0.667, 0.123)] == [
        *("2/3", "3/4", "19/20", "2/3"),
        "123/1000",
    ]


def test_the_best_centre_is_the_one_the_distances_are_cheapest_from(town):
    formulation = formulate(ask("[price]\nmoment = 100"), town)
    cost = site_cost(np.array([0, 1, 2]), 0, formulation)
    assert cost.centre == 1
    # two hectares, each 100 m away
    assert cost.amounts["distance"] == 20_000


def test_roads_that_the_town_does_not_have_are_named(town):
    with pytest.raises(ManyErrors) as raised:
        formulate(ask('[frontage]\nmin_m = 10\nclasses = ["mian"]'), town)
    assert raised.value.errors[0].params["nearest"] == "main"


def test_frontage_needs_roads(tmp_path):
    path = write_town(tmp_path, squares("AB", price=[1.0, 1.0]), parcel_keys='cost = "price"\n')
    bare = read_town(path).require()
    with pytest.raises(ManyErrors) as raised:
        formulate(ask("[frontage]\nmin_m = 10"), bare)
    assert [error.code for error in raised.value.errors] == ["request.no_roads"]
    left = remaining(
        {"frontage": {"min_m": 10.0}, "shape": {"rectangle_width_m": 5.0}}, bare, GroundCache()
    )
    assert [warned.code for warned in left.warnings] == ["request.no_roads"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_asked_is_said(town, language):
    rules = "\n".join(
        [
            "[price]\nper_owner = 1\nper_bridge = 2\nmoment = 3\nper_survival = 4",
            '[consent]\nheads = 0.6667\narea = 0.75\nrefused = "exclude"',
            "[shape]\nmin_width_m = 50\nrectangle_length_m = 9\nrectangle_width_m = 8",
            'holes = "fill"\n[frontage]\nmin_m = 30\nclasses = ["main"]',
            "[neighbours]\nkeep_street_contact = true\nmin_orphan_area_m2 = 500",
        ]
    )
    plain = request_words(ask().canonical(), town.town, language)
    said = request_words(ask(rules).canonical(), town.town, language)
    assert len(said) == len(plain) + 14
    assert not [sentence for sentence in said if "words." in sentence or "{" in sentence]
    public = request_words(ask(rules).canonical(), town.town, language, public=True)
    assert len(public) == len(said) - 3


def test_the_certificate_names_what_it_counts(town):
    from landplan.proposal.certificate import certificate_sentence

    proposal, _ = plan(town, "[price]\nper_owner = 10")
    assert "a price per owner" in certificate_sentence(proposal.certificate, "en")
    assert "每位权利人计价" in certificate_sentence(proposal.certificate, "zh")
