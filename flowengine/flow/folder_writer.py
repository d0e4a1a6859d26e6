"""Changing a folder of flows on disk: each file is written in canonical form, whole or not at all."""

from pathlib import Path

from flowengine.errors import FlowEngineError
from flowengine.flow.atomic_file import sync_folder, write_atomically
from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.document_file import (
    FLOW_SUFFIX,
    LAYOUT_SUFFIX,
    RESOURCES_NAME,
    TEST_SUFFIX,
    DocumentFile,
    read_file,
)
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.format import CanonicalForm, format_document
from flowengine.flow.identifier import check_id
from flowengine.flow.problem import DocumentError
from flowengine.flow.source import MAX_BYTES, Source, too_large

_COMPANIONS = (LAYOUT_SUFFIX, TEST_SUFFIX)


class UnknownFlowError(FlowEngineError):
    """There is no flow of an id in a folder.

    Args:
        flow: The id.
        folder: The folder.
    """

    code = "unknown-flow"

    def __init__(self, flow: str, folder: Path) -> None:
        super().__init__(flow, folder)
        self.flow = flow
        self.folder = folder

    def __str__(self) -> str:
        return f'there is no flow "{self.flow}" in {self.folder}'


class FlowExistsError(FlowEngineError):
    """A flow cannot take an id, because another has it.

    Args:
        flow: The id.
        folder: The folder.
    """

    code = "flow-exists"

    def __init__(self, flow: str, folder: Path) -> None:
        super().__init__(flow, folder)
        self.flow = flow
        self.folder = folder

    def __str__(self) -> str:
        return f'there is already a flow "{self.flow}" in {self.folder}'


class FolderWriter:
    """Writes, removes and renames the documents of one folder. Disk errors are raised as `OSError`.

    Args:
        folder: The folder, which must exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write_flow(
        self, document: FlowDocument, earlier: DocumentFile[FlowDocument] | None = None
    ) -> DocumentFile[FlowDocument]:
        """Write a flow to its file, new or not.

        Args:
            document: The flow.
            earlier: The file before, of which the flow may have the same nodes.

        Returns:
            The file.

        Raises:
            DocumentError: It would be too large to be read again.
        """
        path = self._path(document.id, FLOW_SUFFIX)
        form = CanonicalForm(document, earlier.form if earlier is not None else None)
        data = form.text.encode()
        if len(data) > MAX_BYTES:
            raise DocumentError([too_large(str(path), len(data))])
        write_atomically(path, data)
        # Reading canonical form gives an equal document, and ten thousand nodes take long to read.
        source = Source.of_value(form.value, data, file=str(path))
        return DocumentFile(path, document.id, data, source, document, known_form=form)

    def write_layout(self, flow: str, document: LayoutDocument) -> None:
        """Write the layout of a flow.

        Raises:
            BadIdError: The flow's id cannot be one.
        """
        self._write(self._path(flow, LAYOUT_SUFFIX), document)

    def write_tests(self, flow: str, document: FlowTestDocument | None) -> None:
        """Write the tests of a flow, or remove them.

        Args:
            flow: Id of the flow.
            document: The tests; ``None`` for none.

        Raises:
            BadIdError: The flow's id cannot be one.
        """
        path = self._path(flow, TEST_SUFFIX)
        if document is None:
            path.unlink(missing_ok=True)
            sync_folder(self.folder)
        else:
            self._write(path, document)

    def write_resources(self, document: ResourcesDocument) -> None:
        """Write the resources of the folder."""
        self._write(self.folder / RESOURCES_NAME, document)

    def delete_flow(self, flow: str) -> None:
        """Remove a flow with its layout and its tests.

        Raises:
            BadIdError: The id cannot be one.
            UnknownFlowError: There is no such flow.
        """
        self._existing(flow).unlink()
        for suffix in _COMPANIONS:
            self._path(flow, suffix).unlink(missing_ok=True)
        sync_folder(self.folder)

    def rename_flow(self, old: str, new: str) -> DocumentFile[FlowDocument]:
        """Give a flow another id, in its file and in its files' names; flows that use it are not changed.

        Raises:
            BadIdError: One of the ids cannot be one.
            UnknownFlowError: There is no flow of the old id.
            FlowExistsError: There is a flow of the new id.
            DocumentError: The flow is broken.
        """
        path = self._existing(old)
        if self._path(new, FLOW_SUFFIX).exists():
            raise FlowExistsError(new, self.folder)
        file = read_file(FlowDocument, path, FLOW_SUFFIX)
        if file.document is None:
            raise DocumentError(file.problems)
        # The new file comes first and the old one goes last: a crash between leaves both, never neither.
        renamed = self.write_flow(file.document.model_copy(update={"id": new}))
        for suffix in _COMPANIONS:
            if (companion := self._path(old, suffix)).exists():
                companion.rename(self._path(new, suffix))
        path.unlink()
        sync_folder(self.folder)
        return renamed

    def _existing(self, flow: str) -> Path:
        path = self._path(flow, FLOW_SUFFIX)
        if not path.exists() and not path.is_symlink():
            raise UnknownFlowError(flow, self.folder)
        return path

    def _path(self, flow: str, suffix: str) -> Path:
        return self.folder / f"{check_id(flow)}{suffix}"

    @staticmethod
    def _write(path: Path, document: Document) -> None:
        write_atomically(path, format_document(document).encode())
