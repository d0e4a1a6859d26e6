"""One simulated device: its connection, and what it says and hears on it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from flowengine.node import Clock
from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.simulator.behaviour import Behaviour, Dice
from flowengine_nodes.iiot.simulator.configuration import Configuration
from flowengine_nodes.iiot.simulator.downloads import Downloads
from flowengine_nodes.iiot.simulator.machines import Machine
from flowengine_nodes.iiot.simulator.obedience import Obedience
from flowengine_nodes.iiot.simulator.sensors import Sensors
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.iiot.simulator.telemetry import Telemetry
from flowengine_nodes.iiot.simulator.totals import Totals
from flowengine_nodes.iiot.simulator.updating import Updating
from flowengine_nodes.network.mqtt.client import Connected, ConnectionEvent, Disconnected
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import Will
from flowengine_nodes.network.mqtt.properties import Properties

OFFLINE = orjson.dumps({"state": "offline"})


class SimulatedDevice:
    """A device that has its configuration: it measures, obeys and updates.

    Args:
        configuration: Who it is and which topics it uses.
        kind: What kind of machine it measures.
        firmware: Version of its firmware.
        site: Where it is.
        behaviour: What goes wrong.
        totals: Where all of it is counted.
        clock: The only source of time.
        downloads: Fetches firmware.

    Attributes:
        was_connected: Whether it has had a connection.
    """

    def __init__(
        self,
        configuration: Configuration,
        kind: str,
        firmware: str,
        site: Site,
        behaviour: Behaviour,
        totals: Totals,
        clock: Clock,
        downloads: Downloads,
    ) -> None:
        self.id = configuration.device
        self.was_connected = False
        self._topics: Topics = configuration.topics
        self._totals = totals
        seed = f"{site.seed}/{self.id}"
        dice = Dice(f"{seed}/chance")
        sensors = Sensors(Machine(kind, seed, interval=site.interval), dice, behaviour.sensor_faults)
        self._telemetry = Telemetry(self.id, sensors, behaviour, dice, totals, clock, self._send_telemetry)
        self._obedience = Obedience(behaviour, dice, totals, self._respond)
        self._updating = Updating(
            firmware, site, behaviour, dice, totals, clock, downloads, self._report, self.break_off
        )
        presence = self._topics.presence.of(self.id)
        will = Will(topic=presence, payload=OFFLINE, qos=1, retain=True)
        options = site.options(configuration.credentials, will)
        if configuration.host:
            options = replace(options, host=configuration.host, port=configuration.port)
        self._client = Mqtt5Client(options)
        self._client.listen(self._happened)
        self._client.subscribe(self._topics.command.of(self.id), 1, self._commanded)
        self._client.subscribe(self._topics.ota_notify.of(self.id), 1, self._notified)
        self._is_connected = False

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""
        self._client.connect()

    def measure(self) -> None:
        """Take a reading and send it."""
        if not self._updating.is_dark:
            self._telemetry.measure()

    def break_off(self) -> None:
        """Lose the connection as a power cut would, and come back."""
        self._client.abort()

    def finish(self) -> None:
        """Send what was held back; wait until the device is idle before it stops."""
        self._telemetry.flush()

    async def stop(self) -> None:
        """Give up an update, say goodbye and disconnect."""
        await self._updating.stop()
        if self._client.is_connected:
            self._publish(self._topics.presence.of(self.id), OFFLINE, retain=True)
        await self._client.close()
        self._note_connection(up=False)

    @property
    def last_update(self) -> str:
        """How its last update ended, or stands; empty if there was none, or it runs."""
        return self._updating.ended

    @property
    def is_idle(self) -> bool:
        """Whether the broker has acknowledged everything."""
        pending = self._client.pending
        return not pending.in_flight and not pending.queued

    def _send_telemetry(self, payload: bytes, done: Callable[[MqttError | None], None]) -> None:
        self._client.publish(self._topics.telemetry.of(self.id), payload, 1, False, None, done)

    def _respond(self, answer: dict[str, Any], correlation: bytes | None) -> None:
        properties = None if correlation is None else Properties(correlation_data=correlation)
        self._publish(self._topics.command_response.of(self.id), orjson.dumps(answer), properties=properties)

    def _report(self, report: dict[str, Any]) -> None:
        self._publish(self._topics.ota_status.of(self.id), orjson.dumps(report))

    def _publish(
        self, topic: str, payload: bytes, *, retain: bool = False, properties: Properties | None = None
    ) -> None:
        self._client.publish(topic, payload, 1, retain, properties, _nothing)

    def _commanded(self, inbound: Inbound) -> None:
        self._obedience.obey(inbound)
        inbound.settle()

    def _notified(self, inbound: Inbound) -> None:
        self._updating.notified(inbound.payload)
        inbound.settle()

    def _happened(self, event: ConnectionEvent) -> None:
        match event:
            case Connected():
                self._totals.reached += not self.was_connected
                self.was_connected = True
                self._note_connection(up=True)
                online = orjson.dumps({"state": "online", "firmware": self._updating.version})
                self._publish(self._topics.presence.of(self.id), online, retain=True)
            case Disconnected(error=error):
                if error is not None:
                    self._totals.disconnects += 1
                    self._totals.last_error = str(error)
                self._note_connection(up=False)
            case _:
                pass

    def _note_connection(self, *, up: bool) -> None:
        if up != self._is_connected:
            self._is_connected = up
            self._totals.connected += 1 if up else -1


def _nothing(error: MqttError | None) -> None:
    """Ask for nothing: the client sends again what the broker did not acknowledge."""
