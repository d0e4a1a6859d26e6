"""The registry-refresh node."""

from typing import ClassVar, Final

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Field,
    Message,
    Node,
    Outcome,
    Output,
    StagePlan,
    node_type,
    within,
)
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate

PERIOD: Final = 30.0
"""Seconds between two looks for updates that are wanted."""


class RegistryRefreshConfig(Config):
    """Let the registry look at once for what was changed elsewhere."""

    registry: RegistryId = Field("registry", description="The registry.")


@node_type("registry-refresh", category="iiot", label="Registry refresh", icon="registry")
class RegistryRefresh(Node[RegistryRefreshConfig]):
    """Let the registry take over at once what was changed elsewhere: in Odoo, where that is its master.

    Any message will do, such as the event `changed` of odoo-in. It goes on by `refreshed` once everything is known here
    that was changed before it came; while Odoo is away, it is tried again as the flow says.

    What Odoo wants to have updated and could not tell by an event, because the bridge was away for too long say, leaves
    by `update`, without any message coming in: as the payload an order for an update-request node, with `principal`.
    Each leaves until its delivery has ended well. An order that has come by an event too is known by its idempotency
    key.
    """

    refreshed = Output("The message, once the registry is up to date.")
    update = Output("An update that is wanted elsewhere.")
    stage: ClassVar[StagePlan] = StagePlan(workers=4, order="")

    def __init__(self, config: RegistryRefreshConfig, context: Context) -> None:
        super().__init__(config, context)
        self._under_way: set[str] = set()
        self._asked: list[WantedUpdate] = []

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)

    async def receive(self, message: Message) -> None:
        """Refresh the registry."""
        await self._registry.refresh()
        self.send(self.refreshed, message)

    async def run(self) -> None:
        """Ask for the updates that are wanted."""
        async with self.context.alone():
            while True:
                news = self._registry.news.next
                await self._look()
                try:
                    await within(self.context.clock, PERIOD, news.wait())
                except TimeoutError:
                    continue

    async def _look(self) -> None:
        while self._asked:
            await self._registry.note_asked(self._asked[0])
            self._under_way.discard(self._asked.pop(0).idempotency_key)
        if not self.update.is_wired:
            return
        for wanted in await self._registry.wanted_updates():
            if wanted.idempotency_key not in self._under_way:
                await self.context.ready()
                self._ask(wanted)

    def _ask(self, wanted: WantedUpdate) -> None:
        self._under_way.add(wanted.idempotency_key)
        delivery = self.context.open_delivery(lambda delivery: self._closed(wanted, delivery))
        fields = {"payload": wanted.order, "principal": wanted.who, "topic": "odoo/update", "event": "update"}
        self.send(self.update, Message(fields, delivery))
        delivery.release()

    def _closed(self, wanted: WantedUpdate, delivery: Delivery) -> None:
        if delivery.outcome is Outcome.SETTLED:
            self._asked.append(wanted)
            self._registry.news.ring()
        else:
            self._under_way.discard(wanted.idempotency_key)
