"""Bodies of HTTP requests and answers, to and from the payload of a message."""

from collections.abc import Mapping
from email.message import Message as Header
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode

import orjson

from flowengine.node import NodeError

BodyFormat = Literal["detect", "json", "text", "bytes"]
SentFormat = Literal["auto", "json", "form"]

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"


class BodyError(ValueError):
    """A body is not what it should be; the text says what."""


def decode(body: bytes, content_type: str, wanted: BodyFormat) -> Any:
    """Return the payload that a body stands for; null for an empty one, unless text or bytes are wanted.

    Args:
        body: The body.
        content_type: The header ``Content-Type``, or an empty string.
        wanted: What the body is, or ``detect`` to go by the content type.

    Raises:
        BodyError: The body is not what it should be.
    """
    if wanted == "bytes":
        return body
    if wanted == "text":
        return _text(body, content_type)
    if not body:
        return None
    if wanted == "json":
        return _json(body)
    return _detected(body, content_type)


def encode(payload: Any, wanted: SentFormat = "auto") -> tuple[bytes, str]:
    """Return the body that stands for a payload, and its content type; both empty for null, except as JSON.

    Args:
        payload: Text is sent as UTF-8, bytes as they are, all else as JSON.
        wanted: Send everything as JSON, or an object as a form.

    Raises:
        NodeError: The payload cannot be sent so.
    """
    if wanted == "form":
        if not isinstance(payload, dict):
            raise NodeError("only an object can be sent as a form", code="invalid-body")
        return urlencode(payload, doseq=True).encode(), FORM
    if wanted == "auto":
        if payload is None:
            return b"", ""
        if isinstance(payload, str):
            return payload.encode(), TEXT
        if isinstance(payload, (bytes, bytearray, memoryview)):
            return bytes(payload), BYTES
    try:
        return orjson.dumps(payload), JSON
    except TypeError as error:
        raise NodeError(f"the body cannot be sent as JSON: {error}", code="invalid-body") from error


def with_query(url: str, values: Mapping[str, str]) -> str:
    """Return a URL with more query values."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def _detected(body: bytes, content_type: str) -> Any:
    kind = media_type(content_type)
    if kind == JSON or kind.endswith("+json"):
        return _json(body)
    if kind == FORM:
        values = parse_qs(_text(body, content_type), keep_blank_values=True)
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}
    if kind.startswith("text/"):
        return _text(body, content_type)
    return body if kind else _guessed(body)


def _guessed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError(f"the body is no JSON: {error}") from error


def _text(body: bytes, content_type: str) -> str:
    charset = "utf-8"
    if "charset" in content_type:
        header = Header()
        header["content-type"] = content_type
        charset = header.get_content_charset() or charset
    try:
        return body.decode(charset)
    except UnicodeDecodeError as error:
        raise BodyError(f"the body is no {charset} text: {error.reason} at byte {error.start}") from error
    except LookupError as error:
        raise BodyError(f"the body's charset {charset!r} is not known") from error
