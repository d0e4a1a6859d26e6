"""Operations that node packs add to the admin API."""

from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from flowengine.server import pack_endpoints
from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.pack_endpoints import PackEndpointsError, checked


async def look(call: Call) -> None:
    """Do nothing."""


GOOD = Endpoint("GET", "/admin/api/boilers", look, "Look at boilers")
OUTSIDE = replace(GOOD, path="/boilers")
OPEN = replace(GOOD, role=None)
STRANGE = "a text"


def entry(name: str, pack: str = "pack") -> EntryPoint:
    return EntryPoint(name=pack, value=f"{__name__}:{name}", group=pack_endpoints.ENTRY_POINTS)


OFFERED = [GOOD, replace(GOOD, method="POST", role=Role.OPERATOR)]
OFFERED_OUTSIDE = [OUTSIDE]
OFFERED_OPEN = [OPEN]
OFFERED_STRANGE = [STRANGE]
OFFERED_TWICE = [GOOD, GOOD]


def test_endpoints_of_a_pack_are_taken() -> None:
    assert checked(entry("OFFERED"), []) == OFFERED


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("OFFERED_OUTSIDE", "must be below"),
        ("OFFERED_OPEN", "ask for a role"),
        ("OFFERED_STRANGE", "is no Endpoint"),
        ("OFFERED_TWICE", "is there already"),
        ("MISSING", "AttributeError"),
    ],
)
def test_endpoints_that_do_not_fit_are_refused(name: str, reason: str) -> None:
    with pytest.raises(PackEndpointsError, match=reason):
        checked(entry(name), [])


def test_endpoint_of_the_engine_is_not_replaced() -> None:
    with pytest.raises(PackEndpointsError, match="GET /admin/api/boilers is there already"):
        checked(entry("OFFERED"), [GOOD])


def test_bad_pack_is_left_out_and_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    entries = [entry("OFFERED_OUTSIDE"), entry("OFFERED", "second")]
    monkeypatch.setattr(pack_endpoints, "entry_points", lambda **_: entries)
    assert pack_endpoints.pack_endpoints([]) == OFFERED
    assert 'the endpoints "pack"' in caplog.text
