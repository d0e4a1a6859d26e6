import socket
import subprocess
import sys
from importlib.metadata import EntryPoint, version
from pathlib import Path

import pytest

from flowengine.cli import commands
from flowengine.cli.commands import COMMANDS, CommandTable
from flowengine.flow.identifier import BadIdError
from tests.cli.conftest import Command, Ended

SCRIPT = str(Path(sys.executable).with_name("flowengine"))


def run_process(*arguments: str) -> Ended:
    """Run the command in a process of its own, as it installs handlers and holds sockets."""
    ended = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def all_commands() -> list[tuple[str, ...]]:
    table = CommandTable()
    found: list[tuple[str, ...]] = []
    for name in table:
        inner = getattr(table[name], "commands", {})
        found += [(name, each) for each in inner] if inner else [(name,)]
    return found


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_command_has_help_with_an_example_of_itself(flowengine: Command, words: tuple[str, ...]) -> None:
    ended = flowengine(*words, "--help")
    assert ended.code == 0
    assert "Example: " in ended.out
    assert f"flowengine {' '.join(words)}" in ended.out.partition("Example: ")[2]


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_command_refuses_an_option_that_it_does_not_have(flowengine: Command, words: tuple[str, ...]) -> None:
    ended = flowengine(*words, "--no-such-option")
    assert ended.code == 2
    assert "No such option" in ended.err


def test_help_lists_the_commands_of_node_packs_too(flowengine: Command) -> None:
    out = flowengine("--help").out
    for name in (*COMMANDS, "demo"):
        assert f"\n  {name} " in out


def test_help_cuts_no_summary_of_our_own_commands_off(flowengine: Command) -> None:
    lines = flowengine("--help").out.splitlines()
    assert [line for line in lines if line.split()[:1] in [[name] for name in COMMANDS] and line.endswith("...")] == []


def test_version_is_the_installed_one(flowengine: Command) -> None:
    assert flowengine("--version") == (0, f"flowengine {version('flowengine-iiot')}\n", "")


def test_command_that_is_mistyped_is_suggested(flowengine: Command) -> None:
    ended = flowengine("lnt")
    assert ended.code == 2
    assert "Did you mean 'lint'?" in ended.err


def test_command_of_a_broken_pack_stops_no_other(flowengine: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint(name="broken", value="nothing_of_that_name:run", group=commands.ENTRY_POINTS)
    monkeypatch.setattr(commands, "entry_points", lambda **_group: [broken])
    ended = flowengine("--help")
    assert ended.code == 0
    assert 'the command "broken" cannot be loaded from nothing_of_that_name:run' in ended.err
    assert "\n  lint " in ended.out
    assert flowengine("broken").code == 2


def test_run_without_its_folder_ends_in_a_sentence(flowengine: Command, here: Path) -> None:
    assert flowengine("run", "nowhere", "--port", "0") == (
        2,
        "",
        f"flowengine: there is no nowhere in {here}; name the folder that holds your flows [no-such-folder]\n",
    )
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--store", "mysql://host/name"], "this is no address of a store"),
        (["--store", "sqlite:///flows/boiler.flow.json"], "this file is not an SQLite database"),
        (["--store", "sqlite:///no/such/folder/store.db"], "create its directory"),
        (["--host", "0.0.0.0"], "without authentication"),
        (["--host", "203.0.113.1", "--admin-token", "x"], "cannot listen on 203.0.113.1"),
        (["--log-level", "loud"], "Invalid value for '--log-level'"),
        (["--port", "99999"], "Invalid value for '--port'"),
    ],
)
def test_run_with_a_wrong_option_ends_in_a_sentence(flows: Path, options: list[str], said: str) -> None:
    ended = run_process("run", "--port", "0", *options)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_run_on_a_port_that_is_taken_says_which(flows: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ended = run_process("run", "--port", port, "--store", "sqlite://")
    assert ended.code == 2
    assert ended.err.startswith(f"flowengine: cannot listen on 127.0.0.1:{port}")
    assert ended.err.endswith("[port-taken]\n")


def test_mistakes_in_a_group_of_errors_are_told_one_by_one(
    flowengine: Command, flows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ExceptionGroup("tasks", [BadIdError("One"), ExceptionGroup("more", [BadIdError("Two")])])

    monkeypatch.setattr("flowengine.cli.fmt.read_file", fail)
    ended = flowengine("fmt")
    assert ended.code == 2
    assert [line.split()[1] for line in ended.err.splitlines()] == ['"One"', '"Two"']


def test_output_that_nobody_reads_any_more_is_no_error(here: Path) -> None:
    command = f"{SCRIPT} nodes | head -1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("common\n", "")
