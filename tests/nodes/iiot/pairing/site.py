"""The shipped pairing flow, served as users serve it, and devices that ask it."""

import asyncio
import json
import os
import secrets
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiomqtt
import httpx

from flowengine.server.service import Service, ServiceOptions
from flowengine.storage import AuditRecord
from flowengine_nodes.iiot.broker_credentials import BrokerCredentials
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.deployed_mosquitto import ADMIN, ADMIN_PASSWORD
from tests.nodes.iiot.registries import add_device

FLOWS = Path(__file__).parents[4] / "flows"
PAIRING = "pairing"
PAIRING_PASSWORD = "known to every device"
REPLY = "iiot/config/reply/"


def copy_flows(to: Path, *names: str) -> Path:
    """Copy shipped flows into a folder, with the resources."""
    to.mkdir(parents=True, exist_ok=True)
    for name in ("resources.json", *(f"{name}.flow.json" for name in names)):
        shutil.copy(FLOWS / name, to / name)
    return to


class PairingSite:
    """A service with the pairing flow, from entry to exit of ``async with``.

    Args:
        directory: For its flows and its store.
        broker: The broker; one with dynamic security, unless ``mode`` is "shared".
        mode: How devices get their credentials.
        url: Address of the store.
        variables: More variables of the flows.
    """

    def __init__(
        self, directory: Path, broker: Mosquitto, *, mode: str = "mosquitto", url: str = "", **variables: str
    ) -> None:
        own = {"MQTT_BROKER_USERNAME": ADMIN, "MQTT_BROKER_PASSWORD": ADMIN_PASSWORD} if mode == "mosquitto" else {}
        self.broker = broker
        self.service = Service(
            ServiceOptions(
                folder=copy_flows(directory / "flows", "pairing"),
                port=0,
                store=url or f"sqlite:///{directory}/store.db",
                variables={
                    "PATH": os.environ["PATH"],
                    "MQTT_BROKER_HOST": broker.host,
                    "MQTT_BROKER_PORT": str(broker.port),
                    "MQTT_DEVICE_CREDENTIALS": mode,
                    "MQTT_PAIRING_USERNAME": PAIRING,
                    "MQTT_PAIRING_PASSWORD": PAIRING_PASSWORD,
                    **own,
                    **variables,
                },
            )
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.service.running())
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=self.service.url, timeout=60, limits=httpx.Limits(max_connections=100))
        )
        await self.shows("connected", "main")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def registry(self) -> EmbeddedRegistry:
        registry = self.service.engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        return registry

    @property
    def left_alone(self) -> frozenset[str]:
        """Devices whose accounts the engine leaves as they are."""
        credentials = self.service.engine.world.resource("devices")
        assert isinstance(credentials, BrokerCredentials)
        return credentials._left_alone

    def status(self, resource: str) -> str:
        status = self.service.engine.resources.cells[resource].status
        return status.text if status else ""

    async def shows(self, text: str, resource: str = "devices", seconds: float = 20) -> None:
        """Wait until a resource shows some words."""
        async with asyncio.timeout(seconds):
            while text not in self.status(resource):  # noqa: ASYNC110 - the broker brings it about
                await asyncio.sleep(0.01)

    async def new_device(self, id: str, *, expires_in: float = 900, **fields: Any) -> str:
        """Add a device and return a token for it."""
        device = await add_device(self.registry, id, **fields)
        return (await self.registry.tokens.issue(device.serial, expires_in, "test")).text

    async def post(self, payload: Any, path: str = "/iiot/config", **more: Any) -> httpx.Response:
        return await self._client.post(path, json=payload, **more)

    async def audit(self, what: str) -> list[AuditRecord]:
        """Return the lines of the audit trail on an action, oldest first."""
        return [*reversed(await self.service.engine.world.store.audit.list(what=what, limit=1000))]


class Applicant:
    """A device that has not paired, and asks over MQTT, from entry to exit of ``async with``.

    Args:
        broker: The broker.
        login: User name and password.
        config: More arguments of :class:`aiomqtt.Client`.
    """

    def __init__(self, broker: Mosquitto, login: tuple[str, str] = (PAIRING, PAIRING_PASSWORD), **config: Any) -> None:
        name = secrets.token_hex(16)
        self.reply = REPLY + name
        settings: dict[str, Any] = {"identifier": name, "protocol": aiomqtt.ProtocolVersion.V5, **config}
        username, password = login
        self.client = aiomqtt.Client(broker.host, broker.port, username=username, password=password, **settings)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        await self.client.subscribe(self.reply, qos=1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.__aexit__(None, None, None)

    async def send(self, payload: Any) -> None:
        """Publish a request as it stands."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload)
        await self.client.publish("iiot/config/request", body, qos=1)

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        await self.send({"reply_to": self.reply, **request})
        return await self.answer()

    async def answer(self, seconds: float = 20) -> dict[str, Any]:
        """Wait for an answer."""
        async with asyncio.timeout(seconds):
            message = await anext(aiter(self.client.messages))
        answer: dict[str, Any] = json.loads(bytes(message.payload))
        return answer


async def may_log_in(broker: Mosquitto, configuration: dict[str, Any], **changes: Any) -> bool:
    """Tell whether the broker lets somebody in with a configuration."""
    settings = {
        "identifier": configuration["client_id"],
        "username": configuration["username"],
        "password": configuration["password"],
        **changes,
    }
    try:
        async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5, **settings):
            return True
    except aiomqtt.MqttError:
        return False
