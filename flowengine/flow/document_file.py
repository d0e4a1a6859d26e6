"""One file of a folder of flows: its document, or everything that is wrong with it."""

import hashlib
import stat
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import orjson

from flowengine.flow.document import Document, FlowDocument
from flowengine.flow.format import CanonicalForm, format_document
from flowengine.flow.problem import DocumentError, Problem
from flowengine.flow.reader import Earlier, read_document
from flowengine.flow.source import MAX_BYTES, Source, too_large

FLOW_SUFFIX: Final = ".flow.json"
LAYOUT_SUFFIX: Final = ".layout.json"
TEST_SUFFIX: Final = ".flow-test.json"
RESOURCES_NAME: Final = "resources.json"

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class DocumentFile(Generic[D]):
    """A file that was read, well or badly.

    Args:
        path: The file.
        id: Its name without the suffix.
        data: Its bytes; None if they could not be read.
        source: Its text; None if it is no JSON.
        document: What it holds; None if there is any error in it.
        problems: What is wrong with it.
        known_form: The document in canonical form, where it was made before.
    """

    path: Path
    id: str
    data: bytes | None = None
    source: Source | None = None
    document: D | None = None
    problems: tuple[Problem, ...] = ()
    known_form: CanonicalForm | None = field(default=None, compare=False, repr=False)

    @cached_property
    def form(self) -> CanonicalForm | None:
        """The document in canonical form; None if there is none."""
        if self.known_form is not None or self.document is None:
            return self.known_form
        return CanonicalForm(self.document)

    @property
    def value(self) -> dict[str, Any] | None:
        """The document as JSON values in canonical form; None if there is none. Change nothing in it."""
        return self.form.value if self.form is not None else None

    def prepare(self) -> None:
        """Write the canonical form of every part now, so that the next change writes only what it changes."""
        if self.form is not None:
            _ = self.form.text

    @cached_property
    def revision(self) -> str:
        """A digest of what the document says; spaces and the order of keys do not count."""
        if self.document is None:
            content = self.data or b""
        else:
            value = self.value if self.source is None else self.source.value
            content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(content).hexdigest()

    @property
    def is_canonical(self) -> bool:
        """Whether the text is what formatting would make of it; a broken file is not."""
        return self.document is not None and self.data == format_document(self.document).encode()


def read_file(model: type[D], path: Path, suffix: str, *, previous: DocumentFile[D] | None = None) -> DocumentFile[D]:
    """Read a document from a file; whatever is wrong becomes problems and is never raised.

    Args:
        model: The kind of document.
        path: The file. A symbolic link is followed.
        suffix: What follows the id in the file's name.
        previous: What was read from it before, returned again if that was good and the bytes are the same.
    """
    file_id = path.name.removesuffix(suffix)
    data = source = None
    try:
        data = _read_bytes(path)
        # What is wrong with a file may lie in its neighbours, so a broken one is always read anew.
        if previous is not None and previous.document is not None and previous.data == data:
            return previous
        source = Source(data, file=str(path))
        earlier = None
        if previous is not None and previous.document is not None and previous.source is not None:
            earlier = Earlier(previous.source.value, previous.document)
        document = read_document(model, source, earlier)
    except DocumentError as error:
        return DocumentFile(path, file_id, data, source, None, error.problems)
    if isinstance(document, FlowDocument) and document.id != file_id:
        return DocumentFile(path, file_id, data, source, None, (_wrong_id(source, path, document.id, file_id),))
    return DocumentFile(path, file_id, data, source, document)


def _read_bytes(path: Path) -> bytes:
    file = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError([Problem(code="unreadable-file", message="this is no ordinary file", file=file)])
        if status.st_size > MAX_BYTES:
            raise DocumentError([too_large(file, status.st_size)])
        return path.read_bytes()
    except OSError as error:
        reason = "a symbolic link leads to nothing" if path.is_symlink() else error.strerror
        message = f"the file cannot be read: {reason}"
        raise DocumentError([Problem(code="unreadable-file", message=message, file=file)]) from None


def _wrong_id(source: Source, path: Path, document_id: str, file_id: str) -> Problem:
    name = f"{document_id}{FLOW_SUFFIX}"
    if path.with_name(name).exists():
        message = f'the flow "{document_id}" is already in {name}'
        return source.problem(("id",), "duplicate-id", message, f'give this one the id "{file_id}"')
    message = f'the id is "{document_id}", but the file is named {path.name}'
    return source.problem(("id",), "wrong-id", message, f'name the file {name}, or the flow "{file_id}"')
