"""Whether a rule fits to the profile whose devices it is for."""

from typing import NamedTuple

from flowengine_nodes.iiot.automation.params import placeholders
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.profile import Profile


class Misfit(NamedTuple):
    """What of a rule does not fit.

    Args:
        place: Where in the rule.
        reason: Why, as a sentence.
    """

    place: str
    reason: str


def misfit(rule: AutomationRule, profile: Profile | None) -> Misfit | None:
    """Return what of a rule does not fit to its profile; ``None`` for a rule that fits, or names no profile.

    Args:
        rule: The rule.
        profile: The profile that it names, or ``None`` if there is none of that name.
    """
    if rule.devices.profile is None:
        return None
    if profile is None:
        return Misfit("devices.profile", f'there is no profile "{rule.devices.profile}"')
    if not profile.actions:
        return None
    action = profile.actions.get(rule.command.action)
    if action is None:
        known = ", ".join(sorted(profile.actions))
        return Misfit("command.action", f'devices of the profile "{profile.id}" know only: {known}')
    if action.params is None or placeholders(rule.command.params):
        return None
    problem = action.params.problem(rule.command.params)
    return None if problem is None else Misfit("command.params", problem)
