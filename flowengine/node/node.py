"""What a node's class builds on."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from flowengine.errors import NodeError
from flowengine.message import Delivery, Message, TraceContext
from flowengine.node.config import Config
from flowengine.node.context import Context
from flowengine.node.example import Example
from flowengine.node.incoming import Incoming
from flowengine.node.metric import NodeMetric
from flowengine.node.output import Output
from flowengine.node.stage_plan import StagePlan

C = TypeVar("C", bound=Config)


class Node(Generic[C]):
    """Work on messages.

    ``receive`` may be plain or ``async``. A plain one is called directly and must not wait; one that returns has done
    its work, unless it took a hold (:meth:`hold`). An async one makes the node a stage, with a queue and workers.

    A source overrides :meth:`run`, or emits from callbacks of its resource between :meth:`start` and :meth:`quiesce`.

    Args:
        config: The node's validated configuration.
        context: The node's world.

    Attributes:
        examples: Shown in the reference and run as tests.
        is_played: Whether a flow test plays what the node would talk to outside.
        stage: Queue, workers and order of a node that runs as a stage, where its flow does not choose them.
        outputs: The ports of this instance, by name.
    """

    __node_type__: ClassVar[Any]  # a NodeType, set by its declaration
    examples: ClassVar[Sequence[Example]] = ()
    is_played: ClassVar[bool] = False
    stage: ClassVar[StagePlan] = StagePlan()

    def __init__(self, config: C, context: Context) -> None:
        self.config = config
        self.context = context
        self.outputs: dict[str, Output] = {}
        for port in self.ports(config):
            mine = port.copy()
            self.outputs[mine.name] = mine
            declared = getattr(type(self), mine.name, None)
            if isinstance(declared, Output):
                setattr(self, mine.name, mine)

    @classmethod
    def ports(cls, config: C) -> Sequence[Output]:
        """Return the ports that a node with this configuration has, in order.

        Args:
            config: Validated configuration. A node whose ports depend on it (a switch's rules) overrides this.
        """
        return cls.declared_ports()

    @classmethod
    def declared_ports(cls) -> Sequence[Output]:
        """Return the ports declared on the class, in the order of declaration."""
        found: dict[str, Output] = {}
        for base in reversed(cls.__mro__):
            for value in vars(base).values():
                if isinstance(value, Output):
                    found[value.name] = value
        return tuple(found.values())

    @classmethod
    def claims(cls, config: C) -> Iterable[tuple[str, str]]:
        """Return what only one node of all flows may have, such as ``("HTTP route", "POST /x")``.

        Args:
            config: Validated configuration. A node that opens a path or a name for others overrides this.

        Returns:
            Pairs of what it is, in a user's words, and its name. Two claims clash when they are equal.
        """
        return ()

    @classmethod
    def leads_to(cls, config: C) -> Iterable[tuple[str, str]]:
        """Return the claims of other nodes that a message goes on to from here, past all wires.

        Args:
            config: Validated configuration. A node that sends to a name which another claims overrides this, so that
                lint sees circles.
        """
        return ()

    @classmethod
    def warnings(cls, config: C) -> Iterable[str]:
        """Return what lint is to warn of: a configuration that is valid, but hardly what anybody wants for good.

        Args:
            config: Validated configuration.

        Returns:
            Sentences without a final full stop.
        """
        return ()

    async def start(self) -> None:
        """Get ready; messages arrive after all nodes have started."""

    async def run(self) -> None:
        """Produce messages until cancelled."""

    async def quiesce(self) -> None:
        """Take nothing more from outside, but go on answering for what is in flight."""

    async def stop(self) -> None:
        """Let go of everything."""

    def incoming(self, given: Mapping[str, Any]) -> Incoming:
        """Return the message that the node would bring in, when a flow test plays the outside world.

        A source that makes something of what it gets (a broker's bytes, say) overrides this. The node has not
        been started.

        Args:
            given: What the test says of the message: its fields, or less where the rest follows.

        Raises:
            NodeError: The node could never have got this.
        """
        return Incoming(given)

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return what the node would hand to the outside world; a flow test compares it and sends nothing.

        A sink that makes something of a message first (a URL or a topic, say) overrides this. The node has not
        been started.

        Args:
            message: The message.

        Raises:
            NodeError: The message cannot be sent; what ``receive`` would raise.
        """
        return message.fields

    def metrics(self) -> Iterable[NodeMetric]:
        """Return what the node counts itself, beside what is counted of every node; read at every scrape."""
        return ()

    def hand_over(self) -> "list[Message]":
        """Give what the node holds in memory to its successor, oldest first, with the hold on each.

        Called when a deploy replaces or removes the node. What is on the shelf, or held by a resource, stays there.
        """
        return []

    def pause(self) -> None:
        """Take no more for now: a queue of the flow is full."""

    def resume(self) -> None:
        """Take more again."""

    def send(self, output: Output, message: Message) -> None:
        """Send a message along the wires of a port.

        Args:
            output: One of the node's own ports.
            message: The message that came in, or one made from it.
        """
        output.sent += 1
        output.deliver(message)

    def emit(
        self,
        output: Output,
        fields: Mapping[str, Any],
        *,
        on_closed: Callable[[Delivery], None] | None = None,
        id: str | None = None,
        context: TraceContext | None = None,
    ) -> None:
        """Bring a new message into the flow.

        Args:
            output: The port it leaves by.
            fields: Its fields; handed over.
            on_closed: Called once when every branch it caused has ended; the place to acknowledge.
            id: Id of the message where the outside gave it one.
            context: The trace that it belongs to, where the outside told one.
        """
        delivery = self.context.open_delivery(on_closed, id)
        delivery.context = context
        output.sent += 1
        output.deliver(Message(fields if isinstance(fields, dict) else dict(fields), delivery))
        delivery.release()

    def hold(self, message: Message) -> None:
        """Keep a message beyond this call; :meth:`done` ends it."""
        message.delivery.hold()

    def done(self, message: Message, error: BaseException | None = None) -> None:
        """End the work on a message that was held.

        Args:
            message: The message that was held.
            error: What went wrong, if something did; it goes to the catch node or the flow's policy.
        """
        self.context.finish(message, error)

    def drop(self, message: Message, reason: str) -> None:
        """Give a message up on purpose, and account for it.

        Args:
            message: The message.
            reason: Word code that ``/metrics`` and the trace show.
        """
        message.delivery.drop(reason)


class ConfigNode(Node[C]):
    """A resource that nodes share: a broker, a server, a registry. It has no ports and receives nothing.

    Its :meth:`start` runs before the nodes that use it start, its :meth:`run` after: a broker, say, learns of all
    subscriptions before it connects.
    """

    @classmethod
    def trial(cls, config: C) -> C | None:
        """Return the configuration for a trial beside the config node that runs, or ``None`` if there is no such thing.

        A class whose start and run reach out, change nothing outside and end in a status overrides this, and returns
        a configuration that takes nothing from the one that runs: another name of the session, say.

        Args:
            config: Validated configuration.
        """
        return None

    async def deployed(self, broken: Collection[str]) -> None:
        """Take note of the end of a deploy: every node that uses this one has started, or never will.

        Called after every deploy, and before :meth:`run` where that is still to come.

        Args:
            broken: Ids of the flows that are wanted, but do not run. What the others have given up, nobody wants.
        """

    async def furnish(self, given: Mapping[str, Any]) -> None:
        """Take over what a flow test says the resource holds at the beginning, before any node uses it.

        A resource with records of its own overrides this.

        Args:
            given: What the test says.

        Raises:
            FlowEngineError: It cannot hold this.
        """
        raise NodeError(f"a resource of the type {self.__node_type__.name} holds nothing that a test could give")
