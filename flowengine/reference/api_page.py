"""The page of the admin API."""

from collections.abc import Mapping
from typing import Any

from flowengine.reference.markdown import code, page, table


def api_page(document: Mapping[str, Any]) -> str:
    """Return the page of all operations.

    Args:
        document: The OpenAPI document.
    """
    rows = [
        (code(f"{method.upper()} {path}"), operation.get("summary", ""), _parameters(operation))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return page(
        "Admin API",
        "`GET /openapi.json` of a running engine describes each operation in full, with the JSON Schemas of what it"
        " takes and answers.",
        "Errors are always `{code, message, location}`. Where the engine has a token, send"
        " `Authorization: Bearer TOKEN`. A change says which revision it is based on; if that is no longer the current"
        " one, the answer is 409.",
        table(("Operation", "What it does", "Query"), rows),
    )


def _parameters(operation: Mapping[str, Any]) -> str:
    found = (one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query")
    return ", ".join(code(name) for name in found)
