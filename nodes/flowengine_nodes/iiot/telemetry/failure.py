"""What a message of telemetry fails on."""

from collections.abc import Sequence
from typing import NamedTuple

from flowengine.node import NodeError


class Failure(NamedTuple):
    """One thing that is wrong with a message.

    Args:
        rule: What the rule is called that failed; empty where it is the payload or a reading.
        code: Stable word code.
        message: What is wrong.
    """

    rule: str
    code: str
    message: str

    def __str__(self) -> str:
        return f'rule "{self.rule}": {self.message}' if self.rule else self.message


class MappingError(NodeError):
    """Part of a message, or all of it, could not be mapped.

    Args:
        failures: What is wrong with it, at least one.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        codes = {failure.code for failure in failures}
        super().__init__(
            "; ".join(map(str, failures)),
            code=failures[0].code if len(codes) == 1 else "telemetry-failures",
            detail={"failures": [failure._asdict() for failure in failures]},
        )
