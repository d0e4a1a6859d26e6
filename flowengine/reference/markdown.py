"""Markdown, as the pages of the reference are written."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

HEADER: Final = "<!-- Written by scripts/generate-reference from the code; do not edit. -->\n"


def page(title: str, *parts: str) -> str:
    """Return a page.

    Args:
        title: Its heading.
        parts: Its paragraphs, lists and tables; empty ones are left out.
    """
    return HEADER + "\n" + "\n\n".join(part.strip("\n") for part in (f"# {title}", *parts) if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; empty if it has no rows."""
    lines = [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *lines])


def cell(text: str) -> str:
    """Return text as it may stand in a table's cell: on one line, with no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return text as code within a sentence; empty text stays empty."""
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def block(text: str, language: str = "json") -> str:
    """Return text as a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def json_line(value: Any) -> str:
    """Return a value as JSON on one line, as people write it."""
    return json.dumps(value, ensure_ascii=False, default=repr)


def paragraph(text: str) -> str:
    """Return text in lines of readable length."""
    return textwrap.fill(" ".join(text.split()), 118, break_long_words=False, break_on_hyphens=False)
