"""Tokens, as keyed hashes."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import device, device_of
from flowengine_nodes.iiot.embedded.devices import change_device
from flowengine_nodes.iiot.embedded.keys import opening_keys
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.embedded.token_rows import token_table as table
from flowengine_nodes.iiot.pairing.token_text import grouped, new_token, sealed_by, token_digest
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys
from flowengine_nodes.iiot.registry.tokens import (
    PAIRABLE,
    Holder,
    IssuedToken,
    NotPairableError,
    PairingToken,
    TokenState,
    UnknownSerialError,
    Use,
)

MOST_MISSES = 5
"""A token that was shown with so many wrong serial numbers has been stolen by somebody who guesses."""
_PASSWORD_BYTES = 24


class EmbeddedTokens:
    """All tokens.

    Args:
        database: Where they are.
        clock: Tells when they expire.
        changed: Told the revision of each change of a device once it is on disk.

    Attributes:
        keys: What tokens and passwords are made with; there once they are loaded.
    """

    keys: SecretKeys

    def __init__(self, database: Database, clock: Clock, changed: Callable[[int], Awaitable[None]]) -> None:
        self._database = database
        self._clock = clock
        self._changed = changed

    async def load(self, secret_key: str, *, may_add: bool = True) -> None:
        """Find out the keys.

        Args:
            secret_key: From the settings; empty for the one that is kept in the store.
            may_add: Whether the key may be new; a command must have the key of the engine.

        Raises:
            ShortKeyError: A key is too short.
            MissingKeyError: There was a key before, and none is given.
            StrangeKeyError: The key is new, and may not be.
        """
        self.keys = await self._database.write(opening_keys(secret_key, self._clock.time(), may_add=may_add))

    async def issue(self, serial: str, expires_in: float, who: str, *, symbols: str = "") -> IssuedToken:
        """Make a token for a device; older ones of the device are void from then on.

        Raises:
            UnknownSerialError: No device has it.
            NotPairableError: The device is suspended or retired.
        """
        symbols = symbols or new_token(self.keys)
        key = self.keys.newest
        now = self._clock.time()
        row = {
            "id": secrets.token_hex(12),
            "digest": token_digest(self.keys, key, symbols),
            "key": key,
            "serial": serial,
            "state": TokenState.OPEN.value,
            "misses": 0,
            "created_at": now,
            "expires_at": now + expires_in,
            "request": "",
        }

        def work(connection: Connection) -> str:
            # It locks out other tokens of the device.
            raise_revision(connection)
            id = pairable_device(connection, serial)
            insert_token(connection, row | {"device": id})
            detail = {"token": row["id"], "expires_at": row["expires_at"]}
            self._database.audit(connection, who, "token-issue", id, detail)
            return id

        id = await self._database.write(work)
        return IssuedToken(text=grouped(symbols), device=id, serial=serial, expires_at=now + expires_in)

    async def find(self, symbols: str) -> tuple[PairingToken, Device] | None:
        """Return a token and its device; ``None`` if it is a guess, which costs next to nothing to find out."""
        key = sealed_by(self.keys, symbols)
        if key is None:
            return None
        digest = token_digest(self.keys, key, symbols)

        def work(connection: Connection) -> tuple[PairingToken, Device] | None:
            row = connection.execute(select(table).where(table.c.digest == digest)).first()
            if row is None or not hmac.compare_digest(row.digest, digest):
                return None
            owner = connection.execute(select(device).where(device.c.id == row.device)).first()
            return None if owner is None else (_token_of(row), device_of(owner))

        return await self._database.read(work)

    def mark(self, token: PairingToken, request: str) -> str:
        """Return the mark of a request that shows a token."""
        return self.keys.digest(token.key, "request", token.id, request).hex()

    async def use(self, token: PairingToken, use: Use) -> Device | None:
        """Use a token up, in one transaction with what that means for its device, and the audit trail."""
        now = self._clock.time()

        def work(connection: Connection) -> tuple[int, Device] | None:
            # Its lock keeps every change of the device out until the commit.
            at = raise_revision(connection)
            if not is_usable(connection, token, now):
                return None
            paired = use_up(connection, self._database, token, use, at, now)
            return None if paired is None else (at, paired)

        done = await self._database.write(work)
        if done is None:
            return None
        at, paired = done
        await self._changed(at)
        return paired

    async def miss(self, token: PairingToken, source: str) -> None:
        """Count that a token was shown with a wrong serial number; it is void after some."""

        def work(connection: Connection) -> None:
            open_one = (table.c.id == token.id, table.c.state == TokenState.OPEN.value)
            connection.execute(update(table).where(*open_one).values(misses=table.c.misses + 1))
            voided = connection.execute(
                update(table).where(*open_one, table.c.misses >= MOST_MISSES).values(state=TokenState.VOID.value)
            )
            if voided.rowcount:
                detail = {"token": token.id, "reason": "wrong-serial", "source": source}
                self._database.audit(connection, "pairing", "token-void", token.device, detail)

        await self._database.write(work)

    async def note(self, what: str, subject: str, source: str, detail: object) -> None:
        """Add a line on a request that was refused to the audit trail."""
        await self._database.write(
            lambda connection: self._database.audit(connection, source or "pairing", what, subject, detail)
        )

    def password(self, holder: Holder) -> str | None:
        """Return the broker password of a device: always the same for a token."""
        if holder.key not in self.keys:
            return None
        digest = self.keys.digest(holder.key, "broker-password", holder.token, holder.device)
        return urlsafe_b64encode(digest[:_PASSWORD_BYTES]).decode()

    async def holders(self) -> Sequence[Holder]:
        """Return the devices that have paired and take part."""
        lifecycles = [Lifecycle.PAIRED.value, Lifecycle.ACTIVE.value]
        query = (
            select(table.c.device, table.c.id, table.c.key)
            .join(device, device.c.id == table.c.device)
            .where(table.c.used_at.is_not(None), device.c.lifecycle.in_(lifecycles))
            .order_by(table.c.device, table.c.used_at)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        # A device that paired anew has the password of the last time.
        return list({row.device: Holder(*row) for row in rows}.values())


def is_usable(connection: Connection, token: PairingToken, now: float) -> bool:
    """Tell whether a token may be used, within a transaction.

    Args:
        connection: Connection inside the transaction.
        token: As it was found.
        now: The time.
    """
    open_one = (table.c.id == token.id, table.c.state == TokenState.OPEN.value, table.c.expires_at > now)
    query = select(device.c.serial, device.c.lifecycle).join(table, table.c.device == device.c.id).where(*open_one)
    found = connection.execute(query).first()
    return found is not None and found.serial == token.serial and Lifecycle(found.lifecycle) in PAIRABLE


def use_up(
    connection: Connection, database: Database, token: PairingToken, use: Use, at: int, now: float
) -> Device | None:
    """Use a token up within a transaction, and return its device, paired; ``None`` if the token is not open any more.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        database: Takes the audit record.
        token: A token that may be used.
        use: By whom and how.
        at: Revision of the change.
        now: The time.
    """
    burnt = connection.execute(
        update(table)
        .where(table.c.id == token.id, table.c.state == TokenState.OPEN.value)
        .values(state=TokenState.USED.value, used_at=now, request=use.request)
    )
    if burnt.rowcount != 1:
        return None
    values: dict[str, Any] = {"lifecycle": Lifecycle.PAIRED}
    values |= {"hardware": use.hardware} if use.hardware else {}
    values |= {"firmware": use.firmware} if use.firmware else {}
    paired = change_device(connection, token.device, values, at, now)
    detail = {"token": token.id, "source": use.source, "hardware": use.hardware, "firmware": use.firmware}
    database.audit(connection, f"device {token.serial}", "pair", token.device, detail)
    return paired


def user_of(connection: Connection, token: PairingToken) -> str:
    """Return the mark of the request that has used a token, within a transaction; empty if none has."""
    query = select(table.c.request).where(table.c.id == token.id, table.c.state == TokenState.USED.value)
    return connection.execute(query).scalar() or ""


def pairable_device(connection: Connection, serial: str) -> str:
    """Return the id of a device that may pair, within a transaction.

    Raises:
        UnknownSerialError: No device has this serial number.
        NotPairableError: The device is suspended or retired.
    """
    found = connection.execute(select(device.c.id, device.c.lifecycle).where(device.c.serial == serial)).first()
    if found is None:
        raise UnknownSerialError(serial)
    lifecycle = Lifecycle(found.lifecycle)
    if lifecycle not in PAIRABLE:
        raise NotPairableError(found.id, lifecycle)
    id: str = found.id
    return id


def insert_token(connection: Connection, row: dict[str, Any]) -> None:
    """Add a token, and make older ones of its device void, within a transaction.

    Args:
        connection: Connection inside the transaction, which :func:`raise_revision` began.
        row: Its columns.
    """
    older = (table.c.device == row["device"], table.c.state != TokenState.VOID.value)
    connection.execute(update(table).where(*older).values(state=TokenState.VOID.value))
    connection.execute(insert(table), row)


def _token_of(row: Row[Any]) -> PairingToken:
    return PairingToken(
        id=row.id,
        key=row.key,
        device=row.device,
        serial=row.serial,
        state=TokenState(row.state),
        expires_at=row.expires_at,
        used_at=row.used_at,
        request=row.request,
    )
