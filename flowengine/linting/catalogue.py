"""Every check there is, by its code; the reference is made from it.

Node types may have codes of their own beside these, for values that only they know, such as a topic filter.
"""

from collections.abc import Mapping
from typing import Final

from flowengine.linting import (
    claims,
    node_check,
    ports,
    resource_book,
    resource_check,
    secret_literal,
    settings,
    shape,
    stage_options,
    subflow_rules,
    wires,
)
from flowengine.linting.check import Check
from flowengine.linting.document_rules import DOCUMENT_RULES
from flowengine.linting.value_rules import VALUE_RULES

_MODULES: Final = (
    settings,
    secret_literal,
    node_check,
    ports,
    wires,
    shape,
    stage_options,
    resource_book,
    resource_check,
    subflow_rules,
    claims,
)

CATALOGUE: Final[Mapping[str, Check]] = {
    check.code: check
    for check in (
        *DOCUMENT_RULES,
        *VALUE_RULES,
        *(value for module in _MODULES for value in vars(module).values() if isinstance(value, Check)),
    )
}
"""The checks by code, in the order in which the reference shows them."""
