"""What pydantic refuses, told in our words with our codes."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from flowengine.flow.fault import Fault, faults
from flowengine.flow.scanner import Place


class Mode(StrEnum):
    ON = "on"
    OFF = "off"


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float


class Square(BaseModel):
    kind: Literal["square"]
    side: float


def _even(value: int) -> int:
    if value % 2:
        raise PydanticCustomError("even-number", "{value} is odd", {"value": value, "line": 2, "column": 3})
    return value


def _refused(value: str) -> str:
    if value == "no":
        raise ValueError("'no' is refused")
    if value == "never":
        raise AssertionError("'never' is refused")
    return value


class Everything(BaseModel):
    whole: int = 0
    number: float = Field(0, allow_inf_nan=False)
    flag: bool = False
    mode: Mode = Mode.ON
    texts: list[str] = Field(["a"], min_length=1, max_length=2)
    name: str = Field("abc", min_length=2, max_length=4)
    step: int = Field(0, multiple_of=5)
    pair: tuple[int, int] = (0, 0)
    nothing: None = None
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    even: Annotated[int, AfterValidator(_even)] = 0
    refused: Annotated[str, AfterValidator(_refused)] = ""


def fault_of(value: dict[str, Any]) -> Fault:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(value)
    (fault,) = faults(caught.value, Everything)
    return fault


@pytest.mark.parametrize(
    ("field", "value", "code", "message"),
    [
        ("whole", "many", "wrong-type", 'must be a whole number, not "many"'),
        ("whole", 1.5, "wrong-type", "must be a whole number, not a number"),
        ("whole", "x" * 50, "wrong-type", "must be a whole number, not a text"),
        ("number", [], "wrong-type", "must be a number, not a list"),
        ("number", float("inf"), "wrong-type", "must be a finite number, not a number"),
        ("flag", "maybe", "wrong-type", 'must be true or false, not "maybe"'),
        ("mode", "of", "bad-value", "must be 'on' or 'off'"),
        ("texts", [], "bad-value", "must not be empty"),
        ("texts", ["a", "b", "c"], "out-of-range", "must have no more than 2 entries"),
        ("name", "", "bad-value", "must not be empty"),
        ("name", "a", "out-of-range", "must have 2 or more characters"),
        ("name", "abcde", "out-of-range", "must have no more than 4 characters"),
        ("step", 7, "out-of-range", "must be a multiple of 5"),
        ("pair", 7, "wrong-type", "must be a list, not a number"),
        ("nothing", 7, "wrong-type", "must be null, not a number"),
        ("refused", "no", "bad-value", "'no' is refused"),
        ("refused", "never", "bad-value", "'never' is refused"),
    ],
)
def test_fault_says_what_is_allowed(field: str, value: Any, code: str, message: str) -> None:
    assert fault_of({field: value}) == Fault((field,), code, message)


@pytest.mark.parametrize(
    ("shape", "code", "message"),
    [
        ({"radius": 1}, "missing-field", "the field is missing"),
        ({"kind": "star"}, "bad-value", "must be one of 'circle', 'square'"),
    ],
)
def test_fault_of_a_tagged_union_is_at_the_tag(shape: dict[str, Any], code: str, message: str) -> None:
    assert fault_of({"shape": shape}) == Fault(("shape", "kind"), code, message)


def test_fault_of_a_type_of_ours_keeps_its_code_its_words_and_its_place() -> None:
    assert fault_of({"even": 3}) == Fault(("even",), "even-number", "3 is odd", None, Place(2, 3))
