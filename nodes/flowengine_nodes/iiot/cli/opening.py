"""The embedded registry as commands reach it: on the engine's store, beside an engine that runs."""

import getpass
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flowengine.cli.store_address import MissingStoreError, check_store
from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.copy_rows import is_copy
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.odoo.bridge import NoBridge
from flowengine_nodes.iiot.odoo.groups import OdooGroups

_log = logging.LoggerAdapter(logging.getLogger(__name__))


@asynccontextmanager
async def opened_registry(address: str, *, make: bool = False) -> AsyncIterator[EmbeddedGroups]:
    """Open the registry in a store; an engine that runs on it notices changes within a second.

    Where it is a copy of what Odoo has, records that Odoo is master of cannot be changed.

    Args:
        address: Address of the store.
        make: Whether to make the store if there is none.

    Raises:
        MissingStoreError: There is none.
        StorageError: It cannot be opened.
    """
    try:
        check_store(address)
    except MissingStoreError:
        if not make or address == "sqlite://":
            raise
        print(f"flowengine: there was no store at {address}, it is made now", file=sys.stderr)
    clock = SystemClock()
    store = await Store.open(address, clock=clock.time)
    try:
        groups = EmbeddedGroups(store.tables, clock)
        await groups.migrate()
        if await store.tables.read(is_copy):
            groups = OdooGroups(NoBridge(), store.tables, clock, _log, "")
        yield groups
    finally:
        await store.close()


def who() -> str:
    """Return who runs the command, for the audit trail."""
    try:
        return f"command line, {getpass.getuser()}"
    except (OSError, KeyError):
        # A user id without a name, as in some containers.
        return "command line"
