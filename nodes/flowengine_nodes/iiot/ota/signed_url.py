"""URLs that let one device load one file for a while."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flowengine_nodes.iiot.registry.secret_keys import SecretKeys

_PURPOSE = "firmware-url"


class UrlSigner:
    """Sign paths with the keys of the registry.

    Args:
        keys: The keys.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def sign(self, path: str, device: str, expires: int) -> str:
        """Return a path with its query, good until a time.

        Args:
            path: Path of the file, not quoted.
            device: Id of the device that it is for.
            expires: When it is good no more, in seconds since 1970.
        """
        key = self._keys.newest
        signature = self._signature(key, path, device, str(expires))
        query = urlencode({"device": device, "expires": expires, "key": key, "signature": signature})
        return f"{quote(path)}?{query}"

    def device(self, path: str, query: Mapping[str, Any], now: float) -> str | None:
        """Return the device that a signed path is for, or ``None`` if it was not signed so, or is too old.

        Args:
            path: Path of the file, not quoted.
            query: Query values of the request.
            now: In seconds since 1970.
        """
        given = [query.get(name) for name in ("device", "expires", "key", "signature")]
        device, expires, key, signature = (one if isinstance(one, str) else "" for one in given)
        if key not in self._keys:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(key, path, device, expires).encode()):
            return None
        return device if int(expires) > now else None

    def _signature(self, key: str, path: str, device: str, expires: str) -> str:
        return self._keys.digest(key, _PURPOSE, path, device, expires).hex()
