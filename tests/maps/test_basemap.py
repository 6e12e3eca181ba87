"""Backgrounds: none unless named, and never one in a shifted system under parcels."""

import pytest

from landplan.errors import InputError
from maps.basemap import basemap


def test_no_background_is_the_default():
    assert basemap() is None


def test_a_wmts_template_becomes_what_the_browser_asks_for():
    found = basemap(
        "wmts", "https://tiles.town.example/w/{TileMatrix}/{TileRow}/{TileCol}.png", "Town", 18
    )
    assert found is not None
    assert found.url == "https://tiles.town.example/w/{z}/{y}/{x}.png"
    assert found.origin == "https://tiles.town.example"


def test_tiles_of_the_own_host_need_no_origin():
    found = basemap("xyz", "/tiles/{z}/{x}/{y}.png")
    assert found is not None
    assert found.origin is None


@pytest.mark.parametrize(
    "url",
    [
        "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}",
        "https://wprd.amap.com/{z}/{x}/{y}",
        "http://rt0.map.gtimg.com/tile?z={z}&x={x}&y={-y}",
        "https://mt.google.cn/{z}/{x}/{y}",
        "https://tiles.town.example/GCJ02/{z}/{x}/{y}.png",
        "https://maponline0.bdimg.com/{z}/{x}/{y}",
    ],
)
def test_shifted_sources_are_refused(url):
    with pytest.raises(InputError) as refused:
        basemap("xyz", url)
    assert refused.value.code == "map.basemap_shifted"


def test_a_source_that_says_it_is_shifted_is_refused():
    with pytest.raises(InputError) as refused:
        basemap("xyz", "https://tiles.town.example/{z}/{x}/{y}.png", offset="gcj02")
    assert refused.value.code == "map.basemap_shifted"


@pytest.mark.parametrize(
    "url",
    ["", "https://a.example/{z}/{x}.png", "javascript:{z}{x}{y}", "https://a/{z}/{x}/{y}/{k}"],
)
def test_what_is_no_template_is_refused(url):
    with pytest.raises(InputError) as refused:
        basemap("xyz", url)
    assert refused.value.code == "map.basemap_url"
