"""The folder that an import goes into: what is there stays as it is."""

from collections.abc import Iterator
from pathlib import Path

from flowengine.cli.text import counted
from flowengine.errors import FlowEngineError
from flowengine.flow.document import FlowDocument, ResourceDocument, ResourcesDocument
from flowengine.flow.document_file import FLOW_SUFFIX, LAYOUT_SUFFIX, RESOURCES_NAME
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.flow.folder_writer import FolderWriter
from flowengine.flow.problem import DocumentError
from flowengine_nodes.nodered.importing import Imported


class FlowsInTheWayError(FlowEngineError):
    """An import would overwrite flows; nothing was written.

    Args:
        folder: The folder.
        ids: The flows that are there already.
    """

    code = "flow-exists"

    def __init__(self, folder: Path, ids: list[str]) -> None:
        super().__init__(folder, ids)
        self.folder = folder
        self.ids = ids

    def __str__(self) -> str:
        names = ", ".join(f"{id_}{FLOW_SUFFIX}" for id_ in self.ids)
        return (
            f"{self.folder} has {names} already, and nothing was written; import into another folder, rename what is "
            f"there, or overwrite {counted(len(self.ids), 'flow')} with --replace"
        )


class Target:
    """A folder to import into.

    Args:
        path: The folder; it may be missing.

    Raises:
        FolderError: It cannot be listed.
        DocumentError: Its resources are broken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder: FlowFolder | None = read_folder(path) if path.exists() else None
        if self._folder is not None and self._folder.resources.document is None:
            raise DocumentError(self._folder.resources.problems)

    @property
    def resources(self) -> dict[str, ResourceDocument]:
        """The resources there are, by id."""
        document = self._folder.resources.document if self._folder is not None else None
        return dict(document.resources) if document is not None else {}

    def links(self, *, without: set[str]) -> Iterator[str]:
        """Yield the names of the entrances that flows have.

        Args:
            without: Ids of flows that will not be there any more.
        """
        for id_, flow in (self._folder.documents if self._folder is not None else {}).items():
            if id_ not in without:
                yield from (str(node.config.get("name")) for node in flow.nodes.values() if node.type == "link-in")

    def in_the_way(self, flows: tuple[FlowDocument, ...]) -> list[str]:
        """Return the ids of flows that are there already."""
        return sorted(flow.id for flow in flows if (self.path / f"{flow.id}{FLOW_SUFFIX}").exists())

    def write(self, imported: Imported, *, replace: bool) -> list[Path]:
        """Write an import and return the files.

        Args:
            imported: What to write.
            replace: Whether flows may be overwritten.

        Raises:
            FlowsInTheWayError: Flows are there already, and may not be overwritten.
            OSError: The disk refuses.
        """
        if not replace and (ids := self.in_the_way(imported.flows)):
            raise FlowsInTheWayError(self.path, ids)
        self.path.mkdir(parents=True, exist_ok=True)
        writer = FolderWriter(self.path)
        written: list[Path] = []
        if imported.resources:
            # Before the flows: an engine that watches the folder finds what they refer to.
            merged = {**self.resources, **imported.resources}
            before = self._folder.resources.document if self._folder is not None else None
            document = before or ResourcesDocument(flowengine=1)
            writer.write_resources(document.model_copy(update={"resources": merged}))
            written.append(self.path / RESOURCES_NAME)
        for flow in imported.flows:
            writer.write_layout(flow.id, imported.layouts[flow.id])
            writer.write_flow(flow)
            written += [self.path / f"{flow.id}{FLOW_SUFFIX}", self.path / f"{flow.id}{LAYOUT_SUFFIX}"]
        return written
