"""The complete node."""

from flowengine.node import Config, Example, Field, Listener, Message, NodeId, Output, node_type


class CompleteConfig(Config):
    """Configure a complete node."""

    nodes: list[NodeId] = Field(min_length=1, description="Nodes to hear of.")


@node_type("complete", category="common", icon="done")
class Complete(Listener[CompleteConfig]):
    """Send a message on when another node has finished its work on it.

    Useful after nodes without an output, such as one that publishes: what comes here has been published. The message
    is as that node received it, with a field `complete`: `complete.node` and `complete.type`, and in `complete.after`
    the nodes that it was about before. A message is never told twice about the same node, so that there can be no loop.

    A node that keeps a message, such as a delay, finishes when the message leaves; one that fails does not finish,
    and its message goes the way of all errors.

    **Other than in Node-RED:** every node tells when it is done, the switch among them.
    """

    event = "complete"
    out = Output("Messages that a node has finished with.")
    examples = (Example("hears of one node", config={"nodes": ["publish"]}),)

    def hears(self, node: str) -> int:
        """Tell whether a node is among those to hear of."""
        return int(node in self.config.nodes)

    def heard(self, message: Message) -> None:
        """Send the finished message on."""
        self.send(self.out, message)
