"""A folder of flows and the engine that runs it."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flowengine.flow.document import FlowDocument
from flowengine.flow.document_file import DocumentFile
from flowengine.flow.environment import Environment
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.flow.folder_writer import FolderWriter
from flowengine.flow.problem import Severity
from flowengine.flow.secrets import SecretStore
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
        variables: Variables of the process; those of a ``.env`` file beside the folder come after.

    Attributes:
        folder: The folder as it was last read.
        result: What lint said of it.
    """

    def __init__(self, path: Path, linter: Linter, engine: Engine, variables: Mapping[str, str]) -> None:
        self.path = path
        self.engine = engine
        self._linter = linter
        self._variables = variables
        self._writer = FolderWriter(path)
        self._changing = asyncio.Lock()
        self.folder: FlowFolder = read_folder(path)
        self.result: LintResult = self._lint(self.folder)

    def read(self) -> LintResult:
        """Read the folder again and check it."""
        self.folder = read_folder(self.path, previous=self.folder)
        self.result = self._lint(self.folder)
        return self.result

    def check(self, file: DocumentFile[FlowDocument]) -> LintResult:
        """Check the folder as it would be with one flow changed or added.

        Args:
            file: The flow, read from what an editor holds.
        """
        return self._lint(replace(self.folder, flows={**self.folder.flows, file.id: file}))

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

    def _lint(self, folder: FlowFolder) -> LintResult:
        environment = Environment.of_process(self.path.parent, self._variables)
        secrets = SecretStore.of_folder(self.path, self._variables)
        return self._linter.lint(folder, environment, secrets.get)

    @staticmethod
    def _broken(result: LintResult) -> Mapping[str, str]:
        broken = dict.fromkeys(sorted(result.broken), "it has errors")
        for problem in reversed(result.problems):
            if problem.severity is Severity.ERROR and problem.flow in broken:
                broken[problem.flow] = str(problem)
        return broken
