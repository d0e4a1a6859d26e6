"""What of a value is shown to people: small, and always JSON."""

import math
from typing import Any

MAX_DEPTH = 12
MAX_KEY = 100


def excerpt(value: Any, size: int = 2_000) -> Any:
    """Return a JSON copy of a value, cut where it grows too large.

    What is cut ends in ``…``; bytes become ``{"bytes": length, "hex": "…"}``; other values that are no JSON become
    their text.

    Args:
        value: Anything.
        size: About how many characters the copy may have.
    """
    return _Excerpt(size).of(value, MAX_DEPTH)


class _Excerpt:
    def __init__(self, size: int) -> None:
        self.left = size

    def of(self, value: Any, depth: int) -> Any:  # noqa: PLR0911 - one return a kind of value
        if value is None or isinstance(value, (bool, int)):
            self.left -= 8
            return value if not isinstance(value, int) or abs(value) < 2**63 else str(value)
        if isinstance(value, float):
            self.left -= 8
            return value if math.isfinite(value) else str(value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return {"bytes": len(value), "hex": self._text(bytes(value[: max(self.left // 2, 0) + 1]).hex())}
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, (list, tuple)):
            return self._list(value, depth)
        return self._text(_described(value))

    def _text(self, text: str) -> str:
        text = unicode_text(text)
        room = max(self.left, 0)
        self.left -= min(len(text), room) + 2
        return text if len(text) <= room else f"{text[:room]}…"

    def _object(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for key, item in value.items():
            if self.left <= 0 or not depth:
                shown["…"] = f"{len(value) - len(shown)} more"
                break
            name = unicode_text(_described(key))[:MAX_KEY]
            self.left -= len(name) + 4
            shown[name] = self.of(item, depth - 1)
        return shown

    def _list(self, value: "list[Any] | tuple[Any, ...]", depth: int) -> list[Any]:
        shown: list[Any] = []
        for item in value:
            if self.left <= 0 or not depth:
                shown.append(f"… {len(value) - len(shown)} more")
                break
            shown.append(self.of(item, depth - 1))
        return shown


def unicode_text(text: str) -> str:
    """Return text with ``?`` in the place of each half of a surrogate pair: no encoding can hold one."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _described(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a class of a user's function may raise anything
        return f"<{type(value).__name__}>"
