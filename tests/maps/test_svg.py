"""The printed map: true to scale, honest in its legend, safe with any name, the same every time."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landplan.cadastre.demo import write_demo
from landplan.cadastre.reading import read_town
from landplan.messages import LANGUAGES, say
from landplan.proposal.certificate import Certificate
from landplan.proposal.layers import empty_layer
from landplan.proposal.proposal import DemandOutcome
from maps.svg import (
    dataset_svg,
    difference_groups,
    difference_svg,
    parcel_numbers,
    proposal_svg,
    site_letters,
    thumbnail_svg,
)
from maps.symbols import symbols
from tests.proposal.example import CRS, SITE, example, parcels

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<img src=x onerror="window.hacked=1">]]>&amp;\x07\ud800'
SIZE = {"width_mm": 180.0, "height_mm": 120.0}


def drawn(proposal, **options):
    text = proposal_svg(proposal, **({"language": "en"} | SIZE | options))
    return text, ET.fromstring(text)


def words(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def scale_of(root):
    label = next(word for word in words(root) if "1:" in word)
    return float(label.rsplit("1:", 1)[1].replace(",", ""))


def rings(d):
    """Read paths back as rings of points, as a drawing program would."""
    found = []
    for x, y, steps in re.findall(r"M(-?\d+) (-?\d+)l([^zM]*)z?", d):
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        points = [(int(x), int(y))]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        found.append(points)
    return found


def site_paths(root):
    fill = symbols()["site"].fill
    return [path for path in root.iter(f"{SVG}path") if path.get("fill") == fill and path.get("d")]


def with_parcels(ids, **changes):
    """The example with another choice of parcels."""
    ground = parcels()
    ground["site_id"] = ["plant-1" if name in ids else None for name in ground["parcel_id"]]
    return example(ground=ground, bridges=empty_layer("bridges", CRS), **changes)


def without_a_plan():
    certificate = Certificate("min", "CNY", None, None, "infeasible", {}, "centre", 1)
    reason = {"code": "unmet.no_land", "params": {}}
    ground = parcels()
    ground["site_id"] = None
    return example(
        ground=ground,
        sites=empty_layer("sites", CRS),
        bridges=empty_layer("bridges", CRS),
        certificate=certificate,
        demands=(DemandOutcome("plant", False, (), reason),),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("show", ["before", "after", "both"])
def test_the_drawing_is_plain_svg_without_scripts_styles_or_references(language, show):
    text, root = drawn(example(), language=language, show=show, role="planner")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        *("svg", "title", "desc", "defs", "clipPath", "pattern", "g", "path", "rect", "circle"),
        "text",
    }
    assert "href" not in text
    outside = text.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in outside
    assert not re.search(r"\sstyle=|\son\w+=", text)


def test_every_pattern_and_clip_that_is_used_is_defined_once():
    text, root = drawn(example(), show="both")
    used = set(re.findall(r"url\(#([^)]+)\)", text))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert used
    assert used <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_same_plan_gives_the_same_bytes():
    assert drawn(example())[0] == drawn(example())[0]


def test_two_drawings_in_one_page_share_no_id():
    first, second = (drawn(example(), ident=name)[0] for name in ("one", "two"))
    assert not set(re.findall(r'id="([^"]+)"', first)) & set(re.findall(r'id="([^"]+)"', second))


def test_the_site_has_its_true_area_at_the_printed_scale():
    _, root = drawn(example())
    ring_areas = [
        shapely.Polygon(ring).area for path in site_paths(root)[:1] for ring in rings(path.get("d"))
    ]
    units_to_metres = scale_of(root) / 10_000
    drawn_m2 = sum(ring_areas) * units_to_metres**2
    assert drawn_m2 == pytest.approx(300.0, rel=0.01)


def test_the_scale_bar_is_as_long_as_it_says():
    _, root = drawn(example())
    label = next(word for word in words(root) if "1:" in word)
    metres = float(re.match(r"([\d.]+) m", label)[1])
    outline = next(p for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2.5")
    units = float(re.search(r"h([\d.]+)v", outline.get("d"))[1])
    assert units * scale_of(root) / 10_000 == pytest.approx(metres, rel=0.01)
    assert str(metres)[0] in "125"


def test_north_is_up():
    _, north = drawn(with_parcels({"P4"}, sites=empty_layer("sites", CRS)), show="before")
    _, south = drawn(with_parcels({"P1"}, sites=empty_layer("sites", CRS)), show="before")
    colour = symbols()["before"].stroke

    def middle(root):
        dashed = [p for p in root.iter(f"{SVG}path") if p.get("stroke-dasharray")]
        paths = [p for p in dashed if p.get("stroke") == colour]
        ys = [y for p in paths for ring in rings(p.get("d")) for _, y in ring]
        return sum(ys[:4]) / 4

    assert middle(north) < middle(south)


def test_names_are_text_and_never_markup():
    ground = parcels()
    ground["zone"] = HOSTILE.replace("\x07", "").replace("\ud800", "")
    zones = gpd.GeoDataFrame({"zone": [HOSTILE[:-1]]}, geometry=[ground.union_all()], crs=CRS)
    request = {**example().request, "title": HOSTILE}
    plan = example(ground=ground, zones=zones, request=request)
    text, root = drawn(plan, heading=HOSTILE, data_date=HOSTILE)
    assert "<img" not in text
    assert root.find(f"{SVG}title").text.startswith('<img src=x onerror="window.hacked=1">]]>&amp;')
    assert any(word.startswith("<img") for word in words(root))


def test_the_legend_lists_what_is_drawn_and_nothing_else():
    _, root = drawn(example())
    said = words(root)
    for key in ("crossing", "excluded", "zone", "parcel", "street"):
        assert say(f"map.legend.{key}", None, "en") in said, key
    for key in ("locked", "restriction", "before", "only_first"):
        assert say(f"map.legend.{key}", None, "en") not in said, key


def test_locks_of_the_request_are_drawn_and_can_be_replaced():
    locked, excluded = (say(f"map.legend.{key}", None, "en") for key in ("locked", "excluded"))
    said = words(drawn(example())[1])
    assert excluded in said
    assert locked not in said
    said = words(drawn(example(), locks={"P1": "must"})[1])
    assert locked in said
    assert excluded not in said


@pytest.mark.parametrize("show", ["before", "after", "both"])
def test_a_viewers_map_names_no_owner(show):
    text, _ = drawn(example(), show=show)
    for owner in ("o1", "o2", "city", "@SUM"):
        assert f">{owner}<" not in text


def test_the_map_before_names_owners_to_those_who_may_see_them():
    said = words(drawn(example(), show="before", role="planner")[1])
    assert "o1" in said
    assert "city" in said
    assert "owner 1" in words(drawn(example(), show="before")[1])


def test_a_site_has_its_letter_its_area_and_its_numbered_parcels():
    plan = example()
    said = words(drawn(plan, site="plant-1")[1])
    assert site_letters(plan) == {"plant-1": "A"}
    assert parcel_numbers(plan) == {"P1": "A1", "P2": "A2", "P5": "A3"}
    assert {"A1", "A2", "A3"} <= set(said)
    assert "A" in words(drawn(plan)[1])


def test_letters_go_on_after_z():
    rows = pd.concat([example().sites] * 28, ignore_index=True)
    rows["site_id"] = [f"s-{row}" for row in range(28)]
    letters = list(site_letters(example(sites=rows)).values())
    assert letters[0] == "A"
    assert letters[25:] == ["Z", "AA", "AB"]


def test_a_site_that_is_not_there_is_refused():
    with pytest.raises(KeyError, match="nowhere"):
        drawn(example(), site="nowhere")


def test_labels_lie_inside_the_map_and_on_no_other_label():
    _, root = drawn(example(), site="plant-1", show="both")
    window = next(root.iter(f"{SVG}rect"))
    left, top, width, height = (float(window.get(k)) for k in ("x", "y", "width", "height"))
    clipped = next(g for g in root.iter(f"{SVG}g") if g.get("clip-path"))
    spots = [(float(t.get("x")), float(t.get("y"))) for t in clipped.iter(f"{SVG}text")]
    assert spots
    assert all(left <= x <= left + width and top <= y <= top + height for x, y in spots)
    assert len(spots) == len(set(spots))


def test_a_question_without_a_plan_still_has_its_map():
    for show in ("before", "after", "both"):
        _, root = drawn(without_a_plan(), show=show)
        assert say("map.legend.parcel", None, "en") in words(root)
    assert ET.fromstring(thumbnail_svg(without_a_plan(), language="en")) is not None


def test_the_difference_has_three_classes_that_add_up():
    first, second = example(), with_parcels({"P2", "P6"})
    groups = {key: set(rows["parcel_id"]) for key, rows in difference_groups(first, second).items()}
    assert groups == {"both": {"P2"}, "only_first": {"P1", "P5"}, "only_second": {"P6"}}
    text = difference_svg(first, second, language="en", **SIZE)
    root = ET.fromstring(text)
    assert words(root).count("2") >= 2  # on the map and in the legend
    assert "url(#difference-only_second)" in text
    assert set(SITE) == groups["both"] | groups["only_first"]


def test_plans_of_different_towns_have_no_common_map():
    town = replace(example().town, crs="EPSG:4548")
    other = example(crs="EPSG:4548", town=town)
    with pytest.raises(ValueError, match="different towns"):
        difference_svg(example(), other, language="en", **SIZE)


def test_a_thumbnail_is_small_and_holds_no_words():
    root = ET.fromstring(thumbnail_svg(example(), language="zh"))
    assert words(root) == []
    assert root.get("viewBox") == "0 0 318 212"


def test_a_town_of_two_thousand_parcels_fits_a_page_of_half_a_megabyte(tmp_path):
    write_demo(tmp_path, 2000, 1)
    cadastre = read_town(tmp_path / "town.toml").cadastre
    first = str(cadastre.parcels["parcel_id"].iloc[0])
    text = dataset_svg(cadastre, language="zh", locks={first: "must"}, **SIZE)
    assert len(text.encode()) < 500_000
    assert say("map.legend.locked", None, "zh") in words(ET.fromstring(text))
