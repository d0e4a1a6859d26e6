"""What takes the place of a node that cannot be converted."""

from typing import Any, Final

from flowengine.flow.format import write_json
from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import Entry

_ADVICE: Final = {
    "function": "write it in Python in a function node; the JavaScript is in the description",
    "exec": "call a function node, or a service over HTTP",
    "websocket in": "use mqtt-in or http-in",
    "websocket out": "use mqtt-out or http-request",
    "tcp in": "put an MQTT gateway in front of the device",
    "tcp out": "put an MQTT gateway in front of the device",
    "tcp request": "put an MQTT gateway in front of the device",
    "udp in": "put an MQTT gateway in front of the device",
    "udp out": "put an MQTT gateway in front of the device",
    "file": "publish to MQTT, or send to a service over HTTP",
    "file in": "read it in a function node's setup",
    "watch": "have the program that writes the files publish to MQTT",
    "sort": "sort in a change node with JSONata: $sort(payload)",
    "html": "take it apart in a function node",
    "xml": "take it apart in a function node",
    "yaml": "take it apart in a function node",
}
_OTHERS: Final = "write a node type for it (flowengine new node), or do without"
_NOT_SHOWN: Final = frozenset({"id", "z", "g", "x", "y", "wires", "info", "credentials", "name", "d", "type"})
_SCRIPTS: Final = (("initialize", "On start:"), ("func", "On a message:"), ("finalize", "On stop:"))


def foreign(case: Case) -> Converted:
    """Refuse to convert a node of a type that has no counterpart.

    Raises:
        NotConvertibleError: Always, with what to do about it.
    """
    type_ = case.entry.type
    reason = "JavaScript does not run here" if type_ == "function" else f"there is no {type_} here"
    raise NotConvertibleError(reason, _ADVICE.get(type_, _OTHERS))


def placeholder(case: Case, reason: str) -> Converted:
    """Return the placeholder that takes an entry's place, with all that the entry says in its description.

    Args:
        case: The entry.
        reason: Why it is not converted.
    """
    entry = case.entry
    count = len(entry.wires)
    ports = ("out",) if count == 1 else tuple(f"out-{number}" for number in range(1, count + 1))
    config: dict[str, Any] = {"stands_for": f'the node "{entry.type}" of Node-RED'}
    if ports != ("out",):
        config["ports"] = list(ports)
    return Converted("placeholder", config, ports, f"Not converted: {reason}.\n\n{_original(entry)}")


def _original(entry: Entry) -> str:
    parts = [
        f"{title}\n\n```js\n{str(entry.raw[key]).strip()}\n```"
        for key, title in _SCRIPTS
        if entry.type == "function" and str(entry.raw.get(key) or "").strip()
    ]
    scripts = {key for key, _ in _SCRIPTS} if entry.type == "function" else set[str]()
    rest = {key: value for key, value in entry.raw.items() if key not in _NOT_SHOWN | scripts}
    return "\n\n".join((*parts, f"```json\n{write_json(rest).strip()}\n```"))
