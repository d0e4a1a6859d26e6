"""The limit as a side: `bench.echo`, which does nothing but speak MQTT."""

import sys
from pathlib import Path

from bench.job import Job
from bench.process import Process
from bench.side import Deploy


class Limit:
    """Run the echo client; it knows no flows, so every job is an echo to it."""

    name = "limit"

    def version(self) -> str:
        return "bench.echo"

    def check(self, job: Job) -> str:
        return "same"

    def start(self, job: Job, directory: Path, port: int) -> Process:
        command = [sys.executable, "-m", "bench.echo", "--port", str(job.broker_port), "--qos", str(job.qos)]
        return Process(command, log=directory / "engine.log")

    def deploy(self, job: Job, port: int) -> Deploy:
        """Do nothing: there is no flow to deploy."""
        return lambda: None
