"""Command templates: Jinja2 that must give JSON. The bridge makes the messages; here they are checked."""

import json

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from odoo import fields

from .entry_error import EntryError, _lt

DEFAULT_TEMPLATE = '{"action": "{{ action }}", "params": {{ params | tojson }}}'
VARIABLES = ("action", "params", "device_id", "device")

_SAMPLE_DEVICE = {
    "id": "sample",
    "serial": "SN-1",
    "name": "Sample",
    "profile": "sample",
    "hardware": "A",
    "firmware": "1.0.0",
    "groups": ["sample"],
    "business": {"model": "maintenance.equipment", "id": 1},
}


class _Printed(str):
    """What a template has printed, still apart from the template's own text."""

    __slots__ = ("value",)

    def __new__(cls, value):
        self = super().__new__(cls, value)
        self.value = value
        return self

    def __str__(self):
        return self


class _Json(str):
    """JSON text, as the filter tojson makes it."""

    __slots__ = ()


class _Missing(StrictUndefined):
    """A missing name: an error wherever it is used, except in ``{% if name %}`` and ``default``."""

    __slots__ = ()

    def __bool__(self):
        return False


class _Anything(dict):
    """Parameters of any name, each 1."""

    def __contains__(self, key):
        return True

    def __missing__(self, key):
        return 1


class _Environment(ImmutableSandboxedEnvironment):
    """As the bridge prints: text inside quotes is escaped, text outside them becomes a whole JSON string."""

    def __init__(self):
        super().__init__(undefined=_Missing, keep_trailing_newline=True, optimized=False, finalize=_Printed)
        self.filters["tojson"] = lambda value, indent=None: _Json(json.dumps(value, indent=indent, ensure_ascii=False))

    def concat(self, parts):
        text, in_quotes = [], False
        for part in parts:
            if isinstance(part, _Printed):
                text.append(_written(part.value, in_quotes))
                continue
            text.append(part)
            in_quotes = _ends_in_quotes(part, in_quotes)
        return "".join(text)


_ENVIRONMENT = _Environment()


def check_template(text):
    """Raise unless a template compiles, reads only what a command has, and can give JSON.

    It is tried with each action that it asks for by name, without parameters and with all that it reads. One that
    cannot be told without real parameters is taken.
    """
    try:
        tree = _ENVIRONMENT.parse(text or "")
        template = _ENVIRONMENT.from_string(text or "")
    except TemplateSyntaxError as error:
        raise EntryError(
            _lt("Command template, line %(line)s: %(why)s", line=error.lineno, why=error.message)
        ) from error
    except (RecursionError, SyntaxError) as error:
        raise EntryError(_lt("Command template: it nests too deeply.")) from error
    unknown = sorted(meta.find_undeclared_variables(tree) - {*VARIABLES, "now"})
    if unknown:
        raise EntryError(
            _lt(
                "Command template: there is no “%s”; a command has action, params, device_id, device and now().",
                unknown[0],
            )
        )
    for action in ("example", *_actions_in(tree)):
        problem = _problem(template, action)
        if problem is not None:
            raise EntryError(
                _lt(
                    "Command template: for the action “%(action)s” it gives no JSON: %(why)s",
                    action=action,
                    why=problem,
                )
            )


def _problem(template, action):
    """Return why a template gives no JSON for an action, whatever the parameters; None if it may."""
    problem = None
    for params in ({}, _Anything()):
        try:
            json.loads(
                template.render(
                    action=action,
                    params=params,
                    device_id=_SAMPLE_DEVICE["id"],
                    device=_SAMPLE_DEVICE,
                    now=fields.Datetime.now,
                )
            )
        except (json.JSONDecodeError, SecurityError) as error:
            problem = error
        except UndefinedError:
            continue
        except Exception:  # noqa: BLE001, S112 - a template does what it likes with parameters that are only samples
            continue
        else:
            return None
    return problem


def _actions_in(tree):
    """Return the actions that a template compares with."""
    for comparison in tree.find_all(nodes.Compare):
        if isinstance(comparison.expr, nodes.Name) and comparison.expr.name == "action":
            for operand in comparison.ops:
                if isinstance(operand.expr, nodes.Const) and isinstance(operand.expr.value, str):
                    yield operand.expr.value


def _written(value, in_quotes):
    if isinstance(value, _Json):
        return str(value)
    if isinstance(value, str | _Missing) or not isinstance(value, int | float | bool | list | dict | tuple | None):
        text = json.dumps(str(value), ensure_ascii=False)
        return text[1:-1] if in_quotes else text
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False)[1:-1] if in_quotes else text


def _ends_in_quotes(text, in_quotes):
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = in_quotes
        elif char == '"':
            in_quotes = not in_quotes
    return in_quotes
