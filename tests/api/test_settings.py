"""What an administrator may set, and what is refused at the start."""

import pytest
from pydantic import ValidationError

from api.settings import Settings


def refused(**given: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings(**given)
    return str(caught.value)


def test_without_any_setting_the_service_is_for_this_machine():
    settings = Settings()
    assert (settings.host, settings.mode) == ("127.0.0.1", "local")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "town.example", "::"])
@pytest.mark.parametrize("auth", [None, "local"])
def test_another_host_needs_a_mode_of_signing_in(host, auth):
    assert "LANDPLAN_AUTH" in refused(host=host, auth=auth)


@pytest.mark.parametrize("auth", ["accounts", "keys", "open"])
def test_a_mode_lets_the_service_listen_on_another_host(auth):
    assert Settings(host="0.0.0.0", auth=auth, allowed_hosts=("plan.town",)).mode == auth
    assert Settings(host="192.168.1.5", auth=auth).names == ("192.168.1.5",)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_on_every_address_needs_the_names_that_people_use(host):
    assert "LANDPLAN_ALLOWED_HOSTS" in refused(host=host, auth="keys")
    assert Settings(host=host, auth="keys", public_origin="https://plan.town").names == (
        "plan.town",
    )


def test_the_mode_proxy_needs_the_address_of_the_proxy():
    assert "LANDPLAN_PROXY_ADDRESSES" in refused(auth="proxy")
    assert refused(auth="proxy", proxy_addresses=["nowhere"])
    assert Settings(auth="proxy", proxy_addresses=["10.0.0.0/24"]).is_proxy("10.0.0.7")


@pytest.mark.parametrize("address", [None, "", "testclient", "10.0.1.7", "::1"])
def test_whoever_is_not_named_is_no_proxy(address):
    assert not Settings(auth="proxy", proxy_addresses=["10.0.0.0/24"]).is_proxy(address)


@pytest.mark.parametrize(
    "origin",
    [
        "town.example",
        "https://",
        "https://a b",
        "https://a;b",
        "https://a/b",
        "*",
        "ftp://a",
        "'self'",
    ],
)
def test_only_an_origin_may_frame_pages_or_be_the_public_one(origin):
    assert "origin" in refused(frame_ancestors=[origin])
    assert "origin" in refused(public_origin=origin)


@pytest.mark.parametrize("prefix", ["plan", "/plan/", "/a b", "//", "/a?b"])
def test_a_path_prefix_begins_with_a_slash_and_ends_without(prefix):
    assert refused(path_prefix=prefix)


def test_a_path_prefix_may_have_several_parts():
    assert Settings(path_prefix="/town/plan").path_prefix == "/town/plan"


def test_a_basemap_needs_its_address():
    assert "LANDPLAN_BASEMAP_URL" in refused(basemap_kind="xyz")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("LANDPLAN_PORT", "8123")
    monkeypatch.setenv("LANDPLAN_ALLOWED_HOSTS", '["plan.town.example"]')
    assert Settings().port == 8123
    assert Settings().allowed_hosts == ("plan.town.example",)
