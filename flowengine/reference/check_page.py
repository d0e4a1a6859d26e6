"""The page of what lint checks."""

import json
from collections.abc import Iterable

from flowengine.linting.check import Check, Sample
from flowengine.reference.markdown import block, code, page, paragraph, table


def check_page(checks: Iterable[Check]) -> str:
    """Return the page of all checks."""
    known = list(checks)
    rows = [(f"[{check.code}](#{check.code})", check.severity.value, check.title) for check in known]
    return page(
        "What lint checks",
        "`flowengine lint` reports every problem at once, each with the code that this page explains. A flow with an"
        " error does not run; one with warnings does. Node types add codes of their own for values that only they"
        " know; their pages list them.",
        "The examples leave out what every flow begins with: `flowengine` and `id`.",
        table(("Code", "Severity", "What is wrong"), rows),
        *(_section(check) for check in known),
    )


def _section(check: Check) -> str:
    parts = [f"## {check.code}", f"**{check.title}** ({check.severity.value})", paragraph(check.explanation)]
    if check.wrong:
        parts += ["Wrong:", _sample(check.wrong), "Right:", _sample(check.right)]
    return "\n\n".join(parts)


def _sample(sample: Sample) -> str:
    if isinstance(sample, str):
        return block(_shown(sample), "text")
    return "\n\n".join(f"{code(name)}\n\n{block(_shown(text), 'text')}" for name, text in sample.items())


def _shown(text: str) -> str:
    """Return a sample with one node a line; what is no JSON stays as it is, since that may be the point."""
    try:
        value = json.loads(text, object_pairs_hook=_without_repetition)
    except ValueError:
        return text
    return text if len(text) < 100 else json.dumps(value, indent=2, ensure_ascii=False)


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
