"""The answer to a request for a file: all of it, a part, several parts, or only the news that it is the same."""

import base64
import re
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

from flowengine.node import HttpResponse
from flowengine_nodes.iiot.ota.byte_ranges import Part, parts_of

Read = Callable[[Part], AsyncGenerator[bytes, None]]
_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file that can be asked for.

    Args:
        name: Name that a browser would store it under.
        size: Its bytes.
        sha256: Its digest, in hexadecimal; its entity tag too.
        read: Yields a part of it.
    """

    name: str
    size: int
    sha256: str
    read: Read

    @property
    def tag(self) -> str:
        """Its strong entity tag (RFC 9110 §8.8.3)."""
        return f'"{self.sha256}"'


def file_answer(file: ServedFile, method: str, headers: Mapping[str, str]) -> HttpResponse:
    """Return the answer to a request for a file (RFC 9110 §13 and §14).

    Args:
        file: The file.
        method: ``GET`` or ``HEAD``.
        headers: Header values of the request, by lower-case name.
    """
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    about = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "ETag": file.tag,
        # RFC 9530: of the whole file, whatever part of it is sent.
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    if _is_known(headers.get("if-none-match", ""), file.tag):
        return HttpResponse(304, headers=about)
    about |= {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    if method == "HEAD":
        return HttpResponse(200, headers={**about, "Content-Length": str(file.size)})
    parts = _parts(file, headers)
    if parts is None:
        whole = Part(0, file.size - 1)
        return HttpResponse(200, headers={**about, "Content-Length": str(file.size)}, chunks=file.read(whole))
    if not parts:
        return HttpResponse(416, headers={"Accept-Ranges": "bytes", "Content-Range": f"bytes */{file.size}"})
    if len(parts) == 1:
        length = {"Content-Length": str(parts[0].size), "Content-Range": _content_range(parts[0], file.size)}
        return HttpResponse(206, headers={**about, **length}, chunks=file.read(parts[0]))
    return _many(file, parts, about)


def _parts(file: ServedFile, headers: Mapping[str, str]) -> Sequence[Part] | None:
    wanted = headers.get("range")
    # A part of another file than the one that was begun is of no use (RFC 9110 §13.1.5).
    if wanted is None or headers.get("if-range", file.tag).strip() != file.tag:
        return None
    return parts_of(wanted, file.size)


def _many(file: ServedFile, parts: Sequence[Part], about: Mapping[str, str]) -> HttpResponse:
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Range: {_content_range(part, file.size)}\r\n\r\n".encode()
        for part in parts
    ]
    end = f"\r\n--{boundary}--\r\n".encode()
    size = sum(map(len, heads)) + sum(part.size for part in parts) + len(end)

    async def body() -> AsyncGenerator[bytes, None]:
        for head, part in zip(heads, parts, strict=True):
            yield head
            async for portion in file.read(part):
                yield portion
        yield end

    headers = {
        **about,
        "Content-Type": f"multipart/byteranges; boundary={boundary}",
        "Content-Length": str(size),
    }
    return HttpResponse(206, headers=headers, chunks=body())


def _content_range(part: Part, size: int) -> str:
    return f"bytes {part.first}-{part.last}/{size}"


def _is_known(header: str, tag: str) -> bool:
    return header.strip() == "*" or tag in _TAG.findall(header)
