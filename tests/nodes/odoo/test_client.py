"""What every way to talk to Odoo does alike."""

import asyncio
import contextlib
import re

import pytest

from flowengine.node import TransientError
from flowengine.testing import NodeHarness
from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.client.errors import OdooAwayError, OdooRefusedError
from flowengine_nodes.odoo.client.odoo_http import Address
from flowengine_nodes.odoo.odoo_call import OdooCall
from flowengine_nodes.odoo.odoo_server import OdooServer
from tests.nodes.odoo.conftest import Site, real_site, stand_in_site
from tests.nodes.odoo.nodes import EQUIPMENT, harness
from tests.odoo_server import Odoo

pytestmark = pytest.mark.timeout(180)


async def test_client_creates_writes_and_finds(client: OdooClient) -> None:
    first, second = await client.create(EQUIPMENT, [{"name": "one"}, {"name": "two", "cost": 2.5}])
    await client.write(EQUIPMENT, [first, second], {"partner_ref": f"both-{first}"})
    found = await client.search_read(EQUIPMENT, [["partner_ref", "=", f"both-{first}"]], ["name", "cost"], order="id")
    assert found == [{"id": first, "name": "one", "cost": 0.0}, {"id": second, "name": "two", "cost": 2.5}]
    assert await client.search(EQUIPMENT, [["id", "in", [first, second]]], order="id", limit=1) == [first]
    page = await client.search_read(EQUIPMENT, [["id", ">=", first]], ["name"], order="id", limit=1, offset=1)
    assert page == [{"id": second, "name": "two"}]


async def test_client_asks_what_the_server_is(client: OdooClient) -> None:
    about = await client.about()
    assert about.series in {17, 18, 19}
    assert about.version.startswith(str(about.series))
    assert about.addon == ""


async def test_client_learns_types_of_fields(client: OdooClient) -> None:
    types = await client.field_types(EQUIPMENT)
    assert (types["cost"], types["name"]) == ("float", "char")


@pytest.mark.parametrize(
    ("values", "code", "sentence"),
    [
        ({"nope": 1}, "odoo-bad-call", "Invalid field 'nope'"),
        ({"cost": "hot"}, "odoo-bad-call", "could not convert string to float: 'hot'"),
        ({"name": False}, "odoo-validation", "The operation cannot be completed"),
    ],
)
async def test_client_says_what_odoo_says(
    client: OdooClient, values: dict[str, object], code: str, sentence: str
) -> None:
    (id,) = await client.create(EQUIPMENT, [{"name": "one"}])
    with pytest.raises(OdooRefusedError) as caught:
        await client.write(EQUIPMENT, [id], values)
    assert caught.value.code == code
    assert sentence in caught.value.sentence
    assert "Traceback" not in f"{caught.value} {caught.value.detail}"


async def test_client_tells_a_record_that_is_gone_from_a_model_that_is_none(client: OdooClient) -> None:
    with pytest.raises(OdooRefusedError) as gone:
        await client.write(EQUIPMENT, [999_999], {"cost": 1})
    assert gone.value.code == "odoo-missing-record"
    with pytest.raises(OdooRefusedError) as no_model:
        await client.call("no.model", "search", domain=[])
    assert no_model.value.code == "odoo-not-found"
    with pytest.raises(OdooRefusedError) as no_method:
        await client.call(EQUIPMENT, "no_method")
    assert no_method.value.code == "odoo-not-found"


async def test_client_writes_all_or_nothing(client: OdooClient) -> None:
    (id,) = await client.create(EQUIPMENT, [{"name": "one", "cost": 1.0}])
    with pytest.raises(OdooRefusedError):
        await client.call(
            EQUIPMENT, "web_save_multi", ids=[id, 999_999], vals_list=[{"cost": 2.0}, {"cost": 3.0}], specification={}
        )
    assert await client.search_read(EQUIPMENT, [["id", "=", id]], ["cost"]) == [{"id": id, "cost": 1.0}]


@pytest.mark.odoo
@pytest.mark.parametrize("rpc", ["json-2", "json-rpc"])
async def test_client_waits_for_a_key_that_is_taken(plain_odoo: Odoo, rpc: str) -> None:
    client = real_site(plain_odoo, "engineer", rpc).client(api_key="wrong")
    with pytest.raises(OdooAwayError) as caught:
        await client.search(EQUIPMENT, [])
    assert caught.value.code == "odoo-login"
    await client.close()


async def test_client_says_that_nobody_is_there() -> None:
    client = Site({"base_url": "http://127.0.0.1:9", "database": "d", "login": "l", "api_key": "k"}).client()
    with pytest.raises(TransientError) as caught:
        await client.search(EQUIPMENT, [])
    assert caught.value.code == "http-connection"
    await client.close()


async def test_server_shows_what_it_is(stand_in: OdooStandIn) -> None:
    config = stand_in_site(stand_in).config
    async with harness(OdooCall, config) as node:
        cell = node.node.context.resource("odoo", OdooServer)
        assert cell.trial(cell.config) is cell.config
        async with asyncio.timeout(20):
            while "with the addon" not in shown(node):  # noqa: ASYNC110 - the server brings it about
                await asyncio.sleep(0.01)
    async with harness(OdooCall, {**config, "base_url": "http://127.0.0.1:9"}) as node:
        async with asyncio.timeout(20):
            while "cannot connect" not in shown(node):  # noqa: ASYNC110 - the server brings it about
                await asyncio.sleep(0.01)


def shown(node: NodeHarness) -> str:
    """Return the words beside the odoo-server."""
    status = node._engine.resources.cells["odoo"].status
    return status.text if status is not None else ""


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 303 See Other\r\nLocation: /web/login\r\nContent-Length: 0\r\n\r\n", "odoo-address"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n<>", "odoo-busy"),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", "odoo-busy"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n<>", "odoo-address"),
    ],
)
async def test_client_waits_where_no_odoo_answers(answer: bytes, code: str) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        address = Address(url, "d", "l", "k", keep_alive="never")
        client = OdooClient(address, lambda: 0.0, series=19)
        with pytest.raises(OdooAwayError) as caught:
            await client.search(EQUIPMENT, [])
        await client.close()
    assert caught.value.code == code
    assert caught.value.retry_after == (7.0 if b"429" in answer else None)
    assert len(asked) == 1
    assert b"connection: close" in asked[0].lower()


@pytest.mark.parametrize(("server", "kept"), [("nginx", True), ("Werkzeug/3.1", False)])
async def test_client_keeps_connections_only_where_a_proxy_offers_it(server: str, kept: bool) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head.lower())
                await reader.readexactly(int(length[1]) if length else 0)
                head_line = f"HTTP/1.1 200 OK\r\nServer: {server}\r\nContent-Type: application/json\r\n"
                writer.write(f"{head_line}Content-Length: 2\r\n\r\n[]".encode())
                if b"connection: close" in head.lower():
                    break
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        client = OdooClient(Address(url, "d", "l", "k"), lambda: 0.0, series=19)
        for _ in range(3):
            assert await client.search(EQUIPMENT, []) == []
        await client.close()
    # The first asks whether they are kept.
    assert connections == (2 if kept else 4)
