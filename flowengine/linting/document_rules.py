"""What every file is held to before anything else is checked; `flowengine.flow` finds these."""

from typing import Final

from flowengine.flow.problem import Severity
from flowengine.linting.check import Check

_SHOW: Final = '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}'

DOCUMENT_RULES: Final = (
    Check(
        code="json-syntax",
        title="The file is no JSON",
        explanation=(
            "The text breaks the rules of JSON at the place shown: a comma or bracket is missing or one too many, a"
            " text has no closing quote, or something stands there that JSON does not have, such as a comment. The"
            " marks that a merge leaves are found too. Nothing behind that place is looked at."
        ),
        wrong={"example.flow.json": '{"flowengine": 1, "id": "example",}'},
        right={"example.flow.json": _SHOW},
    ),
    Check(
        code="encoding",
        title="The file is not UTF-8",
        explanation="Documents are UTF-8 without a byte order mark. Save the file in that encoding.",
    ),
    Check(
        code="duplicate-key",
        title="A key stands twice in an object",
        explanation=(
            "Two entries of one object have the same key, for example two nodes the same id; only one of them would"
            " count. It often comes of a merge. Rename one, or remove it."
        ),
        wrong={
            "example.flow.json": '{"flowengine": 1, "id": "example", "nodes": {"a": {"type": "inject"},'
            ' "a": {"type": "debug"}}}'
        },
        right={"example.flow.json": _SHOW},
    ),
    Check(
        code="number-range",
        title="A number cannot be read exactly",
        explanation="Whole numbers have at most 64 bits, others are doubles. Write a longer one as a text, in quotes.",
        wrong='{"nodes": {"a": {"type": "inject", "config": {"payload": 123456789012345678901}}}}',
        right=_SHOW,
    ),
    Check(
        code="too-deep",
        title="Values stand too deep inside one another",
        explanation="A document is read to 64 levels; no flow that a person wrote comes near.",
    ),
    Check(
        code="too-large",
        title="The file is too large",
        explanation="A document has at most 32 MiB. Divide the flow, or take the data that is in it elsewhere.",
    ),
    Check(
        code="unreadable-file",
        title="The file cannot be read",
        explanation="The system refuses to read the file; its reason is shown. Most often it is permissions.",
    ),
    Check(
        code="format-version",
        title="The version of the document is missing or cannot be read",
        explanation=(
            'Every document begins with the version of its format, `"flowengine": 1`. Older versions are brought'
            " up to date while they are read; a newer one needs a newer flowengine."
        ),
        wrong={"example.flow.json": '{"flowengine": 99, "id": "example"}'},
        right={"example.flow.json": _SHOW},
    ),
    Check(
        code="wrong-id",
        title="The flow's id is not the file's name",
        explanation="The flow `boiler` is kept in `boiler.flow.json`. Rename the file, or change the id.",
        wrong={"example.flow.json": '{"flowengine": 1, "id": "other"}'},
        right={"example.flow.json": _SHOW},
    ),
    Check(
        code="duplicate-id",
        title="Two files have the same flow",
        explanation=(
            "The file holds a flow whose id is another file's name: most often it is a copy. Give it an id of its"
            " own, equal to its file's name."
        ),
        wrong={"example.flow.json": '{"flowengine": 1, "id": "other"}', "other.flow.json": _SHOW},
        right={"example.flow.json": _SHOW, "other.flow.json": _SHOW},
    ),
    Check(
        code="case-clash",
        title="Two file names differ only in case",
        explanation="On many systems the two are one file, so a checkout there loses one of them. Rename one.",
    ),
    Check(
        code="orphan-layout",
        severity=Severity.WARNING,
        title="A layout belongs to no flow",
        explanation="The flow was deleted or renamed, and its layout was not. Delete it, or rename it likewise.",
        wrong={"gone.layout.json": '{"flowengine": 1}'},
        right={"example.layout.json": '{"flowengine": 1}', "example.flow.json": _SHOW},
    ),
)
