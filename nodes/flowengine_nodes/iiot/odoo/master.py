"""Changes that Odoo decides on: looked at here, asked for there, and then carried out here."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection

from flowengine.node import Database
from flowengine_nodes.iiot.odoo.bridge import Bridge, MasterRefusedError
from flowengine_nodes.iiot.odoo.mirror import Mirror

T = TypeVar("T")


class Master:
    """Let Odoo decide.

    Args:
        bridge: Asks Odoo.
        mirror: Keeps the copy up to date.
        database: Where the copy is.
    """

    def __init__(self, bridge: Bridge, mirror: Mirror, database: Database) -> None:
        self._bridge = bridge
        self._mirror = mirror
        self._database = database
        self._changing = asyncio.Lock()

    @property
    def alone(self) -> AbstractAsyncContextManager[None]:
        """Held from the look here to the change here: changes come one after the other, as Odoo likes them."""
        return self._changing

    async def look(self, check: Callable[[Connection], T]) -> T:
        """Return what a check finds in the copy.

        Raises:
            NodeError: The check is against it.
        """
        return await self._database.read(check)

    async def refresh(self) -> None:
        """Bring the copy up to date.

        Raises:
            TransientError: Odoo is away.
        """
        await self._mirror.refresh()

    async def ask(self, check: Callable[[Connection], object], method: str, **named: Any) -> Any:
        """Let Odoo carry out a change that fits to the copy.

        Args:
            check: A look at the copy; it says more exactly than Odoo what is wrong.
            method: Method of Odoo's bridge.
            named: Its arguments.

        Raises:
            NodeError: The check is against it, once the copy knows what Odoo knows; or Odoo is.
            TransientError: Odoo is away; nothing has changed.
        """
        await self._database.read(check)
        try:
            return await self._bridge.ask(method, **named)
        except MasterRefusedError:
            await self._mirror.refresh()
            await self._database.read(check)
            raise
