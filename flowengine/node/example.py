"""Examples of a node: shown in the reference, run as tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """Show what a node does with a message.

    Args:
        title: What the example shows, as the end of "This example …".
        config: The node's configuration, as in a flow.
        given: Fields of the message, or of several in order; ``None`` where the node needs none.
        expect: The messages that must leave, in order: port and the fields that must be equal. Fields of the real
            message that are not named here are not looked at.
        advance: Seconds of virtual time that pass after the last message.
        error: Word code of the error the node must raise, where it must.
    """

    title: str
    config: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    expect: Sequence[tuple[str, Mapping[str, Any]]] = ()
    advance: float = 0
    error: str = ""

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """The messages given, always as a sequence."""
        if self.given is None:
            return ()
        return (self.given,) if isinstance(self.given, Mapping) else self.given
