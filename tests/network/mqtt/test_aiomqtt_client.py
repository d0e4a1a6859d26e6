import asyncio

from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient
from flowengine_nodes.network.mqtt.options import ClientOptions

CONNACK = b"\x20\x02\x00\x00"
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
