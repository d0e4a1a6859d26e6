"""Marked fields of a config model: found wherever they stand, and nothing else."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from flowengine.linting.marks import Marks, marks_of
from flowengine.node import Config, Field, JsonPath, Resource, Secret, StrictConfig

Broker = Annotated[str, Resource("mqtt-broker")]


class Plain(Config):
    path: JsonPath = Field("$", description="A path.")
    names: dict[str, list[int]] = Field({}, description="Names.")


class Tree(StrictConfig):
    token: Secret = ""
    children: "list[Tree]" = Field([], description="More of the same.")


class Bearer(StrictConfig):
    token: Secret


class Basic(StrictConfig):
    user: str
    password: Secret


class Everything(Config):
    broker: Broker
    backup: Broker | None = None
    password: Secret = Field("", description="A password.", alias="pass")
    brokers: list[Broker] = Field([], description="More.")
    by_name: dict[str, Broker] = Field({}, description="More.")
    login: Bearer | Basic | None = None
    tree: Tree = Tree()
    label: str = ""


def found(marks: Marks | None, value: Any) -> dict[tuple[str | int, ...], Any]:
    assert marks is not None
    return {marked.path: marked.value for marked in marks.find(value)}


def test_model_without_marks_has_none() -> None:
    assert marks_of(Plain) is None
    assert marks_of(Config) is None


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"broker": "a", "label": "x"}, {("broker",): "a"}),
        ({"backup": "b"}, {("backup",): "b"}),
        ({"pass": "p"}, {("pass",): "p"}),
        ({"password": "p"}, {("password",): "p"}),
        ({"brokers": ["a", "b"]}, {("brokers", 0): "a", ("brokers", 1): "b"}),
        ({"by_name": {"x": "a"}}, {("by_name", "x"): "a"}),
        ({"login": {"user": "u", "password": "p"}}, {("login", "password"): "p"}),
        ({"login": {"token": "t"}}, {("login", "token"): "t"}),
        (
            {"tree": {"token": "1", "children": [{"token": "2", "children": [{"token": "3"}]}]}},
            {
                ("tree", "token"): "1",
                ("tree", "children", 0, "token"): "2",
                ("tree", "children", 0, "children", 0, "token"): "3",
            },
        ),
        ({"broker": {"not": "a text"}, "brokers": 5, "login": "x", "tree": [1]}, {("broker",): {"not": "a text"}}),
        ("no object", {}),
    ],
)
def test_marked_values_are_found_in_what_a_person_wrote(value: Any, paths: dict[Any, Any]) -> None:
    assert found(marks_of(Everything), value) == paths


def test_marked_values_are_found_in_a_validated_model_with_its_defaults() -> None:
    config: BaseModel = Everything.model_validate({"broker": "a", "pass": "p", "login": {"token": "t"}})
    assert found(marks_of(Everything), config) == {
        ("broker",): "a",
        ("backup",): None,
        ("password",): "p",
        ("login", "token"): "t",
        ("tree", "token"): "",
    }


def test_marks_tell_a_secret_from_a_resource_and_its_types() -> None:
    marks = marks_of(Everything)
    assert marks is not None
    marked = {one.path: (one.secret, one.resource) for one in marks.find({"broker": "a", "pass": "p"})}
    assert marked == {("broker",): (False, ("mqtt-broker",)), ("pass",): (True, None)}
