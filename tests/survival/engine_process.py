"""The engine as users run it: a process of its own, that can be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from tests.mosquitto import free_port
from tests.survival.books import Books

SCRIPT = Path(sys.executable).parent / "flowengine"
ROOT = Path(__file__).parents[2]
START_SECONDS = 40.0

# Holds everything imported and forks an engine whenever asked: the fork is the same program as the script, without
# the second that Python takes to import it.
_NURSERY = """
import gc, importlib, json, os, sys
from flowengine.cli import app, run
from flowengine.registry import Registry, load_node_packs
import aiohttp
load_node_packs(Registry())
gc.freeze()
for line in sys.stdin:
    told = json.loads(line)
    if "wait" in told:
        print(os.waitpid(told["wait"], 0)[1], flush=True)
        continue
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    log = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(told["env"])
    if told["patch"]:
        sys.path.insert(0, told["root"])
        importlib.import_module(told["patch"]).install()
    sys.argv = ["flowengine", *told["arguments"]]
    app.main()
    os._exit(0)
"""


class Nursery:
    """Start engines without the time that imports take; use it as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    async def fork(self, arguments: Sequence[str], env: Mapping[str, str], log: Path, patch: str = "") -> int:
        """Start an engine and return its process id."""
        told = {"arguments": [*arguments], "env": dict(env), "log": str(log), "patch": patch, "root": str(ROOT)}
        return await self._ask(told)

    async def wait(self, pid: int) -> int:
        """Wait for an engine's end and return its exit code; negative for a signal."""
        return os.waitstatus_to_exitcode(await self._ask({"wait": pid}))

    async def _ask(self, told: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return int(await asyncio.to_thread(self._process.stdout.readline))


class EngineProcess:
    """One engine, started as often as a test likes; always the same folder, store and port.

    Args:
        directory: Where its log and its store are.
        folder: Folder of flows.
        env: Variables of the process.
        arguments: Further arguments of ``flowengine run``.
        store: Directory of the store, if it is another.
        address: Address of the store, if it is not a file.
        nursery: What forks it; ``None`` to run the script.
        patch: Module whose ``install`` changes the engine before it begins; needs a nursery.

    Attributes:
        pid: Process id, while it runs.
        log: File it writes its log to.
        database: File of its store, if it has one.
        address: Address of its store.
    """

    def __init__(
        self,
        directory: Path,
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        store: Path | None = None,
        address: str = "",
        nursery: Nursery | None = None,
        patch: str = "",
    ) -> None:
        assert nursery is not None or not patch, "only a nursery can change an engine"
        self.folder = folder
        self.log = directory / "engine.log"
        self.database = (store or directory) / "engine.db"
        self.address = address or f"sqlite:///{self.database}"
        self.port = free_port()
        self.pid = 0
        self._env = dict(env or {})
        self._nursery = nursery
        self._patch = patch
        self._process: asyncio.subprocess.Process | None = None
        self._arguments = [
            *("run", str(folder), "--port", str(self.port), "--store", self.address),
            *("--log-format", "json", *arguments),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, ready: bool = True) -> None:
        """Start it.

        Args:
            ready: Whether to wait until all its sources are connected.
        """
        assert not self.pid, "the engine is running already"
        if self._nursery is not None:
            self.pid = await self._nursery.fork(self._arguments, self._env, self.log, self._patch)
        else:
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    SCRIPT,
                    *self._arguments,
                    env={**os.environ, **self._env},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.pid = self._process.pid
        if ready:
            await self.wait_ready()

    async def wait_ready(self, path: str = "/ready") -> None:
        """Wait until the engine answers a path with 200."""
        deadline = time.monotonic() + START_SECONDS
        said = ""
        async with httpx.AsyncClient(base_url=self.url) as client:
            while time.monotonic() < deadline:
                try:
                    response = await client.get(path)
                except httpx.HTTPError as error:
                    said = repr(error)
                else:
                    if response.status_code == 200:
                        return
                    said = response.text
                await asyncio.sleep(0.02)
        raise AssertionError(f"the engine was not ready in time: {said}\n{self.tail()}")

    async def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        assert await self.wait() == -signal.SIGKILL

    async def terminate(self) -> int:
        """Ask it to end, and return its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return await self.wait()

    async def wait(self) -> int:
        """Wait for its end and return its exit code; negative for a signal."""
        if self._nursery is not None:
            code = await self._nursery.wait(self.pid)
        else:
            assert self._process is not None
            code = await self._process.wait()
        self.pid = 0
        return code

    async def end(self) -> None:
        """End it whatever it does; harmless when it does not run."""
        if self.pid:
            await self.kill()

    async def books(self) -> Books:
        """Return its figures, after checking that they add up."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            response = await client.get("/metrics")
            response.raise_for_status()
            return Books(response.text)

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the admin API and return what it answers."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as client:
            response = await client.request(method, f"/admin/api{path}", json=body)
            assert response.status_code < 400, response.text
            return response.json()

    @property
    def is_alive(self) -> bool:
        """Whether it runs: a zombie does not."""
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return False
        return status.rpartition(")")[2].split()[0] != "Z"

    @property
    def memory(self) -> int:
        """Bytes of memory that the process has resident."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    @property
    def said(self) -> list[str]:
        """The sentences of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [json.loads(line)["message"] if line.startswith("{") else line for line in lines]

    def has_said(self, words: str) -> bool:
        return any(words in sentence for sentence in self.said)

    async def until_said(self, words: str, seconds: float = 30.0) -> None:
        """Wait until a sentence of its log holds some words."""
        deadline = time.monotonic() + seconds
        while not self.has_said(words):
            assert time.monotonic() < deadline, f"it has not said {words!r}:\n{self.tail()}"
            await asyncio.sleep(0.05)

    def tail(self, lines: int = 20) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""
