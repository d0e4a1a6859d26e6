"""``flowengine outbox``: what waits for its sinks."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.desk import Desk, EngineUrl, Token, open_desk
from flowengine.cli.parameters import Format, OutputFormat
from flowengine.cli.store_address import DEFAULT_STORE, StoreAddress
from flowengine.cli.text import age_text, counted, json_line, json_text, table, time_text
from flowengine.errors import FlowEngineError

outbox = group("outbox")

Flow = Annotated[str, typer.Argument(help="Id of the flow.")]
Node = Annotated[str, typer.Argument(help="Id of the sink; inside a subflow instance/node.")]


class NothingWaitsError(FlowEngineError):
    """Nothing waits for a sink, and so it may be mistyped.

    Args:
        flow: Id of the flow.
        node: Id of the sink.
        known: The sinks for which something does wait, as ``flow node``.
    """

    code = "nothing-waits"

    def __init__(self, flow: str, node: str, known: list[str]) -> None:
        super().__init__(flow, node, known)
        self.flow = flow
        self.node = node
        self.known = known

    def __str__(self) -> str:
        others = f"messages wait for: {', '.join(self.known)}" if self.known else "the outbox is empty"
        return f'nothing waits for the node "{self.node}" of the flow "{self.flow}"; {others}'


@outbox.callback()
def look() -> None:
    """See what waits for its sinks, hasten it, or drop it."""


@outbox.command(name="list", epilog="Example: flowengine outbox list --url http://127.0.0.1:8000")
def list_queues(
    store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "", format: Format = "text"
) -> None:
    """List how much waits for each sink."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            queues = (await desk.get("outbox"))["queues"]
        if format == "json":
            print(json_text(queues))
        elif not queues:
            print("the outbox is empty")
        else:
            rows = [(one["flow"], one["node"], one["pending"], one["due"], age_text(one["oldest"])) for one in queues]
            print(table([("FLOW", "NODE", "WAITING", "DUE", "OLDEST"), *rows]))

    asyncio.run(work())


@outbox.command(epilog="Example: flowengine outbox show telemetry odoo --limit 5")
def show(
    flow: Flow,
    node: Node,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most, oldest first.")] = 20,
    after: Annotated[int, typer.Option(min=0, help="Only messages after this number.")] = 0,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    format: Format = "text",
) -> None:
    """Show the messages that wait for a sink, oldest first."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            found = await desk.get(_path(flow, node), limit=limit, after=after)
            if not found["messages"] and not after:
                raise await _nothing(desk, flow, node)
        _show(found, format)

    asyncio.run(work())


@outbox.command(epilog="Example: flowengine outbox hasten telemetry odoo")
def hasten(flow: Flow, node: Node, store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "") -> None:
    """Let what waits to be tried again be tried now."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            count = (await desk.post(_path(flow, node)))["count"]
            if not count and not (await desk.get(_path(flow, node), limit=1))["messages"]:
                raise await _nothing(desk, flow, node)
        print(f"{counted(count, 'message')} hastened")

    asyncio.run(work())


@outbox.command(epilog="Example: flowengine outbox drop telemetry odoo --yes")
def drop(
    flow: Flow,
    node: Node,
    *,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    yes: Yes = False,
) -> None:
    """Remove for good what waits for a sink."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            if not (await desk.get(_path(flow, node), limit=1))["messages"]:
                raise await _nothing(desk, flow, node)
            confirm(f'Remove for good what waits for the node "{node}" of the flow "{flow}"?', yes=yes)
            count = (await desk.delete(_path(flow, node)))["count"]
        print(f"{counted(count, 'message')} dropped")

    asyncio.run(work())


def _path(flow: str, node: str) -> str:
    return f"outbox/{quote(flow, safe='')}/{quote(node)}"


async def _nothing(desk: Desk, flow: str, node: str) -> NothingWaitsError:
    queues = (await desk.get("outbox"))["queues"]
    return NothingWaitsError(flow, node, [f"{one['flow']} {one['node']}" for one in queues])


def _show(found: dict[str, Any], format: OutputFormat) -> None:
    if format == "json":
        print(json_text(found["messages"]))
        return
    for one in found["messages"]:
        state = "being sent" if one["claimed"] else f"after {time_text(one['due_at'])}" if one["due_at"] else "due"
        key = f", key {one['key']}" if one["key"] else ""
        print(f"{one['id']}  {time_text(one['created_at'])}  {state}, tried {one['attempts']} times{key}")
        if one["last_error"]:
            print(f"    {one['last_error']}")
        print(f"    {json_line(one['message'])}")
    if found["next"] is not None:
        print(f"more with --after {found['next']}")
