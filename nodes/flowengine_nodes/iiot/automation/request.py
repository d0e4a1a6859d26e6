"""The request for the command that a rule sends."""

from collections.abc import Mapping
from typing import Any

from flowengine_nodes.iiot.automation.event import Event
from flowengine_nodes.iiot.automation.params import filled
from flowengine_nodes.iiot.registry.automation import AutomationRule, ThresholdTrigger
from flowengine_nodes.iiot.registry.device import Device


def command_request(rule: AutomationRule, device: Device, value: Any, event: Event | None) -> Mapping[str, Any]:
    """Return the request for a rule's command.

    Args:
        rule: The rule.
        device: The device it goes to.
        value: The value that set the rule off, if one did.
        event: The event that did, if one did.

    Raises:
        PlaceholderError: The parameters want a value that there is none of.
    """
    trigger = rule.trigger
    values: dict[str, Any] = {"value": value, "device": device.id, "serial": device.serial}
    if isinstance(trigger, ThresholdTrigger):
        values |= {"threshold": trigger.limit, "field": trigger.path.text}
    record = event.record if event is not None and event.record is not None else device.business
    if record is not None:
        values |= {"model": record.model, "record": record.id}
    if event is not None:
        values |= {f"event.{name}": one for name, one in event.values.items()}
    made: dict[str, Any] = {
        "device": device.id,
        "action": rule.command.action,
        "params": filled(rule.command.params, values),
    }
    if rule.command.ttl is not None:
        made["ttl"] = rule.command.ttl
    if rule.command.supersede:
        made["supersede"] = rule.command.supersede
    return made
