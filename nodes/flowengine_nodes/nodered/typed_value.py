"""Node-RED's typed values: a setting that says where its value comes from."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from flowengine_nodes.nodered.case import Case, NotConvertibleError
from flowengine_nodes.nodered.export import as_number, literal_text
from flowengine_nodes.nodered.property_path import RENAMED_WORDS, json_path

_STORE: Final = re.compile(r"#:\((?P<store>[^)]*)\)::")
_KEY: Final = re.compile(r"(?P<first>[^.\[\]]+)(?P<rest>[.\[].*)?")
_CONTEXT_CALL: Final = re.compile(r"""\$(flow|global)Context\(\s*("[^"]*"|'[^']*')\s*\)""")
_FOREIGN_CALL: Final = re.compile(r"\$(?:flowContext|globalContext|moment|clone)\b")
_VARIABLE: Final = re.compile(r"\$\{([^{}]+)\}")


def typed_value(case: Case, value: Any, kind: str) -> Any:
    """Return a typed value as documents have it.

    Args:
        case: Whose value it is.
        value: The value, or what says where it is.
        kind: Node-RED's word for its type, such as ``msg``.

    Raises:
        NotConvertibleError: There is no such value here.
    """
    text = "" if value is None else str(value)
    if kind in _READ:
        return _READ[kind](case, text)
    if kind in {"flow", "global"}:
        return _state(case, text, kind)
    if kind == "bin":
        raise NotConvertibleError("a setting cannot hold bytes", "make them in a function node")
    raise NotConvertibleError(f'there are no values of the type "{kind}"', "set the value by hand")


def state_key(case: Case, text: str) -> str:
    """Return a key of a context as the key of a state.

    Raises:
        NotConvertibleError: It is a place within a value.
    """
    key = _without_store(case, text)
    match = _KEY.fullmatch(key)
    if match is None or match["rest"]:
        raise NotConvertibleError(f'"{key}" is a place within a stored value', "keep the value under a key of its own")
    return key


def jsonata(case: Case, text: str) -> str:
    """Return a JSONata expression with the names that functions have here.

    Raises:
        NotConvertibleError: It calls what only Node-RED has.
    """
    adapted = _CONTEXT_CALL.sub(lambda call: f'$state({call[2]}, "{call[1]}")', text)
    if (foreign := _FOREIGN_CALL.search(adapted)) is not None:
        raise NotConvertibleError(f"the expression calls {foreign[0]}", "write it in other words")
    if RENAMED_WORDS.search(text):
        case.differ("look at the names in the JSONata: statusCode is status_code here, and req.query is query")
    return literal_text(adapted)


def _state(case: Case, text: str, scope: str) -> dict[str, str]:
    key = _without_store(case, text)
    match = _KEY.fullmatch(key)
    if match is None:
        raise NotConvertibleError(f'"{key}" is no key of the {scope} context', "read the state by hand")
    if match["rest"]:
        return {"jsonata": f'$state({orjson.dumps(match["first"]).decode()}, "{scope}"){match["rest"]}'}
    return {"state": key, "scope": scope}


def _without_store(case: Case, text: str) -> str:
    match = _STORE.match(text)
    if match is None:
        return text
    case.differ(f'the state is kept in the one store there is, not in "{match["store"]}"')
    return text[match.end() :]


def _variable(case: Case, text: str) -> Any:
    if "$parent." in text:
        case.differ("a variable is looked for in the group, the subflow, the flow and around it; $parent is not needed")
        text = text.replace("$parent.", "")
    parts = _VARIABLE.split(text)
    if len(parts) == 1:
        return {"env": text}
    if parts[0] == parts[-1] == "" and len(parts) == 3:
        return {"env": parts[1]}
    made = (f'{{{{ env("{part}") }}}}' if number % 2 else part for number, part in enumerate(parts))
    return {"template": "".join(made)}


def _path(case: Case, text: str) -> dict[str, str]:
    return {"path": json_path(text)}


def _literal(case: Case, text: str) -> str:
    return literal_text(text)


def _boolean(case: Case, text: str) -> bool:
    return text.lower() == "true"


def _computed(case: Case, text: str) -> dict[str, str]:
    return {"jsonata": jsonata(case, text)}


def _time(case: Case, text: str) -> dict[str, str]:
    if text == "object":
        case.differ("the time is milliseconds since 1970, not an object")
    return {"jsonata": "$now()" if text == "iso" else "$millis()"}


def _null(case: Case, text: str) -> None:
    return None


def _number(case: Case, text: str) -> float | str:
    number = as_number(text)
    if number is None:
        try:
            number = int(text, 0)
        except ValueError:
            raise NotConvertibleError(f'"{text}" is no number', "write one") from None
    return number


def _json(case: Case, text: str) -> Any:
    try:
        # What looks like a variable can only be part of a text within.
        value = orjson.loads(text.replace("${", "$${"))
    except orjson.JSONDecodeError:
        raise NotConvertibleError(f"{text} is no JSON", "write it anew") from None
    return {"literal": value} if isinstance(value, dict) else value


_READ: Final[Mapping[str, Callable[[Case, str], Any]]] = {
    "msg": _path,
    "env": _variable,
    "str": _literal,
    "": _literal,
    "num": _number,
    "bool": _boolean,
    "json": _json,
    "jsonata": _computed,
    "date": _time,
    "null": _null,
    "nul": _null,
}
