"""Tests of flows, run beside the flows that are deployed."""

import asyncio
from collections.abc import Collection

from flowengine.flow.folder import FlowFolder
from flowengine.registry import Registry
from flowengine.testing.flow_tests import FlowTester, FlowTestFile
from flowengine.testing.result import FlowTestResult


class Tester:
    """Run tests in a thread, one run at a time, so that they take little from the flows that run.

    Args:
        registry: The node types.
    """

    def __init__(self, registry: Registry) -> None:
        self._tester = FlowTester(registry)
        self._turn = asyncio.Lock()

    async def run(self, folder: FlowFolder, tests: FlowTestFile, cases: Collection[str] | None) -> FlowTestResult:
        """Run the tests of one flow.

        Args:
            folder: The flows and resources.
            tests: The tests.
            cases: Names of the cases to run; all if not given.
        """
        async with self._turn:
            return await asyncio.to_thread(self._tester.run, folder, tests, cases)
