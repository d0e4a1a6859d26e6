"""A compiled JSONata expression, whatever compiles it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flowengine.expressions.scope import Scope


class Computation(ABC):
    """A compiled JSONata expression; one may be evaluated in several threads, and inside another evaluation.

    Args:
        text: The expression as its author wrote it.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Computation) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"compile_jsonata({self.text!r})"

    @abstractmethod
    def evaluate(self, fields: dict[str, Any], scope: Scope, variables: Mapping[str, Any] | None = None) -> Any:
        """Compute the value for one message.

        Besides JSONata's own functions there are ``$env("NAME")`` and ``$state("key", "node")``; ``$now()``
        and ``$millis()`` follow the injected clock.

        Args:
            fields: The message's fields, ``$`` of the expression; not changed.
            scope: The surroundings.
            variables: More values by name; ``A`` is ``$A`` in the expression.

        Returns:
            Plain JSON that may share parts with ``fields``; ``MISSING`` where JSONata says undefined.

        Raises:
            EvaluationError: The expression fails on this message, reaches a bound, or its result is no JSON.
        """


@lru_cache(maxsize=4096)
def compile_jsonata(text: str) -> Computation:
    """Compile a JSONata expression; the same text gives the same object.

    Args:
        text: JSONata, such as ``payload.readings[value > 20].name`` or ``$sum(payload.lines.amount)``.

    Raises:
        JsonataError: With the line and column of the mistake.
    """
    from flowengine.expressions.jsonata import compile_expression  # noqa: PLC0415 - many flows have no JSONata

    return compile_expression(text)
