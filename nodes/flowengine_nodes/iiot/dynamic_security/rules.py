"""Who may do what, in the words of Mosquitto's dynamic-security plugin."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flowengine_nodes.iiot.registry.topics import Topics

DEVICE = "device:"
"""Roles of devices, and the marks of their clients, begin so; all other roles and clients are somebody else's."""

_PUBLISHES = ("config_request", "telemetry", "command_response", "ota_status", "presence")
_SUBSCRIBES = ("config_response", "command", "ota_notify")


class Rule(NamedTuple):
    """One entry of a role.

    Args:
        kind: The plugin's ``acltype``.
        topic: Topic or filter.
        allow: Whether it allows or denies.
        priority: Higher ones are looked at first.
    """

    kind: str
    topic: str
    allow: bool = True
    priority: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as the plugin takes it."""
        return {"acltype": self.kind, "topic": self.topic, "allow": self.allow, "priority": self.priority}


Rules = frozenset[Rule]


class Account(NamedTuple):
    """A client with its role, as it should be or is.

    Args:
        username: Its user name.
        role: Name of its role; empty where the broker has its rules elsewhere.
        client_id: Client id it must use; empty for any.
        password: Its password; empty where it is not known, as nobody can read it back.
        mark: What changes with the password, and can be read back.
        rules: What it may do.
    """

    username: str
    role: str
    client_id: str
    password: str
    mark: str
    rules: Rules


def device_account(device: str, password: str, token: str, rules: Rules | None) -> Account:
    """Return the account of a device.

    Args:
        device: Its id, which is its user name and its client id.
        password: Its password.
        token: Id of the token that the password was made of.
        rules: What it may do; ``None`` where the broker has its rules elsewhere.
    """
    role = "" if rules is None else DEVICE + device
    return Account(device, role, device, password, DEVICE + token, rules or frozenset())


def rules_of(device: str, topics: Topics) -> Rules:
    """Return what a device may do: publish and subscribe as itself, and nothing else.

    Args:
        device: Its id.
        topics: Those of its profile.
    """
    return frozenset(
        [
            *(Rule("publishClientSend", getattr(topics, name).of(device)) for name in _PUBLISHES),
            *(Rule("subscribeLiteral", getattr(topics, name).of(device)) for name in _SUBSCRIBES),
        ]
    )


def pairing_rules(request: str, reply: str) -> Rules:
    """Return what somebody may do who has not paired yet: ask, and hear the answer on a topic that only he knows.

    Args:
        request: Topic of requests.
        reply: Beginning of the topics of answers, with its last slash.
    """
    return frozenset(
        {
            Rule("publishClientSend", request),
            Rule("subscribePattern", f"{reply}+"),
            # Without this, the pattern would let him subscribe to the answers of all others.
            Rule("subscribeLiteral", f"{reply}+", allow=False, priority=10),
            Rule("unsubscribePattern", "#"),
        }
    )


ENGINE_RULES: Rules = frozenset(
    Rule(kind, "#") for kind in ("publishClientSend", "publishClientReceive", "subscribePattern", "unsubscribePattern")
)
"""What the engine needs beside its right to administer: every topic that does not begin with ``$``."""


def read_rules(role: Mapping[str, Any] | None) -> Rules | None:
    """Return the rules of a role as the plugin tells them; ``None`` where there is no such role."""
    if role is None:
        return None
    return frozenset(
        Rule(each["acltype"], each["topic"], bool(each.get("allow", False)), int(each.get("priority", 0)))
        for each in role.get("acls", ())
    )


def role_names(client: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of a client's roles."""
    return [role["rolename"] for role in client.get("roles", ())]
