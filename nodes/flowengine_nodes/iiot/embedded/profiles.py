"""Profiles, each a JSON document in a row."""

from collections.abc import Awaitable, Callable, Sequence

import orjson
from pydantic import ValidationError
from sqlalchemy import BigInteger, Column, Connection, Double, Table, Text, delete, select

from flowengine.flow.fault import faults
from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import device
from flowengine_nodes.iiot.embedded.revision import note_removal, raise_revision
from flowengine_nodes.iiot.embedded.schema import Id, metadata, replacing
from flowengine_nodes.iiot.registry.errors import BadRecordError, RecordInUseError, UnknownRecordError
from flowengine_nodes.iiot.registry.folder import profile_value
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
            BadRecordError: It is not valid any more.
        """
        query = select(profile_table.c.document).where(profile_table.c.id == id)
        found = await self._database.read(lambda connection: connection.execute(query).scalar())
        if found is None:
            raise UnknownRecordError("profile", id)
        return parse_profile(id, found)

    async def list(self) -> Sequence[Profile]:
        """Return all profiles, by id.

        Raises:
            BadRecordError: One is not valid any more.
        """
        query = select(profile_table.c.id, profile_table.c.document).order_by(profile_table.c.id)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [parse_profile(row.id, row.document) for row in found]

    async def save(self, profile: Profile, who: str) -> None:
        """Store a profile, new or changed; one that is as it was stays untouched."""
        now = self._clock.time()

        def work(connection: Connection) -> int:
            at = raise_revision(connection)
            if save_profile(connection, profile, at, now):
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
            check_removal(connection, id)
            delete_profile(connection, id, at)
            self._database.audit(connection, who, "profile-remove", id)
            return at

        await self._changed(await self._database.write(work))


def check_removal(connection: Connection, id: str) -> None:
    """Check that a profile may be removed, within a transaction.

    Raises:
        UnknownRecordError: There is none.
        RecordInUseError: Devices have it.
    """
    if connection.execute(select(profile_table.c.id).where(profile_table.c.id == id)).first() is None:
        raise UnknownRecordError("profile", id)
    user = connection.execute(select(device.c.id).where(device.c.profile == id).limit(1)).scalar()
    if user is not None:
        raise RecordInUseError("profile", id, "device", user)


def delete_profile(connection: Connection, id: str, at: int) -> None:
    """Remove a profile that no device has, within a transaction.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        id: Its id.
        at: Revision of the change.
    """
    connection.execute(delete(profile_table).where(profile_table.c.id == id))
    note_removal(connection, "profile", id, at)


def save_profile(connection: Connection, profile: Profile, at: int, now: float) -> bool:
    """Store a profile within a transaction.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        profile: The profile.
        at: Revision of the change.
        now: Time of the change.

    Returns:
        Whether it is new or differs from what was stored.
    """
    document = profile_text(profile)
    query = select(profile_table.c.document).where(profile_table.c.id == profile.id)
    if connection.execute(query).scalar() == document:
        return False
    values = {"id": profile.id, "document": document, "updated_at": now, "revision": at}
    connection.execute(replacing(connection.dialect.name, profile_table), values)
    return True


def parse_profile(id: str, document: str) -> Profile:
    """Return the profile of a row.

    Args:
        id: Its id.
        document: Its JSON.

    Raises:
        BadRecordError: It was valid when it was stored, and is not any more.
    """
    try:
        return Profile.model_validate(orjson.loads(document))
    except ValidationError as error:
        first = faults(error, Profile)[0]
        raise BadRecordError("profile", id, ".".join(map(str, first.path)), first.message) from error


def profile_text(profile: Profile) -> str:
    """Return a profile as it is stored: what differs from the defaults."""
    return orjson.dumps(profile_value(profile)).decode()
