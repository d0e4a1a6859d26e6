"""A stand-in for Odoo: it takes what the addon's webhook takes, keeps count, and misbehaves when told to."""

import asyncio
import contextlib
import dataclasses
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import orjson
import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowengine.node import Clock, SystemClock
from flowengine_nodes.demo.sequences import Sequences
from flowengine_nodes.iiot.simulator.registration import SEQUENCE_FIELD
from flowengine_nodes.network.listening import listen


class Fault(StrEnum):
    """A way to misbehave."""

    ERROR = "error"  # 500
    BUSY = "busy"  # 429 with Retry-After
    REFUSE = "refuse"  # 400
    HANG = "hang"  # no answer
    GARBAGE = "garbage"  # 200, but the body is no JSON; nothing is taken
    LOST_ANSWER = "lost-answer"  # taken, but no answer: a sender must try again, and makes a duplicate


@dataclasses.dataclass
class Received:
    """What one device's messages came to.

    Attributes:
        sequences: The sequence numbers that arrived.
        duplicates: Arrivals of a number that had arrived before.
    """

    sequences: Sequences = dataclasses.field(default_factory=Sequences)
    duplicates: int = 0


_NEWS = ("presence", "command", "update")
"""What else of a device is told."""

_STATUS = {Fault.ERROR: 500, Fault.BUSY: 429, Fault.REFUSE: 400}


class Misbehaviour(BaseModel, extra="forbid"):
    """What the stand-in is told to do wrong, and for how long; with neither end, until told otherwise.

    Attributes:
        fault: How it misbehaves.
        requests: For so many requests.
        seconds: For so long.
        retry_after: What a BUSY answer says in Retry-After, in seconds.
    """

    fault: Fault
    requests: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    retry_after: float = Field(default=1.0, ge=0)


class _BadBodyError(Exception):
    """A request that Odoo would refuse."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals to those who run it."""
        yield


