"""What maps fetch: by role, by box, with tags."""

import gzip

import pytest

from api.map_layers import MapLayers
from landplan.workspace.workspace import Workspace


def path(prepared, layer: str = "parcels", kind: str = "proposal") -> str:
    source = prepared.proposal if kind == "proposal" else prepared.dataset
    return f"/map-data/{kind}/{source}/{layer}.geojson"


@pytest.mark.parametrize(
    ("kind", "layer"),
    [("dataset", "parcels"), ("dataset", "zones"), ("proposal", "sites"), ("proposal", "bridges")],
)
def test_layers_are_geojson(client, prepared, kind, layer):
    answer = client().get(path(prepared, layer, kind))
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["features"]


def test_a_box_brings_less(client, prepared):
    asking = client()
    whole = asking.get(path(prepared)).json()["features"]
    west, south = min(point for feature in whole for point in feature["geometry"]["coordinates"][0])
    part = asking.get(path(prepared), params={"bbox": f"{west},{south},{west + 0.002},{south + 1}"})
    assert 0 < len(part.json()["features"]) < len(whole)


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "3,0,1,2", "nan,0,1,2", "0,0,400,2"])
def test_a_wrong_box_is_refused(client, prepared, box):
    answer = client().get(path(prepared), params={"bbox": box})
    assert (answer.status_code, answer.json()["code"]) == (400, "map.bbox")


def test_an_unchanged_layer_is_not_sent_again(client, prepared):
    asking = client()
    first = asking.get(path(prepared))
    tag = first.headers["etag"]
    for given in (tag, f'"x", {tag}', f"W/{tag}"):
        again = asking.get(path(prepared), headers={"if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
    other = asking.get(path(prepared), params={"bbox": "0,0,1,1"}, headers={"if-none-match": tag})
    assert other.status_code == 200


def test_large_layers_are_compressed(client, prepared):
    asking = client()
    with asking.stream("GET", path(prepared), headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < len(gzip.decompress(raw)) / 2


@pytest.mark.parametrize(
    ("role", "query", "seen"),
    [
        ("planner", {}, True),
        ("leader", {}, True),
        ("viewer", {}, False),
        ("planner", {"embed": "1"}, False),
        ("admin", {"embed": "true"}, False),
    ],
)
def test_owners_are_only_for_planners_and_never_for_embedded_maps(
    client, prepared, role, query, seen
):
    workspace = Workspace(prepared.folder)
    owners = set(workspace.datasets.cadastre(prepared.dataset).parcels["owner_id"].dropna())
    workspace.close()
    for kind in ("dataset", "proposal"):
        text = client(role).get(path(prepared, kind=kind), params=query).text
        assert any(owner in text for owner in owners) == seen


def test_tags_of_roles_differ(client, prepared):
    tags = {client(role).get(path(prepared)).headers["etag"] for role in ("viewer", "planner")}
    assert len(tags) == 2
    embedded = client("planner").get(path(prepared), params={"embed": "1"}).headers["etag"]
    assert embedded in tags


@pytest.mark.parametrize(
    "wrong",
    [
        "/map-data/proposal/000000000000/sites.geojson",
        "/map-data/proposal/{p}/owners.geojson",
        "/map-data/proposal/{p}/rights.geojson",
        "/map-data/dataset/{p}/parcels.geojson",
        "/map-data/dataset/..%2f../parcels.geojson",
    ],
)
def test_what_is_not_there_is_not_found(client, prepared, wrong):
    answer = client().get(wrong.format(p=prepared.proposal))
    assert answer.status_code == 404


def test_an_unknown_kind_or_parameter_is_refused(client, prepared):
    assert client().get(f"/map-data/town/{prepared.dataset}/parcels.geojson").status_code == 400
    assert client().get(path(prepared), params={"role": "admin"}).status_code == 400


def test_no_more_layers_are_kept_than_allowed(prepared):
    workspace = Workspace(prepared.folder)
    kept = MapLayers(workspace, size=2)
    first = kept.get("proposal", prepared.proposal, "sites", "viewer")
    assert kept.get("proposal", prepared.proposal, "sites", "viewer") is first
    for name in ("zones", "roads"):
        kept.get("proposal", prepared.proposal, name, "viewer")
    assert kept.get("proposal", prepared.proposal, "sites", "viewer") is not first
    workspace.close()
