"""The telemetry-map node."""

from collections.abc import Iterable
from typing import Any, Final

from flowengine.expressions import MISSING
from flowengine.node import Config, Context, Field, JsonPath, Message, Node, NodeMetric, Output, excerpt, node_type
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.sparkplug.decoder import Birth, decode, message_kind
from flowengine_nodes.iiot.sparkplug.sequence import EdgeNode, Sequences, edge_node, rebirth_request
from flowengine_nodes.iiot.telemetry.codec import decode_json, decode_scalar
from flowengine_nodes.iiot.telemetry.counts import SAMPLE_EVERY, Counts, count_metrics
from flowengine_nodes.iiot.telemetry.errors import PayloadError
from flowengine_nodes.iiot.telemetry.failure import Failure, MappingError
from flowengine_nodes.iiot.telemetry.mapping import DeviceMapping, Mapping
from flowengine_nodes.iiot.telemetry.moment import MomentText
from flowengine_nodes.iiot.telemetry.readings import Measured, take_apart

_BIRTH: Final = "birth:"
_GAPS: Final = "Gaps in the numbers of Sparkplug messages."


class TelemetryMapConfig(Config):
    """Configure a mapping."""

    registry: RegistryId = Field("registry", description="Registry that knows devices, profiles and their rules.")
    device: JsonPath = Field("$.device", description="Where the message says which device it is from.")
    sequence: bool = Field(
        False,
        description="Follow the numbers of Sparkplug messages, where all messages of an edge node come in here and in "
        "one process.",
    )


