"""What the addon's model ``iiot.bridge`` answers: plain JSON in and out."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from flowengine.node import NodeError
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.client.errors import OdooRefusedError

PAGE: Final = 1_000
"""Records that are asked for at a time."""

_MODEL: Final = "iiot.bridge"
_CODED: Final = re.compile(r"^([a-z][a-z0-9]*(?:-[a-z0-9]+)*): (.+)$", re.DOTALL)


class Hello(NamedTuple):
    """Who is there.

    Args:
        database: Id of Odoo's database.
        key_id: Id of the key that Odoo signs and seals with; empty if it has none.
    """

    database: str
    key_id: str


class MasterRefusedError(NodeError):
    """Odoo does not take over a change, for a reason that is its own.

    Args:
        code: Its word code.
        sentence: What it says.
        facts: What the sentence is about.
    """

    def __init__(self, code: str, sentence: str, facts: Mapping[str, Any]) -> None:
        super().__init__(f"Odoo refuses the change: {sentence}", code=code, detail={**facts, "message": sentence})
        self.sentence = sentence
        self.facts = facts


class ElsewhereError(NodeError):
    """Records were to be changed where only a copy of them is."""

    code = "odoo-is-master"

    def __init__(self) -> None:
        super().__init__(
            "the registry is a copy of what Odoo has; make the change in Odoo, or in the editor of the engine that runs"
        )


class Bridge:
    """Ask Odoo, as the registry's master.

    Args:
        client: Reaches Odoo. Its errors are a ``TransientError`` where it is away.
    """

    def __init__(self, client: OdooClient) -> None:
        self._client = client

    async def hello(self) -> Hello:
        """Ask who is there."""
        told = await self._client.call(_MODEL, "hello")
        return Hello(database=str(told["database"]), key_id=str(told.get("key_id") or ""))

    async def changes(self, cursor: Any) -> Mapping[str, Any]:
        """Return a page of what has changed.

        Args:
            cursor: Where to begin, from the page before; ``None`` for everything.
        """
        page: Mapping[str, Any] = await self._client.call(_MODEL, "changes", cursor=cursor, limit=PAGE)
        return page

    async def ask(self, method: str, **named: Any) -> Any:
        """Let Odoo change something.

        Args:
            method: The method.
            named: Its arguments.

        Raises:
            MasterRefusedError: Odoo does not want it.
            TransientError: Odoo is away.
        """
        try:
            return await self._client.call(_MODEL, method, **named)
        except OdooRefusedError as error:
            refusal = _refusal(error.sentence)
            if refusal is None:
                raise
            raise refusal from error

    def firmware(self, id: str) -> AbstractAsyncContextManager[AsyncGenerator[bytes, None]]:
        """Return the file of a firmware while it arrives.

        Args:
            id: Id of the firmware.

        Raises:
            OdooRefusedError: Odoo has no such file.
            TransientError: Odoo is away, or the answer breaks off.
        """
        return self._client.download(f"/iiot/firmware/{quote(id, safe='')}/content")


class NoBridge(Bridge):
    """No way to Odoo, for a command that has only the copy: it reads, and changes nothing."""

    def __init__(self) -> None:
        pass

    async def ask(self, method: str, **named: Any) -> Any:
        """Refuse every change.

        Raises:
            ElsewhereError: Always.
        """
        raise ElsewhereError


def _refusal(text: str) -> MasterRefusedError | None:
    """Read ``<code>: <facts as JSON> <sentence>``."""
    coded = _CODED.match(text)
    if coded is None:
        return None
    code, rest = coded.groups()
    try:
        facts, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        facts, end = {}, 0
    return MasterRefusedError(code, rest[end:].strip(), facts if isinstance(facts, dict) else {})
