"""The registry that a request is about, and what its refusals are over HTTP."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from flowengine.node import ConfigNode, NodeError, TransientError
from flowengine.server.endpoint import Call
from flowengine.server.model import Query
from flowengine.server.problem_response import ApiError
from flowengine_nodes.iiot.commands.taking import STATUS
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.ota.refusal import is_refusal, status_of
from flowengine_nodes.iiot.registry.registry import Registry

P = ParamSpec("P")
T = TypeVar("T")
N = TypeVar("N", bound=ConfigNode[Any])
_CONFLICTS = ("duplicate-", "device-lifecycle", "device-not-suspended", "not-pairable")


class RegistryQuery(Query):
    """Which registry."""

    registry: str = ""
    """Id of its config node; empty for the only one that runs."""


def registry_of(call: Call, query: RegistryQuery) -> Registry[Any]:
    """Return the registry that a request is about.

    Raises:
        ApiError: It does not run, or it is not said which of several.
    """
    return _running(call, Registry, query.registry, "registry")


def firmware_store_of(call: Call, query: RegistryQuery) -> FirmwareStore:
    """Return the store of firmware files that belongs to the registry.

    Raises:
        ApiError: None runs.
    """
    registry = registry_of(call, query)
    for node in call.backend.engine.world.resources.values():
        if isinstance(node, FirmwareStore) and node.registry is registry:
            return node
    message = "no firmware store runs for this registry; add a config node of the type firmware-store and deploy it"
    raise ApiError(409, "no-firmware-store", message, "registry")


def asker(call: Call) -> str:
    """Return who asks, as audit trails show it."""
    return call.who.name if call.who is not None else ""


def refusing(handler: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let a handler's refusals leave with the HTTP status that goes with them."""

    @functools.wraps(handler)
    async def answered(*args: P.args, **rest: P.kwargs) -> T:
        try:
            return await handler(*args, **rest)
        except ApiError:
            raise
        except NodeError as error:
            if not is_refusal(error):
                raise
            location = str(error.detail.get("location", ""))
            raise ApiError(_status(error), error.code, str(error), location, error.detail) from error

    return answered


def _status(error: NodeError) -> int:
    code = error.code
    if isinstance(error, TransientError):
        return 503
    if code in STATUS:
        return STATUS[code]
    if code.startswith(_CONFLICTS) or code.endswith("-in-use"):
        return 409
    return status_of(code)


def _running(call: Call, kind: type[N], id: str, name: str) -> N:
    found = {one: node for one, node in call.backend.engine.world.resources.items() if isinstance(node, kind)}
    if id:
        if id not in found:
            raise ApiError(404, f"unknown-{name}", f'no {name} "{id}" runs', name)
        return found[id]
    if not found:
        message = f"no {name} runs; add an iiot-registry or an odoo-registry, and a flow that uses it, and deploy"
        raise ApiError(404, f"no-{name}", message, name)
    if len(found) > 1:
        raise ApiError(400, f"which-{name}", f"say which {name}: {', '.join(sorted(found))}", name)
    return next(iter(found.values()))
