"""Jinja2 templates as its library compiles and renders them."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, NoReturn

from jinja2 import Environment, TemplateSyntaxError, UndefinedError, meta
from jinja2.exceptions import SecurityError

from flowengine.expressions.errors import EvaluationError, TemplateError
from flowengine.expressions.fragment import Fragment, RefusedError
from flowengine.expressions.missing import MISSING
from flowengine.expressions.sandbox import BUDGET, Budget, EmptyMissing, JsonEnvironment, StrictMissing, TextEnvironment
from flowengine.expressions.scope import STATE_SCOPES, Scope, StateScope
from flowengine.expressions.template import MissingNames, Mode, Template
from flowengine.expressions.template_syntax import parse, syntax_error

MAX_LENGTH = 100_000
FUNCTIONS = frozenset({"now", "env", "state"})
"""Names that a template can call; a variable of the same name is hidden by them."""


class JinjaTemplate(Template):
    """A template that Jinja2 has compiled.

    Args:
        text: The template as its author wrote it.
        mode: Whether the result is any text or must be JSON.
        names: Variables that it reads, without the functions.
        compiled: Jinja2's compiled template.
    """

    def __init__(self, text: str, mode: Mode, names: frozenset[str], compiled: Any) -> None:
        super().__init__(text, mode, names)
        self._compiled = compiled

    def __eq__(self, other: object) -> bool:
        # There is one environment for each mode and each way to take missing names.
        return (
            isinstance(other, JinjaTemplate)
            and self.text == other.text
            and self._compiled.environment is other._compiled.environment
        )

    def __hash__(self) -> int:
        return hash((self.text, self.mode))

    def render(self, variables: Mapping[str, Any], scope: Scope) -> str:
        """Render as text."""
        text, _ = self._render(variables, scope)
        return text

    def evaluate(self, variables: Mapping[str, Any], scope: Scope) -> Any:
        """Render, and return the text or the value it stands for."""
        _, value = self._render(variables, scope)
        return value

    def _render(self, variables: Mapping[str, Any], scope: Scope) -> tuple[str, Any]:
        undefined = self._compiled.environment.undefined

        def env(name: str) -> Any:
            value = scope.env(name)
            return undefined(f"the environment has no '{name}'") if value is MISSING else value

        def state(key: str, shared_by: StateScope = "node") -> Any:
            if shared_by not in STATE_SCOPES:
                raise RefusedError('state takes a key and "node", "flow" or "global"')
            value = scope.state(shared_by, key)
            return undefined(f"there is no state '{key}'") if value is MISSING else value

        try:
            context = self._compiled.new_context(
                {**variables, "now": scope.now, "env": env, "state": state, BUDGET: Budget()}
            )
            result = self._compiled.environment.concat(self._compiled.root_render_func(context))
            if not isinstance(result, Fragment):
                return result, result
            text = result.write()
            return text, json.loads(text, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            near = error.doc[max(error.pos - 20, 0) : error.pos + 20]
            self._fail(error, f"the result is not JSON, {error.msg[:1].lower()}{error.msg[1:]} near '{near}'")
        except UndefinedError as error:
            self._fail(error, str(error).replace("'dict object' has", "the object has"))
        except RecursionError as error:
            self._fail(error, "nests too deeply")
        except (RefusedError, SecurityError) as error:
            self._fail(error, str(error).rstrip("."))
        except Exception as error:  # noqa: BLE001 - a template calls what it likes with whatever the message has
            self._fail(error, str(error) or type(error).__name__)

    def _fail(self, error: Exception, reason: str) -> NoReturn:
        raise EvaluationError("template", self.text, reason, line=_line(error.__traceback__)) from error


def compile_jinja(text: str, mode: Mode, missing: MissingNames) -> Template:
    """Compile a Jinja2 template.

    Args:
        text: The template.
        mode: "json" if the result must be JSON.
        missing: What a name that is not there means.

    Raises:
        TemplateError: With the line and column of the mistake.
    """
    if len(text) > MAX_LENGTH:
        raise TemplateError(text, f"longer than {MAX_LENGTH} characters", column=1)
    environment = _environment(mode, missing)
    try:
        names = frozenset(meta.find_undeclared_variables(environment.parse(text))) - FUNCTIONS
        compiled = environment.from_string(parse(environment, text, json=mode == "json"))
    except TemplateSyntaxError as error:
        raise syntax_error(environment, text, error) from None
    except (RecursionError, SyntaxError):  # Python takes some twenty loops inside each other
        raise TemplateError(text, "nests too deeply", column=1) from None
    return JinjaTemplate(text, mode, names, compiled)


@lru_cache
def _environment(mode: Mode, missing: MissingNames) -> Environment:
    undefined = StrictMissing if missing == "error" else EmptyMissing
    return JsonEnvironment(undefined) if mode == "json" else TextEnvironment(undefined)


def _refuse_constant(name: str) -> NoReturn:
    raise RefusedError(f"the result is not JSON: it has the number {name}")


def _line(traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line
