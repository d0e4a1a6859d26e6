"""Tests of flows, run beside the flows that are deployed."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from flowengine.flow.folder import FlowFolder
from flowengine.registry import Registry

# What runs tests is loaded with the first run, in its thread: an engine that serves messages has no use for it.
if TYPE_CHECKING:
    from flowengine.testing.flow_tests import FlowTester, FlowTestFile
    from flowengine.testing.result import FlowTestResult


class Tester:
    """Run tests in a thread, one run at a time, so that they take little from the flows that run.

    Args:
        registry: The node types.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tester: FlowTester | None = None
        self._turn = asyncio.Lock()

    async def run(self, folder: FlowFolder, tests: "FlowTestFile", cases: Collection[str] | None) -> "FlowTestResult":
        """Run the tests of one flow.

        Args:
            folder: The flows and resources.
            tests: The tests.
            cases: Names of the cases to run; all if not given.
        """
        async with self._turn:
            return await asyncio.to_thread(self._run, folder, tests, cases)

    def _run(self, folder: FlowFolder, tests: "FlowTestFile", cases: Collection[str] | None) -> "FlowTestResult":
        from flowengine.testing.flow_tests import FlowTester  # noqa: PLC0415 - as said above

        if self._tester is None:
            self._tester = FlowTester(self._registry)
        return self._tester.run(folder, tests, cases)
