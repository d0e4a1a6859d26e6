"""What lint checks: each check with its code, its explanation, and an example of wrong and of right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flowengine.flow.problem import Severity
from flowengine.flow.scanner import Place, ValuePath

Sample = str | Mapping[str, str]
"""A flow's text, or several files' texts by their names.

What every document begins with, ``flowengine`` and ``id``, is left out of a sample unless it is about just that.
"""


class Finding(NamedTuple):
    """One problem of a document, before its line is looked up.

    Attributes:
        path: Keys and indexes that lead to what is wrong.
        code: Stable word code.
        message: One sentence without a final full stop.
        hint: What to do, where the message does not say it.
        within: Where in a text, such as an expression, the mistake is.
        severity: Whether it stops the flow.
    """

    path: ValuePath
    code: str
    message: str
    hint: str | None = None
    within: Place | None = None
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule that documents are held to.

    Args:
        code: Stable word code, in kebab case.
        severity: Whether a flow that breaks the rule is stopped.
        title: What is wrong, in a few words.
        explanation: Why it is wrong and what to do, for the reference: Markdown.
        wrong: What breaks the rule; empty where no text can show it.
        right: The same, put right.
    """

    code: str
    severity: Severity = Severity.ERROR
    title: str
    explanation: str
    wrong: Sample = ""
    right: Sample = ""

    def at(self, path: ValuePath, message: str, hint: str | None = None, within: Place | None = None) -> Finding:
        """Return the finding that the rule is broken at a place."""
        return Finding(path, self.code, message, hint, within, self.severity)
