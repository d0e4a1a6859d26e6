"""Why a pairing is refused, in the words that the asker is told.

An asker learns no more than he may know: who shows no token of ours learns nothing of devices and serial numbers, and
only who shows a real token learns what has become of it.
"""

from enum import Enum


class Refusal(Enum):
    """A reason: its stable code, its HTTP status, and what it says."""

    REQUEST_MALFORMED = (
        "request-malformed",
        400,
        'send a JSON object {"serial": …, "token": …}, and if you like request_id, hardware, firmware, reply_to: texts',
    )
    REPLY_TOPIC = ("reply-topic-refused", 400, "answers may not go to the topic that was asked for; see the manual")
    TOKEN_MALFORMED = (
        "token-malformed",
        400,
        "this is no token: one has 28 letters and digits, in groups of four; check the typing",
    )
    TOKEN_UNKNOWN = (
        "token-unknown",
        403,
        "there is no such token; check the typing, or have a new token made for the device",
    )
    WRONG_SERIAL = (
        "wrong-serial",
        403,
        "the token is for another device; check the serial number, or have a token made for this device",
    )
    TOKEN_EXPIRED = ("token-expired", 410, "the token is too old; have a new one made")
    TOKEN_USED = (
        "token-used",
        410,
        "the token was used; have a new one made, and find out who used it if it was not this device",
    )
    TOKEN_VOID = ("token-void", 410, "the token counts no more, for instance because a newer one was made; use that")
    DEVICE_SUSPENDED = ("device-suspended", 403, "the device is suspended; have it resumed first")
    DEVICE_RETIRED = ("device-retired", 403, "the device is retired and will not be paired again")
    TOO_MANY_TRIES = ("too-many-tries", 429, "too many requests were wrong; a right one is taken at any time")

    def __init__(self, code: str, status: int, message: str) -> None:
        self.code = code
        self.status = status
        self.message = message
