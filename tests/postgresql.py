"""A real PostgreSQL for tests: a cluster of its own on a Unix socket, with a new database for every test."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no type hints
import pytest

START_SECONDS = 30


def program_path(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        # Debian keeps them out of the path, a directory for each version.
        found = max((str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; install PostgreSQL (Debian: apt install postgresql)")
    return found


def _user() -> str | None:
    """Return whom to run it as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Postgresql:
    """One cluster, in a temporary directory that only its socket makes reachable.

    Args:
        copy_of: Data directory of a stopped cluster, to begin with a copy of; None is an empty cluster.
    """

    def __init__(self, copy_of: Path | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="flowengine-postgresql-"))
        self.data = self.directory / "data"
        self._user = _user()
        if self._user is not None:
            shutil.chown(self.directory, self._user)
        self._numbers = itertools.count(1)
        if copy_of is not None:
            subprocess.run(["cp", "--archive", copy_of, self.data], check=True)
            return
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # It need not survive a power cut, and a crash of its processes it survives without waiting for the disk.
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c max_connections=60 -c fsync=off"
        )
        log = str(self.directory / "log")
        self._run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", f"--log={log}", f"--options={settings}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server.

        Args:
            mode: "fast" ends it in order, "immediate" is a crash.
        """
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def remove(self) -> None:
        """Remove everything: many thousand files, which Python takes too long for on a busy machine."""
        subprocess.run(["rm", "-rf", self.directory], check=True)

    async def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"test_{next(self._numbers)}"
        await self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self.directory}"

    async def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement.

        Args:
            statement: SQL.
            database: Name of the database to run it in.
        """
        connection = await asyncpg.connect(host=str(self.directory), user="postgres", database=database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        command = [program_path(program), *arguments, f"--pgdata={self.data}"]
        # The server keeps what it inherits, so that its output must not be a pipe that we read to the end.
        with (self.directory / f"{program}.out").open("w+") as output:
            done = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                user=self._user,
                env={"PATH": os.defpath, "LC_ALL": "C"},
            )
            output.seek(0)
            assert done.returncode == 0, f"{' '.join(command)}\n{output.read()}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """A running cluster, shared by all tests of the session."""
    cluster = Postgresql()
    try:
        cluster.start()
        yield cluster
        cluster.stop("immediate")
    finally:
        cluster.remove()
