"""The join node."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import orjson
from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Duration,
    Example,
    Field,
    Jsonata,
    JsonPath,
    Message,
    Node,
    NodeError,
    NodeScope,
    Output,
    Timer,
    Value,
    node_type,
)
from flowengine_nodes.sequence import building
from flowengine_nodes.sequence.holding import Holding, Part
from flowengine_nodes.sequence.parts import FIELD, Parts, parts_of, pop


class JoinConfig(Config):
    """Join messages."""

    mode: Literal["auto", "group", "reduce"] = Field(
        "auto",
        description="Undo a split (auto), gather messages into groups (group), or compute a value from the parts of a "
        "split (reduce).",
    )
    path: JsonPath = Field("$.payload", description="Value to join; the result takes its place.")
    build: building.Build = Field("list", description="What a group becomes.")
    name: JsonPath = Field("$.topic", description="Name of each value, for an object.")
    separator: str = Field("\n", description="What to put between the values, for text and bytes.")
    group: JsonPath | None = Field(None, description="Messages with the same value here make a group; none for one.")
    count: int | None = Field(
        None, ge=1, description="Messages in a group, for an object names; none to wait for `complete` or the timeout."
    )
    accumulate: bool = Field(
        False, description="Keep the group when it is complete, and send it again with each further message."
    )
    reduce: Jsonata | None = Field(
        None, description="Next value of $A, from the message, $A, its index $I and the number of parts $N."
    )
    init: Value = Field(None, description="First value of $A.")
    fixup: Jsonata | None = Field(None, description="Result, from $A and $N; none for $A itself.")
    backwards: bool = Field(False, description="Reduce from the last part to the first.")
    timeout: Duration | None = Field(
        "1h", description="Longest wait for a group, from its first message; none to wait for ever."
    )
    restart_timeout: bool = Field(False, description="Count the timeout from a group's newest message.")
    on_timeout: Literal["fail", "send"] = Field(
        "fail", description="What becomes of a group that is not complete in time."
    )
    durable: bool = Field(
        True,
        description="Hold messages in the store, and answer their sources at once. Otherwise they are in memory, and "
        "their sources wait until the group has been worked on.",
    )
    max_groups: int = Field(1_000, ge=1, description="Most groups held at a time.")
    max_messages: int = Field(100_000, ge=1, description="Most messages held at a time.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.mode == "reduce") != (self.reduce is not None):
            raise ValueError("mode reduce and an expression in 'reduce' go together")
        if self.accumulate and (self.mode != "group" or not self.durable):
            raise ValueError("'accumulate' goes with mode group, and needs 'durable'")
        return self


@dataclass(eq=False, slots=True)
class _Group:
    key: str
    due: float | None = None
    count: int | None = None
    timer: Timer | None = None
    slots: dict[str | int, Part] = field(default_factory=dict)
    newest: Part | None = None


@node_type("join", category="sequence", icon="join", holds=True)
class Join(Node[JoinConfig]):
    """Join a sequence of messages into one.

    - **auto** puts together what a split node took apart, in whatever order the parts come. A part that comes again
      replaces the first. The result has the place in `parts` that the whole had before it was split.
    - **group** gathers messages with the same value at *group*, until there are *count* of them, one with a field
      `complete` comes (its value is added, if it has one), or the timeout ends. They become a list, an object by *name*
      (a newer value replaces one of the same name), one object merged of all, text or bytes. With *accumulate* the
      group stays, and goes out again with each further message.
    - **reduce** computes a value from the parts of a split in their order: *reduce* is evaluated on each message, with
      `$A` the value so far, `$I` the message's index and `$N` the number of parts. One part that knows the count will
      do.

    The other fields of the result are those of the newest message. A message with a field `reset` gives up its group,
    or all groups when it belongs to none; what was held counts as dropped: `reset`.

    The result answers for all messages that it is made of. With *durable*, messages are in the store until then, and
    survive a restart. A group that is not complete in time fails with `incomplete-group`: each of its messages goes to
    a catch node or among the dead letters; or it is sent as it is. Full means an error too (`too-many-groups`,
    `too-many-messages`), for the message that does not fit.

    **Other than in Node-RED:** groups are bounded in time and number, and fail with an error; what is held survives a
    restart; a group by key is one node, not one for each key; a count of names does not count the same name twice; and
    a repeated part of an accumulated group is counted as dropped: `superseded`.
    """

    out = Output("What the messages became.")
    examples = (
        Example(
            "puts a list together, in any order",
            given=[
                {"payload": "b", "parts": {"id": "s", "index": 1, "count": 2, "type": "list"}},
                {"payload": "a", "parts": {"id": "s", "index": 0, "count": 2, "type": "list"}},
            ],
            expect=[("out", {"payload": ["a", "b"]})],
        ),
        Example(
            "gathers values by name",
            config={"mode": "group", "build": "object", "count": 2},
            given=[{"payload": 20, "topic": "t"}, {"payload": 21, "topic": "t"}, {"payload": 3, "topic": "p"}],
            expect=[("out", {"payload": {"t": 21, "p": 3}})],
        ),
        Example(
            "adds up",
            config={"mode": "reduce", "reduce": "$A + payload", "init": 0, "fixup": "$A / $N"},
            given=[
                {"payload": 2, "parts": {"id": "s", "index": 0}},
                {"payload": 4, "parts": {"id": "s", "index": 1, "count": 2}},
            ],
            expect=[("out", {"payload": 3})],
        ),
        Example("needs parts in mode auto", given={"payload": 1}, error="no-parts"),
    )

    def __init__(self, config: JoinConfig, context: Context) -> None:
        super().__init__(config, context)
        self._groups: dict[str, _Group] = {}
        self._holding = Holding(self, durable=config.durable, most=config.max_messages)
        self._unfit: list[tuple[Part, NodeError]] = []
        self._resuming: Timer | None = None
        self._scope = NodeScope(context)
        self._init = config.init.compile()

    async def start(self) -> None:
        """Take what an earlier run left."""
        for part in await self._holding.load():
            try:
                key, slot, part.about = self._place(part.fields)
            except NodeError as error:
                # The configuration has changed since.
                self._unfit.append((part, error))
                continue
            group = self._groups.setdefault(key, _Group(key))
            old = self._add(group, part, slot)
            group.due = part.due
            if old is not None:
                self._unfit.append((old, NodeError("the part came again", code="duplicate-part")))
        # Messages can be sent once all nodes have started.
        self._resuming = self.context.clock.call_later(0, self._resume)

    async def stop(self) -> None:
        """Stop waiting."""
        if self._resuming is not None:
            self._resuming.cancel()
        for group in self._groups.values():
            self._disarm(group)

    def hand_over(self) -> list[Message]:
        """Give what only memory holds to the successor."""
        groups, self._groups = self._groups, {}
        for group in groups.values():
            self._disarm(group)
        return self._holding.hand_over(part for group in groups.values() for part in group.slots.values())

    def receive(self, message: Message) -> None:
        """Take a message into its group."""
        fields = message.fields
        if "reset" in fields:
            self._reset(fields)
            return
        if self.config.mode == "group" and "complete" in fields:
            self._complete(message)
            return
        key, slot, place = self._place(fields)
        if place is not None and place.count == 0:
            self._send(message, building.empty(place.type), place)
            return
        group = self._take(message, key, slot, place)
        if self.config.accumulate:
            if len(group.slots) >= (self.config.count or 1):
                self._send(message, self._value(group))
        elif self._is_complete(group):
            self._finish(group)

    def _complete(self, message: Message) -> None:
        key = self._key(message.fields)
        if self.config.path.first(message.fields) is not MISSING:
            key, slot, place = self._place(message.fields)
            self._take(message, key, slot, place)
        group = self._groups.get(key)
        if group is not None:
            self._finish(group)

    def _take(self, message: Message, key: str, slot: str | int | None, place: Parts | None) -> _Group:
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= self.config.max_groups:
                raise NodeError(f"{len(self._groups)} groups are held; no more fit", code="too-many-groups")
            group = _Group(key)
        is_timed = self.config.timeout is not None and not self.config.accumulate
        if is_timed and (not group.slots or self.config.restart_timeout):
            group.due = self.context.clock.time() + (self.config.timeout or 0)
        part = self._holding.hold(message, key, group.due)
        part.about = place
        self._groups[key] = group
        old = self._add(group, part, slot)
        if old is not None:
            self._holding.give_up(old, "superseded" if place is None else "duplicate-part")
        if group.timer is None or self.config.restart_timeout:
            self._arm(group)
        return group

    def _add(self, group: _Group, part: Part, slot: str | int | None) -> Part | None:
        # What has no name takes the next place; none is ever given back before the group ends.
        slot = len(group.slots) if slot is None else slot
        old = group.slots.pop(slot, None)
        group.slots[slot] = group.newest = part
        if part.about is not None and part.about.count is not None:
            group.count = part.about.count
        return old

    def _place(self, fields: dict[str, Any]) -> tuple[str, str | int | None, Parts | None]:
        """Return a message's group, its place in it, and what its field ``parts`` says."""
        if self.config.mode == "group":
            return self._key(fields), self._name(fields), None
        place = parts_of(fields)
        if place.count is not None and place.count > self.config.max_messages:
            reason = f"the sequence has {place.count} parts; 'max_messages' is {self.config.max_messages}"
            raise NodeError(reason, code="too-many-messages")
        if place.count and place.index >= place.count:
            raise NodeError(f"part {place.index} of {place.count} cannot be; the first is 0", code="no-parts")
        return place.id, place.index, place

    def _key(self, fields: dict[str, Any]) -> str:
        value = "" if self.config.group is None else self.config.group.first(fields, "")
        return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()

    def _name(self, fields: dict[str, Any]) -> str | None:
        value = self.config.path.first(fields)
        if value is MISSING:
            raise NodeError(f"the message has no {self.config.path.text}", code="missing-value")
        building.check(self.config.build, value)
        if self.config.build != "object":
            return None
        name = self.config.name.first(fields)
        if not isinstance(name, (str, int)) or isinstance(name, bool):
            raise NodeError(f"{self.config.name.text} has no name for the value", code="missing-name")
        return str(name)

    def _is_complete(self, group: _Group) -> bool:
        if self.config.mode == "group":
            return self.config.count is not None and len(group.slots) >= self.config.count
        return group.count is not None and all(index in group.slots for index in range(group.count))

    def _finish(self, group: _Group) -> None:
        self._forget(group)
        held = list(group.slots.values())
        try:
            value = self._value(group)
        except NodeError as error:
            for part in held:
                self._holding.fail(part, error)
            return
        assert group.newest is not None
        delivery = self._holding.joined(held)
        self._send(Message(group.newest.fields, delivery), value, group.newest.about)
        delivery.release()

    def _send(self, message: Message, value: Any, place: Parts | None = None) -> None:
        fields = self.config.path.set(message.fields, value)
        self.send(self.out, message.with_fields(fields if place is None else pop(fields, place)))

    def _value(self, group: _Group) -> Any:
        read = self.config.path.first
        if self.config.mode == "group":
            named = [(str(slot), read(part.fields, None)) for slot, part in group.slots.items()]
            return building.build(self.config.build, named, self.config.separator)
        ordered = sorted(group.slots.values(), key=lambda part: part.about.index)
        if self.config.mode == "auto":
            return building.rebuild([(part.about, read(part.fields, None)) for part in ordered])
        return self._reduced(ordered)

    def _reduced(self, ordered: Sequence[Part]) -> Any:
        config, scope, count = self.config, self._scope, len(ordered)
        assert config.reduce is not None
        value = self._init(ordered[0].fields, scope)
        for part in reversed(ordered) if config.backwards else ordered:
            value = config.reduce.evaluate(part.fields, scope, {"A": value, "I": part.about.index, "N": count})
        if config.fixup is not None:
            value = config.fixup.evaluate(ordered[-1].fields, scope, {"A": value, "N": count})
        return None if value is MISSING else value

    def _reset(self, fields: dict[str, Any]) -> None:
        key = None
        if self.config.mode != "group":
            key = parts_of(fields).id if FIELD in fields else None
        elif self.config.group is not None and self.config.group.first(fields) is not MISSING:
            key = self._key(fields)
        for group in [group for group in self._groups.values() if key is None or group.key == key]:
            self._forget(group)
            for part in group.slots.values():
                self._holding.give_up(part, "reset")

    def _arm(self, group: _Group) -> None:
        self._disarm(group)
        if group.due is not None:
            wait = max(0.0, group.due - self.context.clock.time())
            group.timer = self.context.clock.call_later(wait, self._timed_out, group)

    @staticmethod
    def _disarm(group: _Group) -> None:
        if group.timer is not None:
            group.timer.cancel()
            group.timer = None

    def _forget(self, group: _Group) -> None:
        self._disarm(group)
        self._groups.pop(group.key, None)

    def _timed_out(self, group: _Group) -> None:
        if self.config.on_timeout == "send":
            self._finish(group)
            return
        self._forget(group)
        wanted = group.count or self.config.count
        came = f"{len(group.slots)} of {wanted}" if wanted else str(len(group.slots))
        error = NodeError(f"only {came} messages of a group came in time", code="incomplete-group")
        for part in group.slots.values():
            self._holding.fail(part, error)

    def _resume(self) -> None:
        for part, error in self._unfit:
            self._holding.fail(part, error)
        self._unfit.clear()
        for group in list(self._groups.values()):
            if not self.config.accumulate and self._is_complete(group):
                self._finish(group)
            elif group.timer is None:
                self._arm(group)
