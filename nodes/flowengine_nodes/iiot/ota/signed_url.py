"""URLs that let one device load one file for a while."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode


class UrlSigner:
    """Sign paths with a key that only the server has.

    Args:
        key: The key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, path: str, device: str, expires: int) -> str:
        """Return a path with its query, good until a time.

        Args:
            path: Path of the file, not quoted.
            device: Id of the device that it is for.
            expires: When it is good no more, in seconds since 1970.
        """
        query = urlencode(
            {"device": device, "expires": expires, "signature": self._signature(path, device, str(expires))}
        )
        return f"{quote(path)}?{query}"

    def check(self, path: str, query: Mapping[str, Any], now: float) -> str | None:
        """Return the device that a signed path is for, or ``None`` if it is not signed so, or too old.

        Args:
            path: Path of the file, not quoted.
            query: Query values of the request.
            now: In seconds since 1970.
        """
        device, expires, signature = (query.get(name) for name in ("device", "expires", "signature"))
        if not (isinstance(device, str) and isinstance(expires, str) and isinstance(signature, str)):
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(path, device, expires).encode()):
            return None
        return device if int(expires) > now else None

    def _signature(self, path: str, device: str, expires: str) -> str:
        # No part of them has a line break where it is quoted.
        signed = "\n".join((quote(path), quote(device, safe=""), expires))
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()
