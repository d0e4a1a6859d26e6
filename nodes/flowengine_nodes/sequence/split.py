"""The split node."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Self

from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import Config, Example, Field, JsonPath, Message, Node, NodeError, Output, node_type
from flowengine_nodes.sequence import parts

_Piece = tuple[Any, dict[str, Any]]


class SplitConfig(Config):
    """Split a value."""

    path: JsonPath = Field("$.payload", description="Value to split; each part takes its place in a message.")
    size: int = Field(1, ge=1, description="Items of a list in each message; 1 gives the items themselves.")
    separator: str = Field("\n", description="What stands between the parts of a text, or of bytes; empty to cut them.")
    length: int = Field(0, ge=0, description="Characters of a text, or bytes, in each part; with an empty separator.")
    key_field: str = Field("", description="Field to put a part's name in when an object is split; empty for none.")
    max_parts: int = Field(100_000, ge=1, description="Most parts that a message may have.")

    @model_validator(mode="after")
    def _cuts_one_way(self) -> Self:
        if bool(self.separator) == bool(self.length):
            raise ValueError("text is split either at a 'separator' or by 'length': set one, and the other empty or 0")
        if self.key_field in {"payload", parts.FIELD}:
            raise ValueError(f"'key_field' would replace the message's own field '{self.key_field}'")
        return self


@node_type("split", category="sequence", icon="split")
class Split(Node[SplitConfig]):
    """Split a message into a sequence of messages.

    - A list gives a message for each item, or for each *size* items.
    - An object gives a message for each of its values; `parts.key` has the name, and so has *key field* where set.
    - Text, and bytes, are split at the *separator*, or cut into pieces of *length*.

    Each message keeps the other fields, and gets `parts`: `id` of the sequence, `index`, `count`, and what a join node
    needs to put the value together again (`type`, `len`, `ch`, `key`). A message that was a part already keeps that
    place in `parts.parts`: sequences may be nested.

    A value without parts (an empty list, object or text that is cut) leaves by *empty*, with `parts.count` 0; wire it
    to the join node too if that is to give an empty value back.

    All parts belong to the message that they came from: its source is answered when the last one is done. Anything else
    than a list, object, text or bytes fails with `cannot-split`, more than *max parts* with `too-many-parts`.

    **Other than in Node-RED:** an empty value does not vanish; a number or nothing to split is an error; `parts.type`
    is list, object, text or bytes; and a stream of messages is not split as if it were one text.
    """

    out = Output("The parts.")
    empty = Output("Messages whose value has no parts.")
    examples = (
        Example(
            "splits a list",
            given={"payload": [1, 2], "topic": "t"},
            expect=[("out", {"payload": 1, "topic": "t"}), ("out", {"payload": 2})],
        ),
        Example(
            "splits an object",
            config={"key_field": "name"},
            given={"payload": {"a": 1, "b": 2}},
            expect=[("out", {"payload": 1, "name": "a"}), ("out", {"payload": 2, "name": "b"})],
        ),
        Example(
            "cuts text",
            config={"separator": "", "length": 2},
            given={"payload": "abcde"},
            expect=[("out", {"payload": "ab"}), ("out", {"payload": "cd"}), ("out", {"payload": "e"})],
        ),
        Example("does not lose an empty list", given={"payload": []}, expect=[("empty", {"payload": []})]),
        Example("cannot split a number", given={"payload": 5}, error="cannot-split"),
    )

    def receive(self, message: Message) -> None:
        """Split a message."""
        value = self.config.path.first(message.fields)
        about, pieces = self._pieces(value)
        if len(pieces) > self.config.max_parts:
            reason = f"{self.config.path.text} has {len(pieces)} parts; 'max_parts' is {self.config.max_parts}"
            raise NodeError(reason, code="too-many-parts")
        about = {"id": secrets.token_hex(8), "count": len(pieces), **about}
        if not pieces:
            self.send(self.empty, message.with_fields(parts.push(message.fields, {**about, "index": 0})))
        for index, (piece, own) in enumerate(pieces):
            fields = parts.push(message.fields, {**about, "index": index, **own})
            if self.config.key_field and "key" in own:
                fields[self.config.key_field] = own["key"]
            self.send(self.out, message.with_fields(self.config.path.set(fields, piece)))

    def _pieces(self, value: Any) -> tuple[dict[str, Any], Sequence[_Piece]]:
        config = self.config
        if isinstance(value, (list, tuple)):
            if config.size == 1:
                return {"type": "list"}, [(item, {}) for item in value]
            return {"type": "list", "len": config.size}, _plain(_cut(list(value), config.size))
        if isinstance(value, dict):
            return {"type": "object"}, [(item, {"key": key}) for key, item in value.items()]
        if isinstance(value, str):
            return self._text("text", value, config.separator, config.separator)
        if isinstance(value, (bytes, bytearray, memoryview)):
            separator = config.separator.encode()
            return self._text("bytes", bytes(value), separator, separator.hex())
        what = "is missing" if value is MISSING else f"is {type(value).__name__}" if value is not None else "is null"
        raise NodeError(f"{config.path.text} {what}; only lists, objects, text and bytes split", code="cannot-split")

    def _text(self, kind: str, value: Any, separator: Any, shown: str) -> tuple[dict[str, Any], Sequence[_Piece]]:
        length = self.config.length
        if length:
            return {"type": kind, "len": length}, _plain(_cut(value, length))
        return {"type": kind, "ch": shown}, _plain(value.split(separator))


def _cut(value: Any, length: int) -> list[Any]:
    return [value[start : start + length] for start in range(0, len(value), length)]


def _plain(pieces: Iterable[Any]) -> list[_Piece]:
    return [(piece, {}) for piece in pieces]
