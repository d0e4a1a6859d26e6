"""A side of the comparison: an engine that can be started on a job."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bench.job import Job
from bench.process import Process

Deploy = Callable[[], None]


class Side(Protocol):
    """What every engine under test offers."""

    @property
    def name(self) -> str:
        """The engine's name in the tables."""

    def version(self) -> str:
        """Say which version is measured."""

    def check(self, job: Job) -> str:
        """Say what this side makes of a message, in the words of `Telemetry.expected`."""

    def start(self, job: Job, directory: Path, port: int) -> Process:
        """Write the job's flow into an empty directory and start the engine on it.

        Args:
            job: What the flow has to do.
            directory: Where flows, state and logs go.
            port: Loopback port for the engine's own HTTP server.
        """

    def deploy(self, job: Job, port: int) -> Deploy:
        """Get ready what an editor has before its deploy button is pressed, and return what the button does.

        What is returned deploys the flow of a changed job to the running engine, and returns when that is done.
        """
