"""The variables of tabs, groups and subflows, and what instances give for them."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flowengine.flow.identifier import VARIABLE_PATTERN
from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError

_NAME: Final = re.compile(VARIABLE_PATTERN)
_LITERAL: Final = frozenset({"str", "num", "bool", "json", ""})

Say = Callable[[str], None]
"""Takes a sentence about what is other than it was."""


def own_variables(rows: Iterable[Mapping[str, Any]], say: Say, need: Callable[[str, str], None]) -> dict[str, str]:
    """Return the variables of a tab, a group or a subflow.

    Args:
        rows: As Node-RED has them.
        say: Is told what is other.
        need: Is told of a variable that somebody has to set, and what for.
    """
    found: dict[str, str] = {}
    for row in rows:
        name, kind = str(row.get("name") or ""), str(row.get("type") or "str")
        if not _NAME.fullmatch(name):
            say(f'the variable "{name}" is left out: a name is letters, digits and underscores')
        elif kind in _LITERAL:
            found[name] = _text(row.get("value"))
        else:
            say(f'the variable "{name}" ({kind}) is left out: set {name} in the environment')
            need(name, "a variable that Node-RED computed or kept secret")
    return found


def instance(case: Case) -> Converted:
    """Convert an instance of a subflow."""
    found = case.around.subflow(case.entry.type.removeprefix("subflow:"))
    if found is None:
        raise NotConvertibleError("the subflow is not in the export", "export it too")
    id_, definition = found
    given: dict[str, str] = {}
    known = own_variables(definition.rows("env"), lambda _: None, lambda *_: None)
    # An empty default means here that every instance has to give a value.
    given = {name: "" for name, text in known.items() if not text}
    for row in case.entry.rows("env"):
        name, kind = str(row.get("name") or ""), str(row.get("type") or "str")
        if name not in known:
            case.differ(f'the variable "{name}" is left out, because the subflow does not name it')
        elif kind in _LITERAL:
            given[name] = _text(row.get("value")).replace("${", "$${")
        elif kind == "env":
            given[name] = f"${{{str(row.get('value')).removeprefix('$parent.')}}}"
        else:
            case.differ(f'the variable "{name}" ({kind}) is left out: give it a value in the settings')
    outputs = len(definition.rows("out"))
    return Converted(f"subflow:{id_}", dict(given), output_names(outputs), takes_messages=bool(definition.rows("in")))


def output_names(count: int) -> tuple[str, ...]:
    """Return the names of a subflow's outputs."""
    return ("out",) if count == 1 else tuple(f"out-{number}" for number in range(1, count + 1))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
