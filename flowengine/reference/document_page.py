"""The page of the documents: every key of every file."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowengine.flow.schema import DOCUMENTS, document_schema
from flowengine.reference.markdown import code, json_line, page, table

_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
    "null": "null",
}


def document_page() -> str:
    """Return the page of all kinds of documents."""
    return page(
        "Documents",
        "The files that are kept in git, key by key. `flowengine schema KIND` prints the JSON Schema of each, and"
        " `flowengine fmt` writes its one canonical form.",
        *(section for kind in DOCUMENTS for section in _document(kind)),
    )


def _document(kind: str) -> Iterator[str]:
    schema = document_schema(kind)
    parts = schema.get("$defs", {})
    yield f"## {kind}\n\n{_about(schema)}\n\n{_keys(schema, parts)}"
    for name, part in parts.items():
        if part.get("properties"):
            yield f"### {kind}: {name}\n\n{_about(part)}\n\n{_keys(part, parts)}"


def _about(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).replace("``", "`")


def _keys(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (
            code(name),
            _kind(about, parts),
            "*required*" if name in required else code(json_line(about["default"])) if "default" in about else "",
            about.get("description", ""),
        )
        for name, about in schema.get("properties", {}).items()
    ]
    return table(("Key", "Takes", "Default", "Meaning"), rows)


def _kind(about: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return code(name) if parts[name].get("properties") else _kind(parts[name], parts)
    if "anyOf" in about:
        return " or ".join(dict.fromkeys(_kind(one, parts) for one in about["anyOf"]))
    if "const" in about or "enum" in about:
        return " | ".join(code(json_line(one)) for one in about.get("enum", [about.get("const")]))
    if about.get("type") == "array":
        return f"list of {_kind(about.get('items', {}), parts)}"
    values = next(iter(about.get("patternProperties", {}).values()), None)
    if values is not None:
        return f"map of names to {_kind(values, parts)}"
    return _TYPES.get(about.get("type", ""), "any JSON")
