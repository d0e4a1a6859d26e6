"""Converters of the MQTT nodes and of the broker."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import Entry

_VERSIONS: Final = {"3": "3.1.1", "4": "3.1.1", "5": "5"}
_PAYLOADS: Final = {
    "auto-detect": "detect",
    "auto": "detect",
    "utf8": "text",
    "json": "json",
    "buffer": "bytes",
    "base64": "bytes",
}
_RETAINED: Final = {"0": "always", "1": "new", "2": "never"}
_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = defaultdict(
    tuple, {"port": (1883,), "version": ("5",), "client_id": ("",), "tls": (False,), "clean_start": (False,)}
)
_SECURE: Final = frozenset({"mqtts", "ssl", "tls"})


def mqtt_in(case: Case) -> Converted:
    """Convert an MQTT-in node."""
    entry = case.entry
    if str(entry.raw.get("inputs") or 0) == "1" or not entry.text("topic"):
        raise NotConvertibleError(
            "messages tell it what to subscribe to", "use an mqtt-in node for each topic, with + for what varies"
        )
    config: dict[str, Any] = {"broker": _broker(case), "topic": _topic(case)}
    if (qos := _qos(entry.raw.get("qos"), 2)) != 1:
        config["qos"] = qos
    kind = entry.text("datatype", "auto")
    if (payload := _PAYLOADS.get(kind, "detect")) != "detect":
        config["payload"] = payload
    if kind == "base64":
        case.differ("the payload is bytes, not text in base 64")
    if kind == "auto":
        case.differ("a payload that is JSON is parsed; set payload to text to leave it")
    if (retained := _RETAINED.get(str(entry.raw.get("rh") or 0), "always")) != "always":
        config["retained"] = retained
    if entry.flag("nl"):
        config["no_local"] = True
    return Converted("mqtt-in", config, takes_messages=False)


def mqtt_out(case: Case) -> Converted:
    """Convert an MQTT-out node."""
    entry = case.entry
    config: dict[str, Any] = {"broker": _broker(case)}
    if entry.text("topic"):
        config["topic"] = _topic(case)
    config["qos"] = _qos(entry.raw.get("qos"), None)
    config["retain"] = entry.flag("retain") if entry.text("retain") else None
    if entry.text("contentType"):
        config["content_type"] = entry.text("contentType")
    if entry.text("expiry"):
        config["expiry"] = case.duration(entry.raw.get("expiry"), "s", 0)
    for key, name in (
        ("respTopic", "response_topic"),
        ("correl", "correlation_data"),
        ("userProps", "user_properties"),
    ):
        if entry.raw.get(key):
            case.differ(f"{name} is not set by the node: set $.properties.{name} in a change node before")
    return Converted("mqtt-out", config, ports=())


def mqtt_broker(case: Case) -> Converted:
    """Convert the config node of a broker."""
    entry = case.entry
    host, port, is_secure = _address(entry)
    version = _VERSIONS.get(str(entry.raw.get("protocolVersion") or 4), "3.1.1")
    # The user's name is no secret, but no export of the editor holds it.
    user = entry.credential("user")
    config: dict[str, Any] = {
        "host": host,
        "port": 1883 if port is None else port,
        "version": version,
        "username": user or case.variable("USERNAME", "user name", optional=True),
        "password": case.variable("PASSWORD", "password", optional=True),
        "client_id": entry.text("clientid"),
        "tls": _tls(case) if is_secure or entry.flag("usetls") else False,
        "clean_start": entry.flag("cleansession", default=True),
        "keep_alive": case.duration(entry.raw.get("keepalive"), "s", 60),
    }
    if not config["clean_start"] and version == "5" and entry.number("sessionExpiry"):
        config["session_expiry"] = case.duration(entry.raw.get("sessionExpiry"), "s", 0)
    for kind in ("birth", "close", "will"):
        if entry.text(f"{kind}Topic"):
            config[kind] = _announcement(entry, kind)
    for is_so, sentence in (
        (str(entry.raw.get("protocolVersion")) == "3", "speaks MQTT 3.1.1, not 3.1"),
        (entry.raw.get("autoConnect") is False, "connects as soon as the flows run"),
        (bool(entry.raw.get("userProps")), "user properties of the connection are not sent"),
    ):
        if is_so:
            case.differ(sentence)
    return Converted("mqtt-broker", {name: value for name, value in config.items() if value not in _DEFAULTS[name]})


def _address(entry: Entry) -> tuple[str, float | str | None, bool]:
    """Return host, port and whether it is reached by TLS."""
    written = str(entry.raw.get("broker") or "localhost")
    port = entry.number("port")
    if "://" not in written:
        return entry.text("broker", "localhost"), port, False
    parts = urlsplit(written)
    if parts.scheme not in {"mqtt", "tcp", *_SECURE}:
        raise NotConvertibleError(f"it reaches the broker by {parts.scheme}", "name the broker's host and TCP port")
    is_secure = parts.scheme in _SECURE
    return parts.hostname or "localhost", parts.port or port or (8883 if is_secure else 1883), is_secure


def _tls(case: Case) -> bool | dict[str, Any]:
    options = case.around.entry(str(case.entry.raw.get("tls") or ""))
    return True if options is None else tls_options(case, options)


def tls_options(case: Case, options: Entry) -> bool | dict[str, Any]:
    """Return the settings of a TLS config node; they are part of what uses them here.

    Args:
        case: Who uses them.
        options: The config node.
    """
    config: dict[str, Any] = {}
    for key, name in (("ca", "ca"), ("cert", "certificate"), ("key", "key")):
        if options.text(key):
            config[name] = options.text(key)
        elif uploaded := options.text(f"{key}name"):
            case.differ(f"save the uploaded file {uploaded} where the engine can read it, and name it in tls.{name}")
    if "key" in config:
        config["key_password"] = case.variable("TLS_KEY_PASSWORD", "password of the TLS key", optional=True)
    if not options.flag("verifyservercert", default=True):
        config["verify"] = False
    if options.text("servername"):
        config["server_name"] = options.text("servername")
    return config or True


def _announcement(entry: Entry, kind: str) -> dict[str, Any]:
    return {
        "topic": entry.text(f"{kind}Topic"),
        "payload": entry.text(f"{kind}Payload"),
        "qos": _qos(entry.raw.get(f"{kind}Qos"), 0),
        "retain": entry.flag(f"{kind}Retain"),
    }


def _broker(case: Case) -> str:
    name = case.around.resource(str(case.entry.raw.get("broker") or ""))
    if name is None:
        raise NotConvertibleError("its broker is not in the export", "name a broker that is in resources.json")
    return name


def _topic(case: Case) -> str:
    topic = case.entry.text("topic")
    if "{" in topic.replace("${", ""):
        case.differ("braces in a topic name a field of the message: choose another topic")
    return topic


def _qos(value: Any, default: int | None) -> int | None:
    return int(value) if str(value) in {"0", "1", "2"} else default
