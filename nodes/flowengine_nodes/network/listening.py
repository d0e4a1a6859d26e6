"""TCP ports of our own servers."""

import socket
from typing import ClassVar

from flowengine.errors import FlowEngineError


class CannotListenError(FlowEngineError):
    """An address cannot be listened on.

    Args:
        who: What wants to listen, as the subject of a sentence.
        host: The address.
        port: The port.
        reason: What the operating system says.
    """

    code: ClassVar[str] = "cannot-listen"

    def __init__(self, who: str, host: str, port: int, reason: str) -> None:
        super().__init__(who, host, port, reason)
        self.who = who
        self.host = host
        self.port = port
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.who} cannot listen on {self.host}:{self.port}: {self.reason}. Stop what uses that port, "
            "or choose another; 0 takes a free one."
        )


def listen(who: str, host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        who: What wants to listen, as the subject of a sentence.
        host: Address of this machine.
        port: Port; 0 takes a free one.

    Raises:
        CannotListenError: The port is taken, or the address is not this machine's.
    """
    try:
        family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CannotListenError(who, host, port, (error.strerror or str(error)).lower()) from None
