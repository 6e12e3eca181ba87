"""OGC API Features 1.0: one test per requirement, named in `REQUIREMENTS`.

Numbers are those of OGC 17-069r4 (Part 1) and 18-058r1 (Part 2).
"""

import json
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS, Transformer

from api.ogc.landing import CONFORMS_TO
from api.ogc.queries import DEFAULT_LIMIT, MAX_LIMIT
from landplan.workspace.workspace import Workspace
from tests.serving import PASSWORD, Prepared  # noqa: F401  # for readers of the fixtures

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TOWN = "http://www.opengis.net/def/crs/EPSG/0/4549"
GEOJSON = "application/geo+json"
CORE, GEO, HTML, OAS, SYSTEMS = (
    "req/core",
    "req/geojson",
    "req/html",
    "req/oas30",
    "features-2/req/crs",
)
REQUIREMENTS = {
    f"{CORE}/root-op": "test_the_landing_page_answers",
    f"{CORE}/root-success": "test_the_landing_page_links_to_what_there_is",
    f"{CORE}/api-definition-op": "test_the_landing_page_leads_to_the_description",
    f"{CORE}/api-definition-success": "test_the_landing_page_leads_to_the_description",
    f"{CORE}/conformance-op": "test_conformance_names_the_classes",
    f"{CORE}/conformance-success": "test_conformance_names_the_classes",
    f"{CORE}/http": "test_answers_follow_http",
    f"{CORE}/query-param-unknown": "test_an_unknown_parameter_is_refused",
    f"{CORE}/query-param-invalid": "test_a_wrong_value_is_refused",
    f"{CORE}/crs84": "test_coordinates_are_longitude_and_latitude_unless_asked",
    f"{CORE}/fc-md-op": "test_collections_are_listed",
    f"{CORE}/fc-md-success": "test_collections_are_listed",
    f"{CORE}/fc-md-links": "test_the_list_of_collections_links_to_itself",
    f"{CORE}/fc-md-items": "test_every_layer_is_a_collection",
    f"{CORE}/fc-md-items-links": "test_every_collection_links_to_its_items",
    f"{CORE}/fc-md-extent": "test_the_extent_holds_all_features",
    f"{CORE}/fc-md-extent-multi": "test_the_extent_holds_all_features",
    f"{CORE}/sfc-md-op": "test_a_collection_says_the_same_as_the_list",
    f"{CORE}/sfc-md-success": "test_a_collection_says_the_same_as_the_list",
    f"{CORE}/fc-op": "test_items_of_every_collection_are_features",
    f"{CORE}/fc-limit-definition": "test_the_limit_is_described_with_its_bounds",
    f"{CORE}/fc-limit-response-1": "test_no_more_than_the_limit_is_returned",
    f"{CORE}/fc-bbox-definition": "test_the_box_is_described",
    f"{CORE}/fc-bbox-response": "test_a_box_returns_what_meets_it",
    f"{CORE}/fc-time-definition": "test_the_time_is_described",
    f"{CORE}/fc-time-response": "test_features_without_a_time_match_every_time",
    f"{CORE}/fc-response": "test_pages_together_are_the_whole_collection",
    f"{CORE}/fc-links": "test_items_link_to_themselves_and_to_the_page",
    f"{CORE}/fc-rel-type": "test_every_link_has_a_type",
    f"{CORE}/fc-timeStamp": "test_there_is_no_time_stamp",
    f"{CORE}/fc-numberMatched": "test_numbers_matched_and_returned_are_right",
    f"{CORE}/fc-numberReturned": "test_numbers_matched_and_returned_are_right",
    f"{CORE}/f-op": "test_every_feature_is_found_by_its_id",
    f"{CORE}/f-success": "test_every_feature_is_found_by_its_id",
    f"{CORE}/f-links": "test_a_feature_links_to_itself_and_its_collection",
    f"{GEO}/definition": "test_geojson_is_served_as_such",
    f"{GEO}/content": "test_geojson_is_served_as_such",
    f"{HTML}/definition": "test_every_resource_is_a_page_too",
    f"{HTML}/content": "test_a_page_holds_all_that_the_document_holds",
    "req/html/content (landing page)": "test_the_desk_holds_the_links_of_the_landing_page",
    f"{OAS}/oas-definition-1": "test_the_description_is_openapi_3_0",
    f"{OAS}/oas-definition-2": "test_the_description_is_openapi_3_0",
    f"{OAS}/oas-impl": "test_all_that_is_described_is_served",
    f"{OAS}/completeness": "test_each_operation_describes_its_answers",
    f"{OAS}/exceptions-codes": "test_each_operation_describes_its_refusals",
    f"{OAS}/security": "test_the_description_names_the_key",
    f"{SYSTEMS}/crs-uri": "test_a_collection_lists_its_coordinate_systems",
    f"{SYSTEMS}/fc-md-crs-list": "test_a_collection_lists_its_coordinate_systems",
    f"{SYSTEMS}/fc-md-storageCrs": "test_a_collection_names_the_system_it_is_stored_in",
    f"{SYSTEMS}/fc-md-storageCrs-valid-value": "test_a_collection_names_the_system_it_is_stored_in",
    f"{SYSTEMS}/fc-md-crs-list-global": "test_the_list_of_collections_names_the_common_system",
    f"{SYSTEMS}/fc-crs-definition": "test_systems_are_parameters_of_items",
    f"{SYSTEMS}/fc-crs-valid-value": "test_an_unknown_system_is_refused",
    f"{SYSTEMS}/fc-crs-default-value": "test_coordinates_are_longitude_and_latitude_unless_asked",
    f"{SYSTEMS}/fc-crs-action": "test_coordinates_come_in_the_system_asked_and_its_order_of_axes",
    f"{SYSTEMS}/fc-bbox-crs-definition": "test_systems_are_parameters_of_items",
    f"{SYSTEMS}/fc-bbox-crs-valid-value": "test_an_unknown_system_is_refused",
    f"{SYSTEMS}/fc-bbox-crs-default-value": "test_a_box_returns_what_meets_it",
    f"{SYSTEMS}/fc-bbox-crs-action": "test_a_box_may_be_in_the_towns_system",
    f"{SYSTEMS}/crs-exception": "test_an_unknown_system_is_refused",
    f"{SYSTEMS}/bbox-crs-exception": "test_an_unknown_system_is_refused",
    f"{SYSTEMS}/ogc-crs-header": "test_every_answer_with_features_names_its_system",
    f"{SYSTEMS}/ogc-crs-header-value": "test_every_answer_with_features_names_its_system",
    f"{SYSTEMS}/geojson": "test_coordinates_come_in_the_system_asked_and_its_order_of_axes",
}
"""Requirement → test of this module."""


