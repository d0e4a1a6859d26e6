"""Settings that hold text in which ``{name}`` stands for a field of the message."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from flowengine.errors import FlowEngineError
from flowengine.expressions import MISSING, Path, compile_path
from flowengine.fields.compiled import Compiled
from flowengine.node import NodeError

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}")


class UrlError(FlowEngineError):
    """A text is no URL that a request can go to.

    Args:
        reason: What is wrong with it, and what to write; never the URL itself, which may hold a secret.
    """

    code = "url"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class FieldText:
    """Text with places that each message fills in.

    Args:
        text: The text as configured; ``{payload.device}`` is a place.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _NAME.split(text)
        self._literals = parts[::2]
        self._names = parts[1::2]
        self._paths: list[Path] = [compile_path(f"$.{name}") for name in self._names]

    @property
    def is_fixed(self) -> bool:
        """Whether it is the same for every message."""
        return not self._paths

    def of(self, fields: Mapping[str, Any]) -> str:
        """Return the text for a message.

        Args:
            fields: The message's fields.

        Raises:
            NodeError: A field is missing, or is neither text, number, true nor false.
        """
        if not self._paths:
            return self.text
        filled = [self._literals[0]]
        for number, path in enumerate(self._paths):
            filled += (self._value(number, path.first(fields)), self._literals[number + 1])
        return "".join(filled)

    def _value(self, number: int, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        what = "has none" if value is MISSING else "holds neither text nor a number there"
        raise NodeError(
            f"the setting {self.text!r} needs the field '{self._names[number]}', but the message {what}",
            code="missing-field",
            detail={"field": self._names[number]},
        )

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


class UrlText(FieldText):
    """A URL with places in its path and query.

    What a message fills in is percent-encoded, so that it stays within its place: it can add no level to the path and
    no name to the query.

    Args:
        text: The URL as configured; empty to let each message bring its own.

    Raises:
        UrlError: It is no http or https URL, holds a password, or lets a message choose the server.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        if text:
            check_url(_NAME.sub("x", text))
            if _NAME.search(text.partition("://")[2].partition("/")[0].partition("?")[0]):
                raise UrlError("a message may fill in the URL's path and query, but not choose the server")

    def _value(self, number: int, value: Any) -> str:
        text = super()._value(number, value)
        in_path = not any("?" in literal for literal in self._literals[: number + 1])
        if in_path and not text.strip("."):
            # An empty level, '.' and '..' would reach another path.
            raise NodeError(
                f"the field '{self._names[number]}' is {text!r}, which cannot be a level of the URL {self.text}",
                code="invalid-url",
                detail={"field": self._names[number]},
            )
        return quote(text, safe="")


def check_url(text: str) -> None:
    """Refuse a text that is no URL for a request.

    Raises:
        UrlError: It is not.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UrlError(f"this is no URL: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise UrlError("write a whole URL, such as https://erp.example/api")
    if parts.username is not None or parts.password is not None:
        raise UrlError("a URL must hold no user name or password; use the settings for them")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise UrlError("a URL holds no spaces; write %20 for one")


Text = Annotated[FieldText, Compiled(FieldText, FieldText, "text")]
"""Text; ``{name}`` stands for a field of the message."""

Url = Annotated[UrlText, Compiled(UrlText, UrlText, "url")]
"""A URL; ``{name}`` in its path or query stands for a field of the message."""
