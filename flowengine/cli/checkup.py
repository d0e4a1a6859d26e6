"""What ``flowengine doctor`` looks at; nothing but the store's schema is changed by it."""

import asyncio
import os
import platform
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, NamedTuple

from flowengine.cli.folder import read_flows
from flowengine.cli.lint import lint_as_run_does
from flowengine.cli.node_types import load_node_types
from flowengine.cli.text import counted
from flowengine.errors import FlowEngineError
from flowengine.linting import LintResult
from flowengine.server.access import is_loopback
from flowengine.storage import Store
from flowengine.storage.users import ADMIN

CONNECT_SECONDS: Final = 5.0
LITTLE_SPACE: Final = 500_000_000
_FILE_STORE: Final = "sqlite:///"


class Finding(NamedTuple):
    """What was found about one thing.

    Attributes:
        subject: What was looked at, in a word.
        state: Whether it is as it should be; a problem keeps something from running.
        text: What was found.
        todo: What to do about it; empty if nothing is to be done.
    """

    subject: str
    state: Literal["ok", "warning", "problem"]
    text: str
    todo: str = ""


class Checkup(NamedTuple):
    """Where to look.

    Attributes:
        folder: Folder of flows.
        store: Address of the store.
        host: Address that the server will listen on.
        port: Its port.
        token: The token that the admin API will ask for.
        nodes: Folders of node files.
        variables: Variables of the process.
    """

    folder: Path
    store: str
    host: str
    port: int
    token: str
    nodes: tuple[Path, ...]
    variables: Mapping[str, str]

    async def findings(self) -> AsyncIterator[Finding]:
        """Look at one thing after the other."""
        yield Finding("version", "ok", f"flowengine {version('flowengine-iiot')}")
        yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()} ({sys.executable})")
        known = load_node_types(self.nodes)
        for problem in known.problems:
            yield Finding("nodes", "problem", problem.message, "repair the file, or remove the node pack")
        yield Finding("nodes", "ok", counted(len(known.registry), "node type"))
        try:
            folder = read_flows(self.folder)
            result = lint_as_run_does(folder, known.registry, self.variables)
        except FlowEngineError as error:
            yield Finding("flows", "problem", str(error))
        else:
            for finding in _flows(result, len(folder.flows), self.folder):
                yield finding
            async for finding in _resources(result):
                yield finding
        has_users = False
        async for finding in _store(self.store):
            has_users = has_users or finding.subject == "users"
            yield finding
        yield self._address(has_users=has_users)

    def _address(self, *, has_users: bool) -> Finding:
        place = f"{self.host}:{self.port}"
        if not self.token and not has_users and not is_loopback(self.host):
            text = f"{place} is open to the network, and there is neither a user nor an admin token"
            todo = "add one with: flowengine user add NAME --role admin; or set FLOWENGINE_ADMIN_TOKEN"
            return Finding("server", "problem", text, todo)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                todo = "an engine may be running already; stop what uses the port, or choose another with --port"
                return Finding("server", "problem", f"cannot listen on {place}: {_reason(error)}", todo)
        return Finding("server", "ok", f"can listen on {place}")


def _flows(result: LintResult, flows: int, folder: Path) -> Iterator[Finding]:
    missing = sorted({problem.message for problem in result.problems if problem.code == "missing-variable"})
    for message in missing:
        yield Finding("variables", "problem", message, "set it in the environment or in a file .env beside the folder")
    errors, warnings = len(result.errors), len(result.warnings)
    text = f"{counted(flows, 'flow')} in {folder}, {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    if errors:
        yield Finding("flows", "problem", text, f"see them with: flowengine lint {folder}")
    elif warnings:
        yield Finding("flows", "warning", text, f"see them with: flowengine lint {folder}")
    else:
        yield Finding("flows", "ok", text)


async def _resources(result: LintResult) -> AsyncIterator[Finding]:
    for id, resource in result.resources.items():
        host, port = getattr(resource.config, "host", None), getattr(resource.config, "port", None)
        if isinstance(host, str) and isinstance(port, int):
            yield await _reach(f"{id} ({resource.type.name})", host, port)


async def _reach(name: str, host: str, port: int) -> Finding:
    # Only as far as TCP: a client that logs in could take over the session of an engine that runs.
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        reason = f"no answer within {CONNECT_SECONDS:g} s"
    except OSError as error:
        reason = _reason(error)
    else:
        writer.close()
        return Finding("resource", "ok", f"{name} answers at {host}:{port}")
    todo = "check that it runs, its host and port in resources.json, and the firewall"
    return Finding("resource", "problem", f"{name} does not answer at {host}:{port}: {reason}", todo)


async def _store(address: str) -> AsyncIterator[Finding]:
    path = Path(address.removeprefix(_FILE_STORE)) if address.startswith(_FILE_STORE) else None
    parent = path.absolute().parent if path is not None else None
    if parent is not None and await asyncio.to_thread(parent.is_dir):
        free = shutil.disk_usage(parent).free
        if free < LITTLE_SPACE:
            text = f"only {free / 1e6:,.0f} MB are free in {parent}"
            yield Finding("disk", "warning", text, "free some space: with a full disk nothing is taken in")
        else:
            yield Finding("disk", "ok", f"{free / 1e9:,.1f} GB are free in {parent}")
    if path is not None and not await asyncio.to_thread(path.exists):
        yield _new_store(path)
        return
    try:
        store = await Store.open(address)
    except FlowEngineError as error:
        yield Finding("store", "problem", str(error))
        return
    try:
        waiting = sum(count.pending for count in await store.outbox.counts())
        letters = await store.dead_letters.count()
        users = await store.users.list()
        place = store.place
    finally:
        await store.close()
    yield Finding("store", "ok", f"{place}, {counted(waiting, 'message')} in the outbox")
    if users:
        admins = sum(user.role == ADMIN for user in users)
        yield Finding("users", "ok", f"{counted(len(users), 'user')}, {counted(admins, 'admin')}")
    if letters:
        yield Finding(
            "store", "warning", counted(letters, "dead letter"), "see them with: flowengine dead-letters list"
        )


def _new_store(path: Path) -> Finding:
    parent = path.absolute().parent
    if os.access(parent, os.W_OK):
        return Finding("store", "ok", f"{path} is not there yet; it will be made")
    return Finding(
        "store", "problem", f"{path} cannot be made", f"make the folder {parent}, and let this user write to it"
    )


def _reason(error: OSError) -> str:
    # asyncio puts the address into its sentence, which ours has already; a name's failure has numbers of its own.
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return os.strerror(error.errno).lower()
