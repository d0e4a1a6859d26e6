"""From the text of a document to its model, with every problem at its place."""

from typing import TypeVar

from pydantic import ValidationError

from flowengine.flow.document import Document
from flowengine.flow.fault import faults, kind_of
from flowengine.flow.migrations import FormatVersionError, migrate
from flowengine.flow.problem import DocumentError
from flowengine.flow.source import Source

D = TypeVar("D", bound=Document)


def read_document(model: type[D], source: Source) -> D:
    """Check a parsed text against the model of its document, older versions of the format included.

    Raises:
        DocumentError: The document is wrong; every problem is in it.
    """
    value = source.value
    if not isinstance(value, dict):
        message = f"a document is an object, not {kind_of(value)}"
        raise DocumentError([source.problem((), "wrong-type", message)])
    try:
        value = migrate(value)
    except FormatVersionError as error:
        raise DocumentError([source.problem(("flowengine",), error.code, str(error))]) from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise DocumentError(source.problem(*fault) for fault in faults(error, model)) from None
