"""Who wants which topics: what to ask of the broker, and whom a message is for."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from mqtt5 import RetainHandling

from flowengine_nodes.network.mqtt.client import OnDone, OnMessage
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.options import SubscribeOptions
from flowengine_nodes.network.mqtt.topic_index import TopicIndex
from flowengine_nodes.network.mqtt.topics import TopicFilter

Target = tuple[OnMessage, Mapping[str, str]]
"""A subscriber, and what its filter captured."""

_MAX_IDENTIFIER: Final = 268_435_455
_KNOWN_TOPICS: Final = 131_072
"""Topics whose subscribers are remembered."""


_KNOWN_COPIES: Final = 64
"""Sets of identifiers on copies of a message whose subscribers are remembered, for each topic."""


class TopicSubscription:
    """One filter of one subscriber.

    Args:
        topic_filter: Filter.
        qos: Highest QoS wanted.
        on_message: The subscriber.
        options: MQTT 5 options.
        on_done: Told what the broker answers, at first and whenever it answers otherwise.
        end: Ends it.
    """

    __slots__ = ("_answer", "_end", "_on_done", "on_message", "options", "qos", "topic_filter")

    def __init__(
        self,
        topic_filter: TopicFilter,
        qos: int,
        on_message: OnMessage,
        *,
        options: SubscribeOptions,
        on_done: OnDone | None,
        end: Callable[["TopicSubscription"], None],
    ) -> None:
        self.topic_filter = topic_filter
        self.qos = qos
        self.on_message = on_message
        self.options = options
        self._on_done = on_done
        self._answer: str | None = None
        self._end = end

    def unsubscribe(self) -> None:
        """End it."""
        self._end(self)

    def answered(self, error: MqttError | None) -> None:
        """Tell what the broker answered, unless that is known."""
        answer = "" if error is None else str(error)
        if answer != self._answer:
            self._answer = answer
            if self._on_done is not None:
                self._on_done(error)


class FilterEntry:
    """One filter as the broker knows it, with everybody who wants it.

    Attributes:
        topic_filter: The filter without captures.
        identifier: Subscription identifier; the same in every process, so that a message the broker kept for
            an older connection still tells which filter it came by.
        subscriptions: In the order made.
        fresh: Subscribers that have not had the retained messages.
        wants_retained: Some of them came after the last SUBSCRIBE: the next one asks for retained messages.
        is_asked: The broker has been sent the present state of it.
    """

    __slots__ = ("fresh", "identifier", "is_asked", "subscriptions", "topic_filter", "wants_retained")

    def __init__(self, topic_filter: TopicFilter, identifier: int) -> None:
        self.topic_filter = topic_filter
        self.identifier = identifier
        self.subscriptions: list[TopicSubscription] = []
        self.fresh: set[OnMessage] = set()
        self.wants_retained = False
        self.is_asked = False

    @property
    def qos(self) -> int:
        """Highest QoS that anybody wants."""
        return max(each.qos for each in self.subscriptions)

    @property
    def no_local(self) -> bool:
        """Whether nobody wants what this client publishes."""
        # MQTT 5.0 §3.8.3.1: No Local on a shared subscription is a protocol error.
        return self.topic_filter.group is None and all(each.options.no_local for each in self.subscriptions)

    @property
    def retained(self) -> RetainHandling:
        """Which retained messages the next SUBSCRIBE asks for."""
        if not self.wants_retained:
            return RetainHandling.SEND_NEVER
        wanted = {each.options.retained for each in self.subscriptions if each.on_message in self.fresh}
        if "always" in wanted:
            return RetainHandling.SEND_ALWAYS
        return RetainHandling.SEND_IF_SUBSCRIPTION_NOT_EXISTS if "new" in wanted else RetainHandling.SEND_NEVER

    @property
    def asks(self) -> tuple[int, bool, bool]:
        """What a SUBSCRIBE says of it, beside retained messages."""
        return (self.qos, self.no_local, self.retain_as_published)

    @property
    def retain_as_published(self) -> bool:
        """Whether anybody wants the retain flag of the publisher."""
        return any(each.options.retain_as_published for each in self.subscriptions)


class Routes:
    """Whom the messages of one topic are for.

    Attributes:
        entries: Every filter that matches, the most exact first.
        targets: The subscribers, where the topic matches one filter only; else None, and ``select`` decides.
    """

    __slots__ = ("_selected", "entries", "targets")

    def __init__(self, topic: str, entries: list[FilterEntry]) -> None:
        self.entries = entries
        self._selected: dict[tuple[int, ...], tuple[Target, ...]] = {}
        self.targets = self._gather(topic, entries) if len(entries) < 2 else None

    def of(self, topic: str, identifiers: Iterable[int], *, retained: bool) -> tuple[Target, ...]:
        """Return whom one copy of a message is for, at once where there is no choice; else see ``select``."""
        if retained or self.targets is None:
            return self.select(topic, identifiers, retained=retained)
        return self.targets

    def select(self, topic: str, identifiers: Iterable[int], *, retained: bool) -> tuple[Target, ...]:
        """Return whom one copy of a message is for.

        A broker may send one copy with the identifiers of all filters, or one copy for each filter (MQTT 5.0
        §3.3.4). Of several copies a subscriber gets the one that came by its filter of highest QoS.

        Args:
            topic: Topic.
            identifiers: Subscription identifiers of this copy, empty where the broker has none.
            retained: It answers a SUBSCRIBE, so it is only for subscribers that are new.
        """
        key = tuple(identifiers)
        if not retained and key in self._selected:
            return self._selected[key]
        named = [entry for entry in self.entries if entry.identifier in key]
        if retained:
            return self._retained(topic, named or self.entries)
        targets = self._gather(topic, named or self.entries)
        if named:
            targets = tuple(each for each in targets if self._best(each[0]) in named)
        if len(self._selected) >= _KNOWN_COPIES:
            self._selected.clear()
        self._selected[key] = targets
        return targets

    def _best(self, on_message: OnMessage) -> FilterEntry:
        wanted = (entry for entry in self.entries if any(each.on_message == on_message for each in entry.subscriptions))
        return max(wanted, key=lambda entry: entry.qos)

    def _retained(self, topic: str, entries: list[FilterEntry]) -> tuple[Target, ...]:
        new = {
            each.on_message
            for entry in entries
            for each in entry.subscriptions
            if entry.retain_as_published or each.on_message in entry.fresh
        }
        return tuple(each for each in self._gather(topic, entries) if each[0] in new)

    @staticmethod
    def _gather(topic: str, entries: list[FilterEntry]) -> tuple[Target, ...]:
        """Return every subscriber once, with the captures of its most exact filter that has some."""
        found: dict[OnMessage, Mapping[str, str]] = {}
        for entry in entries:
            for each in entry.subscriptions:
                if not found.get(each.on_message):
                    found[each.on_message] = each.topic_filter.captures(topic)
        return tuple(found.items())


class Subscriptions:
    """All subscriptions of one client.

    Args:
        changed: Called when the broker has to be asked for something.
    """

    __slots__ = ("_changed", "_entries", "_gone", "_identifiers", "_routes", "departing", "index", "unasked")

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._entries: dict[str, FilterEntry] = {}
        self._identifiers: set[int] = set()
        self._gone: set[str] = set()
        self.index: TopicIndex[FilterEntry] = TopicIndex()
        """Every filter."""
        self._routes: dict[str, Routes] = {}
        self.unasked: dict[str, None] = {}
        """Filters whose state at the broker is out of date, in the order changed."""
        self.departing: dict[str, list[Callable[[], None]]] = {}
        """Filters that nobody wants and that the broker may still know, and whom to tell when it does no more."""

    def entry(self, wire: str) -> FilterEntry | None:
        """Return the entry of a filter as sent to the broker, or None when nobody wants it (any more)."""
        return self._entries.get(wire)

    def add(
        self,
        topic_filter: TopicFilter,
        qos: int,
        on_message: OnMessage,
        *,
        options: SubscribeOptions,
        on_done: OnDone | None,
    ) -> TopicSubscription:
        """Add a subscriber to a filter."""
        subscription = TopicSubscription(
            topic_filter, qos, on_message, options=options, on_done=on_done, end=self._remove
        )
        wire = topic_filter.wire
        self.departed(wire)
        self._gone.discard(wire)
        entry = self._entries.get(wire)
        if entry is None:
            entry = self._entries[wire] = FilterEntry(TopicFilter(wire), self._new_identifier(wire))
            self.index.add(entry.topic_filter, entry)
        if entry.is_asked:
            entry.fresh.clear()
        if options.retained != "never":
            entry.fresh.add(on_message)
            entry.wants_retained = True
        entry.subscriptions.append(subscription)
        self._ask(wire, entry)
        return subscription

    def withdraw(self, topic_filter: TopicFilter, on_done: Callable[[], None]) -> None:
        """Have the broker forget a filter that nobody wants; see ``MqttClient.unsubscribe``."""
        wire = topic_filter.wire
        if wire in self._entries or wire in self._gone:
            on_done()
        elif wire in self.departing:
            self.departing[wire].append(on_done)
        else:
            self.departing[wire] = [on_done]
            self.unasked[wire] = None
            self._changed()

    def departed(self, wire: str) -> None:
        """Take note that the broker knows a filter no more, or that it is wanted again."""
        waiting = self.departing.pop(wire, None)
        if waiting is not None:
            self._gone.add(wire)
            for on_done in waiting:
                on_done()

    def ask_all_again(self) -> None:
        """Note that the broker knows none of the subscriptions."""
        for wire, entry in self._entries.items():
            entry.is_asked = False
            self.unasked[wire] = None
            entry.fresh.update(each.on_message for each in entry.subscriptions if each.options.retained != "never")
            entry.wants_retained = True

    def routes(self, topic: str) -> Routes:
        """Return whom messages of a topic are for; remembered until a subscription changes."""
        routes = self._routes.get(topic)
        if routes is None:
            if len(self._routes) >= _KNOWN_TOPICS:
                self._routes.clear()
            entries = [entry for _, entry in self.index.matching(topic)]
            routes = self._routes[topic] = Routes(topic, entries)
        return routes

    def _remove(self, subscription: TopicSubscription) -> None:
        wire = subscription.topic_filter.wire
        entry = self._entries.get(wire)
        if entry is None or subscription not in entry.subscriptions:
            return
        before = entry.asks
        entry.subscriptions.remove(subscription)
        entry.fresh.discard(subscription.on_message)
        self._routes.clear()
        if not entry.subscriptions:
            del self._entries[wire]
            self._identifiers.discard(entry.identifier)
            self.index.discard(entry.topic_filter, entry)
            self.departing[wire] = []
            self._ask(wire, entry)
        elif entry.asks != before:
            self._ask(wire, entry)

    def _ask(self, wire: str, entry: FilterEntry) -> None:
        entry.is_asked = False
        self._routes.clear()
        self.unasked[wire] = None
        self._changed()

    def _new_identifier(self, wire: str) -> int:
        identifier = zlib.crc32(wire.encode()) % _MAX_IDENTIFIER + 1
        while identifier in self._identifiers:
            identifier = identifier % _MAX_IDENTIFIER + 1
        self._identifiers.add(identifier)
        return identifier
