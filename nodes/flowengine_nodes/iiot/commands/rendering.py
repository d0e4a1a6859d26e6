"""From an action and its parameters to the message that a device gets."""

import json
from collections.abc import Mapping
from typing import Any

from flowengine.expressions import EvaluationError
from flowengine.node import NodeError
from flowengine_nodes.iiot.commands.template import Surroundings, command_variables
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.profile import Profile


class UnknownActionError(NodeError):
    """A profile names the actions of its devices, and this is none of them.

    Args:
        profile: Id of the profile.
        action: The action.
        known: The actions that there are.
    """

    code = "unknown-action"

    def __init__(self, profile: str, action: str, known: list[str]) -> None:
        super().__init__(
            f'devices of the profile "{profile}" know no action "{action}"; they know {", ".join(known)}',
            detail={"location": "action"},
        )
        self.profile = profile
        self.action = action
        self.known = known


class CommandParamsError(NodeError):
    """The parameters of a command do not fit the schema of its action.

    Args:
        action: The action.
        problem: The first thing that is wrong, with its place.
    """

    code = "bad-params"

    def __init__(self, action: str, problem: str) -> None:
        super().__init__(
            f'the params of "{action}" do not fit its schema at {problem}',
            detail={"location": problem.partition(": ")[0].replace("$", "params", 1)},
        )
        self.action = action
        self.problem = problem


class CommandMessageError(NodeError):
    """A command's message cannot be made from its template.

    Args:
        profile: Id of the profile.
        action: The action.
        why: What is wrong, without a final full stop.
        line: Line of the template, counted from 1, where it is known.
    """

    code = "command-template"

    def __init__(self, profile: str, action: str, why: str, line: int | None = None) -> None:
        place = f", line {line}" if line is not None else ""
        super().__init__(
            f'the command template of the profile "{profile}"{place} makes no message for "{action}": {why}',
            detail={"location": "params", "line": line},
        )
        self.profile = profile
        self.action = action
        self.why = why
        self.line = line


def check_command(profile: Profile, action: str, params: Mapping[str, Any]) -> None:
    """Check that devices of a profile know an action, and that its parameters fit.

    Raises:
        UnknownActionError: They do not know it.
        CommandParamsError: The parameters do not fit its schema.
    """
    if not profile.actions:
        return
    known = profile.actions.get(action)
    if known is None:
        raise UnknownActionError(profile.id, action, sorted(profile.actions))
    problem = None if known.params is None else known.params.problem(params)
    if problem is not None:
        raise CommandParamsError(action, problem)


def render_command(
    profile: Profile, device: Device, action: str, params: Mapping[str, Any], *, id: str, at: float
) -> str:
    """Return the message of a command, as JSON text.

    Args:
        profile: The device's profile.
        device: Whom it is for.
        action: What to do.
        params: The action's parameters.
        id: The command's id, for profiles that want it in the message.
        at: The time, in seconds since 1970.

    Raises:
        CommandMessageError: The template cannot make one.
    """
    variables = command_variables(action, params, describe_device(device))
    template = profile.template_for(action)
    try:
        if not profile.command_id_field:
            return _sendable(template.render(variables, Surroundings(at)))
        message = template.evaluate(variables, Surroundings(at))
    except EvaluationError as error:
        raise CommandMessageError(profile.id, action, error.why, error.line) from error
    if not isinstance(message, dict):
        why = f'the message is no object, so that it cannot hold the id as "{profile.command_id_field}"'
        raise CommandMessageError(profile.id, action, why)
    return _sendable(json.dumps({**message, profile.command_id_field: id}, ensure_ascii=False))


def describe_device(device: Device) -> dict[str, Any]:
    """Return a device as templates see it."""
    business = device.business
    return {
        "id": device.id,
        "serial": device.serial,
        "name": device.name,
        "profile": device.profile,
        "hardware": device.hardware,
        "firmware": device.firmware,
        "groups": list(device.groups),
        "business": None if business is None else {"model": business.model, "id": business.id},
    }


def _sendable(text: str) -> str:
    """Write what UTF-8 has no bytes for, half a surrogate pair, as the escape that JSON has for it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text))
    return text
