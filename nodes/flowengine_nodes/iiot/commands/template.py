"""Command templates: the JSON message that a device gets, checked when they are saved."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from flowengine.expressions import MISSING, EvaluationError, Template, TemplateError, compile_template
from flowengine.expressions.scope import StateScope
from flowengine.fields.compiled import Compiled
from flowengine.node import CompiledSchema

# Jinja2 is loaded with the first template: the admin API has this module, and many engines no devices.
if TYPE_CHECKING:
    from jinja2 import nodes

VARIABLES: Final = ("action", "params", "device_id", "device")
"""What a template can read, beside calling ``now()``."""

_FOREIGN: Final = ("env", "state")
_SAMPLE_DEVICE: Final = {
    "id": "sample",
    "serial": "SN-1",
    "name": "Sample",
    "profile": "sample",
    "hardware": "A",
    "firmware": "1.0.0",
    "groups": ["sample"],
    "business": {"model": "maintenance.equipment", "id": 1},
}


class Surroundings:
    """What a command template can reach beside its variables: the time, and nothing else.

    Args:
        at: The time that ``now()`` says, in seconds since 1970.
    """

    def __init__(self, at: float) -> None:
        self._now = datetime.fromtimestamp(at, UTC)

    def env(self, name: str) -> Any:
        """Hide the environment, which holds secrets."""
        return MISSING

    def state(self, scope: StateScope, key: str) -> Any:
        """Hide the state of nodes."""
        return MISSING

    def now(self) -> datetime:
        """Return the time."""
        return self._now


class _Anything(dict[str, Any]):
    """Parameters of any name, each 1."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> int:
        return 1


def compile_command_template(text: str) -> Template:
    """Compile a command template and try it.

    It is rendered for each action that it asks for by name, without parameters and with all that it reads. A template
    that writes no JSON in any of these is refused; one that cannot tell without real parameters is taken.

    Args:
        text: Jinja2 whose result must be JSON.

    Raises:
        TemplateError: It does not compile, reads what no command has, or cannot write JSON; with line and column.
    """
    from jinja2 import Environment, nodes  # noqa: PLC0415 - as said above

    template = compile_template(text, "json")
    tree = Environment(autoescape=True).parse(text)
    known = {*VARIABLES, *_FOREIGN, "now"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in _FOREIGN:
            raise _at_word(text, name.lineno, name.name, f"a command template has no '{name.name}'")
    unknown = sorted(template.names - known)
    for name in tree.find_all(nodes.Name):
        if unknown and name.ctx == "load" and name.name == unknown[0]:
            reason = f"'{name.name}' is not known; a command template has {', '.join(VARIABLES)} and now()"
            raise _at_word(text, name.lineno, name.name, reason)
    for action in ("example", *_actions_in(tree)):
        problem = problem_of_template(template, action)
        if problem is not None:
            raise TemplateError(text, f"for the action '{action}', {problem}", column=1)
    return template


def command_variables(action: str, params: Mapping[str, Any], device: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template reads.

    Args:
        action: What the device is to do.
        params: The action's parameters.
        device: The device, as JSON.
    """
    return {"action": action, "params": params, "device_id": device["id"], "device": device}


def problem_of_template(template: Template, action: str) -> str | None:
    """Return why a template writes no JSON for an action, whatever the parameters; ``None`` if it may.

    Args:
        template: The template.
        action: The action.
    """
    from jinja2.exceptions import SecurityError  # noqa: PLC0415 - as said above

    from flowengine.expressions.fragment import RefusedError  # noqa: PLC0415 - likewise

    problem = None
    given: tuple[dict[str, Any], ...] = ({}, _Anything())
    for params in given:
        try:
            _try(template, action, params)
        except EvaluationError as error:
            if isinstance(error.__cause__, json.JSONDecodeError | RefusedError | SecurityError):
                problem = error.why
        else:
            return None
    return problem


def problem_of_example(template: Template, schema: CompiledSchema | None, action: str, params: Any) -> str | None:
    """Return what is wrong with example parameters; ``None`` if they make a message.

    Args:
        template: The action's template.
        schema: What parameters must fit.
        action: The action.
        params: The example.
    """
    if not isinstance(params, dict):
        return "params are an object"
    problem = None if schema is None else schema.problem(params)
    if problem is not None:
        return problem
    try:
        _try(template, action, params)
    except EvaluationError as error:
        return error.why
    return None


def _try(template: Template, action: str, params: Mapping[str, Any]) -> None:
    template.render(command_variables(action, params, _SAMPLE_DEVICE), Surroundings(0))


def _actions_in(tree: "nodes.Template") -> Iterator[str]:
    """Return the actions that a template compares with."""
    from jinja2 import nodes  # noqa: PLC0415 - as said above

    for comparison in tree.find_all(nodes.Compare):
        constants = [operand.expr for operand in comparison.ops if isinstance(operand.expr, nodes.Const)]
        if isinstance(comparison.expr, nodes.Name) and comparison.expr.name == "action":
            yield from (constant.value for constant in constants if isinstance(constant.value, str))


def _at_word(text: str, line: int, word: str, reason: str) -> TemplateError:
    content = text.splitlines()[line - 1]
    found = re.search(rf"\b{re.escape(word)}\b", content)
    return TemplateError(text, reason, line=line, column=found.start() + 1 if found else 1)


CommandTemplateText = Annotated[Template, Compiled(compile_command_template, Template, "jinja2")]
"""A field that holds a command template; in Python a :class:`~flowengine.expressions.Template`."""
