"""HTTP requests that wait for an answer."""

import secrets
from collections import OrderedDict
from collections.abc import Callable

from flowengine.errors import NodeError
from flowengine.node import HttpResponse

# An answer that comes after so many other requests is told that its request is not known.
REMEMBERED = 10_000
_STOPPING = b'{"code":"stopping","message":"the engine stops; try again later","location":""}'


class RequestTable:
    """Keep the requests that nodes of the engine have taken, until each has its answer."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callable[[HttpResponse], None]] = {}
        self._answered: OrderedDict[str, bool] = OrderedDict()

    def open(self, answer: Callable[[HttpResponse], None]) -> str:
        """Wait for an answer, and return the request's id."""
        id = secrets.token_hex(16)
        self._waiting[id] = answer
        return id

    def answer(self, id: str, response: HttpResponse) -> bool:
        """Answer a request, and tell whether somebody waited for it.

        Raises:
            NodeError: It is answered already, or is no request of this process.
        """
        take = self._waiting.pop(id, None)
        if take is not None:
            self._end(id, answered=True)
            take(response)
            return True
        answered = self._answered.get(id)
        if answered is None:
            raise NodeError(
                "no request of this process waits for this answer; the process may have started since it came",
                code="unknown-request",
            )
        if answered:
            raise NodeError("the request is answered already", code="already-answered")
        return False

    def close(self, id: str) -> None:
        """Wait no more."""
        if self._waiting.pop(id, None) is not None:
            self._end(id, answered=False)

    def close_all(self) -> None:
        """Tell all who wait that the engine stops."""
        for id in tuple(self._waiting):
            response = HttpResponse(503, _STOPPING, {"Content-Type": "application/json", "Retry-After": "1"})
            self.answer(id, response)

    def _end(self, id: str, *, answered: bool) -> None:
        self._answered[id] = answered
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
