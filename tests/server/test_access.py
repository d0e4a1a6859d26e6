import base64
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import websockets

from flowengine.server.service import OpenAddressError, Service, ServiceOptions
from flowengine.storage import Store
from tests.server.stand import API, flow, serving

TOKEN = "a secret, with spaces and ünïcode"


async def test_token_is_asked_for_by_the_admin_api_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"door": {"type": "door"}}), token="right") as stand:
        async with httpx.AsyncClient(base_url=stand.service.url) as stranger:
            for path in ("/", "/health", "/ready", "/metrics", "/openapi.json", "/door/x"):
                assert (await stranger.get(path)).status_code == 200, path
            for path in ("/flows", "/node-types", "/dead-letters", "/audit", "/summary", "/state"):
                answer = await stranger.get(API + path)
                assert answer.status_code == 401, path
                assert answer.json()["code"] == "unauthorized"
                assert answer.headers["www-authenticate"] == "Bearer"
        await stand.get("/flows")


@pytest.mark.parametrize(
    "header", ["", "right", "Basic right", "Bearer", "Bearer wrong", "Bearer rightx", "Bearer \xff"]
)
async def test_wrong_token_is_refused(tmp_path: Path, header: str) -> None:
    async with serving(tmp_path, token="right") as stand:
        answer = await stand.client.get(
            f"{API}/flows", headers=httpx.Headers({b"Authorization": header.encode("latin-1")})
        )
        assert answer.status_code == 401


async def test_page_of_another_site_cannot_change_anything(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "http://[", ""):
            answer = await stand.client.post(f"{API}/deploy", json={}, headers={"Origin": origin})
            assert (answer.status_code, answer.json()["code"]) == (403, "cross-origin")
        own = await stand.client.post(f"{API}/deploy", json={}, headers={"Origin": stand.service.url})
        assert own.status_code == 200


async def test_form_of_another_site_cannot_change_anything(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = await stand.client.post(f"{API}/deploy", content=b"{}", headers={"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_foreign_name_of_this_machine_is_refused_without_a_token(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        for host, status in (
            ("evil.example", 403),
            ("127.0.0.1.evil.example", 403),
            ("localhost", 200),
            ("[::1]:1", 200),
        ):
            answer = await stand.client.get(f"{API}/flows", headers={"Host": host})
            assert answer.status_code == status, host


async def test_foreign_name_is_fine_with_a_token(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand:
        answer = await stand.client.get(f"{API}/flows", headers={"Host": "flows.example"})
        assert answer.status_code == 200


async def test_websocket_takes_its_token_as_a_subprotocol_or_a_header(tmp_path: Path) -> None:
    async with serving(tmp_path, token=TOKEN) as stand:
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        encoded = base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("=")
        protocols = [websockets.Subprotocol(name) for name in ("flowengine.events", f"flowengine.token.{encoded}")]
        async with websockets.connect(url, subprotocols=protocols) as socket:
            assert socket.subprotocol == "flowengine.events"
        async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}):
            pass
        for wrong in (None, [protocols[0]], [protocols[0], websockets.Subprotocol("flowengine.token.AAAAA")]):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(url, subprotocols=wrong)
            assert refused.value.response.status_code == 401
            assert b'"unauthorized"' in (refused.value.response.body or b"")


async def test_page_of_another_site_cannot_watch(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(url, origin=websockets.Origin("https://evil.example"))
        assert refused.value.response.status_code == 403


async def test_service_does_not_listen_to_the_network_without_users_or_a_token(tmp_path: Path) -> None:
    options = ServiceOptions(folder=tmp_path, host="0.0.0.0", port=0, store=f"sqlite:///{tmp_path / 'store.db'}")
    with pytest.raises(OpenAddressError, match="flowengine user add"):
        async with Service(options).running():
            pass
    async with Service(replace(options, admin_token="right")).running():
        pass
    store = await Store.open(options.store)
    await store.users.add("ada", "admin", "no hash")
    await store.close()
    async with Service(options).running() as service:
        # Removing the last user opens nothing to the network.
        await service.engine.world.store.users.remove("ada")
        port = service.url.rpartition(":")[2]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get(f"{API}/flows")).status_code == 401
