"""A stand-in for Odoo: it takes what the addon's webhook and JSON-2 take, keeps count, and misbehaves when told to."""

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
from flowengine_nodes.demo.odoo_records import CallError, Records
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


class _BadItemError(Exception):
    """An item of a request that Odoo would refuse, alone.

    Args:
        code: The addon's word for why.
        message: Its sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


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
    ``/web/version`` and ``/json/2/<model>/<method>`` answer as Odoo 19 does, from ``records``. ``GET /`` shows the
    counts; ``POST /misbehave`` takes a ``Misbehaviour`` as JSON, ``DELETE /misbehave`` ends it.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        clock: What tells the time.
        addon: Whether the addon is installed.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, clock: Clock | None = None, addon: bool = True
    ) -> None:
        self.host = host
        self.port = port
        self.devices: defaultdict[str, Received] = defaultdict(Received)
        self.answers: Counter[int] = Counter()
        self.news: Counter[str] = Counter()
        self.records = Records()
        self._addon = addon
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
                Route("/web/version", self._version),
                Route("/json/2/{model}/{method}", self._call, methods=["POST"]),
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
            results = self._take(request.path_params.get("device_id"), body)
        except _BadBodyError as bad:
            return _error(400, "bad-request", str(bad))
        if misbehaviour is not None:
            return await self._no_answer(request)
        is_good = all(result["status"] == "ok" for result in results)
        return _json({"status": "ok" if is_good else "partial", "results": results})

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

    def _take(self, device_id: str | None, body: bytes) -> list[dict[str, Any]]:
        """Enter the messages of a request, and return what became of each."""
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise _BadBodyError(f"the body is no JSON: {error}") from None
        if device_id is None and not isinstance(document, list):
            raise _BadBodyError("the body is a list of objects that each name their device")
        results: list[dict[str, Any]] = []
        for item in document if isinstance(document, list) else [document]:
            try:
                device, told = _arrival(device_id, item)
            except _BadItemError as bad:
                results.append({"status": "error", "code": bad.code, "message": str(bad), "retry": False})
                continue
            if isinstance(told, str):
                self.news[told] += 1
            elif not self.devices[device].sequences.add(told):
                self.devices[device].duplicates += 1
            results.append({"status": "ok"})
        return results

    async def _version(self, _request: Request) -> Response:
        return _json({"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"})

    async def _call(self, request: Request) -> Response:
        # What it is asked about itself is no message: the faults are for those.
        misbehaviour = None if request.path_params["model"] == "iiot.bridge" else self._present_misbehaviour()
        if misbehaviour is not None and misbehaviour.fault is not Fault.LOST_ANSWER:
            return await self._wrong_answer(request, misbehaviour)
        model, method = request.path_params["model"], request.path_params["method"]
        try:
            result = self._result(model, method, await request.body())
        except CallError as error:
            # Odoo has a traceback there, which nobody else shall see.
            document = {"name": error.name, "message": str(error), "arguments": [str(error)], "context": {}}
            return _json(document | {"debug": "Traceback (most recent call last): …"}, error.status)
        if misbehaviour is not None:
            return await self._no_answer(request)
        return _json(result)

    def _result(self, model: str, method: str, body: bytes) -> Any:
        try:
            named = orjson.loads(body or b"{}")
        except orjson.JSONDecodeError as error:
            raise CallError(
                "werkzeug.exceptions.BadRequest", f"could not parse the body as json: {error}", 400
            ) from None
        if self._addon and (model, method) == ("iiot.bridge", "hello"):
            return {"api": 1, "odoo": "19.0", "addon": "stand-in", "database": "stand-in", "key_id": ""}
        ids = named.pop("ids", [])
        named.pop("context", None)
        return self.records.call(model, method, ids, named)

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
        raise _BadItemError("bad-request", "an item is an object that names its device")
    device = device_id or item.get("device", "")
    if isinstance(item.get("rollout"), dict):
        return "", "rollout"
    if not isinstance(device, str) or not device:
        raise _BadItemError("unknown-device", "there is no device None")
    for kind in _NEWS:
        if isinstance(item.get(kind), dict):
            return device, kind
    sequence = _written_sequence(item["writes"]) if "writes" in item else item.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        raise _BadItemError("refused", 'a message has a "sequence", a whole number from 1')
    return device, sequence


def _written_sequence(writes: Any) -> Any:
    values = [write.get("values") for write in writes if isinstance(write, dict)] if isinstance(writes, list) else []
    named = (of_record.get(SEQUENCE_FIELD) for of_record in values if isinstance(of_record, dict))
    return next((sequence for sequence in named if sequence is not None), None)


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return _json({"code": code, "message": message}, status)