@pytest.fixture(scope="module")
def asking(server):
    import httpx2

    with httpx2.Client(base_url=server.url, timeout=60) as opened:
        yield opened


@pytest.fixture
def get(asking):
    """``get(path, **query)``: the JSON of a successful answer, as a planner gets it."""

    def fetch(path: str, **query: object) -> dict:
        answer = asking.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return fetch


@pytest.fixture
def parcels(prepared: Prepared) -> str:
    return f"/collections/{prepared.dataset}.parcels"


@pytest.fixture(scope="module")
def source(server) -> gpd.GeoDataFrame:
    return server.workspace.datasets.cadastre(server.prepared.dataset).parcels


def links(document: dict, rel: str) -> list[dict]:
    return [link for link in document["links"] if link["rel"] == rel]


def frame(document: dict) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame.from_features(document["features"], crs=CRS84)


def test_every_requirement_has_its_test():
    missing = {name for name in REQUIREMENTS.values() if name not in globals()}
    assert not missing


def test_no_class_is_claimed_that_no_requirement_here_or_of_processes_belongs_to():
    claimed = {uri.split("/spec/")[1] for uri in CONFORMS_TO if "features" in uri}
    assert claimed == {
        *(f"ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
        "ogcapi-features-2/1.0/conf/crs",
    }


# Part 1, core


def test_the_landing_page_answers(asking):
    for headers, query in (({}, {"f": "json"}), ({"accept": "application/json"}, {})):
        answer = asking.get("/", params=query, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")


def test_the_landing_page_links_to_what_there_is(get, asking):
    document = get("/", f="json")
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        [*_, link] = links(document, rel)
        answer = asking.get(link["href"], headers={"accept": link["type"].split(";")[0]})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link["type"].split(";")[0])


def test_the_landing_page_leads_to_the_description(get, asking):
    [link] = links(get("/", f="json"), "service-desc")
    answer = asking.get(link["href"])
    assert answer.headers["content-type"] == link["type"]
    assert answer.json()["openapi"].startswith("3.0.")


def test_conformance_names_the_classes(get):
    assert get("/conformance")["conformsTo"] == list(CONFORMS_TO)


def test_answers_follow_http(asking, parcels):
    assert asking.get(f"{parcels}/items/none").status_code == 404
    assert asking.put(parcels).status_code == 405
    assert asking.put(parcels).headers["allow"] == "GET"
    first = asking.get(f"{parcels}/items")
    again = asking.get(f"{parcels}/items", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


ADDRESSES = (
    "/",
    "/conformance",
    "/api",
    "/collections",
    "{parcels}",
    "{parcels}/schema",
    "{parcels}/items",
    "/processes",
    "/processes/assemble",
    "/jobs",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unknown_parameter_is_refused(asking, parcels, address):
    answer = asking.get(address.format(parcels=parcels), params={"f": "json", "limitt": "5"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "limitt" in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-5"},
        {"limit": "many"},
        {"limit": "1.5"},
        {"offset": "-1"},
        {"bbox": "1,2,3"},
        {"bbox": "1,2,3,4,5"},
        {"bbox": "a,b,c,d"},
        {"bbox": "nan,1,2,3"},
        {"bbox": "1,inf,2,3"},
        {"bbox": "121,32,122,31"},
        {"bbox": ""},
        {"datetime": "yesterday"},
        {"datetime": "2026-01-01/2025-01-01"},
        {"datetime": "../.."},
        {"datetime": "a/b/c"},
        {"f": "gml"},
        {"lang": "tlh"},
        {"crs": "EPSG:4549"},
        {"bbox-crs": "nowhere", "bbox": "1,2,3,4"},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(asking, parcels, query):
    answer = asking.get(f"{parcels}/items", params=query)
    assert answer.status_code == 400
    [fault] = answer.json()["errors"]
    assert next(iter(query)) in fault["message"]


def test_several_wrong_values_are_named_together(asking, parcels):
    answer = asking.get(f"{parcels}/items", params={"limit": "x", "bbox": "1", "colour": "red"})
    assert len(answer.json()["errors"]) == 3


def test_coordinates_are_longitude_and_latitude_unless_asked(get, parcels, source):
    found = frame(get(f"{parcels}/items", limit=1000))
    expected = source.to_crs("OGC:CRS84").total_bounds
    assert found.total_bounds == pytest.approx(expected, abs=1e-7)


def test_collections_are_listed(get, prepared):
    ids = [entry["id"] for entry in get("/collections")["collections"]]
    assert len(ids) == len(set(ids))
    assert f"{prepared.dataset}.parcels" in ids


def test_the_list_of_collections_links_to_itself(get):
    document = get("/collections")
    assert len(links(document, "self")) == len(links(document, "alternate")) == 1


def test_every_layer_is_a_collection(get, prepared, server):
    ids = {entry["id"] for entry in get("/collections")["collections"]}
    cadastre = server.workspace.datasets.cadastre(prepared.dataset)
    layers = ("zones", "restrictions", "roads", "buildings", "facilities")
    there = {name for name in layers if len(getattr(cadastre, name))} | {"parcels"}
    assert ids == {
        *(f"{prepared.dataset}.{name}" for name in there),
        *(f"{prepared.proposal}.{name}" for name in ("sites", "parcels", "bridges")),
    }


def test_every_collection_links_to_its_items(get, asking):
    for entry in get("/collections")["collections"]:
        kinds = {link["type"] for link in links(entry, "items")}
        assert kinds == {GEOJSON, "text/html"}
        for link in links(entry, "items"):
            assert asking.get(link["href"]).headers["content-type"].startswith(link["type"])


def test_the_extent_holds_all_features(get):
    for entry in get("/collections")["collections"]:
        found = frame(get(f"/collections/{entry['id']}/items", limit=1000))
        [box] = entry["extent"]["spatial"]["bbox"]
        assert found.total_bounds == pytest.approx(box, abs=1e-9)


def test_a_collection_says_the_same_as_the_list(get):
    for listed in get("/collections")["collections"]:
        alone = get(f"/collections/{listed['id']}")
        assert alone == listed


def test_items_of_every_collection_are_features(asking, get):
    for entry in get("/collections")["collections"]:
        answer = asking.get(f"/collections/{entry['id']}/items")
        assert answer.headers["content-type"] == GEOJSON
        assert answer.json()["type"] == "FeatureCollection"


def described(get, name: str) -> dict:
    operation = get("/api", f="json")["paths"]["/collections/{collection_id}/items"]["get"]
    return next(entry for entry in operation["parameters"] if entry["name"] == name)


def test_the_limit_is_described_with_its_bounds(get):
    schema = described(get, "limit")["schema"]
    assert schema["type"] == "integer"
    expected = (1, MAX_LIMIT, DEFAULT_LIMIT)
    assert (schema["minimum"], schema["maximum"], schema["default"]) == expected


def test_no_more_than_the_limit_is_returned(get, parcels):
    assert get(f"{parcels}/items")["numberReturned"] == DEFAULT_LIMIT
    assert len(get(f"{parcels}/items", limit=7)["features"]) == 7
    # more than the largest limit is no error
    assert get(f"{parcels}/items", limit=MAX_LIMIT + 1)["numberReturned"] == 500
    assert get(f"{parcels}/items", limit=10**30)["numberReturned"] == 500


def test_the_box_is_described(get):
    parameter = described(get, "bbox")
    assert (parameter["style"], parameter["explode"]) == ("form", False)
    assert parameter["schema"]["items"] == {"type": "number"}


def test_a_box_returns_what_meets_it(get, parcels, source):
    shapes = source.to_crs("OGC:CRS84").geometry
    west, south, east, north = shapes.total_bounds
    middle = ((west + east) / 2, (south + north) / 2)
    box = (west, south, *middle)
    expected = set(source.loc[shapes.intersects(shapely.box(*box)), "parcel_id"])
    assert 0 < len(expected) < len(source)
    for text in (
        ",".join(map(str, box)),
        f"{west},{south},-100,{middle[0]},{middle[1]},9000",
    ):
        found = get(f"{parcels}/items", bbox=text, limit=1000)
        assert {feature["id"] for feature in found["features"]} == expected
        assert found["numberMatched"] == len(expected)


def test_a_box_may_cross_the_antimeridian(get, parcels):
    everything = get(f"{parcels}/items", bbox="100,-80,-100,80")
    assert everything["numberMatched"] == 500
    assert get(f"{parcels}/items", bbox="170,-80,-170,80")["numberMatched"] == 0


def test_the_time_is_described(get):
    parameter = described(get, "datetime")
    assert parameter["in"] == "query"
    assert parameter["schema"]["type"] == "string"


@pytest.mark.parametrize(
    "when",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01",
        "../2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z/..",
        "2026-01-01T00:00:00+08:00/2026-02-01T00:00:00.5Z",
        "/2026-01-01T00:00:00Z",
    ],
)
def test_features_without_a_time_match_every_time(get, parcels, when):
    assert get(f"{parcels}/items", datetime=when)["numberMatched"] == 500


def test_pages_together_are_the_whole_collection(get, parcels, source):
    document = get(f"{parcels}/items", limit=130)
    seen = [feature["id"] for feature in document["features"]]
    while links(document, "next"):
        [link] = links(document, "next")
        parts = urlsplit(link["href"])
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        document = get(parts.path, **query)
        seen += [feature["id"] for feature in document["features"]]
    assert seen == list(source["parcel_id"])
    assert links(document, "prev")


def test_the_last_page_has_no_next(get, parcels):
    assert not links(get(f"{parcels}/items", limit=500), "next")
    assert not links(get(f"{parcels}/items", limit=10, offset=490), "next")
    assert not links(get(f"{parcels}/items", offset=100_000), "next")


def test_items_link_to_themselves_and_to_the_page(get, parcels, asking):
    document = get(f"{parcels}/items", limit=3, offset=6)
    [own] = links(document, "self")
    assert asking.get(own["href"]).json()["features"] == document["features"]
    [page] = links(document, "alternate")
    assert asking.get(page["href"]).headers["content-type"].startswith("text/html")


def test_every_link_has_a_type(get, parcels):
    documents = [
        get("/", f="json"),
        get("/conformance"),
        get("/collections"),
        get(parcels),
        get(f"{parcels}/items", limit=1),
        *get("/collections")["collections"],
    ]
    for document in documents:
        assert all(link["type"] and link["rel"] for link in document["links"])


def test_there_is_no_time_stamp(get, parcels):
    assert "timeStamp" not in get(f"{parcels}/items")


def test_numbers_matched_and_returned_are_right(get, parcels):
    document = get(f"{parcels}/items", limit=20, offset=490)
    assert (document["numberMatched"], document["numberReturned"]) == (500, 10)
    assert len(document["features"]) == 10


def test_every_feature_is_found_by_its_id(get):
    for entry in get("/collections")["collections"]:
        home = f"/collections/{entry['id']}/items"
        for feature in get(home, limit=3)["features"]:
            alone = get(f"{home}/{feature['id']}")
            assert alone["type"] == "Feature"
            assert {key: alone[key] for key in feature} == feature


def test_a_feature_links_to_itself_and_its_collection(get, parcels, asking):
    feature = get(f"{parcels}/items", limit=1)["features"][0]
    document = get(f"{parcels}/items/{feature['id']}")
    [own] = links(document, "self")
    assert asking.get(own["href"]).json()["id"] == feature["id"]
    assert links(document, "alternate")
    [home] = links(document, "collection")
    assert asking.get(home["href"]).json()["id"] == parcels.removeprefix("/collections/")


# GeoJSON, HTML


def test_geojson_is_served_as_such(asking, parcels):
    for path in (f"{parcels}/items", f"{parcels}/items/{first_id(asking, parcels)}"):
        answer = asking.get(path, headers={"accept": GEOJSON})
        assert answer.headers["content-type"] == GEOJSON
        for feature in answer.json().get("features", [answer.json()]):
            assert feature["type"] == "Feature"
            assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
            assert isinstance(feature["properties"], dict)


def first_id(asking, parcels: str) -> str:
    return asking.get(f"{parcels}/items", params={"limit": 1}).json()["features"][0]["id"]


PAGES = (
    "/conformance",
    "/api",
    "/collections",
    "{parcels}",
    "{parcels}/schema",
    "{parcels}/items",
    "{parcels}/items/{id}",
    "/processes",
    "/processes/assemble",
    "/jobs",
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("address", PAGES)
def test_every_resource_is_a_page_too(asking, parcels, address, language):
    path = address.format(parcels=parcels, id=first_id(asking, parcels))
    headers = {"accept": "text/html,*/*;q=0.8", "accept-language": language}
    answer = asking.get(path, headers=headers, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.lstrip().lower().startswith("<!doctype html>")
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text


@pytest.mark.parametrize(
    "address", ["/conformance", "/collections", "{parcels}", "{parcels}/items", "/processes"]
)
def test_a_page_holds_all_that_the_document_holds(asking, get, parcels, address):
    from html import unescape

    path = address.format(parcels=parcels)
    text = unescape(asking.get(path, params={"f": "html"}).text)
    document = get(path)
    for link in document["links"]:
        # from a page, the next page is a page too
        more = "&f=html" if link["rel"] == "next" else ""
        href = link["href"].replace("?", f"?{more.removeprefix('&')}&") if more else link["href"]
        assert f'href="{href}"' in text, link
    for value in said(document):
        assert value in text, value


def said(node: object) -> set[str]:
    """All words of a document but addresses, which come as links, and shapes."""
    if isinstance(node, dict):
        inner = [value for key, value in node.items() if key not in ("links", "type", "geometry")]
        return set().union(*(said(value) for value in inner)) if inner else set()
    if isinstance(node, list):
        return set().union(*(said(value) for value in node)) if node else set()
    return {node} if isinstance(node, str) else set()


def test_the_desk_holds_the_links_of_the_landing_page(asking, get):
    page = asking.get("/", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    for link in get("/", f="json")["links"]:
        path = urlsplit(link["href"]).path
        assert f'href="{path}"' in page.text or f'href="{path}?f=json"' in page.text, link


# OpenAPI 3.0


def test_the_description_is_openapi_3_0(asking):
    from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

    answer = asking.get("/api", params={"f": "json"})
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    OPENAPI_30_VALIDATOR.validate(answer.json())
    text = json.dumps(answer.json())
    assert '"null"' not in text
    assert '"const"' not in text


def test_all_that_is_described_is_served(asking, get, prepared):
    described_paths = get("/api", f="json")["paths"]
    assert {"/conformance", "/api", "/collections", "/processes", "/jobs"} <= set(described_paths)
    for path in described_paths:
        for place, value in {
            "{collection_id}": f"{prepared.dataset}.parcels",
            "{process_id}": "assemble",
            "{proposal_id}": prepared.proposal,
        }.items():
            path = path.replace(place, value)
        if "{" not in path and "get" in described_paths.get(path, {"get": 1}):
            assert asking.get(path).status_code in (200, 405), path


def test_each_operation_describes_its_answers(get):
    for path, operations in get("/api", f="json")["paths"].items():
        for method, operation in operations.items():
            good = [code for code in operation["responses"] if code.startswith("2")]
            assert good, (method, path)
            bodies = [operation["responses"][code].get("content") for code in good if code != "204"]
            assert all(bodies), path


def test_each_operation_describes_its_refusals(get):
    for path, operations in get("/api", f="json")["paths"].items():
        for operation in operations.values():
            assert {"400", "404", "500"} <= set(operation["responses"]), path
            assert "422" not in operation["responses"]


def test_the_description_names_the_key(get):
    document = get("/api", f="json")
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert {"key": []} in document["security"]


# Part 2, coordinate systems


def test_a_collection_lists_its_coordinate_systems(get, parcels):
    assert get(parcels)["crs"] == [CRS84, TOWN]


def test_a_collection_names_the_system_it_is_stored_in(get, parcels):
    document = get(parcels)
    assert document["storageCrs"] == TOWN
    assert document["storageCrs"] in document["crs"]


def test_the_list_of_collections_names_the_common_system(get):
    assert get("/collections")["crs"] == [CRS84]


def test_systems_are_parameters_of_items(get):
    for name in ("crs", "bbox-crs"):
        assert described(get, name)["in"] == "query"


@pytest.mark.parametrize("wanted", ["EPSG:4549", "http://www.opengis.net/def/crs/EPSG/0/3857", ""])
@pytest.mark.parametrize("parameter", ["crs", "bbox-crs"])
def test_an_unknown_system_is_refused(asking, parcels, parameter, wanted):
    answer = asking.get(f"{parcels}/items", params={parameter: wanted, "bbox": "1,2,3,4"})
    assert answer.status_code == 400
    assert parameter in answer.json()["detail"]


def test_coordinates_come_in_the_system_asked_and_its_order_of_axes(get, parcels, source):
    document = get(f"{parcels}/items", crs=TOWN, limit=1000)
    west, south, east, north = source.total_bounds
    # EPSG:4549 has north first
    assert [axis.direction for axis in CRS.from_epsg(4549).axis_info] == ["north", "east"]
    assert frame(document).total_bounds == pytest.approx([south, west, north, east], abs=1e-3)
    first = shapely.geometry.shape(document["features"][0]["geometry"])
    back = shapely.transform(first, lambda points: points[:, ::-1])
    assert back.equals_exact(source.geometry.iloc[0], 1e-3, normalize=True)


def test_a_box_may_be_in_the_towns_system(get, parcels, source):
    west, south, east, north = source.total_bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    expected = set(
        source.loc[source.intersects(shapely.box(west, south, middle_x, middle_y)), "parcel_id"]
    )
    query = {"bbox": f"{south},{west},{middle_y},{middle_x}", "bbox-crs": TOWN, "limit": 1000}
    found = get(f"{parcels}/items", **query)
    assert {feature["id"] for feature in found["features"]} == expected
    swapped = query | {"bbox": f"{west},{south},{middle_x},{middle_y}"}
    assert get(f"{parcels}/items", **swapped)["numberMatched"] == 0


def test_a_box_and_the_answer_may_be_in_different_systems(get, parcels, source):
    to_degrees = Transformer.from_crs(4549, "OGC:CRS84", always_xy=True)
    x, y = to_degrees.transform(*source.geometry.iloc[0].representative_point().coords[0])
    found = get(f"{parcels}/items", bbox=f"{x},{y},{x},{y}", crs=TOWN)
    assert [feature["id"] for feature in found["features"]] == [source["parcel_id"].iloc[0]]


def test_every_answer_with_features_names_its_system(asking, parcels):
    first = first_id(asking, parcels)
    for path in (f"{parcels}/items", f"{parcels}/items/{first}"):
        assert asking.get(path).headers["content-crs"] == f"<{CRS84}>"
        assert asking.get(path, params={"crs": TOWN}).headers["content-crs"] == f"<{TOWN}>"


# Who may see what


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_viewers_get_no_owner_and_no_price(client, prepared, role):
    asking = client(role)
    whole = Workspace(prepared.folder)
    cadastre = whole.datasets.cadastre(prepared.dataset)
    owners = {str(owner) for owner in cadastre.parcels["owner_id"].dropna()}
    costs = {f"{cost}" for cost in cadastre.parcels["cost"].dropna() if cost > 1000}
    whole.close()
    text = ""
    for entry in asking.get("/collections").json()["collections"]:
        for media in ("json", "html"):
            query = {"limit": 1000 if media == "json" else 20, "f": media}
            text += asking.get(f"/collections/{entry['id']}/items", params=query).text
        text += asking.get(f"/collections/{entry['id']}/schema").text
    seen = {word for word in owners | costs if word in text}
    assert bool(seen) == (role == "planner")
    for column in ("owner_id", '"cost"', '"value"'):
        assert (column in text) == (role == "planner")


def test_answers_are_for_one_reader_alone(asking, parcels):
    headers = asking.get(f"{parcels}/items").headers
    assert "private" in headers["cache-control"]
    assert {"cookie", "authorization"} <= set(headers["vary"].lower().split(", "))


def test_a_viewers_tag_is_not_a_planners(client, prepared):
    path = f"/collections/{prepared.dataset}.parcels/items"
    tag = client("planner").get(path).headers["etag"]
    answer = client("viewer").get(path, headers={"if-none-match": tag})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "nothing.parcels",
        "{d}.owners",
        "{d}.rights",
        "{d}",
        "{p}.ledger",
        "..",
        "%2e%2e.parcels",
    ],
)
def test_what_is_no_collection_is_not_found(asking, prepared, name):
    path = name.format(d=prepared.dataset, p=prepared.proposal)
    answer = asking.get(f"/collections/{path}/items")
    assert answer.status_code == 404


def test_attributes_have_their_types_in_the_schema(get, parcels):
    properties = get(f"{parcels}/schema")["properties"]
    assert properties["area_m2"]["type"] == "number"
    assert properties["parcel_id"]["type"] == "string"
    assert properties["street"]["type"] == "boolean"
    assert properties["geometry"]["format"] == "geometry-polygon"
    feature = get(f"{parcels}/items", limit=1)["features"][0]
    assert set(feature["properties"]) == set(properties) - {"geometry"}
