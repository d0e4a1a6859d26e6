import asyncio

from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient
from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Unclaimed
from flowengine_nodes.network.mqtt.options import ClientOptions

CONNACK = b"\x20\x02\x00\x00"
CONNACK_OF_A_SESSION = b"\x20\x02\x01\x00"
PUBLISH = b"\x32\x05\x00\x01a\x00\x01"
SHORT_LIVED = 5


async def test_client_connects_again_when_a_connection_breaks_as_soon_as_it_is_made() -> None:
    accepted = 0
    lasting = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        await reader.read(1)
        writer.write(CONNACK)
        if accepted > SHORT_LIVED:
            lasting.set()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AiomqttClient(ClientOptions(host="127.0.0.1", port=port, client_id="c", backoff_base=0, backoff_max=0))
    client.connect()
    async with asyncio.timeout(20):
        await lasting.wait()
    await client.close()
    server.close()


async def test_client_is_connected_before_it_takes_what_the_session_has_kept() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(CONNACK_OF_A_SESSION + PUBLISH)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AiomqttClient(ClientOptions(host="127.0.0.1", port=port, client_id="c"))
    events: asyncio.Queue[ConnectionEvent] = asyncio.Queue()
    client.listen(events.put_nowait)
    client.connect()
    async with asyncio.timeout(20):
        assert [await events.get() for _ in range(2)] == [Connected(session_present=True), Unclaimed("a")]
    await client.close()
    server.close()
