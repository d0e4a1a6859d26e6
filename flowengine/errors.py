"""The root of every error that flowengine raises on purpose.

An error class has a stable word code, carries its facts as attributes and builds its sentence in ``__str__``, so that
a command, the API and a log line all say the same thing.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class FlowEngineError(Exception):
    """Something that a user or the outside world can cause; shown without a traceback."""

    code: ClassVar[str] = "error"


class NodeError(FlowEngineError):
    """A node could not do its work on a message, and trying again will not help.

    Args:
        reason: One sentence that says what is wrong and, where it can, what to do.
        code: Stable word code for catch nodes, metrics and dead letters.
        detail: Facts for a program to read; must be JSON.
    """

    code = "node-error"

    def __init__(self, reason: str, *, code: str | None = None, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = dict(detail or {})
        if code is not None:
            self.code = code  # type: ignore[misc]  # an instance may be more exact than its class

    def __str__(self) -> str:
        return self.reason


class TransientError(NodeError):
    """A node could not do its work now, but may be able to later: the flow's retry policy applies.

    Args:
        reason: One sentence that says what is wrong.
        code: Stable word code.
        detail: Facts for a program to read; must be JSON.
        retry_after: Seconds the other side asked us to wait, where it did.
    """

    code = "transient-error"

    def __init__(
        self,
        reason: str,
        *,
        code: str | None = None,
        detail: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason, code=code, detail=detail)
        self.retry_after = retry_after
