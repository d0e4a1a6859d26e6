"""What an instance gives to its subflow: values for the subflow's variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowengine.flow.environment import Environment, references, substitute
from flowengine.flow.fault import kind_of
from flowengine.flow.scanner import ValuePath
from flowengine.linting.check import Finding
from flowengine.linting.checked import CheckedFlow, CheckedNode
from flowengine.linting.node_check import Surroundings
from flowengine.linting.scope import Scope
from flowengine.linting.secret_literal import is_reference
from flowengine.linting.settings import as_finding, value_at
from flowengine.linting.subflow_rules import MISSING_SUBFLOW_VARIABLE, UNKNOWN_SUBFLOW_VARIABLE
from flowengine.linting.suggestion import did_you_mean


@dataclass(frozen=True, slots=True)
class Given:
    """What an instance gives to its subflow.

    Attributes:
        written: Its configuration as its document has it.
        values: The variables it gives.
        literal: Names of those that are written out.
        findings: What is wrong with it; paths begin at the configuration.
        is_open: Whether it depends on a variable that is not known here.
    """

    written: Mapping[str, Any]
    values: Mapping[str, str]
    literal: frozenset[str]
    findings: tuple[Finding, ...]
    is_open: bool

    def place(self, instance: ValuePath, node: CheckedNode, inner: ValuePath) -> ValuePath:
        """Return the place of the value that is given to a field of a node within, or else of the instance.

        Args:
            instance: Place of the instance.
            node: The node within.
            inner: Place of the field in the subflow's own document.
        """
        for reference in references(value_at(node.document.config, inner[3:])):
            if reference.name in self.written:
                return (*instance, "config", reference.name)
        return instance


def give(flow: CheckedFlow, written: Mapping[str, Any], scope: Scope, around: Surroundings) -> Given:
    """Check what an instance gives to its subflow.

    Args:
        flow: The subflow.
        written: The instance's configuration.
        scope: The variables that the instance sees.
        around: Node types and secrets.
    """
    env = flow.document.env
    substitution = substitute(written, Environment(scope.values), secrets=around.secrets.reader)
    findings = [as_finding(fault) for fault in substitution.faults]
    for name in written:
        if name not in env:
            hint = did_you_mean(name, env) or f"its variables are {', '.join(env) or 'none'}"
            message = f'the subflow "{flow.document.id}" has no such variable'
            findings.append(UNKNOWN_SUBFLOW_VARIABLE.at((name,), message, hint))
    for name, text in env.items():
        if not text and name not in written:
            message = f'the subflow "{flow.document.id}" needs a value for {name}'
            findings.append(MISSING_SUBFLOW_VARIABLE.at((name,), message))
    values = {}
    for name, value in substitution.value.items():
        text_of = _as_text(value)
        if text_of is None:
            message = f"must be a text, a number or true or false, not {kind_of(value)}"
            findings.append(Finding((name,), "wrong-type", message))
        else:
            values[name] = text_of
    return Given(
        written=written,
        values=values,
        literal=frozenset(name for name, value in written.items() if not _is_elsewhere(value, scope)),
        findings=tuple(findings),
        is_open=any(one.name in scope.open for one in references(written)),
    )


def _is_elsewhere(value: Any, scope: Scope) -> bool:
    """Tell whether a value is one reference to what no document holds."""
    return is_reference(value) and not any(one.name in scope.literal for one in references(value))


def _as_text(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return repr(value)
    return None
