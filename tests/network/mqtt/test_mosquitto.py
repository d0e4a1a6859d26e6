import aiomqtt
import pytest

from tests.conftest import MosquittoFactory

pytestmark = pytest.mark.mosquitto


async def test_mosquitto_keeps_sessions_over_a_kill_after_persist(new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto(persistence=True)
    await broker.start()

    def session() -> aiomqtt.Client:
        return aiomqtt.Client(broker.host, broker.port, identifier="keeper", clean_session=False)

    async with session() as client:
        await client.subscribe("a", qos=1)
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish("a", b"kept", qos=1)
    await broker.persist()
    broker.kill()
    await broker.start()
    async with session() as client:
        message = await anext(aiter(client.messages))
    assert message.payload == b"kept"


async def test_mosquitto_lets_only_its_users_in(new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto(users={"ada": "secret"})
    await broker.start()
    async with aiomqtt.Client(broker.host, broker.port, username="ada", password="secret") as client:
        await client.publish("a", b"", qos=1)
    with pytest.raises(aiomqtt.MqttCodeError):
        async with aiomqtt.Client(broker.host, broker.port, username="ada", password="wrong"):
            pass


async def test_mosquitto_that_cannot_start_says_why(new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto(extra=["no_such_option 1"])
    with pytest.raises(RuntimeError, match="no_such_option"):
        await broker.start()
