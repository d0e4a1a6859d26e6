"""Real Odoo servers for tests, each with a database of its own."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests import odoo_installation as installation
from tests.mosquitto import free_port
from tests.odoo_cluster import PLAIN, WITH_ADDON, OdooCluster, new_cluster
from tests.odoo_installation import OdooError

# Every user's password is the login.
ADMIN, OPERATOR, ENGINEER, BRIDGE, GUEST = "admin", "operator", "engineer", "bridge", "guest"
START_SECONDS = 90
STOP_SECONDS = 20


class Odoo:
    """One Odoo process with one database, on 127.0.0.1.

    Args:
        cluster: Where its database is.
        database: Name of the database.
        options: More options of its command line.
    """

    def __init__(self, cluster: OdooCluster, database: str, *options: str) -> None:
        self.cluster = cluster
        self.database = database
        self.port = free_port()
        self.log = cluster.directory / f"{database}.log"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._users: dict[str, int] = {}

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> Mapping[str, str]:
        """The API key of each user, by login."""
        return self.cluster.keys

    @property
    def version(self) -> str:
        """Return what its release calls itself, as in ``19.0``."""
        return installation.series()

    def start(self) -> None:
        """Start it, on the port that it always had, and wait until it answers; takes seconds and does not await."""
        assert self._process is None, "it runs already"
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0, f"somebody else listens on port {self.port}"
        options = [f"--database={self.database}", f"--http-port={self.port}", "--http-interface=127.0.0.1"]
        with self.log.open("ab") as log:
            self._process = self.cluster.spawn("server", *options, *self._options, output=log.fileno())
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise OdooError("Odoo does not answer", self.log.read_text()[-5000:])
            try:
                httpx.get(f"{self.url}/web/health", timeout=START_SECONDS).raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it ends by itself."""
        assert self._process is not None
        self._process.wait()

    def call(self, model: str, method: str, *arguments: Any, login: str = ADMIN, **named: Any) -> Any:
        """Call a method as a user and return its result.

        Args:
            model: Technical name of the model.
            method: Its method; of a method on records the first argument is the list of their ids.
            arguments: Positional arguments, JSON values.
            login: Who calls.
            named: Arguments by name.

        Raises:
            OdooError: When Odoo answers with an error.
        """
        if login not in self._users:
            self._users[login] = self._rpc("common", "authenticate", self.database, login, login, {})
        user = self._users[login]
        return self._rpc("object", "execute_kw", self.database, user, login, model, method, arguments, named)

    def _rpc(self, service: str, method: str, *arguments: Any) -> Any:
        body = {"jsonrpc": "2.0", "params": {"service": service, "method": method, "args": arguments}}
        answer = httpx.post(f"{self.url}/jsonrpc", json=body, timeout=60).json()
        if "error" in answer:
            raise OdooError(f"{service}.{method}{arguments}", answer["error"]["data"]["debug"])
        # What returns nothing has none.
        return answer.get("result")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cluster(*, with_addon: bool) -> Iterator[OdooCluster]:
    if reason := installation.unavailable():
        pytest.skip(reason)
    cluster = new_cluster(with_addon=with_addon)
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def odoo_cluster() -> Iterator[OdooCluster]:
    """Databases with the addon to copy and servers to start, for this process of the test run."""
    yield from _cluster(with_addon=True)


@pytest.fixture(scope="session")
def plain_odoo_cluster() -> Iterator[OdooCluster]:
    """Databases without the addon to copy and servers to start, for this process of the test run."""
    yield from _cluster(with_addon=False)


def _served(cluster: OdooCluster, template: str) -> Iterator[Odoo]:
    server = Odoo(cluster, cluster.new_database(template))
    try:
        server.start()
        yield server
    finally:
        server.kill()
        cluster.drop(server.database)


@pytest.fixture(scope="module")
def odoo(odoo_cluster: OdooCluster) -> Iterator[Odoo]:
    """A running Odoo with the addon, whose database the tests of one file share."""
    yield from _served(odoo_cluster, WITH_ADDON)


@pytest.fixture(scope="module")
def plain_odoo(plain_odoo_cluster: OdooCluster) -> Iterator[Odoo]:
    """A running Odoo without the addon, whose database the tests of one file share."""
    yield from _served(plain_odoo_cluster, PLAIN)


@pytest.fixture
def own_odoo(odoo_cluster: OdooCluster) -> Iterator[Odoo]:
    """A running Odoo with the addon for one test alone, to stop, kill and start."""
    yield from _served(odoo_cluster, WITH_ADDON)
