"""The variables that the nodes of a flow see, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowengine.flow.document import FlowDocument
from flowengine.flow.environment import Environment
from flowengine.flow.secrets import KEY_VARIABLE

Variables = Mapping[str, str]


def snapshot(environment: Environment) -> dict[str, str]:
    """Return what an environment holds now, without the key of the secret store: no node may see that."""
    merged: dict[str, str] = {}
    for layer in reversed(environment.layers):
        merged.update(layer)
    merged.pop(KEY_VARIABLE, None)
    return merged


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What one node sees.

    Attributes:
        values: The variables.
        literal: Names of those whose text stands in a document.
        open: Names of those that each instance of a subflow gives, and whose texts are not known here.
    """

    values: Variables
    literal: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


class FlowScope:
    """The variables of one flow, node by node.

    Groups come first, then what an instance of a subflow gives, then the flow, then everything around it.

    Args:
        document: The flow.
        around: Variables of the process.
        given: What an instance gives; None for a flow by itself.
        literal: Names of those that the instance gives as literal text.
    """

    def __init__(
        self,
        document: FlowDocument,
        around: Variables,
        given: Variables | None = None,
        literal: frozenset[str] = frozenset(),
    ) -> None:
        self.around = around
        self._written = (document.env, document.groups, document.is_subflow)
        own = {name: text for name, text in document.env.items() if given is None or name not in given}
        filled = frozenset(name for name, text in own.items() if text)
        unknown = own.keys() - filled if given is None and document.is_subflow else ()
        self.all = Scope({**around, **own, **(given or {})}, filled | literal, frozenset(unknown))
        self._of_node: dict[str, Scope] = {}
        for group in document.groups.values():
            if group.env:
                named = frozenset(group.env)
                values = {**self.all.values, **group.env}
                scope = Scope(values, self.all.literal | named, self.all.open - named)
                self._of_node.update(dict.fromkeys(group.nodes, scope))

    def of(self, node: str) -> Scope:
        """Return what a node sees; the same object for all that see the same."""
        return self._of_node.get(node, self.all)

    def is_same_for(self, document: FlowDocument, around: Variables) -> bool:
        """Tell whether this holds for a newer document too."""
        return self.around is around and self._written == (document.env, document.groups, document.is_subflow)
