"""Tokens: Odoo's, with a copy here. Only Odoo decides who uses one: devices may show it there too."""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from flowengine.node import Clock, Database, TransientError
from flowengine_nodes.iiot.embedded.devices import read_device
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.embedded.tokens import (
    EmbeddedTokens,
    insert_token,
    is_usable,
    pairable_device,
    use_up,
    user_of,
)
from flowengine_nodes.iiot.odoo.bridge import MasterRefusedError
from flowengine_nodes.iiot.odoo.master import Master
from flowengine_nodes.iiot.pairing.token_text import sealed_by
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.tokens import IssuedToken, PairingToken, TokenState, Use


class DisagreementError(TransientError):
    """Odoo does not let a token be used that counts here: one of the two will see it otherwise soon.

    Args:
        token: Id of the token.
    """

    code = "odoo-disagrees"

    def __init__(self, token: str) -> None:
        super().__init__(f"Odoo does not let the token {token} be used, and the copy of it here is still open")
        self.token = token


class OdooTokens(EmbeddedTokens):
    """All tokens. What is read comes from the copy; issuing and using one up is Odoo's first.

    Args:
        database: Where the copy is.
        clock: Tells when they expire.
        changed: Told the revision of each change of a device once it is on disk.
        master: Asks Odoo.
    """

    def __init__(
        self, database: Database, clock: Clock, changed: Callable[[int], Awaitable[None]], master: Master
    ) -> None:
        super().__init__(database, clock, changed)
        self._master = master
        self._uses: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def issue(self, serial: str, expires_in: float, who: str, *, symbols: str = "") -> IssuedToken:
        """Make a token for a device; older ones of the device are void from then on.

        Raises:
            UnknownSerialError: No device has it.
            NotPairableError: The device is suspended or retired.
            TransientError: Odoo is away; nothing has changed.
        """

        def check(connection: Connection) -> str:
            return pairable_device(connection, serial)

        async with self._master.alone:
            named = {"serial": serial, "expires_in": expires_in, "symbols": symbols}
            made = await self._master.ask(check, "issue_token", **named)
            now = self._clock.time()
            row = {
                "id": made["token"]["id"],
                "digest": made["token"]["digest"],
                "key": made["token"]["key"],
                "device": made["device"],
                "serial": serial,
                "state": TokenState.OPEN.value,
                "misses": 0,
                "created_at": now,
                # By the clock here, whatever that of Odoo says.
                "expires_at": now + expires_in,
                "request": "",
            }

            def work(connection: Connection) -> None:
                raise_revision(connection)
                read_device(connection, row["device"])
                insert_token(connection, row)
                detail = {"token": row["id"], "expires_at": row["expires_at"]}
                self._database.audit(connection, who, "token-issue", row["device"], detail)

            await self._database.write(work)
        return IssuedToken(text=made["text"], device=row["device"], serial=serial, expires_at=row["expires_at"])

    async def find(self, symbols: str) -> tuple[PairingToken, Device] | None:
        """Return a token and its device; ``None`` if it is a guess.

        One that our key has sealed, and that is not in the copy, may have been made in Odoo just now.

        Raises:
            TransientError: Odoo is away, and might know the token.
        """
        found = await super().find(symbols)
        if found is None and sealed_by(self.keys, symbols) is not None:
            await self._master.refresh()
            found = await super().find(symbols)
        return found

    async def use(self, token: PairingToken, use: Use) -> Device | None:
        """Use a token up: in Odoo, which lets one request have it, and then here.

        A request whose answer from Odoo was lost has it too when it comes again.

        Raises:
            TransientError: Odoo is away; the token is not used, or it is by this request.
        """
        async with self._uses.setdefault(token.id, asyncio.Lock()):
            now = self._clock.time()
            if not await self._database.read(lambda connection: is_usable(connection, token, now)):
                return None
            if not await self._is_ours(token, use):
                # The copy is behind. Whoever asks looks at it again.
                await self._master.refresh()
                if await self._database.read(lambda connection: is_usable(connection, token, now)):
                    raise DisagreementError(token.id)
                return None

            def work(connection: Connection) -> tuple[int, Device] | None:
                at = raise_revision(connection)
                paired = use_up(connection, self._database, token, use, at, now)
                if paired is None and user_of(connection, token) == use.request:
                    # What Odoo has noted has come the other way meanwhile.
                    paired = read_device(connection, token.device)
                return None if paired is None else (at, paired)

            done = await self._database.write(work)
        if done is None:
            return None
        at, paired = done
        await self._changed(at)
        return paired

    async def miss(self, token: PairingToken, source: str) -> None:
        """Count that a token was shown with a wrong serial number; it is void after some.

        Raises:
            TransientError: Odoo is away.
        """
        await self._master.ask(_nothing, "miss_token", token=token.id, source=source)
        await super().miss(token, source)

    async def _is_ours(self, token: PairingToken, use: Use) -> bool:
        named = {
            "token": token.id,
            "serial": token.serial,
            "request": use.request,
            "hardware": use.hardware,
            "firmware": use.firmware,
            "source": use.source,
        }
        try:
            answer = await self._master.ask(_nothing, "use_token", **named)
        except MasterRefusedError:
            return False
        return bool(answer["used"])


def _nothing(connection: object) -> None:
    """Check nothing: Odoo decides."""
