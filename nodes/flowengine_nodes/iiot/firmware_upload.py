"""The firmware-upload node."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import orjson

from flowengine.node import (
    BodyTooLargeError,
    BrokenOffError,
    Config,
    Context,
    Field,
    HttpRequest,
    HttpResponse,
    Node,
    NodeError,
    Output,
    TransientError,
    node_type,
)
from flowengine_nodes.iiot.firmware_download import FirmwareStoreId
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.ota.description import describe_firmware
from flowengine_nodes.iiot.ota.refusal import is_refusal, problem_response, status_of
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.network.http_access import AccessDeniedError, AccessId, HttpAccess
from flowengine_nodes.network.route_path import Route

_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):")
_KNOWN = frozenset({"id", "hardware", "min_version", "notes", "sha256", "signature", "key_id"})


class FirmwareUploadConfig(Config):
    """Take firmware in."""

    store: FirmwareStoreId = Field("firmware", description="Where the files go.")
    method: Literal["PUT", "POST"] = Field("PUT", description="Method of the requests.")
    path: Route = Field("/api/v1/firmware/{version}", description="Path; it must have the level {version}.")
    access: AccessId | None = Field(None, description="Decides who may upload; empty for everybody.")
    scope: str = Field("firmware", description="What a key of the access must open.")
    max_size: int = Field(4_294_967_296, ge=1, description="Largest file taken, in bytes.")
    max_uploads: int = Field(4, ge=1, description="Most uploads at a time; others are asked to come back.")
    source: str = Field("api", description="Who it is in the audit trail, where no access says it.")


@node_type("firmware-upload", category="iiot", label="Firmware upload", icon="upload", outside=True)
class FirmwareUpload(Node[FirmwareUploadConfig]):
    """Take a file of firmware over HTTP, while it arrives, and add the firmware to the registry.

    The body is the file. Its SHA-256 must be announced, as the header `Content-Digest: sha-256=:…:` or
    `Repr-Digest` (RFC 9530), or as `sha256=…` in the query; a file with another one is refused, so that nothing is
    taken that was damaged on its way. The version is in the path. In the query there may be `id` (otherwise the
    version), `hardware` (as often as needed), `min_version`, `notes`, and a `signature` with its `key_id` that was made
    elsewhere; without them the store signs, if it has a key.

    | what happens | answer |
    |---|---|
    | stored, and known from now on | 201, with the firmware |
    | the same was known already | 200, with the firmware |
    | no digest, another digest, or something that cannot be so | 400 |
    | the access lets nobody in like this | 401, 403, 429 |
    | another firmware has this id, or no trusted key has signed it | 409 |
    | larger than *max size* | 413 |
    | *max uploads* are under way, the folder cannot be written, or Odoo cannot be asked | 503, with `Retry-After` |

    By `stored` leaves a message for each firmware that is new, as the payload, with `principal`.
    """

    stored = Output("A firmware that has come in.")

    @classmethod
    def claims(cls, config: FirmwareUploadConfig) -> Iterable[tuple[str, str]]:
        """Claim the route."""
        return (("HTTP route", f"{config.method} {config.path.shape}"),)

    def __init__(self, config: FirmwareUploadConfig, context: Context) -> None:
        super().__init__(config, context)
        self._under_way = 0

    async def start(self) -> None:
        """Open the route."""
        config = self.config
        self._store = self.context.resource(config.store, FirmwareStore)
        description: dict[str, Any] = {
            "summary": "Upload firmware",
            "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}},
            "responses": {
                "200": {"description": "It was known already."},
                "201": {"description": "Stored."},
                "400": {"description": "The digest is missing or another one, or something cannot be so."},
                "409": {"description": "Another firmware has this id, or no trusted key has signed it."},
                "413": {"description": f"The file is larger than {config.max_size} bytes."},
                "503": {"description": "Too many uploads are under way."},
            },
        }
        if config.access is not None:
            description["security"] = [{"token": []}]
        self.context.routes.add(
            config.method,
            config.path.text,
            self._take,
            max_body=config.max_size,
            description=description,
            in_chunks=True,
        )

    async def run(self) -> None:
        """Remove what uploads have left behind that a crash ended."""
        left = await self._store.files.sweep(self.context.clock.time())
        if left:
            self.context.log.info("%d uploads that were not finished are removed", left)

    async def stop(self) -> None:
        """Close the route; uploads that have begun go on."""
        self.context.routes.remove(self.config.method, self.config.path.text)

    async def _take(self, request: HttpRequest) -> HttpResponse:
        try:
            principal = await self._principal(request)
        except AccessDeniedError as error:
            return _closing(error.response())
        if self._under_way >= self.config.max_uploads:
            return _busy("too many uploads are under way; come back in a moment", request.path)
        self._under_way += 1
        try:
            return await self._answer(request, principal)
        finally:
            self._under_way -= 1

    async def _answer(self, request: HttpRequest, principal: str) -> HttpResponse:
        assert request.chunks is not None
        try:
            draft = _draft(request)
            firmware, is_new = await self._store.intake.add(draft, request.chunks, _announced(request), principal)
        except BodyTooLargeError as error:
            return _closing(problem_response(413, error.code, str(error), request.path))
        except BrokenOffError:
            return HttpResponse(400)
        except NodeError as error:
            if not is_refusal(error) or isinstance(error, TransientError):
                self.context.log.error("the firmware %s was not stored: %s", request.path, error)  # noqa: TRY400 - the sentence says it all
                return _busy(str(error), request.path)
            location = str(error.detail.get("location", request.path))
            return _closing(problem_response(status_of(error.code), error.code, str(error), location))
        described = describe_firmware(firmware)
        if is_new:
            self.emit(self.stored, {"payload": described, "principal": principal, "topic": f"firmware/{firmware.id}"})
        return HttpResponse(201 if is_new else 200, orjson.dumps(described), {"Content-Type": "application/json"})

    async def _principal(self, request: HttpRequest) -> str:
        if self.config.access is None:
            return self.config.source
        return await self.context.resource(self.config.access, HttpAccess).admit(request, self.config.scope)


def _draft(request: HttpRequest) -> Firmware:
    query = request.query
    strange = sorted(query.keys() - _KNOWN)
    if strange:
        raise NodeError(
            f"there is no query value {strange[0]}; there are {', '.join(sorted(_KNOWN))}",
            code="bad-request",
            detail={"location": strange[0]},
        )
    hardware = query.get("hardware", [])
    return Firmware(
        id=_one(query, "id"),
        version=request.parameters.get("version", ""),
        size=0,
        sha256="",
        hardware=tuple(hardware) if isinstance(hardware, list) else (hardware,),
        min_version=_one(query, "min_version"),
        notes=_one(query, "notes"),
        signature=_one(query, "signature"),
        key_id=_one(query, "key_id"),
    )


def _one(query: Mapping[str, str | list[str]], name: str) -> str:
    value = query.get(name, "")
    if isinstance(value, list):
        raise NodeError(f"the query value {name} must come once", code="bad-request", detail={"location": name})
    return value


def _announced(request: HttpRequest) -> str:
    given = _one(request.query, "sha256")
    for name in ("content-digest", "repr-digest"):
        match = _DIGEST.search(request.headers.get(name, ""))
        if match is not None:
            try:
                given = base64.b64decode(match[1], validate=True).hex()
            except binascii.Error:
                given = ""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", given) is None:
        raise NodeError(
            "the SHA-256 of the file must be announced, as the header Content-Digest or as sha256 in the query",
            code="missing-digest",
            detail={"location": "header Content-Digest"},
        )
    return given.lower()


def _busy(reason: str, path: str) -> HttpResponse:
    return _closing(problem_response(503, "busy", reason, path, {"Retry-After": "5"}))


def _closing(response: HttpResponse) -> HttpResponse:
    # What is left of the body is of no use to anybody.
    return HttpResponse(response.status, response.body, {**response.headers, "Connection": "close"})
