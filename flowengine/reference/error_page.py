"""The page of the error codes."""

import inspect
from collections.abc import Iterator

from flowengine.errors import FlowEngineError
from flowengine.reference.markdown import code, page, table


def error_page() -> str:
    """Return the page of the codes of all error classes that have been imported."""
    rows: dict[str, list[str]] = {}
    for cls in _classes(FlowEngineError):
        own = vars(cls).get("code")
        if isinstance(own, str) and cls.__module__.startswith("flowengine"):
            rows.setdefault(own, []).append(_first_line(cls))
    return page(
        "Error codes",
        "Every error has a code that does not change: commands print it in brackets behind the sentence, the API"
        " answers with it, and dead letters, catch nodes and logs carry it. Beside these there are the codes of"
        " [lint](checks.md) and those that single node types raise; [their pages](nodes/README.md) list them.",
        table(
            ("Code", "Meaning"), sorted((code(name), " ".join(dict.fromkeys(texts))) for name, texts in rows.items())
        ),
    )


def _classes(parent: type[FlowEngineError]) -> Iterator[type[FlowEngineError]]:
    yield parent
    for child in sorted(parent.__subclasses__(), key=lambda one: one.__qualname__):
        yield from _classes(child)


def _first_line(cls: type[FlowEngineError]) -> str:
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0].replace("``", "`")
