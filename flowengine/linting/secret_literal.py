"""Check that no document holds a secret."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowengine.flow.environment import references
from flowengine.linting.check import Check, Finding
from flowengine.linting.scope import Scope
from flowengine.linting.type_facts import TypeFacts

SECRET_LITERAL: Final = Check(
    code="secret-literal",
    title="A secret is written in the flow",
    explanation=(
        "Flows are kept in git, where whatever was committed once can be read for ever. A field for a password or"
        " key therefore takes nothing but a reference: `${NAME}` reads an environment variable, `${secret:name}`"
        " the encrypted store. A default inside the reference would be a secret in the flow too, so it may only be"
        " empty. If the secret has been committed already, change it where it is used."
    ),
    wrong={
        "resources.json": '{"resources": {"main": {"type": "mqtt-broker", "config": {"host": "mqtt.example",'
        ' "password": "hunter2"}}}}'
    },
    right={
        "resources.json": '{"resources": {"main": {"type": "mqtt-broker", "config": {"host": "mqtt.example",'
        ' "password": "${MQTT_PASSWORD:-}"}}}}'
    },
)
_WHOLE: Final = re.compile(r"\$\{[^{}]*\}")


def secret_literals(facts: TypeFacts, written: Mapping[str, Any], scope: Scope) -> Iterator[Finding]:
    """Yield every secret that is written out in a configuration, or in the variables of its flow.

    Args:
        facts: The node type.
        written: The configuration as its document has it.
        scope: The variables that the node sees.
    """
    for marked in facts.marks.find(written) if facts.marks else ():
        if not marked.secret or marked.value in ("", None):
            continue
        if not is_reference(marked.value):
            yield SECRET_LITERAL.at(
                marked.path,
                "a secret must not be written here",
                "write ${NAME} for an environment variable or ${secret:name} for the encrypted store",
            )
        elif named := [one.name for one in references(marked.value) if one.name in scope.literal]:
            yield SECRET_LITERAL.at(
                marked.path,
                f"the text of {named[0]} is written in a flow, where a secret must not be",
                "take it out of 'env' and set it in the environment, or use ${secret:name}",
            )


def is_reference(value: Any) -> bool:
    """Tell whether a value is one reference and nothing else, without a default that says anything."""
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        return False
    return all(not reference.default for reference in references(value))
