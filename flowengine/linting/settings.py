"""Check one configuration: put variables in, validate, and look at secrets."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from flowengine.flow.environment import Environment, Reference, references, substitute
from flowengine.flow.fault import Fault, faults
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import ValuePath
from flowengine.linting.alternatives import merge, settle
from flowengine.linting.check import Check, Finding
from flowengine.linting.scope import Scope
from flowengine.linting.secret_cache import SecretCache, SecretFact
from flowengine.linting.secret_literal import secret_literals
from flowengine.linting.type_facts import TypeFacts
from flowengine.node import Config

NODE_TYPE_FAILURE: Final = Check(
    code="node-type-failure",
    title="A node type's own code failed",
    explanation=(
        "The Python code of the node type raised an error while it was asked about this configuration. That is a"
        " mistake in the node pack, not in the flow; report it to the pack's author with the sentence shown. Until"
        " it is repaired, flows with such a node do not run."
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration that was checked.

    Attributes:
        config: The validated configuration; None if it is wrong or not known yet.
        resolved: What was written, with variables put in.
        findings: What is wrong with it; paths begin at the configuration.
        unsettled: Paths of the values that hold a variable which is not known.
        refers: Whether it refers to any variable or secret.
        secrets: Names of the secrets it refers to, each with what was found.
    """

    config: Config | None
    resolved: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    unsettled: tuple[ValuePath, ...] = ()
    refers: bool = False
    secrets: tuple[tuple[str, SecretFact], ...] = ()


def check_settings(facts: TypeFacts, written: Mapping[str, Any], scope: Scope, secrets: SecretCache) -> Settings:
    """Check a configuration of a node type.

    Args:
        facts: The node type.
        written: The configuration as its document has it.
        scope: The variables that the node sees.
        secrets: The secrets there are.
    """
    if facts.failure:
        return Settings(None, written, (node_type_failure(facts, facts.failure),))
    findings = list(secret_literals(facts, written, scope))
    if not has_references(written):
        config, wrong = _validate(facts, written)
        return Settings(config, written, (*findings, *map(as_finding, wrong)))
    names = tuple(reference.name for reference in references(written) if reference.secret)
    substitution = substitute(written, Environment(scope.values), secrets=secrets.reader)
    unsettled = (
        *(fault.path for fault in substitution.faults),
        *(_paths_of(written, scope.open) if scope.open else ()),
    )
    config, wrong = _validate(facts, substitution.value)
    wrong = [_without_secret(facts, written, one) for one in wrong if not _touches(one.path, unsettled)]
    return Settings(
        config=None if unsettled else config,
        resolved=substitution.value,
        findings=(*findings, *map(as_finding, substitution.faults), *map(as_finding, wrong)),
        unsettled=unsettled,
        refers=True,
        secrets=tuple((name, secrets.fact(name)) for name in names),
    )


def has_references(value: Any) -> bool:
    """Tell whether any text in a JSON value may refer to a variable."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(map(has_references, value.values()))
    return isinstance(value, list) and any(map(has_references, value))


def value_at(value: Any, path: ValuePath) -> Any:
    """Return what stands at a path in a JSON value, or ``None``."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def as_finding(fault: Fault) -> Finding:
    """Return a fault as a finding that stops the flow."""
    return Finding(*fault, severity=Severity.ERROR)


def node_type_failure(facts: TypeFacts, reason: str) -> Finding:
    """Return the finding that a node type's own code raised an error."""
    return NODE_TYPE_FAILURE.at((), f"the node type {facts.type.name} failed on it: {reason}")


def _validate(facts: TypeFacts, value: Mapping[str, Any]) -> tuple[Config | None, list[Fault]]:
    try:
        return facts.type.validate(value), []
    except ValidationError as error:
        return None, merge([settle(fault, value) for fault in faults(error, facts.type.config)])
    except Exception as error:  # noqa: BLE001 - a validator of the type's own may raise anything
        return None, [Fault(*node_type_failure(facts, f"{type(error).__name__}: {error}")[:4])]


def _paths_of(value: Any, names: Collection[str], path: ValuePath = ()) -> Iterator[ValuePath]:
    """Yield the paths of the texts that refer to certain variables, and give no default."""
    if isinstance(value, str):
        if any(_is_open(reference, names) for reference in references(value)):
            yield path
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths_of(item, names, (*path, key))


def _is_open(reference: Reference, names: Collection[str]) -> bool:
    return not reference.secret and reference.default is None and reference.name in names


def _touches(path: ValuePath, others: Collection[ValuePath]) -> bool:
    """Tell whether a path leads into, to or around one of the others."""
    return any(path[: len(other)] == other or other[: len(path)] == path for other in others)


def _without_secret(facts: TypeFacts, written: Mapping[str, Any], fault: Fault) -> Fault:
    """Leave out of a sentence what a variable held, if it may be a secret, and the place in it."""
    text = value_at(written, fault.path)
    if not has_references(text):
        return fault
    marked = facts.marks.find(written) if facts.marks else ()
    hidden = any(one.secret and _touches(one.path, [fault.path]) for one in marked)
    if hidden or any(reference.secret for reference in references(text)):
        return fault._replace(message="what the reference stands for is not allowed here", hint=None, within=None)
    return fault._replace(within=None)
