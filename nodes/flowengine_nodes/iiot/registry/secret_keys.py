"""Keys that the registry signs and derives with, so that it need not keep secrets of devices."""

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256

from flowengine.node import NodeError

SHORTEST = 16


class ShortKeyError(NodeError):
    """A secret key is too short to be one."""

    def __init__(self) -> None:
        super().__init__(
            f"a secret key of the registry has fewer than {SHORTEST} characters; make one with: openssl rand -hex 32",
            code="short-key",
        )


class SecretKeys:
    """Sign and derive with HMAC-SHA256 (RFC 2104).

    The first key is used for whatever is new; those behind it still check what was made with them.

    Args:
        texts: The keys, newest first.

    Raises:
        ShortKeyError: A key is too short.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        if any(len(text) < SHORTEST for text in texts):
            raise ShortKeyError
        self._keys = {_id(text): text.encode() for text in texts}
        self.ids: tuple[str, ...] = tuple(self._keys)

    @classmethod
    def parse(cls, text: str) -> "SecretKeys":
        """Read keys from one text, in which spaces or commas stand between them.

        Raises:
            ShortKeyError: A key is too short.
        """
        return cls(text.replace(",", " ").split())

    @staticmethod
    def generate() -> str:
        """Return a new key of 256 random bits."""
        return secrets.token_hex(32)

    def __contains__(self, id: str) -> bool:
        return id in self._keys

    @property
    def newest(self) -> str:
        """Id of the key that new things are made with."""
        return self.ids[0]

    def digest(self, key: str, purpose: str, *parts: str) -> bytes:
        """Return 32 bytes that only the holder of a key can make.

        Args:
            key: Id of the key.
            purpose: What it is for: digests for different purposes have nothing to do with each other.
            parts: What it is made of; their borders count.

        Raises:
            KeyError: There is no such key.
        """
        mac = hmac.new(self._keys[key], digestmod=sha256)
        for part in (purpose, *parts):
            text = part.encode("utf-8", "surrogatepass")
            mac.update(len(text).to_bytes(4))
            mac.update(text)
        return mac.digest()


def _id(text: str) -> str:
    return hmac.new(text.encode(), b"id", sha256).hexdigest()[:8]
