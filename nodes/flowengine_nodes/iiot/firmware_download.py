"""The firmware-download node."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Any

from flowengine.node import Config, Context, Field, HttpRequest, HttpResponse, Node, Output, Resource, node_type
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.ota.file_answer import ServedFile, file_answer
from flowengine_nodes.iiot.ota.refusal import problem_response
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.network.route_path import Route

FirmwareStoreId = Annotated[str, Resource("firmware-store")]
"""A field that refers to a firmware store."""


class FirmwareDownloadConfig(Config):
    """Let devices load firmware."""

    store: FirmwareStoreId = Field("firmware", description="Where the files are.")
    path: Route = Field("/firmware/{firmware}", description="Path; it must have the level {firmware}.")
    max_downloads: int = Field(200, ge=1, description="Most downloads at a time; others are asked to come back.")


@node_type("firmware-download", category="iiot", label="Firmware download", icon="download", outside=True)
class FirmwareDownload(Node[FirmwareDownloadConfig]):
    """Answer GET and HEAD for the files of firmware.

    Only who has a URL that was signed for this firmware gets it, until the URL expires; an update dispatch node gives
    each device one of its own. A download that has begun may go on for as long as it takes.

    Parts can be asked for (`Range`, one or several up to 16, `If-Range`), the entity tag is the SHA-256
    (`If-None-Match`), and `Repr-Digest` has it too. A file is read a portion at a time, when the client has taken
    the one before: its size does not matter, and neither do slow clients. A client that takes nothing for a minute is
    left.

    | what happens | what the client gets |
    |---|---|
    | all of it, or a part | 200, 206 |
    | it has the file already | 304 |
    | the URL is not signed, was changed, or has expired | 403 |
    | there is no such firmware, or its file is elsewhere or gone | 404 |
    | the part lies beyond the end, or there are too many parts | 416 |
    | *max downloads* are under way | 503, with `Retry-After` |

    By `served` leaves a message for each answer with bytes, when it has ended: `payload` with `firmware`, `version`,
    `bytes` and `complete`, and `device`. By `refused` leaves one for each request with a bad URL: `payload` with
    `firmware` and `client`.
    """

    served = Output("A download that has ended, complete or not.")
    refused = Output("A request whose URL was not good.")

    @classmethod
    def claims(cls, config: FirmwareDownloadConfig) -> Iterable[tuple[str, str]]:
        """Claim the route."""
        return (("HTTP route", f"GET {config.path.shape}"),)

    def __init__(self, config: FirmwareDownloadConfig, context: Context) -> None:
        super().__init__(config, context)
        self._under_way = 0

    async def start(self) -> None:
        """Open the route."""
        self._store = self.context.resource(self.config.store, FirmwareStore)
        description = {
            "summary": "Load firmware",
            "responses": {
                "200": {"description": "The file."},
                "206": {"description": "A part of it."},
                "304": {"description": "The client has it."},
                "403": {"description": "The URL is not good, or not any more."},
                "404": {"description": "There is no such firmware."},
                "416": {"description": "There is no such part."},
                "503": {"description": "Too many downloads are under way."},
            },
        }
        self.context.routes.add("GET", self.config.path.text, self._answer, max_body=0, description=description)

    async def stop(self) -> None:
        """Close the route; downloads that have begun go on."""
        self.context.routes.remove("GET", self.config.path.text)

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        id = request.parameters.get("firmware", "")
        device = self._store.signer.device(id, request.query, self.context.clock.time())
        if device is None:
            payload = {"firmware": id, "client": request.client}
            self.emit(self.refused, {"payload": payload, "topic": request.path})
            return problem_response(
                403, "bad-url", "the URL is not signed for this firmware, or has expired", request.path
            )
        if self._under_way >= self.config.max_downloads:
            reason = "too many downloads are under way; come back in a moment"
            return problem_response(503, "busy", reason, request.path, {"Retry-After": "5"})
        firmware = await self._firmware(id)
        if firmware is None:
            return problem_response(
                404, "unknown-firmware", f'there is no file of the firmware "{id}" here', request.path
            )
        file = ServedFile(
            firmware.id, firmware.size, firmware.sha256, lambda part: self._store.files.read(firmware.sha256, part)
        )
        answer = file_answer(file, request.method, request.headers)
        if answer.chunks is None:
            return answer
        return replace(answer, chunks=self._counted(answer.chunks, firmware, device))

    async def _firmware(self, id: str) -> Firmware | None:
        try:
            firmware = await self._store.registry.firmware.get(id)
        except UnknownRecordError:
            return None
        return firmware if await self._store.files.has(firmware.sha256, firmware.size) else None

    async def _counted(
        self, chunks: AsyncGenerator[bytes, None], firmware: Firmware, device: str
    ) -> AsyncGenerator[bytes, None]:
        sent = 0
        complete = False
        self._under_way += 1
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
                    sent += len(chunk)
            complete = True
        finally:
            self._under_way -= 1
            payload: dict[str, Any] = {
                "firmware": firmware.id,
                "version": firmware.version,
                "bytes": sent,
                "complete": complete,
            }
            self.emit(self.served, {"payload": payload, "device": device, "topic": f"firmware/{firmware.id}"})
