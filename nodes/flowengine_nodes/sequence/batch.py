"""The batch node."""

import secrets
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
    JsonPath,
    Message,
    Node,
    NodeError,
    Output,
    Timer,
    node_type,
)
from flowengine_nodes.sequence.holding import Holding, Part
from flowengine_nodes.sequence.parts import FIELD, parts_of, push


class BatchConfig(Config):
    """Gather messages into batches."""

    count: int | None = Field(10, ge=1, description="Messages in a batch; none to go by time alone.")
    interval: Duration | None = Field(
        None, gt=0, description="Longest time from a batch's first message until it leaves; none to go by count alone."
    )
    overlap: int = Field(0, ge=0, description="Last messages of a batch that are the first of the next one too.")
    key: JsonPath | None = Field(None, description="Messages with the same value here make batches; none for all.")
    send: Literal["list", "parts"] = Field(
        "list", description="Send one message with a list, or the messages themselves, as the parts of a sequence."
    )
    path: JsonPath = Field("$.payload", description="Value of each message that goes into the list, and where it goes.")
    honour_parts: bool = Field(False, description="End a batch early with the last part of a sequence.")
    durable: bool = Field(
        True,
        description="Hold messages in the store, and answer their sources at once. Otherwise they are in memory, and "
        "their sources wait until the batch has been worked on.",
    )
    max_groups: int = Field(1_000, ge=1, description="Most keys with messages held.")
    max_messages: int = Field(100_000, ge=1, description="Most messages held at a time.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.count is None and self.interval is None:
            raise ValueError("a batch needs a 'count', an 'interval' or both")
        if self.overlap and (self.count is None or self.overlap >= self.count):
            raise ValueError("'overlap' must be smaller than 'count'")
        if self.overlap and self.interval is not None:
            raise ValueError("'overlap' goes with a 'count' alone, not with an 'interval'")
        return self


@dataclass(eq=False, slots=True)
class _Batch:
    key: str
    parts: list[Part] = field(default_factory=list)
    due: float | None = None
    timer: Timer | None = None


@node_type("batch", category="sequence", icon="batch", holds=True)
class Batch(Node[BatchConfig]):
    """Gather messages, and send them on together.

    A batch leaves when it has *count* messages, or when *interval* has passed since its first one: whichever comes
    first. With *overlap*, its last messages are the first of the next batch too: a sliding window. Messages with
    another value at *key* make batches of their own.

    - **list** sends one message: the last one, with the list of all values in the place of its own.
    - **parts** sends the messages themselves, with `parts` set as a split node does it, so that a join node can work on
      them. A place in a sequence that they had goes to `parts.parts`.

    A message with a field `reset` gives up the batch of its key, or all batches when it has no key; what was held
    counts as dropped: `reset`. A message without the value fails (`missing-value`), and so does one that no longer fits
    (`too-many-groups`, `too-many-messages`); what is held stays.

    What leaves answers for all messages that it is made of. With *durable*, messages are in the store until then, and
    survive a restart. Without, the messages of an overlap keep their sources waiting until the next batch has left.

    **Other than in Node-RED:** count and interval go together; an interval begins with the first message, so there are
    no empty batches; a full node refuses the newest message only, and keeps the rest; there is no mode that
    concatenates sequences by topic: join each of them, then join the results.
    """

    out = Output("Batches.")
    examples = (
        Example(
            "gathers by count",
            config={"count": 2},
            given=[{"payload": 1}, {"payload": 2}, {"payload": 3}],
            expect=[("out", {"payload": [1, 2]})],
        ),
        Example(
            "slides a window over the values",
            config={"count": 3, "overlap": 2},
            given=[{"payload": 1}, {"payload": 2}, {"payload": 3}, {"payload": 4}],
            expect=[("out", {"payload": [1, 2, 3]}), ("out", {"payload": [2, 3, 4]})],
        ),
        Example(
            "gathers by time",
            config={"count": None, "interval": "10s"},
            given=[{"payload": 1}, {"payload": 2}],
            advance=10,
            expect=[("out", {"payload": [1, 2]})],
        ),
        Example("needs a value", given={"topic": "t"}, error="missing-value"),
    )

    def __init__(self, config: BatchConfig, context: Context) -> None:
        super().__init__(config, context)
        self._batches: dict[str, _Batch] = {}
        self._holding = Holding(self, durable=config.durable, most=config.max_messages)
        self._resuming: Timer | None = None

    async def start(self) -> None:
        """Take what an earlier run left."""
        for part in await self._holding.load():
            batch = self._batches.setdefault(part.key, _Batch(part.key))
            batch.parts.append(part)
            batch.due = batch.due if batch.due is not None else part.due
        # Messages can be sent once all nodes have started.
        self._resuming = self.context.clock.call_later(0, self._resume)

    async def stop(self) -> None:
        """Stop waiting."""
        if self._resuming is not None:
            self._resuming.cancel()
        for batch in self._batches.values():
            self._disarm(batch)

    def hand_over(self) -> list[Message]:
        """Give what only memory holds to the successor."""
        batches, self._batches = self._batches, {}
        for batch in batches.values():
            self._disarm(batch)
        return self._holding.hand_over(part for batch in batches.values() for part in batch.parts)

    def receive(self, message: Message) -> None:
        """Take a message into its batch."""
        fields = message.fields
        key = self._key(fields)
        if "reset" in fields:
            self._reset(key)
            return
        if self.config.path.first(fields) is MISSING:
            raise NodeError(f"the message has no {self.config.path.text}", code="missing-value")
        ends = self.config.honour_parts and _is_last(fields)
        batch = self._batches.get(key or "")
        if batch is None:
            if len(self._batches) >= self.config.max_groups:
                raise NodeError(f"{len(self._batches)} batches are held; no more fit", code="too-many-groups")
            batch = _Batch(key or "")
        if self.config.interval is not None and not batch.parts:
            batch.due = self.context.clock.time() + self.config.interval
        batch.parts.append(self._holding.hold(message, batch.key, batch.due))
        self._batches[batch.key] = batch
        if ends or len(batch.parts) == self.config.count:
            self._leave(batch)
        elif batch.timer is None:
            self._arm(batch)

    def _key(self, fields: dict[str, Any]) -> str | None:
        value = MISSING if self.config.key is None else self.config.key.first(fields)
        if value is MISSING or isinstance(value, str):
            return None if value is MISSING else value
        return orjson.dumps(value, default=str).decode()

    def _leave(self, batch: _Batch) -> None:
        self._disarm(batch)
        leaving = batch.parts[: self.config.count]
        keep = leaving[-self.config.overlap :] if self.config.overlap else []
        batch.parts = keep + batch.parts[len(leaving) :]
        if not batch.parts:
            del self._batches[batch.key]
        if self.config.send == "list":
            delivery = self._holding.joined(leaving, keep)
            values = [self.config.path.first(part.fields) for part in leaving]
            self.send(self.out, Message(self.config.path.set(leaving[-1].fields, values), delivery))
            delivery.release()
            return
        about = {"id": secrets.token_hex(8), "type": "list", "count": len(leaving)}
        for index, part in enumerate(leaving):
            delivery = self._holding.joined([part], [part] if part in keep else [])
            self.send(self.out, Message(push(part.fields, {**about, "index": index}), delivery))
            delivery.release()

    def _reset(self, key: str | None) -> None:
        for batch in [batch for batch in self._batches.values() if key is None or batch.key == key]:
            self._disarm(batch)
            del self._batches[batch.key]
            for part in batch.parts:
                self._holding.give_up(part, "reset")

    def _arm(self, batch: _Batch) -> None:
        if batch.due is not None:
            wait = max(0.0, batch.due - self.context.clock.time())
            batch.timer = self.context.clock.call_later(wait, self._leave, batch)

    @staticmethod
    def _disarm(batch: _Batch) -> None:
        if batch.timer is not None:
            batch.timer.cancel()
            batch.timer = None

    def _resume(self) -> None:
        for batch in list(self._batches.values()):
            while self.config.count is not None and len(batch.parts) >= self.config.count:
                self._leave(batch)
            if batch.parts and batch.timer is None:
                self._arm(batch)


def _is_last(fields: dict[str, Any]) -> bool:
    if FIELD not in fields:
        return False
    place = parts_of(fields)
    return place.count is not None and place.index + 1 == place.count
