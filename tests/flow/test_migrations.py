"""The format version, and the way from older ones, with migrations that exist only here."""

from typing import Any

import pytest

from flowengine.flow.migrations import FormatVersionError, migrate


def first(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "nodes": value.pop("steps")}


def second(value: dict[str, Any]) -> dict[str, Any]:
    value["name"] = value["name"].title()
    return value


def test_migrate_returns_a_current_document_as_it_is() -> None:
    document = {"flowengine": 1}
    assert migrate(document) is document


def test_migrate_walks_the_chain_and_leaves_the_original_alone() -> None:
    document = {"flowengine": 1, "name": "boiler room", "steps": {}}
    migrated = migrate(document, migrations={1: first, 2: second}, current=3)
    assert migrated["flowengine"] == 3
    assert (migrated["name"], migrated["nodes"]) == ("Boiler Room", {})
    assert document == {"flowengine": 1, "name": "boiler room", "steps": {}}


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (None, 'the format version is missing; begin the document with "flowengine": 3'),
        (4, "the document has format version 4, and this program reads up to 3; install a newer flowengine"),
        ("3", "'3' is no format version; the current one is 3"),
        (0, "0 is no format version; the current one is 3"),
        (True, "True is no format version; the current one is 3"),
    ],
)
def test_migrate_says_why_a_version_cannot_be_read(version: Any, sentence: str) -> None:
    with pytest.raises(FormatVersionError) as caught:
        migrate({"flowengine": version}, migrations={1: first, 2: second}, current=3)
    assert str(caught.value) == sentence
