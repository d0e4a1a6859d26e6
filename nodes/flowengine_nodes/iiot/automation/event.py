"""Something that happened elsewhere, such as a change of a record in Odoo."""

from dataclasses import dataclass
from typing import Any, Self

from flowengine.node import NodeError
from flowengine_nodes.iiot.automation.comparing import all_hold
from flowengine_nodes.iiot.registry.automation import EventTrigger
from flowengine_nodes.iiot.registry.device import BusinessObject


class EventError(NodeError):
    """A payload is no event.

    Args:
        why: What is wrong with it.
        location: Where.
    """

    code = "bad-event"

    def __init__(self, why: str, location: str) -> None:
        super().__init__(f"this is no event: {why}", detail={"location": location})
        self.why = why
        self.location = location


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event.

    Args:
        id: Its id, by which it is known when it comes again; empty for none.
        name: What happened.
        device: The device it is about; empty for the one that stands for the record.
        record: The record it is about.
        values: What is known of it.
    """

    id: str = ""
    name: str = ""
    device: str = ""
    record: BusinessObject | None = None
    values: dict[str, Any]

    @classmethod
    def read(cls, payload: Any) -> Self:
        """Read an event: ``{"event", "device"? , "model"?, "id"?, "values", "event_id"?}``.

        Raises:
            EventError: It is none; the error says where.
        """
        if not isinstance(payload, dict):
            raise EventError("it must be a JSON object", "")
        values = payload.get("values", {})
        if not isinstance(values, dict):
            raise EventError("values must be an object", "values")
        texts = {name: payload.get(name, "") for name in ("event", "device", "model", "event_id")}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise EventError(f"{name} must be a text", name)
        number = payload.get("id")
        record = None
        if texts["model"]:
            if isinstance(number, bool) or not isinstance(number, int):
                raise EventError("a record has a whole number as id", "id")
            record = BusinessObject(texts["model"], number)
        elif not texts["device"]:
            raise EventError("it must name a device, or model and id of a record", "device")
        return cls(id=texts["event_id"], name=texts["event"], device=texts["device"], record=record, values=values)

    def sets_off(self, trigger: EventTrigger) -> bool:
        """Tell whether the event is one that a trigger waits for."""
        if trigger.event and trigger.event != self.name:
            return False
        if trigger.model and (self.record is None or trigger.model != self.record.model):
            return False
        return all_hold(trigger.when, self.values)
