"""``flowengine state``: values that nodes and flows keep."""

import asyncio
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.desk import EngineUrl, Token, open_desk
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, StoreAddress
from flowengine.cli.text import counted, json_line, json_text, table
from flowengine.errors import FlowEngineError

state = group("state")


class NodeWithoutFlowError(FlowEngineError):
    """A node was named and its flow was not.

    Args:
        node: The node.
    """

    code = "node-without-flow"

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node

    def __str__(self) -> str:
        return f'say with --flow which flow the node "{self.node}" is of'


Flow = Annotated[str, typer.Option(help="Values of this flow; without it, those of all flows.")]
Node = Annotated[str, typer.Option(help="Values of this node of the flow.")]
Key = Annotated[str, typer.Argument(help="Name of the value.")]


@state.callback()
def look() -> None:
    """See and remove values that nodes and flows keep."""


@state.command(name="list", epilog="Example: flowengine state list --flow telemetry")
def list_values(
    flow: Flow = "",
    node: Node = "",
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    format: Format = "text",
) -> None:
    """List the values of a scope."""
    _check(flow, node)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            found = await desk.get("state", flow=flow, node=node, size=200)
        if format == "json":
            print(json_text(found))
            return
        if found["values"]:
            print(table((one["key"], json_line(one["value"])) for one in found["values"]))
        print(f"{counted(len(found['values']), 'value')} of {_scope(flow, node)}")
        if found["nodes"]:
            print(f"nodes with values of their own: {', '.join(found['nodes'])}")

    asyncio.run(work())


@state.command(epilog="Example: flowengine state show count --flow telemetry --node join")
def show(
    key: Key,
    flow: Flow = "",
    node: Node = "",
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
) -> None:
    """Print a value as JSON."""
    _check(flow, node)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            print(json_text((await desk.get("state/value", key=key, flow=flow, node=node))["value"]))

    asyncio.run(work())


@state.command(epilog="Example: flowengine state drop count --flow telemetry --node join --yes")
def drop(
    key: Key,
    flow: Flow = "",
    node: Node = "",
    *,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    yes: Yes = False,
) -> None:
    """Remove a value for good.

    While the engine runs, name it with --url: it has the values of its nodes in memory.
    """
    _check(flow, node)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            await desk.get("state/value", key=key, flow=flow, node=node)
            confirm(f'Remove the value "{key}" of {_scope(flow, node)} for good?', yes=yes)
            await desk.delete("state/value", key=key, flow=flow, node=node)
        print(f'the value "{key}" of {_scope(flow, node)} is removed')

    asyncio.run(work())


def _check(flow: str, node: str) -> None:
    if node and not flow:
        raise NodeWithoutFlowError(node)


def _scope(flow: str, node: str) -> str:
    if node:
        return f'the node "{node}" of the flow "{flow}"'
    return f'the flow "{flow}"' if flow else "all flows"
