"""Which commands make the broker's accounts what they should be."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowengine.node import NodeError
from flowengine_nodes.iiot.dynamic_security.rules import DEVICE, Account, Rules, read_rules, role_names

Command = dict[str, Any]


class TakenNameError(NodeError):
    """The broker has a client of this name that is no device.

    Args:
        username: The name.
    """

    def __init__(self, username: str) -> None:
        super().__init__(
            f'the broker has a user "{username}" that is no device of the registry; give the device another id',
            code="broker-name-taken",
        )
        self.username = username


class UnsafeNameError(NodeError):
    """A device's id would mean something else in the rules of a broker.

    Args:
        device: The id.
    """

    def __init__(self, device: str) -> None:
        super().__init__(
            f'the device id "{device}" holds "%", which stands for other names in the rules of brokers;'
            " give the device another id",
            code="unsafe-device-id",
        )
        self.device = device


def looking(account: Account) -> list[Command]:
    """Return the commands that ask how an account is."""
    return [
        {"command": "getClient", "username": account.username},
        {"command": "getRole", "rolename": account.role},
    ]


def changing(account: Account, client: Mapping[str, Any] | None, role: Mapping[str, Any] | None) -> list[Command]:
    """Return the commands that make an account what it should be; none if it is.

    Args:
        account: As it should be.
        client: As the plugin tells it; ``None`` if there is none.
        role: Its role, likewise.

    Raises:
        TakenNameError: There is such a client, and it is no device.
        UnsafeNameError: The name cannot be used in rules.
    """
    if "%" in account.username:
        raise UnsafeNameError(account.username)
    kind = account.mark.partition(":")[0]
    if client is not None and not str(client.get("textdescription", "")).startswith(f"{kind}:"):
        raise TakenNameError(account.username)
    if not account.role:
        return [*_client_changes(account, client)]
    return [*_role_changes(account.role, account.rules, read_rules(role)), *_client_changes(account, client)]


def removing(username: str) -> list[Command]:
    """Return the commands that remove an account; a client that is connected is cut off."""
    return [
        {"command": "deleteClient", "username": username},
        {"command": "deleteRole", "rolename": DEVICE + username},
    ]


def devices_among(clients: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the user names that are devices, of clients as the plugin lists them."""
    return [name for name, client in clients.items() if str(client.get("textdescription", "")).startswith(DEVICE)]


def _role_changes(role: str, wanted: Rules, found: Rules | None) -> Iterator[Command]:
    if found != wanted:
        command = "createRole" if found is None else "modifyRole"
        yield {"command": command, "rolename": role, "acls": [rule.document() for rule in sorted(wanted)]}


def _client_changes(account: Account, client: Mapping[str, Any] | None) -> Iterator[Command]:
    if client is not None:
        found = (client.get("clientid", ""), client.get("textdescription", ""))
        roles = {account.role} if account.role else set()
        if found == (account.client_id, account.mark) and set(role_names(client)) >= roles:
            if client.get("disabled", False):
                yield {"command": "enableClient", "username": account.username}
            return
        # Whoever is connected with the old password is cut off by this, too.
        yield {"command": "deleteClient", "username": account.username}
    command: Command = {
        "command": "createClient",
        "username": account.username,
        "password": account.password,
        "textdescription": account.mark,
        "roles": [{"rolename": account.role}] if account.role else [],
    }
    yield command | ({"clientid": account.client_id} if account.client_id else {})
