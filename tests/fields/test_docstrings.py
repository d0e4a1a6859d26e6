"""Docstrings of fields become descriptions, whenever somebody asks for a schema."""

from pydantic import Field

from flowengine.fields.docstrings import Documented, field_docstrings, no_docstrings


class Pump(Documented):
    """A pump."""

    speed: float
    """Revolutions
    a minute."""
    name: str = ""
    power: float = Field(0.0, description="In kilowatts.")
    """Not this."""


class Motor(Documented):
    pump: Pump
    """What it drives."""


class Large(Pump):
    speed: float = 5.0
    pressure: float = 0.0
    """In bars."""


def descriptions(model: type[Documented]) -> dict[str, str | None]:
    return {name: about.get("description") for name, about in model.model_json_schema()["properties"].items()}


def test_schema_has_the_docstrings_of_fields() -> None:
    assert descriptions(Pump) == {"speed": "Revolutions\na minute.", "name": None, "power": "In kilowatts."}
    assert descriptions(Motor) == {"pump": "What it drives."}


def test_field_that_is_declared_anew_is_documented_anew() -> None:
    assert descriptions(Large) == {"speed": None, "name": None, "power": "In kilowatts.", "pressure": "In bars."}


def test_model_without_source_has_no_docstrings() -> None:
    made = type("Made", (Documented,), {"__annotations__": {"speed": float}, "__module__": "nowhere"})
    assert field_docstrings(made) == {}


def test_schema_is_made_without_docstrings_where_none_are_wanted() -> None:
    with no_docstrings():
        assert descriptions(Motor) == {"pump": None}
    assert descriptions(Motor) == {"pump": "What it drives."}
