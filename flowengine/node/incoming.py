"""What a source makes of something that the outside world brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowengine.errors import NodeError


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a source brings it into its flow.

    Args:
        fields: The message's fields.
        error: What the source says when it fails on the message, as on a payload that it cannot read.
        is_repeated: Whether the outside world gives the message again until it is acknowledged.
    """

    fields: Mapping[str, Any]
    error: NodeError | None = None
    is_repeated: bool = True
