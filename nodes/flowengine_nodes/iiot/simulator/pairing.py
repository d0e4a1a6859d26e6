"""A simulated device asks for its configuration, with its serial number and a token."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from flowengine.node import Clock, Timer
from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.simulator.configuration import Configuration
from flowengine_nodes.iiot.simulator.site import Credentials, Site
from flowengine_nodes.iiot.simulator.totals import Totals
from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.properties import Properties

# A request without an answer is made again after so many seconds.
PATIENCE = 15.0

REPLY = "iiot/config/reply/"
"""What the topics begin with on which answers are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """A device before it has its configuration.

    Args:
        serial: Its serial number; its id too, where it needs no pairing.
        kind: What kind of machine it measures.
        token: Token to pair with; empty for a device that needs no pairing.
        firmware: Version it has.
    """

    serial: str
    kind: str
    token: str = ""
    firmware: str = "1.0.0"


class Pairing:
    """Ask until there is an answer; each request of one pairing has the same id, so that it counts once.

    Args:
        applicant: Who asks.
        site: Where.
        totals: Where it is counted.
        clock: What plans the next request.
        paired: Takes the configuration.

    Attributes:
        was_connected: Whether it has had a connection.
    """

    def __init__(
        self,
        applicant: Applicant,
        site: Site,
        totals: Totals,
        clock: Clock,
        paired: Callable[[Configuration], None],
    ) -> None:
        self._applicant = applicant
        self.was_connected = False
        self._totals = totals
        self._clock = clock
        self._paired = paired
        self._request_topic = site.request_topic
        self._timer: Timer | None = None
        self._is_over = False
        self._request = orjson.dumps(
            {
                "serial": applicant.serial,
                "token": applicant.token,
                "request_id": secrets.token_hex(8),
                "firmware": applicant.firmware,
            }
        )
        self._client = Mqtt5Client(site.options(Credentials(client_id=f"{applicant.serial}-pairing"), None))
        self._client.listen(self._happened)
        # Only here is a refusal told: anybody may ask in the name of a serial number.
        self._reply_topic = f"{REPLY}{applicant.serial}"
        self._client.subscribe(self._reply_topic, 1, self._answered)

    def start(self) -> None:
        """Connect and ask."""
        self._client.connect()

    async def stop(self) -> None:
        """Ask no more."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        await self._client.close()

    def _happened(self, event: ConnectionEvent) -> None:
        match event:
            case Connected():
                self.was_connected = True
                self._ask()
            case Disconnected(error=error) if error is not None:
                self._totals.disconnects += 1
                self._totals.last_error = str(error)
            case _:
                pass

    def _ask(self) -> None:
        if self._is_over:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(PATIENCE, self._ask)
        properties = Properties(response_topic=self._reply_topic)
        self._client.publish(self._request_topic, self._request, 1, False, properties, _nothing)

    def _answered(self, inbound: Inbound) -> None:
        inbound.settle()
        if self._is_over:
            return
        answer: dict[str, Any] = orjson.loads(inbound.payload)
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if "code" in answer:
            self._totals.pairing_refused[answer["code"]] += 1
            return
        self._totals.paired += 1
        self._paired(configured(answer))


def configured(answer: dict[str, Any]) -> Configuration:
    """Return the configuration that an answer holds."""
    credentials = Credentials(client_id=answer["client_id"], username=answer["username"], password=answer["password"])
    broker = answer["broker"]
    return Configuration(
        device=answer["device"],
        credentials=credentials,
        topics=Topics(**answer["topics"]),
        host=broker["host"],
        port=broker["port"],
    )


def _nothing(error: MqttError | None) -> None:
    """Ask for nothing: a request without an answer is made again."""
