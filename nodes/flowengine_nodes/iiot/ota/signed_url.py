"""URLs that let one device load one firmware for a while."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flowengine_nodes.iiot.registry.secret_keys import SecretKeys

_PURPOSE = "firmware-url"


class UrlSigner:
    """Sign with the keys of the registry.

    Args:
        keys: The keys.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def query(self, firmware: str, device: str, expires: int) -> str:
        """Return the query of a URL that is good until a time.

        Args:
            firmware: Id of the firmware.
            device: Id of the device that it is for.
            expires: When it is good no more, in seconds since 1970.
        """
        key = self._keys.newest
        signature = self._signature(key, firmware, device, str(expires))
        return urlencode({"device": device, "expires": expires, "key": key, "signature": signature})

    def device(self, firmware: str, query: Mapping[str, Any], now: float) -> str | None:
        """Return the device that a URL is for, or ``None`` if it was not signed for this firmware, or is too old.

        Args:
            firmware: Id of the firmware.
            query: Query values of the request.
            now: In seconds since 1970.
        """
        given = [query.get(name) for name in ("device", "expires", "key", "signature")]
        device, expires, key, signature = (one if isinstance(one, str) else "" for one in given)
        if key not in self._keys:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(key, firmware, device, expires).encode()):
            return None
        return device if int(expires) > now else None

    def _signature(self, key: str, firmware: str, device: str, expires: str) -> str:
        return self._keys.digest(key, _PURPOSE, firmware, device, expires).hex()
