"""One process that runs a folder of flows and answers on HTTP."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flowengine.errors import FlowEngineError
from flowengine.linting import Linter
from flowengine.registry import Registry, load_folder, load_node_packs
from flowengine.runtime import Engine, RouteTable
from flowengine.runtime.workspace import Workspace
from flowengine.server.access import Access, is_loopback
from flowengine.server.backend import Backend
from flowengine.storage import Store

if TYPE_CHECKING:
    from flowengine.server.http_server import HttpServer

log = logging.getLogger("flowengine.service")


class OpenAddressError(FlowEngineError):
    """The server would be open to the network without asking who is there.

    Args:
        host: The address it was to listen on.
    """

    code = "open-address"

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return (
            f"will not listen on {self.host} without authentication: add a user with 'flowengine user add NAME "
            "--role admin', or set FLOWENGINE_ADMIN_TOKEN, or listen on 127.0.0.1"
        )


class PortTakenError(FlowEngineError):
    """The port cannot be listened on.

    Args:
        host: The address.
        port: The port.
        reason: What the system said.
    """

    code = "port-taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(host, port, reason)
        self.host = host
        self.port = port
        self.reason = reason

    def __str__(self) -> str:
        return f"cannot listen on {self.host}:{self.port} ({self.reason}); choose another with --port"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What to run and where.

    Args:
        folder: Folder of flows.
        host: Address to listen on.
        port: Port to listen on; 0 for any free one.
        store: Address of the store.
        nodes: Folders of more node files.
        watch: Whether to deploy when files change.
        drain: Seconds that messages in flight get at a stop.
        admin_token: A token that is the admin's, beside the users and API tokens of the store; empty for none.
        variables: Variables of the process.
        worker: Which of the processes that run the folder this one is, from 0.
        workers: How many there are.
        lifeline: File descriptor whose end means that this process must end too.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000
    store: str = "sqlite://"
    nodes: tuple[Path, ...] = ()
    watch: bool = False
    drain: float = 10.0
    admin_token: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    worker: int = 0
    workers: int = 1
    lifeline: int | None = None


class Service:
    """Run the engine and the server together, and stop them in the right order.

    Args:
        options: What to run and where.

    Attributes:
        engine: The engine, once it has started.
        workspace: Its folder.
        url: Where the server answers.
    """

    engine: Engine
    workspace: Workspace
    url: str

    def __init__(self, options: ServiceOptions) -> None:
        self._options = options
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        if self._options.lifeline is not None:
            loop.add_reader(self._options.lifeline, self._lost_lifeline, self._options.lifeline)
        async with self.running():
            await self._stopping.wait()
            log.info("stopping: letting %d messages in flight finish", _in_flight(self.engine))

    def _lost_lifeline(self, lifeline: int) -> None:
        asyncio.get_running_loop().remove_reader(lifeline)
        self._stopping.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Service"]:
        """Run while the ``async with`` lasts."""
        options = self._options
        listening = _listen(options.host, options.port, shared=options.workers > 1)
        self.url = f"http://{options.host}:{listening.getsockname()[1]}"
        registry = Registry()
        for error in (
            *load_node_packs(registry, when_used=True),
            *(one for each in options.nodes for one in load_folder(registry, each)),
        ):
            log.error("%s", error)
        routes = RouteTable()
        async with AsyncExitStack() as stack:
            stack.enter_context(listening)
            store = await Store.open(options.store, reserve=True)
            stack.push_async_callback(store.close)
            has_users = await store.users.exist()
            if not (has_users or options.admin_token or is_loopback(options.host)):
                raise OpenAddressError(options.host)
            async with Engine(
                store, routes, drain=options.drain, worker=options.worker, workers=options.workers
            ) as engine:
                self.engine = engine
                self.workspace = Workspace(options.folder, Linter(registry), engine, options.variables)
                backend = Backend.of(self.workspace, registry, store, routes)
                async with self._beside(backend):
                    await self._deploy_first()
                    if not (has_users or options.admin_token):
                        log.info("whoever is on this machine is the admin: there is neither a user nor an admin token")
                    async with self._served(listening, backend):
                        _calm_the_collector()
                        yield self

    async def _deploy_first(self) -> None:
        report = await self.workspace.deploy()
        for problem in self.workspace.result.problems:
            log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        log.info(
            "running %d flows from %s, %d broken, on %s; the editor is at %s/editor/",
            len(self.engine.flows),
            self._options.folder,
            len(report.broken),
            self.url,
            self.url,
        )

    @asynccontextmanager
    async def _served(self, listening: socket.socket, backend: Backend) -> AsyncIterator[None]:
        options = self._options
        access = Access(backend.store, options.admin_token, is_local=is_loopback(options.host))
        # In a thread, since the flows run already and their connections are being made.
        server = await asyncio.to_thread(_http_server, backend, access)
        task = asyncio.create_task(server.serve([listening]), name="http server")
        await server.listens.wait()
        try:
            yield
        finally:
            await self.workspace.close()
            # The server goes on while the flows drain: requests in flight are among what drains.
            await self.engine.stop()
            backend.events.close()
            server.should_exit = True
            await task

    @asynccontextmanager
    async def _beside(self, backend: Backend) -> AsyncIterator[None]:
        """Watch the files and the figures."""
        work = [
            asyncio.create_task(backend.rates.run(), name="rates"),
            asyncio.create_task(self.workspace.follow(deploy=self._options.watch), name="watch files"),
        ]
        for task in work:
            task.add_done_callback(_tell_of_failure)
        # Once they have begun, no change of a file is missed.
        await asyncio.sleep(0)
        try:
            yield
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)


def _http_server(backend: Backend, access: Access) -> "HttpServer":
    from flowengine.server.http_server import HttpServer  # noqa: PLC0415 - takes as long as all that flows need

    return HttpServer(backend, access)


def _calm_the_collector() -> None:
    """Let the garbage collector look at what is new only, and seldom.

    Messages hold no cycles, so counting references frees them. Without this the collector walks all modules and every
    message in flight again and again: half of the CPU time under load. A start leaves hardly any garbage, and to look
    for it would hold up the flows, which run already.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTakenError(host, port, error.strerror or str(error)) from error
    listening.set_inheritable(True)
    return listening


def _tell_of_failure(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("%s stopped; restart the service to have it again", task.get_name(), exc_info=error)


def _in_flight(engine: Engine) -> int:
    return sum(flow.account.in_flight for flow in engine.flows.values())
