"""The messages of one subscriber, across deploys that replace the node."""

from collections import deque
from collections.abc import Callable

from flowengine_nodes.network.mqtt.client import MqttClient, Subscription
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import SubscribeOptions
from flowengine_nodes.network.mqtt.topics import TopicFilter

MOST_QOS_0 = 10_000
PORTION = 64


class Feed:
    """Subscribe on behalf of a node, and keep what arrives while the node cannot take it.

    QoS 1 and 2 messages that wait here are unacknowledged, and Receive Maximum bounds them. QoS 0 has no such bound:
    beyond some thousands the connection stops reading, so that the broker keeps or drops them, as its operator chose.

    Args:
        client: The connection.
        topic_filter: What to subscribe to.
        qos: Highest QoS.
        options: MQTT 5 options.
        later: Calls a function soon, in the event loop.
    """

    def __init__(
        self,
        client: MqttClient,
        topic_filter: TopicFilter,
        qos: int,
        options: SubscribeOptions,
        later: Callable[[Callable[[], None]], object],
    ) -> None:
        self.topic_filter = topic_filter
        self.qos = qos
        self.options = options
        self._client = client
        self._later = later
        self._take: Callable[[Inbound], None] | None = None
        self._detour: Callable[[Inbound], bool] | None = None
        self._waiting: deque[Inbound] = deque()
        self._draining = False
        self._holds_reading = False
        self._told: Callable[[MqttError | None], None] | None = None
        self._refusal: MqttError | None = None
        self._subscription: Subscription = client.subscribe(
            topic_filter, qos, self._arrived, options=options, on_done=self._answered
        )

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting)

    def listen(self, told: Callable[[MqttError | None], None]) -> None:
        """Tell of a subscription that the broker refuses, now or later, and of one that it grants after that.

        Args:
            told: Takes the error, or None.
        """
        self._told = told
        if self._refusal is not None:
            told(self._refusal)

    def open(self, take: Callable[[Inbound], None]) -> None:
        """Hand messages over, what waits first.

        Args:
            take: Takes a message.
        """
        self._take = take
        if self._waiting and not self._draining:
            self._draining = True
            self._drain()

    def shut(self) -> None:
        """Keep messages here for now."""
        self._take = None

    def divert(self, detour: Callable[[Inbound], bool]) -> None:
        """Send what waits, and what arrives from now on, another way.

        Args:
            detour: Takes a message, or tells that it will not; the message then waits here as before.
        """
        self._detour = detour
        self._waiting = deque(inbound for inbound in self._waiting if not detour(inbound))
        self._release_reading()

    def rejoin(self) -> None:
        """Let what arrives from now on come here again."""
        self._detour = None

    def leave(self) -> None:
        """Leave what waits where it came from: the connection is about to end."""
        self._take = None
        for inbound in self._waiting:
            inbound.leave()
        self._waiting.clear()

    def end(self) -> int:
        """Unsubscribe; what still waits is acknowledged, because left with the broker it would take up the window.

        Returns:
            How many messages nobody has taken.
        """
        self._take = None
        self._subscription.unsubscribe()
        left = len(self._waiting)
        for inbound in self._waiting:
            inbound.settle()
        self._waiting.clear()
        self._release_reading()
        return left

    def inherit(self, other: "Feed") -> int:
        """Put this feed in another one's place: what waits there, and is wanted here too, waits here.

        Args:
            other: The feed, which ends.

        Returns:
            How many of its messages nobody wants any more.
        """
        unwanted: deque[Inbound] = deque()
        for inbound in other._waiting:  # noqa: SLF001 - of this class
            if self.topic_filter.matches(inbound.topic):
                inbound.captures = self.topic_filter.captures(inbound.topic)
                self._waiting.append(inbound)
            else:
                unwanted.append(inbound)
        other._waiting = unwanted  # noqa: SLF001 - likewise
        return other.end()

    def hand_over(self, inbound: Inbound) -> None:
        """Take in a message that came by another way."""
        if self._take is not None and not self._waiting:
            self._take(inbound)
            return
        self._waiting.append(inbound)
        if len(self._waiting) > MOST_QOS_0 and inbound.qos == 0 and not self._holds_reading:
            self._holds_reading = True
            self._client.pause_reading()

    def _answered(self, error: MqttError | None) -> None:
        is_news = error is not None or self._refusal is not None
        self._refusal = error
        if is_news and self._told is not None:
            self._told(error)

    def _arrived(self, inbound: Inbound) -> None:
        if self._detour is not None and self._detour(inbound):
            return
        if self._take is not None and not self._waiting:
            # As in hand_over, for less: this is every message's way.
            self._take(inbound)
        else:
            self.hand_over(inbound)

    def _drain(self) -> None:
        # In portions: a long queue must not starve the loop.
        for _ in range(PORTION):
            if self._take is None or not self._waiting:
                break
            self._take(self._waiting.popleft())
        if len(self._waiting) <= MOST_QOS_0 // 2:
            self._release_reading()
        if self._take is not None and self._waiting:
            self._later(self._drain)
        else:
            self._draining = False

    def _release_reading(self) -> None:
        if self._holds_reading:
            self._holds_reading = False
            self._client.resume_reading()
