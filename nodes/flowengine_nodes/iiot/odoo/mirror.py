"""Keeps the bridge's copy of Odoo's records up to date."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from flowengine.node import Clock, Database, NodeError
from flowengine_nodes.iiot.embedded.revision import current_revision
from flowengine_nodes.iiot.odoo.bridge import PAGE, Bridge, Hello
from flowengine_nodes.iiot.odoo.records import Item, Page
from flowengine_nodes.iiot.odoo.take_over import (
    OvertakenError,
    Place,
    Taken,
    forget_order,
    read_orders,
    read_place,
    read_unfit,
    taking_over,
)
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate

# A device that changes at the bridge again and again must not keep the copy from going on.
_MOST_OVERTAKEN: Final = 5


class StrangeDatabaseError(NodeError):
    """What answers is another database of Odoo than the one that the copy is of.

    Args:
        known: Id of the database that the copy is of.
        found: Id of the one that answers.
    """

    code = "strange-odoo"

    def __init__(self, known: str, found: str) -> None:
        super().__init__(
            f"the registry is a copy of the Odoo database {known}, and {found} answers; nothing was taken over. If that"
            f" is meant, set the registry's field database to {found}"
        )
        self.known = known
        self.found = found


Adopt = Callable[[Sequence[Item]], Awaitable[list[Item]]]


class Mirror:
    """Pull what has changed in Odoo, and take it over.

    Args:
        bridge: Asks Odoo.
        database: Where the copy is.
        clock: Tells when something was taken over.
        reach: Told the revision of each change, to bring the roster up to date.
        expected: Id of the database that the copy may be of, though it was of another; empty for none.
        adopt: Given all that Odoo has when the copy is made for the first time; tells Odoo what it does not know.

    Attributes:
        rules_changed: Rung when an automation rule has changed; set it before the first pull.
        news: Rings after each look that has brought something.
        hello: Who has answered last; ``None`` if nobody has.
    """

    def __init__(
        self,
        bridge: Bridge,
        database: Database,
        clock: Clock,
        reach: Callable[[int], Awaitable[None]],
        *,
        expected: str,
        adopt: Adopt,
    ) -> None:
        self._bridge = bridge
        self._database = database
        self._clock = clock
        self._reach = reach
        self._expected = expected
        self._adopt = adopt
        self._pulling = asyncio.Lock()
        self._asked = 0
        self._served = 0
        self.rules_changed = Bell()
        self.news = Bell()
        self.hello: Hello | None = None

    async def has_copy(self) -> bool:
        """Tell whether anything was ever taken over."""
        return await self._database.read(read_place) is not None

    async def orders(self) -> Sequence[WantedUpdate]:
        """Return updates that Odoo wants and that were not asked for yet."""
        return await self._database.read(read_orders)

    async def ordered(self, key: str) -> None:
        """Note that an update was asked for.

        Args:
            key: Its idempotency key.
        """
        await self._database.write(lambda connection: forget_order(connection, key))

    async def unfit(self) -> Sequence[tuple[str, str, str]]:
        """Return what came and does not fit: kind, id, and why."""
        return await self._database.read(read_unfit)

    async def refresh(self) -> None:
        """Take over all that was changed before this call; who asks meanwhile is served by the same look.

        Raises:
            TransientError: Odoo is away.
            StrangeDatabaseError: It is another Odoo.
            FlowEngineError: The store failed.
        """
        self._asked += 1
        mine = self._asked
        async with self._pulling:
            if self._served >= mine:
                return
            serving = self._asked
            await self._pull()
            self._served = serving

    async def _pull(self) -> None:
        try:
            for _ in range(_MOST_OVERTAKEN):
                try:
                    await self._pull_once(guarded=True)
                except OvertakenError:
                    continue
                return
            await self._pull_once(guarded=False)
        except BaseException:
            # After whatever it was, somebody else may answer.
            self.hello = None
            raise

    async def _pull_once(self, *, guarded: bool) -> None:
        if self.hello is None:
            self.hello = await self._bridge.hello()
        stand = await self._database.read(_stand)
        source = self.hello.database
        if stand.place is None:
            await self._pull_all(source, None)
        elif stand.place.source == source:
            await self._pull_since(stand.place, guarded=guarded)
        elif source == self._expected:
            await self._pull_all(source, stand.place)
        else:
            raise StrangeDatabaseError(stand.place.source, source)

    async def _pull_since(self, place: Place, *, guarded: bool) -> None:
        more = True
        while more:
            stand = await self._database.read(_stand)
            page = Page.read(await self._bridge.changes(place.cursor))
            if page.full:
                # The place is none any more: Odoo's database was restored, say.
                await self._pull_all(place.source, place, page)
                return
            after = Place(source=place.source, cursor=page.cursor)
            # Where nothing has changed, the old place is as good as the new one.
            if page.items or page.more or stand.has_unfit:
                await self._take(page.items, place, after, stand.revision if guarded else None)
                place = after
            more = page.more

    async def _pull_all(self, source: str, before: Place | None, page: Page | None = None) -> None:
        """Take over everything; where it ends midway, it begins anew the next time."""
        page = page or Page.read(await self._bridge.changes(None))
        items = page.items
        while page.more:
            page = Page.read(await self._bridge.changes(page.cursor))
            items += page.items
        items = await self._adopt(items)
        while len(items) > PAGE:
            await self._take(items[:PAGE], before, None, None)
            del items[:PAGE]
        await self._take(items, before, Place(source=source, cursor=page.cursor), None)

    async def _take(self, items: Sequence[Item], before: Place | None, after: Place | None, since: int | None) -> None:
        work = taking_over(self._database, items, before, after, since, self._clock.time())
        taken: Taken = await self._database.write(work)
        await self._reach(taken.revision)
        if any(what.startswith("automation-") for what, _, _ in taken.changed):
            self.rules_changed.ring()
        if items:
            self.news.ring()


class _Stand(NamedTuple):
    """How the copy stands."""

    place: Place | None
    revision: int
    has_unfit: bool


def _stand(connection: Connection) -> _Stand:
    return _Stand(read_place(connection), current_revision(connection), bool(read_unfit(connection)))
