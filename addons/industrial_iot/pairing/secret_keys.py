"""Keys that are shared with the bridge: digests of tokens and broker passwords are made from them."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

SHORTEST = 16
PASSWORD_BYTES = 24


class SecretKeys:
    """Sign and derive with HMAC-SHA256 (RFC 2104), exactly as the bridge does.

    Args:
        text: The keys, newest first, with spaces or commas between them. The first makes what is new; those behind it
            still check what was made with them.

    Raises:
        ValueError: There is none, or one is too short.
    """

    def __init__(self, text):
        keys = (text or "").replace(",", " ").split()
        if not keys or any(len(key) < SHORTEST for key in keys):
            raise ValueError(text)
        self._keys = {hmac.new(key.encode(), b"id", sha256).hexdigest()[:8]: key.encode() for key in keys}
        self.ids = tuple(self._keys)

    def __contains__(self, key_id):
        return key_id in self._keys

    @property
    def newest(self):
        """Id of the key that new things are made with."""
        return self.ids[0]

    def digest(self, key_id, purpose, *parts):
        """Return 32 bytes that only the holder of a key can make.

        Args:
            key_id: Id of the key.
            purpose: What it is for: digests for different purposes have nothing to do with each other.
            parts: What it is made of; their borders count.
        """
        mac = hmac.new(self._keys[key_id], digestmod=sha256)
        for part in (purpose, *parts):
            text = part.encode("utf-8", "surrogatepass")
            mac.update(len(text).to_bytes(4, "big"))
            mac.update(text)
        return mac.digest()

    def broker_password(self, key_id, token_id, device_id):
        """Return the broker password of a device that has paired: always the same for a token."""
        digest = self.digest(key_id, "broker-password", token_id, device_id)
        return urlsafe_b64encode(digest[:PASSWORD_BYTES]).decode()
