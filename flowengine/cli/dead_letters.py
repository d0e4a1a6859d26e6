"""``flowengine dead-letters``: messages that were given up."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.desk import Desk, EngineUrl, Token, open_desk
from flowengine.cli.exit_code import ExitCode
from flowengine.cli.message_editor import changed_message
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, StoreAddress
from flowengine.cli.text import counted, json_line, json_text, table, time_text
from flowengine.errors import FlowEngineError
from flowengine.storage import LetterFilter

dead_letters = group("dead-letters")

Id = Annotated[int, typer.Argument(min=0, help="Number of the letter.")]
Ids = Annotated[list[int] | None, typer.Argument(min=0, help="Numbers of letters.", metavar="[ID]...")]
Flow = Annotated[str | None, typer.Option(help="Only letters of this flow.")]
Node = Annotated[str | None, typer.Option(help="Only letters of this node.")]
Code = Annotated[str | None, typer.Option(help="Only letters with this error code.")]
Search = Annotated[
    str | None, typer.Option(help="Only letters with this text in the message (exact case) or in the error.")
]
All = Annotated[bool, typer.Option("--all", help="Every letter there is.")]
# The API takes so many at once.
PORTION = 1_000


class NoChoiceError(FlowEngineError):
    """A command that changes letters was not told which."""

    code = "no-choice"

    def __str__(self) -> str:
        return "say which letters: their numbers, --flow, --node, --code or --search; --all for every one"


@dead_letters.callback()
def look() -> None:
    """See messages that were given up; edit, replay or drop them."""


@dead_letters.command(name="list", epilog="Example: flowengine dead-letters list --flow telemetry --code http-status")
def list_letters(
    flow: Flow = None,
    node: Node = None,
    code: Code = None,
    search: Search = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most, newest first.")] = 20,
    before: Annotated[int | None, typer.Option(min=0, help="Only letters before this number.")] = None,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    format: Format = "text",
) -> None:
    """List dead letters, newest first."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            found = await desk.get(
                "dead-letters", flow=flow, node=node, code=code, search=search, limit=limit, before=before
            )
        if format == "json":
            print(json_text(found))
            return
        rows = [
            (str(one["id"]), time_text(one["failed_at"]), one["flow"], one["node"], one["code"], one["error"])
            for one in found["letters"]
        ]
        if rows:
            print(table([("ID", "GIVEN UP", "FLOW", "NODE", "CODE", "ERROR"), *rows]))
        print(counted(found["total"], "dead letter"))
        if found["next"] is not None:
            print(f"more with --before {found['next']}")

    asyncio.run(work())


@dead_letters.command(epilog="Example: flowengine dead-letters show 17")
def show(
    id: Id, store: StoreAddress = DEFAULT_STORE, url: EngineUrl = "", token: Token = "", format: Format = "text"
) -> None:
    """Show a dead letter: its message, and why it was given up."""

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            letter = await desk.get(f"dead-letters/{id}")
        print(json_text(letter) if format == "json" else _shown(letter))

    asyncio.run(work())


@dead_letters.command(epilog="Example: flowengine dead-letters edit 17 --message '{\"payload\": 21.5}'")
def edit(
    id: Id,
    message: Annotated[str | None, typer.Option(help="The new message, as JSON.")] = None,
    file: Annotated[Path | None, typer.Option(help="File with the new message; - for standard input.")] = None,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
) -> None:
    """Change the message of a dead letter before it is replayed.

    Without --message and --file it is opened in the editor that EDITOR names.
    """

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            letter = await desk.get(f"dead-letters/{id}")
            changed = changed_message(letter["message"], message, file)
            if changed == letter["message"]:
                print(f"dead letter {id} is as it was")
                return
            await desk.put(f"dead-letters/{id}", {"message": changed})
        print(f"dead letter {id} changed; replay it with: flowengine dead-letters replay {id}")

    asyncio.run(work())


