"""Named entrances between flows."""

import asyncio
from collections.abc import Callable

from flowengine.errors import NodeError, TransientError
from flowengine.message import Message


class LinkTable:
    """Keep the entrances that link nodes have opened, in all flows of the engine."""

    def __init__(self) -> None:
        self._entrances: dict[str, Callable[[Message], None]] = {}

    def open(self, name: str, receive: Callable[[Message], None]) -> None:
        """Open an entrance.

        Raises:
            NodeError: Another node has opened this name.
        """
        if name in self._entrances:
            raise NodeError(f'the link name "{name}" is taken by another link-in node; give one of them another name')
        self._entrances[name] = receive

    def close(self, name: str) -> None:
        """Close an entrance."""
        self._entrances.pop(name, None)

    def send(self, name: str, message: Message) -> None:
        """Send a message to an entrance.

        It arrives after the current call, so that two flows which link to each other cannot grow the stack.

        Raises:
            TransientError: Nobody has opened this name.
        """
        receive = self._entrances.get(name)
        if receive is None:
            # A deploy may be about to open it again: worth another try.
            raise TransientError(f'no link-in node has the name "{name}"', code="unknown-link")
        message.delivery.hold()
        asyncio.get_running_loop().call_soon(_arrive, receive, message)


def _arrive(receive: Callable[[Message], None], message: Message) -> None:
    receive(message)
    message.delivery.release()
