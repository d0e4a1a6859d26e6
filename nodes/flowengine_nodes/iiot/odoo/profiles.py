"""Profiles: Odoo's, with a copy here."""

from collections.abc import Awaitable, Callable

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.profiles import EmbeddedProfiles, check_removal
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.registry.profile import Profile


class OdooProfiles(EmbeddedProfiles):
    """All profiles. What is read comes from the copy; changes are Odoo's first.

    Args:
        database: Where the copy is.
        clock: Tells when they change.
        changed: Told the revision of each change once it is on disk.
        master: Asks Odoo.
    """

    def __init__(
        self, database: Database, clock: Clock, changed: Callable[[int], Awaitable[None]], master: Master
    ) -> None:
        super().__init__(database, clock, changed)
        self._master = master

    async def save(self, profile: Profile, who: str) -> None:
        """Store a profile, new or changed.

        Raises:
            MasterRefusedError: Odoo does not want it.
            TransientError: Odoo is away; nothing has changed.
        """
        async with self._master.alone:
            document = profile.model_dump(mode="json", by_alias=True)
            await self._master.ask(_nothing, "save_profile", document=document, who=who)
            await super().save(profile, who)

    async def remove(self, id: str, who: str) -> None:
        """Remove a profile.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: Devices have it.
            TransientError: Odoo is away; nothing has changed.
        """
        async with self._master.alone:
            await self._master.ask(lambda connection: check_removal(connection, id), "remove_profile", id=id, who=who)
            await super().remove(id, who)


def _nothing(connection: object) -> None:
    """Check nothing: any profile may be saved."""