@dead_letters.command(epilog="Example: flowengine dead-letters replay --flow telemetry --url http://127.0.0.1:8000")
def replay(
    ids: Ids = None,
    flow: Flow = None,
    node: Node = None,
    code: Code = None,
    search: Search = None,
    *,
    all: All = False,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    format: Format = "text",
) -> None:
    """Try dead letters again.

    A letter that failed in a flow needs the engine that runs it: name it with --url. One that a sink gave up goes back
    into the sink's outbox, with or without an engine. A letter goes only when its message is safe elsewhere. Exits
    with 1 if a letter failed again or could not be replayed.
    """
    which = _chosen(ids, flow, node, code, search, all=all)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            result = await _replayed(desk, which)
        print(json_text(result) if format == "json" else _told(result, with_engine=bool(url)))
        if result["failed"] or result["refused"] or result["pending"]:
            raise typer.Exit(ExitCode.PROBLEMS)

    asyncio.run(work())


@dead_letters.command(epilog="Example: flowengine dead-letters drop 17 18 --yes")
def drop(
    ids: Ids = None,
    flow: Flow = None,
    node: Node = None,
    code: Code = None,
    search: Search = None,
    *,
    all: All = False,
    store: StoreAddress = DEFAULT_STORE,
    url: EngineUrl = "",
    token: Token = "",
    yes: Yes = False,
) -> None:
    """Remove dead letters for good."""
    which = _chosen(ids, flow, node, code, search, all=all)

    async def work() -> None:
        async with open_desk(store, url, token) as desk:
            confirm("Remove these dead letters for good?", yes=yes)
            count = (await desk.post("dead-letters/drop", which))["count"]
        print(f"{counted(count, 'dead letter')} dropped")

    asyncio.run(work())


def _chosen(
    ids: list[int] | None, flow: str | None, node: str | None, code: str | None, search: str | None, *, all: bool
) -> dict[str, Any]:
    named = {"ids": ids or None, "flow": flow, "node": node, "code": code, "search": search}
    which: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if not which and not all:
        raise NoChoiceError
    return {**which, "all": True} if all else which


async def _replayed(desk: Desk, which: dict[str, Any]) -> dict[str, Any]:
    """Replay portion by portion until nothing that can be replayed is left."""
    total: dict[str, Any] = {"requeued": 0, "settled": 0, "dropped": 0, "failed": 0, "pending": 0, "refused": []}
    if desk.store is not None:
        chosen = LetterFilter(**{name: value for name, value in which.items() if name != "all"})
        total["requeued"] = await desk.store.dead_letters.requeue(chosen)
    while True:
        result = await desk.post("dead-letters/replay", {**which, "limit": PORTION, "wait": 30})
        for name in total:
            total[name] += result[name]
        moved = result["requeued"] + result["settled"] + result["dropped"]
        if sys.stderr.isatty():
            print(f"{total['requeued'] + total['settled']:,} replayed, {result['remaining']:,} left", file=sys.stderr)
        # A letter that fails again is a new letter: going on would try it for ever.
        if not moved or not result["remaining"] or result["failed"] or result["refused"]:
            return total


def _told(result: dict[str, Any], *, with_engine: bool) -> str:
    words = {
        "settled": "replayed",
        "requeued": "put back into the outbox",
        "dropped": "dropped by the flow",
        "failed": "failed again",
        "pending": "still on their way",
    }
    parts = [f"{result[name]:,} {text}" for name, text in words.items() if result[name]]
    lines = [f"dead letters: {', '.join(parts) or '0 replayed'}"]
    lines += [f"    {one['id']}: {one['message']} [{one['code']}]" for one in result["refused"]]
    if result["refused"] and not with_engine:
        lines.append("    letters that failed in a flow need the engine that runs it; name it with --url")
    return "\n".join(lines)


def _shown(letter: dict[str, Any]) -> str:
    place = "the outbox of" if letter["origin"] == "outbox" else "the input of"
    rows = [
        ("flow", letter["flow"]),
        ("node", letter["node"]),
        ("error", f"{letter['error']} [{letter['code']}]"),
        ("detail", json_line(letter["detail"])),
        ("message id", letter["message_id"]),
        ("key", letter["key"]),
        ("accepted", time_text(letter["created_at"])),
        ("given up", f"{time_text(letter['failed_at'])}, tried {letter['attempts']} times"),
        ("replays to", f"{place} {letter['node']}"),
        ("replays", f"{letter['replays']}; what it sent then may have arrived" if letter["replays"] else "none yet"),
    ]
    shown = letter["excerpt"] if letter["message"] is None else letter["message"]
    return f"dead letter {letter['id']}\n{table(((a, b) for a, b in rows if b), indent='  ')}\n{json_text(shown)}"