@node_type("telemetry-map", category="iiot", label="Telemetry map", icon="telemetry")
class TelemetryMap(Node[TelemetryMapConfig]):
    """Map what a device measured to values of business objects.

    The payload is decoded as the device's profile says (its *codec*; so let mqtt-in leave it as `bytes`), taken apart
    into readings, and given to the profile's telemetry rules. Of each reading that gives a value, one message leaves by
    `mapped`, with this payload:

    ```
    {
      "device": "boiler-7",
      "at": "2026-03-01T08:00:00.000Z",
      "writes": [
        {"model": "maintenance.equipment", "id": 12, "values": {"x_temperature": 81.5}},
        {"model": "stock.lot", "domain": [["name", "=", "B7"]], "values": {"x_pressure": 2.4}}
      ]
    }
    ```

    `at` is when it was measured. Where a device's own time was not believed, `device_time` is what it said.

    What gives no value leaves by `unmatched` with a field `reason`, that has a `code` and a `message`:

    | code | meaning |
    |---|---|
    | `unknown-device` | the registry does not know the device, or the message names none |
    | `inactive-device` | the device is suspended or retired |
    | `no-match` | no rule of the profile has found a value |

    What is wrong leaves by `failed` with a field `error`: a `code`, a `message`, and in `failures` the `rule`, `code`
    and `message` of each thing that failed; a `rule` is named unless it is the whole payload. The values of the other
    rules are written all the same.

    What these two ports are not wired to is not lost either: without a wire at `unmatched` the message counts as
    dropped, for its reason; without one at `failed` it goes the way of all errors, to a catch node or to the dead
    letters, where it can be replayed once the profile is right.

    With *sequence*, a message of Sparkplug before which others are missing has a field `gap` with the number that was
    `expected`, the one that was `found` and how many are `missing`, and `flowengine_sparkplug_gaps_total` counts it. A
    request for a rebirth leaves by `rebirth` then, and where no birth has told an alias, at most every 30 seconds for
    an edge node: wire it to an mqtt-out node.

    A value that a rule holds back, because it has not moved enough, ends here and is done.

    On `/metrics`, `flowengine_telemetry_messages_total`, `flowengine_telemetry_readings_total`,
    `flowengine_telemetry_unmatched_total` and `flowengine_telemetry_failed_total` count by profile, and
    `flowengine_telemetry_per_second` is the rate of messages, on average of the last minute.
    """

    mapped = Output("Values for business objects: a message for each reading.")
    unmatched = Output("The message, with the `reason` why it gives no values.")
    failed = Output("The message, with the `error` that says what is wrong with it.")
    rebirth = Output("A command that asks a Sparkplug edge node for its births (NCMD).")

    def __init__(self, config: TelemetryMapConfig, context: Context) -> None:
        super().__init__(config, context)
        self._device = config.device.first
        self._mappings: dict[str, Mapping] = {}
        self._devices: dict[str, DeviceMapping] = {}
        self._text = MomentText().of
        self._sequences = Sequences() if config.sequence else None
        # Of devices that are not known, there is no profile.
        self._unknown = Counts()
        self._counts: dict[str, Counts] = {"": self._unknown}

    async def start(self) -> None:
        """Find the registry, and recall the births of an earlier run."""
        self._roster = self.context.resource(self.config.registry, Registry).roster
        state = self.context.state
        names = [name for name in state.keys() if name.startswith(_BIRTH)]  # noqa: SIM118 - no mapping
        self._births = {name.removeprefix(_BIRTH): Birth.from_json(state.get(name)) for name in names}
        self.context.spawn(self._sample(), "sample rates")

    def receive(self, message: Message) -> None:
        """Map a message."""
        if self._sequences is not None:
            message = self._follow(message, self._sequences)
        fields = message.fields
        id = self._device(fields, MISSING)
        member = self._roster.member(id) if id.__class__ is str else None
        if member is None:
            reason = f"the registry knows no device {excerpt(id, 60)!r}" if id else "no device is named"
            self._unknown.messages += 1
            self._leave(message, self._unknown, "unknown-device", reason)
            return
        device = self._devices.get(member.id)
        if device is None or device.member is not member:
            device = self._mapping_of(member)
        counts = device.mapping.counts
        counts.messages += 1
        if not member.takes_part:
            self._leave(message, counts, "inactive-device", f"the device {member.id} is suspended or retired")
            return
        now = self.context.clock.time()
        failures: list[Failure] = []
        try:
            readings = self._read(message, member, now, failures)
        except PayloadError as error:
            self._roster.note_seen(member.id, now)
            self._fail(message, counts, [Failure("", error.code, str(error))])
            return
        has_matched = self._map(message, device, readings, failures)
        if failures:
            self._fail(message, counts, failures)
        elif not has_matched:
            self._leave(message, counts, "no-match", f"no rule of the profile {member.profile.id} has found a value")

    def metrics(self) -> Iterable[NodeMetric]:
        """Return what has become of the messages, by profile."""
        yield from count_metrics(self._counts, self.context.clock.monotonic())
        if self._sequences is not None:
            yield NodeMetric("sparkplug_gaps", _GAPS, self._sequences.gaps, {})

    def _follow(self, message: Message, sequences: Sequences) -> Message:
        found = edge_node(str(message.topic))
        if found is None or message.get("retain"):
            return message
        gap = sequences.follow(*found, message.fields.get("payload"))
        if gap is None:
            return message
        self._ask_for_rebirth(message, gap.node)
        return message.replace(gap=gap.describe())

    def _ask_for_rebirth(self, message: Message, node: EdgeNode) -> None:
        clock = self.context.clock
        if self._sequences is not None and self.rebirth.is_wired and self._sequences.asks(node, clock.monotonic()):
            fields = {"topic": node.command_topic, "payload": rebirth_request(clock.time())}
            self.send(self.rebirth, Message(fields, message.delivery))

    async def _sample(self) -> None:
        while True:
            for counts in self._counts.values():
                counts.sample(self.context.clock.monotonic())
            await self.context.clock.sleep(SAMPLE_EVERY)

    def _read(self, message: Message, member: Member, now: float, failures: list[Failure]) -> list[Measured]:
        profile = member.profile
        payload = message.fields.get("payload")
        if profile.codec == "sparkplug-b":
            return self._read_sparkplug(message, member, now, failures)
        document = (decode_json if profile.codec == "json" else decode_scalar)(payload)
        self._roster.note_telemetry(member.id, now, document)
        return take_apart(document, profile.reading, now, failures)

    def _read_sparkplug(self, message: Message, member: Member, now: float, failures: list[Failure]) -> list[Measured]:
        kind = message_kind(str(message.topic))
        before = self._births.get(member.id)
        documents, birth = decode(message.payload, kind, before, failures)
        if birth is not before and birth is not None:
            self._births[member.id] = birth
            # Known after a restart too: a device says it only once.
            self.context.state.set_later(_BIRTH + member.id, birth.as_json())
        whose = edge_node(str(message.topic))
        if whose is not None and any(one.code == "unknown-alias" for one in failures):
            self._ask_for_rebirth(message, whose[0])
        self._roster.note_seen(member.id, now)
        measured: list[Measured] = []
        for document, at in documents:
            self._roster.note_telemetry(member.id, now, document)
            measured += take_apart(document, member.profile.reading, now, failures, at)
        measured.sort(key=lambda one: one.at)
        return measured

    def _map(self, message: Message, device: DeviceMapping, readings: list[Measured], failures: list[Failure]) -> bool:
        has_matched = False
        for reading, at, claimed in readings:
            writes = device.apply(reading, at, failures)
            if writes is None:
                continue
            has_matched = True
            if writes:
                payload: dict[str, Any] = {"device": device.member.id, "at": self._text(at), "writes": writes}
                if claimed is not None:
                    payload["device_time"] = self._text(claimed)
                device.mapping.counts.readings += 1
                self.send(self.mapped, Message({**message.fields, "payload": payload}, message.delivery))
        return has_matched

    def _mapping_of(self, member: Member) -> DeviceMapping:
        mapping = self._mappings.get(member.profile.id)
        if mapping is None or mapping.profile is not member.profile:
            counts = self._counts.setdefault(member.profile.id, Counts())
            mapping = self._mappings[member.profile.id] = Mapping(member.profile, counts)
            self._forget()
        before = self._devices.get(member.id)
        device = self._devices[member.id] = mapping.of(member)
        if before is not None and before.mapping is mapping and before.heads == device.heads:
            # What was written before still counts, for the records are the same.
            device.last = before.last
        return device

    def _forget(self) -> None:
        """Let go of devices and profiles that the registry no longer has."""
        roster = self._roster
        self._devices = {id: one for id, one in self._devices.items() if roster.member(id) is not None}
        self._mappings = {id: one for id, one in self._mappings.items() if roster.profile(id) is not None}
        self._counts = {id: one for id, one in self._counts.items() if not id or roster.profile(id) is not None}
        gone = [id for id in self._births if roster.member(id) is None]
        for id in gone:
            del self._births[id]
            self.context.spawn(self.context.state.delete(_BIRTH + id), "forget a birth")

    def _leave(self, message: Message, counts: Counts, code: str, reason: str) -> None:
        counts.unmatched += 1
        if not self.unmatched.is_wired:
            self.drop(message, code)
        self.send(self.unmatched, message.replace(reason={"code": code, "message": reason}))

    def _fail(self, message: Message, counts: Counts, failures: list[Failure]) -> None:
        counts.failed += 1
        error = MappingError(failures)
        if not self.failed.is_wired:
            raise error
        self.send(self.failed, message.replace(error={"code": error.code, "message": str(error), **error.detail}))
