"""Who subscribes to what, over deploys and restarts."""

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, NamedTuple

from flowengine.node import Context
from flowengine_nodes.network.mqtt.client import MqttClient
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import SubscribeOptions
from flowengine_nodes.network.mqtt.topics import TopicFilter
from flowengine_nodes.network.mqtt_backlog import Backlog
from flowengine_nodes.network.mqtt_feed import Feed

UNSUBSCRIBED = "unsubscribed"
"""Reason of messages that nobody wants any more."""

_UNPROMISED = "flow-broken"
"""Reason of QoS 0 messages for a flow that is broken."""


class _Wish(NamedTuple):
    """What a node subscribed to, in a form that is stored."""

    topic: str
    qos: int
    no_local: bool

    @property
    def topic_filter(self) -> TopicFilter:
        return TopicFilter(self.topic)


class Subscribers:
    """The feeds of all nodes that subscribe by one connection.

    A feed whose node has stopped is kept until the deploy is over. Then it has a successor; or its flow is broken, and
    its messages go into the store until the flow is whole again; or nobody wants it, and it ends. What is subscribed
    to is remembered, so that a new process does the same for the flows that ran in the last one.

    Args:
        client: The connection.
        context: The broker node's world.
        window: Messages with each flow that come from the store and are not settled, at the most.
    """

    def __init__(self, client: MqttClient, context: Context, window: int) -> None:
        self._client = client
        self._context = context
        self._window = window
        self._attached: dict[str, Feed] = {}
        self._left: dict[str, Feed] = {}
        self._backlogs: dict[str, Backlog] = {}
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, _Wish] = {}
        self._keeping: set[str] = set()
        self._departing: set[str] = set()
        self._withdrawn: set[str] = set()
        # Each process has a session of its own.
        self._key = f"subscriptions-{context.worker}"

    async def load(self) -> None:
        """Read what the last process knew, and left in the store."""
        known: Mapping[str, Any] = self._context.state.get(self._key) or {}
        self._known = {owner: _Wish(*wish) for owner, wish in known.get("wanted", {}).items()}
        self._departing = set(known.get("departing", ()))
        for owner, count in (await self._context.shelf.counts()).items():
            self._backlog(owner).count = count

    def attach(self, owner: str, topic_filter: TopicFilter, qos: int, options: SubscribeOptions) -> Feed:
        """Return the feed of a subscriber; one that a deploy has just left behind goes on where it was.

        Args:
            owner: Id of flow and node.
            topic_filter: What to subscribe to.
            qos: Highest QoS.
            options: MQTT 5 options.
        """
        feed = old = self._left.pop(owner, None)
        if feed is None or (feed.topic_filter, feed.qos, feed.options) != (topic_filter, qos, options):
            feed = self._new_feed(topic_filter, qos, options)
        if old is not None and old is not feed:
            # Subscribed before the old one ends: what both want is not missed in between.
            self._leave_out(old, feed.inherit(old))
        self._attached[owner] = feed
        self._keeping.discard(owner)
        backlog = self._backlogs.get(owner)
        if backlog is None or not backlog.count:
            feed.rejoin()
        else:
            self._context.log.info("%s gets the %d messages that were kept for it", owner, backlog.count)
            feed.divert(backlog.put)
            work = backlog.work_off(feed)
            self._at_work[owner] = self._context.spawn(work, f"give {owner} what was kept for it")
        return feed

    def detach(self, owner: str, feed: Feed) -> None:
        """Leave a feed behind: for a successor, for the store, or to be ended.

        Args:
            owner: As in :meth:`attach`.
            feed: The feed.
        """
        feed.shut()
        at_work = self._at_work.pop(owner, None)
        if at_work is not None:
            at_work.cancel()
        if self._attached.get(owner) is feed:
            del self._attached[owner]
            self._left[owner] = feed

    async def deployed(self, broken: Collection[str]) -> None:
        """Decide what becomes of the feeds without a node.

        Args:
            broken: Ids of the flows that are wanted, but do not run.
        """
        for owner, wish in self._known.items():
            if _flow_of(owner) in broken and owner not in self._attached and owner not in self._left:
                # What is retained comes when the flow is whole.
                options = SubscribeOptions(no_local=wish.no_local, retained="never")
                self._left[owner] = self._new_feed(wish.topic_filter, wish.qos, options)
        for owner, feed in tuple(self._left.items()):
            if _flow_of(owner) in broken:
                self._keep_for(owner, feed)
            else:
                del self._left[owner]
                self._leave_out(feed, feed.end())
        for owner in tuple(self._backlogs):
            if owner not in self._attached and owner not in self._left:
                await self._give_up(owner)
        await self._remember()

    def stop(self) -> None:
        """Leave everything to the broker, the store and the next process."""
        for at_work in self._at_work.values():
            at_work.cancel()
        for feed in (*self._attached.values(), *self._left.values()):
            feed.leave()

    def drop(self, reason: str, count: int = 1) -> None:
        """Count messages that are given up.

        Args:
            reason: Word code that ``/metrics`` shows.
            count: How many.
        """
        for _ in range(count):
            delivery = self._context.open_delivery()
            delivery.drop(reason)
            delivery.release()

    def _new_feed(self, topic_filter: TopicFilter, qos: int, options: SubscribeOptions) -> Feed:
        return Feed(self._client, topic_filter, qos, options, asyncio.get_running_loop().call_soon)

    def _backlog(self, owner: str) -> Backlog:
        if owner not in self._backlogs:
            self._backlogs[owner] = Backlog(self._context, owner, self._window, self.drop)
        return self._backlogs[owner]

    def _keep_for(self, owner: str, feed: Feed) -> None:
        if owner not in self._keeping:
            self._keeping.add(owner)
            where = feed.topic_filter.text
            self._context.log.warning("%s does not run; the messages on %s are kept for it", owner, where)
            feed.listen(self._answered)
        feed.divert(partial(self._keep, self._backlog(owner)))

    def _answered(self, error: MqttError | None) -> None:
        if error is not None:
            self._context.log.warning("%s", error)

    def _keep(self, backlog: Backlog, inbound: Inbound) -> bool:
        if inbound.qos == 0:
            self.drop(_UNPROMISED)
            return True
        return backlog.put(inbound)

    def _leave_out(self, feed: Feed, count: int) -> None:
        self.drop(UNSUBSCRIBED, count)
        if count:
            self._context.log.warning(
                "nobody subscribes to %s any more; %d messages that had come were left out",
                feed.topic_filter.text,
                count,
            )

    async def _give_up(self, owner: str) -> None:
        count = await self._backlogs.pop(owner).give_up(UNSUBSCRIBED)
        if count:
            self._context.log.warning("nobody wants the %d messages that were kept for %s any more", count, owner)

    async def _remember(self) -> None:
        feeds = {**self._left, **self._attached}
        before = {wish.topic_filter.wire for wish in self._known.values()}
        self._departing |= before
        self._departing -= {feed.topic_filter.wire for feed in feeds.values()}
        known = {owner: _Wish(feed.topic_filter.text, feed.qos, feed.options.no_local) for owner, feed in feeds.items()}
        if known != self._known:
            self._known = known
            await self._context.state.set(self._key, self._memory())
        for wire in self._departing - self._withdrawn:
            self._withdrawn.add(wire)
            self._client.unsubscribe(TopicFilter(wire), partial(self._departed, wire))

    def _departed(self, wire: str) -> None:
        self._withdrawn.discard(wire)
        self._departing.discard(wire)
        # If this is lost, the broker is asked once more.
        self._context.state.set_later(self._key, self._memory())

    def _memory(self) -> dict[str, Any]:
        return {"wanted": {owner: list(wish) for owner, wish in self._known.items()}, "departing": [*self._departing]}


def _flow_of(owner: str) -> str:
    return owner.partition("/")[0]
