"""Node-RED as a side of the comparison."""

import json
import shutil
import urllib.request
from pathlib import Path

import orjson

from bench.job import Job
from bench.nodered.flow import flow
from bench.nodered.install import install
from bench.process import Process
from bench.side import Deploy

HERE = Path(__file__).parent


class NodeRed:
    """Run Node-RED from an installation under `home`, which is made if it is not there."""

    name = "Node-RED"

    def __init__(self, home: Path) -> None:
        self._home = home
        self._version = install(home)

    def version(self) -> str:
        return self._version

    def check(self, job: Job) -> str:
        return job.check

    def start(self, job: Job, directory: Path, port: int) -> Process:
        shutil.copy(HERE / "settings.js", directory)
        (directory / "flows.json").write_text(json.dumps(flow(job)))
        # Written at the end of a first start; with it every start is a second one.
        (directory / ".config.runtime.json").write_text('{"instanceId": "bench"}')
        command = ["node"]
        if job.prompt:
            command += ["-r", str(HERE / "nodelay.js")]
        command += [
            str(self._home / "node_modules" / "node-red" / "red.js"),
            "-s",
            str(directory / "settings.js"),
        ]
        environment = {"BENCH_PORT": str(port), "NODE_ENV": "production"}
        return Process(command, log=directory / "engine.log", environment=environment, directory=directory)

    def deploy(self, job: Job, port: int) -> Deploy:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/flows",
            data=orjson.dumps(flow(job)),
            headers={"Content-Type": "application/json", "Node-RED-Deployment-Type": "nodes"},
            method="POST",
        )

        def pressed() -> None:
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()

        return pressed
