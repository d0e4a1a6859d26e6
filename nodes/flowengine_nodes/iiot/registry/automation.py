"""An automation rule: when a device is sent a command by itself, and when it is not."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, model_validator

from flowengine.flow.identifier import Identifier
from flowengine.node import Cron, Duration, Field, JsonPath, StrictConfig, TimeZone
from flowengine_nodes.iiot.registry.device import DeviceId

Comparison = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "between", "exists"]


class Comparing(StrictConfig):
    """A value, and what it is compared with."""

    path: JsonPath = Field(description="Where the value is.")
    op: Comparison = Field("eq", description="How it is compared; in and between take a list.")
    value: Any = Field(None, description="What it is compared with.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.op == "in" and not isinstance(self.value, list):
            raise ValueError("in compares with a list of values")
        if self.op == "between" and not (isinstance(self.value, list) and len(self.value) == 2):
            raise ValueError("between compares with a list of the least and the greatest value")
        return self


class Devices(StrictConfig):
    """Which devices a rule is for; all that take part, if nothing is said."""

    profile: Identifier | None = Field(None, description="Profile that they have.")
    group: str | None = Field(None, description="Group that they are in.")
    ids: tuple[DeviceId, ...] = Field((), description="Their ids; empty for all.")


class CronTrigger(StrictConfig):
    """At certain times."""

    kind: Literal["cron"] = Field(description="That it is times.")
    cron: Cron = Field(description="When, as five fields: minute hour day month weekday.")
    time_zone: TimeZone = Field("UTC", description="Time zone of these.")
    missed: Literal["skip", "once"] = Field(
        "skip", description="What becomes of times at which nothing ran: nothing, or one command for all of them."
    )


class ThresholdTrigger(StrictConfig):
    """When a measured value goes beyond a limit; again only after it was well within it."""

    kind: Literal["threshold"] = Field(description="That it is a limit.")
    path: JsonPath = Field(description="Where the value is in the telemetry.")
    above: float | None = Field(None, allow_inf_nan=False, description="Limit that the value must exceed.")
    below: float | None = Field(None, allow_inf_nan=False, description="Limit that the value must fall below.")
    hysteresis: float = Field(
        0, ge=0, allow_inf_nan=False, description="How far back within the limit the value must come before the next."
    )
    hold: Duration = Field("0s", description="How long the value must stay beyond the limit.", validate_default=True)

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give above or below, and not both")
        return self

    @property
    def limit(self) -> float:
        """The limit, whichever way it counts."""
        return self.above if self.above is not None else self.below or 0.0

    def is_beyond(self, value: float) -> bool:
        """Tell whether a value is beyond the limit."""
        return value > self.limit if self.above is not None else value < self.limit

    def is_back(self, value: float) -> bool:
        """Tell whether a value is back within the limit, far enough for the next command."""
        back = self.limit - self.hysteresis if self.above is not None else self.limit + self.hysteresis
        return value <= back if self.above is not None else value >= back


class TelemetryTrigger(StrictConfig):
    """When telemetry begins to fit conditions that it did not fit before."""

    kind: Literal["telemetry"] = Field(description="That it is conditions.")
    when: tuple[Comparing, ...] = Field(min_length=1, description="Conditions, all of which must hold.")


class EventTrigger(StrictConfig):
    """When something is told over HTTP, such as a change of a record in Odoo."""

    kind: Literal["event"] = Field(description="That it is an event.")
    event: str = Field("", description="Name of the event; empty for any.")
    model: str = Field("", description="Odoo model of the record; empty for any.")
    when: tuple[Comparing, ...] = Field((), description="Conditions on the event, all of which must hold.")


Trigger = Annotated[CronTrigger | ThresholdTrigger | TelemetryTrigger | EventTrigger, Discriminator("kind")]


class AutomaticCommand(StrictConfig):
    """The command that a rule sends."""

    action: str = Field(min_length=1, description="The action.")
    params: dict[str, Any] = Field(
        {},
        description="Its parameters. A value that is just {value}, {threshold}, {field}, {device}, {serial}, {model} "
        "or {record} stands for that, whatever its type; {event.NAME} for a value of the event.",
    )
    ttl: Duration | None = Field(None, gt=0, description="Time after which nobody wants it; none for the flow's.")
    supersede: str = Field("", description="Commands of one device with the same word take each other's place.")


class Throttle(StrictConfig):
    """How often a rule may send."""

    every: Duration = Field(
        "1m", ge=0, description="Shortest time between two commands to one device.", validate_default=True
    )
    most: int | None = Field(
        None, ge=1, description="Most commands to all devices within a window; none for any number."
    )
    window: Duration = Field("1h", gt=0, description="Length of the window.", validate_default=True)
    retry: Duration = Field(
        "1m",
        gt=0,
        description="Wait before a command that was refused is tried again, if telemetry still calls for it then.",
        validate_default=True,
    )


class Interlock(StrictConfig):
    """What must be so for a command to be sent. What is not known counts as not so."""

    online: bool | None = Field(None, description="Whether the device must be online, or offline.")
    telemetry: tuple[Comparing, ...] = Field((), description="Conditions on what the device measured last.")
    telemetry_age: Duration = Field(
        "5m",
        gt=0,
        description="How old what it measured may be, where there are conditions on it.",
        validate_default=True,
    )
    firmware: tuple[str, ...] = Field((), description="Firmware versions that the device may have; empty for any.")


class AutomationRule(StrictConfig):
    """When a device is sent a command by itself, and when it is not."""

    id: Identifier = Field(description="Id of the rule.")
    name: str = Field("", description="Name for people.")
    description: str = Field("", description="What it is for.")
    active: bool = Field(True, description="Whether it does anything.")
    devices: Devices = Field(Devices(), description="Which devices it is for.")
    trigger: Trigger = Field(description="What sets it off.")
    command: AutomaticCommand = Field(description="What is sent.")
    throttle: Throttle = Field(Throttle(), description="How often it may send.")
    interlock: Interlock = Field(Interlock(), description="What must be so for it to send.")
