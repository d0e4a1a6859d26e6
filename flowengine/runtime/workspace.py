"""A folder of flows and the engine that runs it."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from flowengine.flow.document import FlowDocument
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.flow.folder_writer import FolderWriter
from flowengine.flow.problem import Problem, Severity
from flowengine.flow.watch import watch_folder
from flowengine.linting import Linter, LintResult
from flowengine.runtime.engine import Deployment, DeployReport, Engine, StaleRevisionError

log = logging.getLogger("flowengine.workspace")


class Workspace:
    """Keep what runs and what is on disk together. The files on disk are the truth.

    Args:
        path: The folder of flows.
        linter: Checks the folder and plans its flows.
        engine: Runs them.

    Attributes:
        folder: The folder as it was last read.
        result: What lint said of it.
    """

    def __init__(self, path: Path, linter: Linter, engine: Engine) -> None:
        self.path = path
        self.engine = engine
        self._linter = linter
        self._writer = FolderWriter(path)
        self._changing = asyncio.Lock()
        self.folder: FlowFolder = read_folder(path)
        self.result: LintResult = linter.lint(self.folder)

    def read(self) -> LintResult:
        """Read the folder again and check it."""
        self.folder = read_folder(self.path, previous=self.folder)
        self.result = self._linter.lint(self.folder)
        return self.result

    def check(self, document: FlowDocument) -> list[Problem]:
        """Return what is wrong with a flow that is not yet on disk, among the others that are.

        Args:
            document: The flow.
        """
        return self._linter.lint_document(self.folder, document)

    async def deploy(self, base: str | None = None) -> DeployReport:
        """Read the folder and make it what runs. Flows with errors do not run; all others do.

        Args:
            base: The deployed revision that the caller knows; ``None`` to deploy whatever is deployed now.

        Raises:
            StaleRevisionError: Something else has been deployed since.
        """
        async with self._changing:
            result = self.read()
            return await self.engine.deploy(
                Deployment(
                    plans={id: plan for id, plan in result.plans.items() if self._runs(id)},
                    resources=result.resources,
                    revision=self.folder.revision,
                    broken=self._broken(result),
                ),
                base,
            )

    async def save(self, document: FlowDocument, base: str | None) -> None:
        """Write a flow to disk in canonical form; it runs at the next deploy.

        Args:
            document: The flow.
            base: Revision of the file that the caller has changed; ``None`` for a flow that is not there yet.

        Raises:
            StaleRevisionError: The file is another one now.
        """
        async with self._changing:
            self.read()
            file = self.folder.flows.get(document.id)
            current = file.revision if file is not None else None
            if current != base:
                raise StaleRevisionError(base or "nothing", current or "nothing")
            self._writer.write_flow(document)
            self.read()

    async def delete(self, flow: str, base: str) -> None:
        """Remove a flow from disk; it stops at the next deploy.

        Args:
            flow: Id of the flow.
            base: Revision of the file that the caller knows.

        Raises:
            StaleRevisionError: The file is another one now.
        """
        async with self._changing:
            self.read()
            file = self.folder.flows.get(flow)
            if file is None or file.revision != base:
                raise StaleRevisionError(base, file.revision if file is not None else "nothing")
            self._writer.delete_flow(flow)
            self.read()

    async def follow(self) -> None:
        """Deploy whenever files change, until cancelled."""
        async for change in watch_folder(self.path):
            if change.flows or change.resources:
                report = await self.deploy()
                log.info("files changed: deployed revision %s in %.3f s", report.revision[:12], report.seconds)

    def _runs(self, id: str) -> bool:
        file = self.folder.flows.get(id)
        document = file.document if file is not None else None
        return document is not None and not document.disabled and not document.is_subflow

    @staticmethod
    def _broken(result: LintResult) -> Mapping[str, str]:
        broken: dict[str, str] = {}
        for problem in result.problems:
            if problem.severity is Severity.ERROR and problem.flow and problem.flow not in result.plans:
                broken.setdefault(problem.flow, str(problem))
        return broken
