"""The catch node."""

from typing import Self

from pydantic import model_validator

from flowengine.node import Config, Example, Field, Listener, Message, NodeId, Output, node_type


class CatchConfig(Config):
    """Configure a catch."""

    nodes: list[NodeId] = Field([], description="Catch errors of these nodes only; of all if empty.")
    group: bool = Field(False, description="Catch errors of the nodes in the same group only.")
    uncaught: bool = Field(False, description="Catch only what no other catch node of the flow catches.")

    @model_validator(mode="after")
    def _has_one_scope(self) -> Self:
        if self.group and self.nodes:
            raise ValueError("'nodes' and 'group' both say whose errors to catch; leave one out")
        return self


@node_type("catch", category="common", icon="error")
class Catch(Listener[CatchConfig]):
    """Take the messages that other nodes failed on.

    A node that cannot do its work on a message gives up the message with an error. The catch node sends that message
    on, with a field `error`:

    | field | what it says |
    |---|---|
    | `error.code` | a stable word, such as `bad-json` |
    | `error.message` | a sentence |
    | `error.node`, `error.type`, `error.flow` | where it happened |
    | `error.count` | how often this node has failed on this message, caught each time |
    | `error.detail` | facts about it |

    The most exact catch node wins: one that names the node, then one for its own *group*, then one for all nodes, then
    one with *uncaught* set. If several are equally exact, each gets the message. An error inside a subflow goes to a
    catch node inside it, and if there is none, to one in the flow that uses the subflow. What nobody catches follows
    the flow's error policy: retry, then the dead letters.

    A caught message counts as dealt with: it is not tried again and becomes no dead letter. An error that comes round
    more than ten times is a loop, and follows the policy.

    **Other than in Node-RED:** the error is in `error.code`, `error.message`, `error.node` and so on, without a
    `source` below it; and an error that nobody catches is never only logged.
    """

    event = "error"
    out = Output("Messages that a node failed on, with the field `error`.")
    examples = (
        Example("takes the errors of every node", config={}),
        Example("takes the errors of two nodes", config={"nodes": ["read-meter", "scale"]}),
        Example("takes the errors of its group", config={"group": True}),
        Example("takes what nobody else takes", config={"uncaught": True}),
    )

    def hears(self, node: str) -> int:
        """Rank a node: 4 when named, 3 in the group, 2 among all, 1 among what nobody else catches."""
        config = self.config
        if (config.nodes and node not in config.nodes) or (config.group and node not in self.context.company):
            return 0
        if config.uncaught:
            return 1
        return 4 if config.nodes else 3 if config.group else 2

    def heard(self, message: Message) -> None:
        """Send the failed message on."""
        self.send(self.out, message)
