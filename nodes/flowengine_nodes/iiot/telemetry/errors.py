"""Why a value, a reading or a payload cannot be used."""

from typing import Any

from flowengine.node import NodeError, excerpt


class UnusableError(NodeError):
    """Something that a device sent cannot be used.

    Args:
        code: Stable word code.
        reason: What is wrong with it, without saying where it is.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason, code=code)


class BadValueError(UnusableError):
    """A value is not what it must be.

    Args:
        code: Stable word code.
        value: The value.
        reason: What it is not, to follow the value: "is no number".
    """

    def __init__(self, code: str, value: Any, reason: str) -> None:
        super().__init__(code, f"{excerpt(value, 60)!r} {reason}")


class PayloadError(UnusableError):
    """A payload cannot be decoded.

    Args:
        codec: What it should be: "JSON".
        reason: Why it is not.
    """

    def __init__(self, codec: str, reason: str) -> None:
        super().__init__("invalid-payload", f"the payload is not {codec}: {reason}")
        self.codec = codec
