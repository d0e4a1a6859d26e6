"""Jinja2 templates: write text, or JSON that no value can break."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from flowengine.expressions.scope import Scope

Mode: TypeAlias = Literal["text", "json"]
MissingNames: TypeAlias = Literal["error", "empty"]


class Template(ABC):
    """A compiled template.

    Args:
        text: The template as its author wrote it.
        mode: Whether the result is any text or must be JSON.
        names: Variables that it reads, without the functions; what a list of known variables is checked against.
    """

    def __init__(self, text: str, mode: Mode, names: frozenset[str]) -> None:
        self.text = text
        self.mode = mode
        self.names = names

    def __repr__(self) -> str:
        return f"compile_template({self.text!r}, {self.mode!r})"

    @abstractmethod
    def render(self, variables: Mapping[str, Any], scope: Scope) -> str:
        """Render as text.

        Besides the variables, a template can call ``now()``, ``env("NAME")`` and ``state("key", "node")``. Values
        that are not text are written as JSON.

        In a template for JSON, text inside quotes is escaped and text outside them becomes a whole JSON string, so
        the template alone decides the structure. ``{{ value | tojson }}`` is never escaped twice; constants, as in
        ``{{ "," if not loop.last }}``, are text of the template; what macros and ``{% set %}`` blocks print is
        printed, trimmed and joined as template text, and is a value for any other filter.

        Args:
            variables: The message's fields, or what else the template is about; not changed.
            scope: The surroundings.

        Raises:
            EvaluationError: A name is missing, the result is no JSON, or a bound is reached.
        """

    @abstractmethod
    def evaluate(self, variables: Mapping[str, Any], scope: Scope) -> Any:
        """Render, and return the text or, from a template for JSON, the value it stands for.

        Args:
            variables: As for ``render``.
            scope: As for ``render``.

        Raises:
            EvaluationError: As ``render``.
        """


@lru_cache(maxsize=1024)
def compile_template(text: str, mode: Mode = "text", missing: MissingNames = "error") -> Template:
    """Compile a Jinja2 template; the same arguments give the same object.

    Args:
        text: The template.
        mode: "json" if the result must be JSON.
        missing: What a name that is not there means: an error, or empty text (null where JSON needs a value).

    Raises:
        TemplateError: With the line and column of the mistake.
    """
    from flowengine.expressions.jinja import compile_jinja  # noqa: PLC0415 - many flows have no template

    return compile_jinja(text, mode, missing)
