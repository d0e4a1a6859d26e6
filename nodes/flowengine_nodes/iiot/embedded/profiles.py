"""Profiles, each a JSON document in a row."""

from collections.abc import Awaitable, Callable, Sequence

import orjson
from sqlalchemy import BigInteger, Column, Connection, Double, Table, Text, delete, select

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import device
from flowengine_nodes.iiot.embedded.revision import note_removal, raise_revision
from flowengine_nodes.iiot.embedded.schema import Id, metadata, replacing
from flowengine_nodes.iiot.registry.errors import RecordInUseError, UnknownRecordError
from flowengine_nodes.iiot.registry.profile import Profile

profile_table = Table(
    "iiot_profile",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document", Text, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)


class EmbeddedProfiles:
    """All profiles.

    Args:
        database: Where they are.
        clock: Tells when they change.
        changed: Told the revision of each change once it is on disk.
    """

    def __init__(self, database: Database, clock: Clock, changed: Callable[[int], Awaitable[None]]) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed

    async def get(self, id: str) -> Profile:
        """Return a profile.

        Raises:
            UnknownRecordError: There is none.
        """
        query = select(profile_table.c.document).where(profile_table.c.id == id)
        found = await self._database.read(lambda connection: connection.execute(query).scalar())
        if found is None:
            raise UnknownRecordError("profile", id)
        return parse_profile(found)

    async def list(self) -> Sequence[Profile]:
        """Return all profiles, by id."""
        query = select(profile_table.c.document).order_by(profile_table.c.id)
        found = await self._database.read(lambda connection: connection.execute(query).scalars().all())
        return [parse_profile(document) for document in found]

    async def save(self, profile: Profile, who: str) -> None:
        """Store a profile, new or changed."""
        now = self._clock.time()
        document = profile_text(profile)

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            values = {"id": profile.id, "document": document, "updated_at": now, "revision": at}
            connection.execute(replacing(connection.dialect.name, profile_table), values)
            self._database.audit(connection, who, "profile-save", profile.id)
            return at

        await self._changed(await self._database.write(work))

    async def remove(self, id: str, who: str) -> None:
        """Remove a profile.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: Devices have it.
        """

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            user = connection.execute(select(device.c.id).where(device.c.profile == id).limit(1)).scalar()
            if user is not None:
                raise RecordInUseError("profile", id, "device", user)
            if not connection.execute(delete(profile_table).where(profile_table.c.id == id)).rowcount:
                raise UnknownRecordError("profile", id)
            note_removal(connection, "profile", id, at)
            self._database.audit(connection, who, "profile-remove", id)
            return at

        await self._changed(await self._database.write(work))


def parse_profile(document: str) -> Profile:
    """Return a profile from its row."""
    return Profile.model_validate(orjson.loads(document))


def profile_text(profile: Profile) -> str:
    """Return a profile as it is stored: what differs from the defaults."""
    return orjson.dumps(profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)).decode()
