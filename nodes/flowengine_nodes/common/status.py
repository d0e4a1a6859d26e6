"""The status node."""

from typing import Self

from pydantic import model_validator

from flowengine.node import Config, Example, Field, Listener, Message, NodeId, Output, node_type


class StatusConfig(Config):
    """Configure a status node."""

    nodes: list[NodeId] = Field([], description="Hear of these nodes only; of all if empty.")
    group: bool = Field(False, description="Hear of the nodes in the same group only.")

    @model_validator(mode="after")
    def _has_one_scope(self) -> Self:
        if self.group and self.nodes:
            raise ValueError("'nodes' and 'group' both say whom to hear of; leave one out")
        return self


@node_type("status", category="common", icon="status")
class StatusChanges(Listener[StatusConfig]):
    """Send a message whenever another node of the flow changes its status.

    The message has one field, `status`, with `status.text`, `status.level` (`ok`, `busy`, `warning`, `error` or
    `idle`), `status.node` and `status.type`. A status that does not change is not told again.

    **Other than in Node-RED:** `level` takes the place of colour and shape, and the node is in `status.node`.
    """

    event = "status"
    out = Output("One message for each change, in the field `status`.")
    examples = (
        Example("hears of every node", config={}),
        Example("hears of one node", config={"nodes": ["telemetry-in"]}),
    )

    def hears(self, node: str) -> int:
        """Tell whether a node is among those to hear of."""
        if self.config.group:
            return int(node in self.context.company)
        return int(not self.config.nodes or node in self.config.nodes)

    def heard(self, message: Message) -> None:
        """Send the status on."""
        self.send(self.out, message)
