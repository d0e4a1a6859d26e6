"""A telemetry rule: which value of a payload goes to which field of which Odoo record."""

import re
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from flowengine.node import Duration, Field, JsonPath, StrictConfig
from flowengine_nodes.iiot.registry.odoo_domain import OdooDomain
from flowengine_nodes.iiot.registry.unit import UnitError, conversion

Kind = Literal["any", "number", "integer", "text", "boolean", "time"]
Pick = Literal["one", "first", "last", "min", "max", "sum", "mean", "count", "all"]

_NUMERIC_PICKS = frozenset({"min", "max", "sum", "mean", "count"})
_MODEL = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _model(text: str) -> str:
    if text and not _MODEL.fullmatch(text):
        raise ValueError(f'"{text}" is no name of a model, such as maintenance.equipment')
    return text


def _field(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise ValueError(f'"{text}" is no name of a field, such as x_temperature')
    return text


class Transform(StrictConfig):
    """What is made of a value, in this order: map, type, scale and offset, unit, round."""

    map: dict[str, str | int | float | bool] = Field(
        {}, description='New values by old ones, where devices send codes: {"0": "off", "1": "on"}.'
    )
    otherwise: str | int | float | bool | None = Field(
        None, description="What a value becomes that the map lacks; without, it is an error."
    )
    type: Kind = Field(
        "any",
        description="What the value must be, or be turned into: a number may come as text; integer must be whole; "
        "boolean knows true, on, yes and 1; time becomes a date and time as Odoo takes it.",
    )
    decimal_comma: bool = Field(False, description="Numbers that come as text have a comma for a decimal point.")
    scale: float = Field(1, allow_inf_nan=False, description="Number that the value is multiplied by.")
    offset: float = Field(0, allow_inf_nan=False, description="Number that is added then.")
    unit: str = Field("", description="Unit that the value is in then, such as °F.")
    to_unit: str = Field("", description="Unit that is written, such as °C.")
    round: int | None = Field(None, ge=-9, le=12, description="Decimal places to round to; none for all.")

    @property
    def calculates(self) -> bool:
        """Whether the value must be a number, whatever its type is said to be."""
        return self.scale != 1 or self.offset != 0 or bool(self.unit) or self.round is not None

    @property
    def linear(self) -> tuple[Fraction, Fraction] | None:
        """Factor and offset of scale, offset and unit together; ``None`` where they change nothing."""
        # From its text, a decimal is exactly the number that its author wrote.
        factor, offset = Fraction(repr(self.scale)), Fraction(repr(self.offset))
        if self.unit:
            more, shift = conversion(self.unit, self.to_unit)
            factor, offset = factor * more, offset * more + shift
        return None if factor == 1 and not offset else (factor, offset)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if bool(self.unit) != bool(self.to_unit):
            raise ValueError("unit and to_unit belong together: give both, or neither")
        if self.scale == 0:
            raise ValueError("a scale of 0 makes every value the same")
        if self.otherwise is not None and not self.map:
            raise ValueError("otherwise has no meaning without a map")
        if self.calculates and self.type not in {"any", "number", "integer"}:
            raise ValueError(f"scale, offset, unit and round need a number, but the type is {self.type}")
        try:
            self.linear  # noqa: B018 - reading it checks the units
        except UnitError as error:
            raise ValueError(str(error)) from error
        return self


class Condition(StrictConfig):
    """When a value is written; each device and rule is watched apart."""

    deadband: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Smallest change that is written; 0 for any change."
    )
    deadband_percent: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Smallest change that is written, in per cent of the last value."
    )
    min_interval: Duration = Field(
        "0s", description="Shortest time between two values that are written.", validate_default=True
    )

    @property
    def is_empty(self) -> bool:
        """Whether every value is written."""
        return self.deadband is None and self.deadband_percent is None and not self.min_interval

    @model_validator(mode="after")
    def _has_one_deadband(self) -> Self:
        if self.deadband is not None and self.deadband_percent is not None:
            raise ValueError("give deadband or deadband_percent, not both")
        return self


class TelemetryRule(StrictConfig):
    """Map one value of a device's telemetry to a field of a business object."""

    name: str = Field("", description="Name for people and for errors; the field, if empty.")
    path: JsonPath = Field(description="Where the value is in a reading.")
    pick: Pick = Field(
        "one",
        description="What of several values is taken: one takes what the path finds as it is, and finding several is "
        "an error; the others take lists apart, however deep, and skip what is null.",
    )
    transform: Transform = Field(Transform(), description="What is made of the value.")
    condition: Condition = Field(Condition(), description="When the value is written.")
    model: Annotated[str, AfterValidator(_model)] = Field(
        "", description="Odoo model to write to; empty for the device's business object."
    )
    field: Annotated[str, AfterValidator(_field)] = Field(description="Field of that model.")
    domain: OdooDomain = Field(
        [],
        description="Records of the model to write to, as an Odoo domain, in which {device}, {serial} and {value} may "
        "stand for values; empty for the device's business object.",
    )
    on_missing: Literal["ignore", "fail"] = Field(
        "ignore", description="What it means when the value is missing or null."
    )
    active: bool = Field(True, description="Whether the rule is applied.")

    @property
    def label(self) -> str:
        """What the rule is called."""
        return self.name or self.field

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.domain and not self.model:
            raise ValueError("a domain needs the model that it chooses records of")
        if self.pick in _NUMERIC_PICKS and self.transform.type not in {"any", "number", "integer"}:
            raise ValueError(f"{self.pick} gives a number, but the type is {self.transform.type}")
        return self