class OdooStandIn:
    """Answer like Odoo's webhook from entry to exit of an ``async with``. It is not Odoo: it only counts.

    ``POST /iiot/webhook/<device_id>`` takes one JSON object or an array of them; ``POST /iiot/webhook`` takes
    an array of objects that name their ``device``. Each object has a ``sequence``, 1 or more, or ``writes`` of which
    one has it among its values, as ``x_sequence``; or it tells of a device, in ``presence``, ``command`` or ``update``.
    ``GET /`` shows the counts; ``POST /misbehave`` takes a ``Misbehaviour`` as JSON, ``DELETE /misbehave`` ends it.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        clock: What tells the time.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None) -> None:
        self.host = host
        self.port = port
        self.devices: defaultdict[str, Received] = defaultdict(Received)
        self.answers: Counter[int] = Counter()
        self.news: Counter[str] = Counter()
        self._clock = clock or SystemClock()
        self._misbehaviour: Misbehaviour | None = None
        self._misbehaved = 0
        self._misbehaves_until = math.inf
        self._stopping = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        app = Starlette(
            routes=[
                Route("/", self._counts),
                Route("/misbehave", self._told_to_misbehave, methods=["POST", "DELETE"]),
                Route("/iiot/webhook", self._webhook, methods=["POST"]),
                Route("/iiot/webhook/{device_id}", self._webhook, methods=["POST"]),
            ]
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        self._server = _Server(config)

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def received(self) -> int:
        """How many different messages arrived."""
        return sum(len(device.sequences) for device in self.devices.values())

    @property
    def duplicates(self) -> int:
        """How many arrivals were of a message that had arrived before."""
        return sum(device.duplicates for device in self.devices.values())

    def missing(self, device: str, last: int) -> list[int]:
        """Return the sequence numbers of a device, 1 to ``last``, that have not arrived."""
        return self.devices.get(device, Received()).sequences.missing(last)

    def misbehave(self, misbehaviour: Misbehaviour | None) -> None:
        """Misbehave from now on, or with None no longer; this replaces what was said before."""
        self._misbehaviour = misbehaviour
        self._misbehaved = 0
        self._misbehaves_until = math.inf
        if misbehaviour is not None and misbehaviour.seconds is not None:
            self._misbehaves_until = self._clock.monotonic() + misbehaviour.seconds

    async def __aenter__(self) -> Self:
        """Start to answer.

        Raises:
            CannotListenError: The port is taken, or the address is not this machine's.
        """
        listener = listen("The stand-in for Odoo", self.host, self.port)
        self.port = listener.getsockname()[1]
        serve = self._server.serve(sockets=[listener])
        self._serving = asyncio.create_task(serve, name="stand-in for Odoo")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._serving is not None
        self._stopping.set()
        self._server.should_exit = True
        await self._serving

    async def _webhook(self, request: Request) -> Response:
        answer = await self._answer(request)
        self.answers[answer.status_code] += 1
        return answer

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        misbehaviour = self._present_misbehaviour()
        if misbehaviour is not None and misbehaviour.fault is not Fault.LOST_ANSWER:
            return await self._wrong_answer(request, misbehaviour)
        try:
            taken, duplicates = self._take(request.path_params.get("device_id"), body)
        except _BadBodyError as bad:
            return _error(400, "bad-body", str(bad))
        if misbehaviour is not None:
            return await self._no_answer(request)
        return _json({"status": "ok", "taken": taken, "duplicates": duplicates})

    def _present_misbehaviour(self) -> Misbehaviour | None:
        present = self._misbehaviour
        if present is None:
            return None
        if self._clock.monotonic() >= self._misbehaves_until:
            self.misbehave(None)
            return None
        self._misbehaved += 1
        if self._misbehaved == present.requests:
            self.misbehave(None)
        return present

    async def _wrong_answer(self, request: Request, misbehaviour: Misbehaviour) -> Response:
        if misbehaviour.fault is Fault.HANG:
            return await self._no_answer(request)
        if misbehaviour.fault is Fault.GARBAGE:
            return Response(b"\x00<html>\xff{", media_type="application/json")
        status = _STATUS[misbehaviour.fault]
        answer = _error(status, f"stand-in-{misbehaviour.fault}", f"The stand-in was told to answer {status}.")
        if misbehaviour.fault is Fault.BUSY:
            answer.headers["Retry-After"] = f"{misbehaviour.retry_after:g}"
        return answer

    def _take(self, device_id: str | None, body: bytes) -> tuple[int, int]:
        """Enter all messages of a request, or none; return how many were new and how many were not."""
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise _BadBodyError(f"The body is no JSON: {error}.") from None
        items = document if isinstance(document, list) else [document]
        arrivals = [_arrival(device_id, item) for item in items]
        new = 0
        for device, sequence in arrivals:
            if isinstance(sequence, str):
                self.news[sequence] += 1
                new += 1
                continue
            received = self.devices[device]
            if received.sequences.add(sequence):
                new += 1
            else:
                received.duplicates += 1
        return new, len(arrivals) - new

    async def _no_answer(self, request: Request) -> Response:
        """Keep the sender waiting until it gives up, or until the end."""
        gone = asyncio.ensure_future(request.receive())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((gone, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            stopping.cancel()
        return _error(503, "stand-in-stopped", "The stand-in was told not to answer, and stops.")

    async def _counts(self, _request: Request) -> Response:
        return _json(
            {
                "what": "a stand-in for Odoo: it counts messages and does nothing else",
                "received": self.received,
                "duplicates": self.duplicates,
                "news": dict(sorted(self.news.items())),
                "answers": {str(code): count for code, count in sorted(self.answers.items())},
                "misbehaving": self._misbehaviour.fault if self._misbehaviour else None,
                "devices": {
                    name: {
                        "received": len(device.sequences),
                        "highest": device.sequences.highest,
                        "missing": device.sequences.highest - len(device.sequences),
                        "duplicates": device.duplicates,
                    }
                    for name, device in sorted(self.devices.items())
                },
            }
        )

    async def _told_to_misbehave(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.misbehave(None)
            return _json({"misbehaving": None})
        try:
            told = Misbehaviour.model_validate_json(await request.body())
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"]) or "body"
            return _error(400, "bad-misbehaviour", f"{place}: {problem['msg']}.")
        self.misbehave(told)
        return _json({"misbehaving": told.fault})


def _arrival(device_id: str | None, item: Any) -> tuple[str, int | str]:
    """Return the device that an object is of, and its number or the kind of news that it is."""
    if not isinstance(item, dict):
        raise _BadBodyError("A message is a JSON object.")
    device = device_id or item.get("device")
    if not isinstance(device, str):
        raise _BadBodyError('A message in a batch names its "device".')
    for kind in _NEWS:
        if isinstance(item.get(kind), dict):
            return device, kind
    sequence = _written_sequence(item["writes"]) if "writes" in item else item.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        raise _BadBodyError('A message has a "sequence", a whole number from 1.')
    return device, sequence


def _written_sequence(writes: Any) -> Any:
    values = [write.get("values") for write in writes if isinstance(write, dict)] if isinstance(writes, list) else []
    named = (of_record.get(SEQUENCE_FIELD) for of_record in values if isinstance(of_record, dict))
    return next((sequence for sequence in named if sequence is not None), None)


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return _json({"code": code, "message": message}, status)
