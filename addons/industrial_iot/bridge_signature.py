"""How Odoo signs what it tells the bridge."""

import hashlib
import hmac

SIGNATURE_HEADER = "X-IIoT-Signature"
TIMESTAMP_HEADER = "X-IIoT-Timestamp"
SHORTEST_KEY = 16


def signed_headers(key, body, now):
    """Return the headers that prove who wrote a body, and when.

    Args:
        key: Secret that Odoo shares with the bridge.
        body: The body, as bytes.
        now: Seconds since 1970.
    """
    timestamp = str(int(now))
    mac = hmac.new(key.encode(), b"v1:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: f"v1={mac.hexdigest()}"}
