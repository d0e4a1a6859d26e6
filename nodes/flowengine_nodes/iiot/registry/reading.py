"""How a profile's payloads are taken apart into readings, and when these were measured."""

from typing import Literal

from flowengine.node import Duration, Field, JsonPath, StrictConfig

Clash = Literal["keep", "arrival", "refuse"]


class Reading(StrictConfig):
    """Say where readings are in a payload, and what to make of the time that a device gives."""

    batch: JsonPath | None = Field(
        None,
        description="Where a list of readings is, in payloads that bring several: `$` for a payload that is a list "
        "itself; none for a payload that is one reading.",
    )
    time: JsonPath | None = Field(
        None, description="Where a reading says when it was measured; none for the time of its arrival."
    )
    time_unit: Literal["auto", "s", "ms", "us", "ns"] = Field(
        "auto",
        description="Unit of times that are numbers, counted from 1970; auto tells by their size. Times that are text "
        "are ISO 8601, in UTC where they name no zone.",
    )
    on_missing_time: Literal["arrival", "refuse"] = Field(
        "arrival", description="What to do without a time: take that of the arrival, or refuse the reading."
    )
    max_age: Duration = Field("30d", gt=0, description="A reading is too old after so long.", validate_default=True)
    on_too_old: Clash = Field(
        "keep", description="What to do with a time that is too old: keep it, take that of the arrival, or refuse."
    )
    max_ahead: Duration = Field(
        "1m", description="How far a device's clock may be ahead of ours.", validate_default=True
    )
    on_future: Clash = Field(
        "arrival", description="What to do with a time in the future: keep it, take that of the arrival, or refuse."
    )
