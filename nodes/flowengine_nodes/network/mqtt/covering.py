"""Which filters to ask of a broker that knows no subscription identifiers (MQTT 3.1.1)."""

from flowengine_nodes.network.mqtt.subscriptions import FilterEntry, Subscriptions, TopicSubscription
from flowengine_nodes.network.mqtt.topics import TopicFilter


class CoveringFilters:
    """Keeps filters that a wider one covers from the broker.

    For each filter that matches a broker may send its own copy of a message (MQTT 3.1.1 §3.3.5), and nothing tells
    the copies apart. So a filter inside a wider one is served by that one alone. Filters that only overlap, such as
    ``a/+`` and ``+/b``, can still bring a message twice.

    Args:
        subscriptions: What is wanted.
    """

    __slots__ = ("_asked", "_asked_before", "_subscriptions")

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions
        self._asked: set[str] = set()
        self._asked_before: set[str] = set()

    def forget(self) -> None:
        """Begin a connection: the broker may know what it was asked for before, and may have forgotten it."""
        self._asked_before |= self._asked
        self._asked.clear()
        self._subscriptions.ask_all_again()
        self._subscriptions.unasked.update(dict.fromkeys(self._subscriptions.departing))

    def changes(self) -> tuple[dict[str, int], list[str]]:
        """Take note of what has changed.

        Returns:
            Filters to subscribe, each with its QoS, and filters to unsubscribe after that.
        """
        subscriptions = self._subscriptions
        withdrawn = (wire for wire, waiting in subscriptions.departing.items() if waiting)
        known = self._asked.union(self._asked_before, withdrawn)
        changed = tuple(subscriptions.unasked)
        subscriptions.unasked.clear()
        widest: dict[str, FilterEntry] = {}
        gone: set[str] = set()
        for wire in changed:
            entry = subscriptions.entry(wire)
            if entry is not None:
                entry = self._widest(entry)
                widest[entry.topic_filter.wire] = entry
            elif wire in known:
                gone.add(wire)
                for exposed in self._covered(TopicFilter(wire)):
                    entry = self._widest(exposed)
                    if entry.topic_filter.wire not in self._asked:
                        widest[entry.topic_filter.wire] = entry
            else:
                # Not asked for by this process; whether by an earlier one, a call of `withdraw` says.
                subscriptions.departing.pop(wire, None)
        subscribe: dict[str, int] = {}
        for wire, entry in widest.items():
            covered = self._covered(entry.topic_filter)
            subscribe[wire] = max(each.qos for each in covered)
            gone.update(each.topic_filter.wire for each in covered if each is not entry)
            for each in covered:
                each.is_asked = True
                if wire in self._asked and not each.wants_retained:
                    each.fresh.clear()
                each.wants_retained = False
        unsubscribe = sorted(gone & known)
        self._asked -= gone
        self._asked.update(subscribe)
        return subscribe, unsubscribe

    def served_by(self, wire: str) -> list[TopicSubscription]:
        """Return the subscriptions that get their messages by a filter at the broker."""
        return [each for entry in self._covered(TopicFilter(wire)) for each in entry.subscriptions]

    def _widest(self, entry: FilterEntry) -> FilterEntry:
        """Return an entry that covers this one and that no other covers."""
        while True:
            for _, wider in self._subscriptions.index.covering(entry.topic_filter):
                if wider is not entry and wider.topic_filter.group is None and entry.topic_filter.group is None:
                    entry = wider
                    break
            else:
                return entry

    def _covered(self, topic_filter: TopicFilter) -> list[FilterEntry]:
        """Return the entries that a filter covers, itself included; a shared one covers only itself."""
        return [
            entry
            for _, entry in self._subscriptions.index.covered(topic_filter)
            if entry.topic_filter == topic_filter or (topic_filter.group is None and entry.topic_filter.group is None)
        ]
