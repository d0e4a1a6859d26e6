"""A telemetry rule: which value of a payload goes to which field of which Odoo record."""

from flowengine.node import Field, JsonPath, StrictConfig


class TelemetryRule(StrictConfig):
    """Map one value of a device's telemetry to a field of a business object."""

    name: str = Field("", description="Name for people and for errors.")
    path: JsonPath = Field(description="Where the value is in the payload.")
    model: str = Field("", description="Odoo model to write to; empty for the device's business object.")
    field: str = Field(description="Field of that model.")
    active: bool = Field(True, description="Whether the rule is applied.")
