"""Outbox, dead letters and state: from the store of an engine that is down, and from one that runs."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowengine.storage import Entry, Failure, NewLetter, Scope, Store
from tests.cli.conftest import Command, write_flow

SCRIPT = str(Path(sys.executable).with_name("flowengine"))
STORE = "sqlite:///flowengine.db"


@pytest.fixture
def store(here: Path) -> None:
    """The default store, with something of everything."""

    async def fill() -> None:
        store = await Store.open(STORE)
        for number in range(3):
            await store.outbox.put(Entry("boiler", "odoo", json.dumps({"payload": number}).encode(), key="k"))
        failure = Failure("http-status", "the server answered 500", b'{"status": 500}')
        await store.dead_letters.put(NewLetter("boiler", "odoo", b'{"payload": 7}', failure, origin="outbox"))
        failure = Failure("path-write", "cannot be written")
        await store.dead_letters.put(NewLetter("boiler", "map", b'{"payload": 8}', failure))
        await store.state.set(Scope("boiler", "join"), "count", 3)
        await store.state.set(Scope("boiler"), "mode", {"auto": True})
        await store.state.set(Scope(), "plant", "north")
        await store.close()

    asyncio.run(fill())


def test_outbox_lists_shows_hastens_and_drops(flowengine: Command, store: None) -> None:
    assert re.search(r"^boiler +odoo +3 +3 ", flowengine("outbox", "list").out, re.MULTILINE)
    assert flowengine("outbox", "list", "--format", "json").json[0]["pending"] == 3
    shown = flowengine("outbox", "show", "boiler", "odoo", "--limit", 2).out
    assert '{"payload":0}' in shown
    assert "more with --after 2" in shown
    assert '{"payload":2}' in flowengine("outbox", "show", "boiler", "odoo", "--after", 2).out
    assert flowengine("outbox", "hasten", "boiler", "odoo").out == "0 messages hastened\n"
    assert "--yes" in flowengine("outbox", "drop", "boiler", "odoo").err
    assert flowengine("outbox", "drop", "boiler", "odoo", "--yes").out == "3 messages dropped\n"
    assert flowengine("outbox", "list").out == "the outbox is empty\n"


@pytest.mark.parametrize("action", ["show", "hasten", "drop"])
def test_outbox_of_a_mistyped_sink_names_the_others(flowengine: Command, store: None, action: str) -> None:
    ended = flowengine("outbox", action, "boiler", "oddo")
    assert ended.code == 2
    assert "messages wait for: boiler odoo" in ended.err


def test_dead_letters_are_listed_and_filtered(flowengine: Command, store: None) -> None:
    out = flowengine("dead-letters", "list").out
    assert out.index("path-write") < out.index("http-status")
    assert out.endswith("2 dead letters\n")
    assert flowengine("dead-letters", "list", "--node", "map", "--format", "json").json["total"] == 1
    assert flowengine("dead-letters", "list", "--search", "answered 500").out.endswith("1 dead letter\n")
    assert flowengine("dead-letters", "list", "--code", "none").out == "0 dead letters\n"
    assert "more with --before 2" in flowengine("dead-letters", "list", "--limit", 1).out


def test_dead_letter_is_shown_with_its_error_and_message(flowengine: Command, store: None) -> None:
    out = flowengine("dead-letters", "show", 1).out
    assert "the server answered 500 [http-status]" in out
    assert '"payload": 7' in out
    assert flowengine("dead-letters", "show", 1, "--format", "json").json["detail"] == {"status": 500}
    ended = flowengine("dead-letters", "show", 99)
    assert ended.code == 2
    assert "there is no dead letter 99" in ended.err


def test_dead_letter_is_edited(flowengine: Command, store: None, here: Path) -> None:
    assert flowengine("dead-letters", "edit", 2, "--message", '{"payload": 9}').code == 0
    assert flowengine("dead-letters", "show", 2, "--format", "json").json["message"] == {"payload": 9}
    (here / "message.json").write_text('{"payload": 10}')
    assert flowengine("dead-letters", "edit", 2, "--file", "message.json").code == 0
    assert flowengine("dead-letters", "show", 2, "--format", "json").json["message"] == {"payload": 10}
    assert flowengine("dead-letters", "edit", 2, "--file", "message.json").out == "dead letter 2 is as it was\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--message", "{payload"], "this is no JSON"),
        (["--message", "5"], "a message is a JSON object"),
        (["--file", "nothing.json"], "nothing.json: No such file"),
        ([], "--message or --file"),
    ],
)
def test_dead_letter_refuses_what_is_no_message(
    flowengine: Command, store: None, options: list[str], said: str
) -> None:
    ended = flowengine("dead-letters", "edit", 2, *options)
    assert ended.code == 2
    assert said in ended.err


def test_dead_letter_is_edited_in_an_editor(
    flowengine: Command, store: None, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setenv("VISUAL", "sed -i s/8/80/")
    assert flowengine("dead-letters", "edit", 2).code == 0
    assert flowengine("dead-letters", "show", 2, "--format", "json").json["message"] == {"payload": 80}
    monkeypatch.setenv("VISUAL", "no-such-editor")
    assert 'the editor "no-such-editor" failed' in flowengine("dead-letters", "edit", 2).err


def test_dead_letters_of_the_outbox_are_replayed_without_an_engine_and_others_are_not(
    flowengine: Command, store: None
) -> None:
    ended = flowengine("dead-letters", "replay", "--all")
    assert ended.code == 1
    assert "1 put back into the outbox" in ended.out
    assert "[flow-not-running]" in ended.out
    assert "--url" in ended.out
    assert flowengine("outbox", "list", "--format", "json").json[0]["pending"] == 4
    assert flowengine("dead-letters", "list").out.endswith("1 dead letter\n")


def test_dead_letters_are_dropped_only_on_purpose(flowengine: Command, store: None) -> None:
    assert "--all for every one" in flowengine("dead-letters", "drop").err
    assert "--yes" in flowengine("dead-letters", "drop", "--all").err
    assert flowengine("dead-letters", "drop", 1, "--yes").out == "1 dead letter dropped\n"
    assert flowengine("dead-letters", "drop", "--all", "--yes").out == "1 dead letter dropped\n"


def test_state_is_listed_shown_and_dropped(flowengine: Command, store: None) -> None:
    assert flowengine("state", "list").out == 'plant  "north"\n1 value of all flows\n'
    out = flowengine("state", "list", "--flow", "boiler").out
    assert out == 'mode  {"auto":true}\n1 value of the flow "boiler"\nnodes with values of their own: join\n'
    scope = ("--flow", "boiler", "--node", "join")
    assert flowengine("state", "show", "count", *scope).out == "3\n"
    assert flowengine("state", "drop", "count", *scope, "--yes").code == 0
    ended = flowengine("state", "show", "count", *scope)
    assert ended.code == 2
    assert 'has no value "count"' in ended.err
    assert "--flow" in flowengine("state", "list", "--node", "join").err


@pytest.mark.parametrize("command", [("outbox", "list"), ("dead-letters", "list"), ("state", "list")])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "there is no store at sqlite:///flowengine.db"),
        (["--store", "mysql://host/name"], "this is no address of a store"),
        (["--store", "sqlite:///notes.txt"], "this file is not an SQLite database"),
        (["--url", "localhost:8000"], "write for example http://127.0.0.1:8000"),
        (["--url", "http://["], "write for example http://127.0.0.1:8000"),
        (["--url", "http://127.0.0.1:1"], "no engine answers at http://127.0.0.1:1"),
    ],
)
def test_desk_that_cannot_be_reached_says_why(
    flowengine: Command, here: Path, command: tuple[str, ...], options: list[str], said: str
) -> None:
    (here / "notes.txt").write_text("This is no database, but long enough to look like one to nobody. " * 20)
    ended = flowengine(*command, *options)
    assert ended.code == 2
    assert said in ended.err
    assert not (here / "flowengine.db").exists()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").is_success
    except httpx.ConnectError:
        return False


@pytest.fixture
def engine(here: Path) -> Iterator[str]:
    """An engine that runs a flow whose only message fails; its address."""
    folder = here / "flows"
    folder.mkdir()
    nodes: dict[str, Any] = {
        "tick": {"type": "inject", "config": {"at_start": True, "fields": {"payload": 5}}, "wires": {"out": ["map"]}},
        "map": {
            "type": "change",
            "config": {"rules": [{"set": "$.payload.level", "to": 1}]},
            "wires": {"out": ["show"]},
        },
        "show": {"type": "debug"},
    }
    write_flow(folder, "boiler", nodes, errors={"retry": {"attempts": 1}})
    command = [SCRIPT, "run", "flows", "--port", "0", "--admin-token", "secret", "--drain", "1"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    try:
        lines = iter(running.stderr.readline, "")
        address = next(found[1] for line in lines if (found := re.search(r" on (http://[^\s;]+)", line)))
        while not answers(address):
            time.sleep(0.05)
        yield address
    finally:
        running.send_signal(signal.SIGTERM)
        _, rest = running.communicate(timeout=20)
        assert running.returncode == 0, rest


def test_dead_letter_of_a_flow_is_edited_and_replayed_through_the_engine(flowengine: Command, engine: str) -> None:
    there = ("--url", engine, "--token", "secret")
    (letter,) = flowengine("dead-letters", "list", "--format", "json", *there).json["letters"]
    assert letter["code"] == "path-write"
    again = flowengine("dead-letters", "replay", letter["id"], *there)
    assert (again.code, again.out) == (1, "dead letters: 1 failed again\n")
    (letter,) = flowengine("dead-letters", "list", "--format", "json", *there).json["letters"]
    assert flowengine("dead-letters", "edit", letter["id"], "--message", '{"payload": {}}', *there).code == 0
    assert flowengine("dead-letters", "replay", "--all", *there).out == "dead letters: 1 replayed\n"
    assert flowengine("dead-letters", "list", *there).out == "0 dead letters\n"


def test_engine_asks_for_its_token(flowengine: Command, engine: str) -> None:
    assert "--token or FLOWENGINE_ADMIN_TOKEN" in flowengine("outbox", "list", "--url", engine).err
    assert "the token is wrong" in flowengine("outbox", "list", "--url", engine, "--token", "wrong").err
