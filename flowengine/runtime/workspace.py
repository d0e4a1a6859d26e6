"""A folder of flows and the engine that runs it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from flowengine.errors import FlowEngineError
from flowengine.flow.document import FlowDocument, LayoutDocument, NodeDocument, ResourcesDocument
from flowengine.flow.document_file import FLOW_SUFFIX, TEST_SUFFIX, DocumentFile, read_file
from flowengine.flow.environment import Environment
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.flow.folder_writer import FolderWriter, UnknownFlowError
from flowengine.flow.problem import DocumentError, Severity
from flowengine.flow.secrets import SecretStore
from flowengine.flow.watch import watch_folder
from flowengine.linting import Linter, LintResult
from flowengine.runtime.engine import Deployment, DeployReport, Engine
from flowengine.runtime.hub import Event

log = logging.getLogger("flowengine.workspace")
Restart = Literal["nodes", "flows", "all"]


class StaleFileError(FlowEngineError):
    """A file was to be changed that is not the one that the caller knows.

    Args:
        file: The file as it is now; ``None`` when there is none.
        name: What it holds, in a user's words.
        base: The revision that the caller knows; ``None`` for no file.
    """

    code = "stale-revision"

    def __init__(self, file: DocumentFile[Any] | None, name: str, base: str | None) -> None:
        super().__init__(name, base)
        self.file = file
        self.name = name
        self.base = base

    def __str__(self) -> str:
        if self.file is None:
            return f"{self.name} is no longer there; it was removed or renamed since you read it"
        if self.base is None:
            return f"{self.name} is already there; choose another id, or read it and change it"
        return f"{self.name} was changed by somebody else since you read it; compare, and save again"


class UnwritableFolderError(FlowEngineError):
    """A file of a folder of flows cannot be written.

    Args:
        path: The folder.
        reason: Why, in the system's words.
    """

    code = "unwritable-folder"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"nothing was changed: the folder {self.path} cannot be written: {self.reason}"


class NotDeployedError(FlowEngineError):
    """A flow was to be restarted that is not deployed.

    Args:
        flow: Id of the flow.
    """

    code = "not-deployed"

    def __init__(self, flow: str) -> None:
        super().__init__(flow)
        self.flow = flow

    def __str__(self) -> str:
        return f'the flow "{self.flow}" is not deployed; deploy it first'


class StoppingError(FlowEngineError):
    """Something was to be deployed while the service stops."""

    code = "stopping"

    def __str__(self) -> str:
        return "the service is stopping; deploy again when it has started again"


class Workspace:
    """Keep what runs and what is on disk together. The files on disk are the truth.

    Reading and checking run in a thread, one at a time, so that a large folder does not hold up the flows.

    Args:
        path: The folder of flows.
        linter: Checks the folder and plans its flows.
        engine: Runs them.
        variables: Variables of the process; those of a ``.env`` file beside the folder come after.

    Attributes:
        folder: The folder as it was last read.
        result: What lint said of it.
        deployed: The folder as it was at the last deploy; ``None`` before the first.
        closed: Whether nothing is deployed any more.
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
        self.deployed: FlowFolder | None = None
        self.closed = False
        self._deployment = Deployment({}, {})

    async def close(self) -> None:
        """Deploy nothing any more; a deploy that is under way ends first."""
        async with self._changing:
            self.closed = True

    async def refresh(self) -> LintResult:
        """Read the folder again and check it."""
        async with self._changing:
            return await self._refresh()

    async def check(self, file: DocumentFile[FlowDocument]) -> LintResult:
        """Check the folder as it would be with one flow changed or added.

        Args:
            file: The flow, read from what an editor holds.
        """
        async with self._changing:
            folder = replace(self.folder, flows={**self.folder.flows, file.id: file})
            return await asyncio.to_thread(self._lint, folder)

    async def check_resources(self, file: DocumentFile[ResourcesDocument]) -> LintResult:
        """Check the folder as it would be with other resources.

        Args:
            file: The resources, read from what an editor holds.
        """
        async with self._changing:
            return await asyncio.to_thread(self._lint, replace(self.folder, resources=file))

    async def deploy(self, base: str | None = None, restart: Restart = "nodes") -> DeployReport:
        """Read the folder and make it what runs. Flows with errors do not run; all others do.

        Args:
            base: The deployed revision that the caller knows; ``None`` to deploy whatever is deployed now.
            restart: What restarts beside the nodes that changed: nothing, the rest of their flows, or everything.

        Raises:
            StaleRevisionError: Something else has been deployed since.
            StoppingError: The service is stopping.
        """
        async with self._changing:
            self._check_open()
            result = await self._refresh()
            folder = self.folder
            deployment = Deployment(
                plans=result.plans,
                resources=result.resources,
                revision=folder.revision,
                broken=_broken(result),
            )
            # Whoever follows the files may have deployed already what the caller has just saved.
            known = base if self.engine.revision != folder.revision else None
            again = self._again(folder, restart)
            if again:
                await self._halt(again, known, resources=restart == "all")
                known = None
            report = await self.engine.deploy(deployment, known)
            self._deployment = deployment
            self.deployed = folder
            whole = {id: tuple(sorted(self.engine.flows[id].cells)) for id in again if id in self.engine.flows}
            return replace(
                report,
                started=tuple(id for id in report.started if id not in whole),
                restarted={**report.restarted, **whole},
            )

    async def preview(
        self, files: Sequence[DocumentFile[FlowDocument]], restart: Restart = "nodes"
    ) -> tuple[FlowFolder, LintResult, DeployReport]:
        """Return what a deploy would do if some flows were saved before.

        Args:
            files: Flows as an editor holds them.
            restart: What would restart beside the nodes that changed.

        Returns:
            The folder as it would be, what lint says of it, and what would start, stop and restart.
        """
        async with self._changing:
            folder = replace(self.folder, flows={**self.folder.flows, **{file.id: file for file in files}})
            result = await asyncio.to_thread(self._lint, folder)
            deployment = Deployment(plans=result.plans, resources=result.resources, broken=_broken(result))
            report = self.engine.preview(deployment)
            again = self._again(folder, restart) & result.plans.keys()
            whole = {id: tuple(sorted(result.plans[id].nodes)) for id in again}
            resources = tuple(sorted(result.resources)) if restart == "all" else report.resources
            return folder, result, replace(report, restarted={**report.restarted, **whole}, resources=resources)

    def _again(self, folder: FlowFolder, restart: Restart) -> frozenset[str]:
        """Return the running flows that restart as a whole."""
        if restart == "all":
            return frozenset(self.engine.flows)
        if restart == "nodes" or self.deployed is None:
            return frozenset()
        old, new = self.deployed.flows, folder.flows
        return frozenset(
            id for id in self.engine.flows if id in old and id in new and old[id].document != new[id].document
        )

    async def _halt(self, flows: Collection[str], base: str | None = None, *, resources: bool = False) -> None:
        """Stop flows that start again at once, and perhaps all resources with them."""
        deployment = self._deployment
        await self.engine.deploy(
            replace(
                deployment,
                plans={id: plan for id, plan in deployment.plans.items() if id not in flows},
                resources={} if resources else deployment.resources,
                broken={**deployment.broken, **dict.fromkeys(flows, "it is being restarted")},
            ),
            base,
        )

    async def restart(self, flow: str) -> DeployReport:
        """Stop a deployed flow and start it again, as it was deployed.

        Args:
            flow: Id of the flow.

        Raises:
            NotDeployedError: It is not deployed.
            StoppingError: The service is stopping.
        """
        async with self._changing:
            self._check_open()
            deployment = self._deployment
            if flow not in deployment.plans:
                raise NotDeployedError(flow)
            await self._halt({flow})
            return await self.engine.deploy(deployment)

    async def save(self, document: FlowDocument, base: str | None) -> DocumentFile[FlowDocument]:
        """Write a flow to disk in canonical form; it runs at the next deploy.

        Args:
            document: The flow.
            base: Revision of the file that the caller has changed; ``None`` for a flow that is not there yet.

        Returns:
            The file.

        Raises:
            StaleFileError: The file is another one now.
        """
        async with self._written():
            self._check_base(document.id, base)
            await self._write_flow(document)
        return self.folder.flows[document.id]

    async def change_nodes(
        self, flow: str, nodes: Mapping[str, NodeDocument | None], base: str
    ) -> DocumentFile[FlowDocument]:
        """Write a flow to disk with some nodes other than they were; it runs at the next deploy.

        Args:
            flow: Id of the flow.
            nodes: Nodes that are new or changed; ``None`` for those that go.
            base: Revision of the file that the caller has changed.

        Returns:
            The file.

        Raises:
            StaleFileError: The file is another one now.
            DocumentError: The file is broken, or would be too large.
        """
        async with self._written():
            self._check_base(flow, base)
            file = self.folder.flows[flow]
            if file.document is None:
                raise DocumentError(file.problems)
            changed = {**file.document.nodes, **nodes}
            kept = {id: node for id, node in changed.items() if node is not None}
            await self._write_flow(file.document.model_copy(update={"nodes": kept}))
        return self.folder.flows[flow]

    async def _write_flow(self, document: FlowDocument) -> None:
        file = await asyncio.to_thread(self._writer.write_flow, document, self.folder.flows.get(document.id))
        # Known already when the folder is read again.
        self.folder = replace(self.folder, flows={**self.folder.flows, file.id: file})

    async def rename(self, flow: str, new: str, base: str) -> DocumentFile[FlowDocument]:
        """Give a flow another id, with its layout and its tests; flows that use it are not changed.

        Args:
            flow: Id of the flow.
            new: Its new id.
            base: Revision of the file that the caller knows.

        Returns:
            The file.

        Raises:
            StaleFileError: The file is another one now.
            BadIdError: The new id cannot be one.
            FlowExistsError: There is a flow of the new id.
            DocumentError: The flow is broken.
        """
        async with self._written():
            self._check_base(flow, base)
            await asyncio.to_thread(self._writer.rename_flow, flow, new)
        return self.folder.flows[new]

    async def delete(self, flow: str, base: str) -> None:
        """Remove a flow from disk, with its layout and its tests; it stops at the next deploy.

        Args:
            flow: Id of the flow.
            base: Revision of the file that the caller knows.

        Raises:
            StaleFileError: The file is another one now.
        """
        async with self._written():
            self._check_base(flow, base)
            await asyncio.to_thread(self._writer.delete_flow, flow)

    async def save_resources(self, document: ResourcesDocument, base: str | None) -> DocumentFile[ResourcesDocument]:
        """Write the resources to disk in canonical form; they run at the next deploy.

        Args:
            document: The resources.
            base: Revision that the caller has changed.

        Returns:
            The file.

        Raises:
            StaleFileError: The file is another one now.
        """
        async with self._written():
            if base != self.folder.resources.revision:
                raise StaleFileError(self.folder.resources, "resources.json", base)
            await asyncio.to_thread(self._writer.write_resources, document)
        return self.folder.resources

    async def read_tests(self, flow: str) -> DocumentFile[FlowTestDocument] | None:
        """Return the tests of a flow as they are on disk; ``None`` where it has none."""
        return await asyncio.to_thread(self._tests, flow)

    async def save_tests(self, flow: str, document: FlowTestDocument | None, base: str | None) -> None:
        """Write the tests of a flow.

        Args:
            flow: Id of the flow.
            document: The tests; ``None`` to remove them.
            base: Revision of the file that the caller has changed; ``None`` for tests that are not there yet.

        Raises:
            UnknownFlowError: There is no such flow.
            StaleFileError: The file is another one now.
        """
        async with self._written():
            if flow not in self.folder.flows:
                raise UnknownFlowError(flow, self.path)
            file = await asyncio.to_thread(self._tests, flow)
            if (file.revision if file is not None else None) != base:
                raise StaleFileError(file, f'the tests of the flow "{flow}"', base)
            await asyncio.to_thread(self._writer.write_tests, flow, document)

    async def save_layout(self, flow: str, document: LayoutDocument) -> None:
        """Write the layout of a flow. The last one wins: where nodes stand is not worth a question.

        Args:
            flow: Id of the flow.
            document: The layout.

        Raises:
            UnknownFlowError: There is no such flow.
        """
        async with self._written():
            if flow not in self.folder.flows:
                raise UnknownFlowError(flow, self.path)
            await asyncio.to_thread(self._writer.write_layout, flow, document)

    async def follow(self, *, deploy: bool) -> None:
        """Notice when files change, and tell those who watch, until cancelled.

        Args:
            deploy: Whether to deploy them.
        """
        async for change in watch_folder(self.path):
            try:
                if deploy and (change.flows or change.resources):
                    report = await self.deploy()
                    log.info("files changed: deployed revision %s in %.3f s", report.revision[:12], report.seconds)
                    for id, reason in report.broken.items():
                        if id in change.flows or change.resources:
                            log.error("flow %s does not run: %s", id, reason)
                else:
                    await self.refresh()
            except FlowEngineError as error:
                log.error("files changed, but cannot be read: %s", error)  # noqa: TRY400 - the sentence says it all
                continue
            world = self.engine.world
            facts = {
                "flows": sorted(change.flows),
                "layouts": sorted(change.layouts),
                "tests": sorted(change.tests),
                "resources": change.resources,
            }
            world.hub.tell(Event("files", world.clock.time(), "", "", facts))

    @asynccontextmanager
    async def _written(self) -> AsyncIterator[None]:
        """Hold the folder for one change: read it before, so that revisions are compared with the truth, and after."""
        async with self._changing:
            await self._refresh()
            try:
                yield
            except OSError as error:
                raise UnwritableFolderError(self.path, error.strerror or str(error)) from error
            await self._refresh()

    def _tests(self, flow: str) -> DocumentFile[FlowTestDocument] | None:
        path = self.path / f"{flow}{TEST_SUFFIX}"
        return read_file(FlowTestDocument, path, TEST_SUFFIX) if flow in self.folder.flows and path.is_file() else None

    def _check_open(self) -> None:
        if self.closed:
            raise StoppingError

    def _check_base(self, flow: str, base: str | None) -> None:
        file = self.folder.flows.get(flow)
        if (file.revision if file is not None else None) != base:
            raise StaleFileError(file, f'the flow "{flow}"', base)

    async def _refresh(self) -> LintResult:
        self.folder, self.result = await asyncio.to_thread(self._read, self.folder)
        return self.result

    def _read(self, previous: FlowFolder) -> tuple[FlowFolder, LintResult]:
        folder = read_folder(self.path, previous=previous)
        return folder, self._lint(folder)

    def _lint(self, folder: FlowFolder) -> LintResult:
        environment = Environment.of_process(self.path.absolute().parent, self._variables)
        secrets = SecretStore.of_folder(self.path, self._variables)
        return self._linter.lint(folder, environment, secrets.get)


def _broken(result: LintResult) -> Mapping[str, str]:
    broken = dict.fromkeys(sorted(result.broken), "it has errors")
    for problem in reversed(result.problems):
        # A file that cannot be read has no flow, but its name.
        flow = problem.flow or Path(problem.file).name.removesuffix(FLOW_SUFFIX)
        if problem.severity is Severity.ERROR and flow in broken:
            broken[flow] = str(problem)
    return broken
