"""Automation rules: when devices are sent commands by themselves."""

from typing import Any, Final

from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import ApiError
from flowengine_nodes.iiot.admin.forms import DocumentCheck, check_document, form_schema, read_document, written
from flowengine_nodes.iiot.admin.profiles_api import FormSchema
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.registry.automation import AutomationRule


class RuleShown(Answer):
    """An automation rule."""

    id: str
    name: str
    description: str
    active: bool
    trigger: str
    """What sets it off: `cron`, `threshold`, `telemetry`, `event`."""
    action: str
    """The command that it sends."""
    rule: dict[str, Any]
    """The document, without what is as it is by default."""


class RuleList(Answer):
    """All rules, by id."""

    rules: list[RuleShown]


class RuleDraft(Body):
    """A rule, as it is to be."""

    rule: dict[str, Any]


class RuleActivity(Body):
    """Whether a rule does anything."""

    active: bool


async def list_rules(call: Call, query: RegistryQuery) -> RuleList:
    """List the automation rules."""
    return RuleList(rules=[_shown(one) for one in await registry_of(call, query).automations.list()])


@refusing
async def get_rule(call: Call, rule: str, query: RegistryQuery) -> RuleShown:
    """Return a rule."""
    return _shown(await registry_of(call, query).automations.get(rule))


async def get_rule_form(call: Call) -> FormSchema:
    """Return the JSON Schema of rules, from which a form is made."""
    return FormSchema(form=form_schema(AutomationRule))


async def check_rule(call: Call, body: RuleDraft) -> DocumentCheck:
    """Return everything that is wrong with a rule, without saving it."""
    return check_document(AutomationRule, body.rule)


@refusing
async def save_rule(call: Call, rule: str, query: RegistryQuery, body: RuleDraft) -> RuleShown:
    """Save a rule, new or changed; it counts at once."""
    draft = read_document(AutomationRule, body.rule)
    if draft.id != rule:
        raise ApiError(422, "wrong-id", f'the rule has the id "{draft.id}", the path "{rule}"', "id")
    await registry_of(call, query).automations.save(draft, asker(call))
    return _shown(draft)


@refusing
async def switch_rule(call: Call, rule: str, query: RegistryQuery, body: RuleActivity) -> RuleShown:
    """Let a rule work, or rest."""
    automations = registry_of(call, query).automations
    changed = (await automations.get(rule)).model_copy(update={"active": body.active})
    await automations.save(changed, asker(call))
    return _shown(changed)


@refusing
async def remove_rule(call: Call, rule: str, query: RegistryQuery) -> None:
    """Remove a rule and what it remembers."""
    await registry_of(call, query).automations.remove(rule, asker(call))


def _shown(rule: AutomationRule) -> RuleShown:
    return RuleShown(
        id=rule.id,
        name=rule.name,
        description=rule.description,
        active=rule.active,
        trigger=rule.trigger.kind,
        action=rule.command.action,
        rule=written(rule),
    )


_ALL: Final = "/admin/api/iiot/rules"
_ONE: Final = "/admin/api/iiot/rules/{rule}"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_rules, "List automation rules"),
    Endpoint("GET", _ONE, get_rule, "Show an automation rule"),
    Endpoint("PUT", _ONE, save_rule, "Save an automation rule", role=Role.EDITOR),
    Endpoint("DELETE", _ONE, remove_rule, "Remove an automation rule", role=Role.EDITOR),
    Endpoint("POST", f"{_ONE}/active", switch_rule, "Let an automation rule work, or rest", role=Role.EDITOR),
    Endpoint("GET", "/admin/api/iiot/rule-form", get_rule_form, "Describe automation rules"),
    Endpoint("POST", "/admin/api/iiot/rule-check", check_rule, "Check an automation rule"),
)
