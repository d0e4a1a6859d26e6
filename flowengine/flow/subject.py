"""What a path in a document is about: the flow, the node and the field that a person would name."""

from typing import Any, NamedTuple, Self

from flowengine.flow.scanner import ValuePath


class Subject(NamedTuple):
    """What a problem is about, in the words of `flowengine.flow.problem.Problem`."""

    flow: str | None = None
    node: str | None = None
    node_type: str | None = None
    field: str | None = None

    @classmethod
    def of(cls, document: Any, path: ValuePath) -> Self:
        """Name what a path leads to; the document may be wrong in any way."""
        flow = _text_in(document, "id")
        match path:
            case ("nodes" | "resources", str(node), *rest):
                field = rest[1:] if rest[:1] == ["config"] and len(rest) > 1 else rest
                node_type = _text_in(document, path[0], node, "type")
                return cls(flow, node, node_type, field_text(tuple(field)))
        return cls(flow, None, None, field_text(path))


def field_text(path: ValuePath) -> str | None:
    """Write a path as people do: ``rules[2].value``; None for the empty path."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".") or None


def _text_in(value: Any, *keys: str | int) -> str | None:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
