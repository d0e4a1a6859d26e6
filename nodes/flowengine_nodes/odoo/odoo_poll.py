"""The odoo-poll node."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import orjson
from pydantic import model_validator

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Example,
    Field,
    HttpRequest,
    HttpResponse,
    Message,
    Node,
    NodeError,
    Output,
    Secret,
    TransientError,
    node_type,
    within,
)
from flowengine_nodes.network.route_path import Route
from flowengine_nodes.odoo.domain_text import DomainText
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId

_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
_CURSOR: Final = "cursor"
#: Hints that come while records are read lead to one more look, and no more.
_HINT_BODY: Final = 1_000_000


class OdooPollConfig(Config):
    """Bring records that have changed."""

    server: ServerId = Field("odoo", description="Odoo server.")
    model: str = Field("", min_length=1, description="Model of the records.")
    domain: DomainText = Field([], description="Which of them; empty for all. It takes no {name}.")
    fields: list[str] = Field(["display_name"], min_length=1, description="What of them the payload has, beside `id`.")
    interval: Duration = Field("1m", gt=0, description="Time between two looks.")
    overlap: Duration = Field(
        "30s",
        ge=0,
        description="How far each look goes back behind the last: longer than the longest transaction in Odoo, whose "
        "changes are seen only at its end, with the date of its beginning.",
    )
    page: int = Field(500, ge=1, le=10_000, description="Records read in one call.")
    at_first: bool = Field(False, description="Bring the records that are there at the first start too.")
    hint: Route | None = Field(
        None,
        description="Path at which an automation rule of Odoo may say that something has changed, such as "
        "/odoo/hint/{key}; empty for none.",
    )
    hint_key: Secret = Field("", description="Value of the path's {key}, which only Odoo knows.")

    @model_validator(mode="after")
    def _has_a_key(self) -> Self:
        if self.hint is not None and (self.hint.names != ("key",) or not self.hint_key):
            raise ValueError("'hint' needs a part {key} in its path, and a 'hint_key' that Odoo's rule has there")
        return self


@node_type("odoo-poll", category="odoo", label="Odoo poll", icon="poll", outside=True)
class OdooPoll(Node[OdooPollConfig]):
    """Bring records of Odoo that were made or changed, without the addon.

    It asks every *interval* for records whose `write_date` is newer than what it has seen, and sends each change as one
    message: `payload` is the record, `topic` is `odoo/<model>`, `record` its id and `write_date` when it was written.
    What it has seen outlives a restart; changes between two looks come as one, the newest. Records that are deleted
    are not noticed.

    **Hints.** Odoo's automation rules can post to a URL (action *Send Webhook Notification*), but unsigned, without
    retry, within one second, and in Odoo 17 and 18 even for a write that is rolled back. So what such a post says is
    not believed: with *hint*, it only makes the node look at once. Odoo is answered immediately, a post that was lost
    is made up for by the next look, and one that was a lie finds nothing.

    Use odoo-in instead where the addon is installed: its events are signed, and none is lost.
    """

    out = Output("A record that was made or changed.")
    examples = (
        Example(
            "brings maintenance requests",
            config={"model": "maintenance.request", "fields": ["name", "stage_id", "equipment_id"]},
        ),
        Example(
            "looks at once when Odoo says so",
            config={"model": "maintenance.request", "hint": "/odoo/hint/{key}", "hint_key": "c1b2a3"},
        ),
    )

    @classmethod
    def claims(cls, config: OdooPollConfig) -> Iterable[tuple[str, str]]:
        """Claim the route."""
        return () if config.hint is None else (("HTTP route", f"POST {config.hint.shape}"),)

    def __init__(self, config: OdooPollConfig, context: Context) -> None:
        super().__init__(config, context)
        self._hinted = asyncio.Event()
        self._asked = list(dict.fromkeys([*config.fields, "write_date"]))

    async def start(self) -> None:
        """Find the server, and open the route for hints."""
        self._client = self.context.resource(self.config.server, OdooServer).client
        if self.config.hint is not None:
            self.context.routes.add("POST", self.config.hint.text, self._take_hint, max_body=_HINT_BODY)

    async def stop(self) -> None:
        """Close the route."""
        if self.config.hint is not None:
            self.context.routes.remove("POST", self.config.hint.text)

    async def run(self) -> None:
        """Look again and again; where several processes run the flow, in one of them."""
        async with self.context.alone():
            while True:
                self._hinted.clear()
                try:
                    await self._look()
                except TransientError as error:
                    self.context.status(f"waits: {error}", "error")
                except NodeError as error:
                    self.context.status(str(error), "error")
                    self.context.log.warning("%s", error)
                else:
                    self.context.status("up to date")
                try:
                    await within(self.context.clock, self.config.interval, self._hinted.wait())
                except TimeoutError:
                    continue

    async def _look(self) -> None:
        state = self.context.state
        cursor: dict[str, Any] | None = state.get(_CURSOR)
        if cursor is None:
            cursor = await self._first_cursor()
            await state.set(_CURSOR, cursor)
        known: dict[str, list[str]] = dict(cursor["known"])
        since = _earlier(cursor["at"], self.config.overlap) if cursor["at"] else ""
        newest = cursor["at"]
        after: list[Any] = [["write_date", ">=", since]] if since else []
        last = 0
        while True:
            # By id, so that a record that is written meanwhile moves to no other page.
            rows = await self._client.search_read(
                self.config.model,
                [*self.config.domain, *after, ["id", ">", last]],
                self._asked,
                order="id",
                limit=self.config.page,
            )
            for row in rows:
                seen = _seen(row)
                newest = max(newest, seen[0])
                if known.get(str(row["id"])) != seen:
                    await self._bring(row, seen[0])
                    known[str(row["id"])] = seen
            if len(rows) < self.config.page:
                break
            last = rows[-1]["id"]
        horizon = _earlier(newest, self.config.overlap) if newest else ""
        # What is older than the next look goes back need not be known.
        kept = {id: seen for id, seen in known.items() if seen[0] >= horizon}
        if kept != cursor["known"] or newest != cursor["at"]:
            await state.set(_CURSOR, {"at": newest, "known": kept})

    async def _first_cursor(self) -> dict[str, Any]:
        if self.config.at_first:
            return {"at": "", "known": {}}
        domain = [*self.config.domain]
        rows = await self._client.search_read(
            self.config.model, domain, ["write_date"], order="write_date desc", limit=1
        )
        if not rows:
            return {"at": "", "known": {}}
        at = str(rows[0]["write_date"])
        since = [*domain, ["write_date", ">=", _earlier(at, self.config.overlap)]]
        recent = await self._client.search_read(self.config.model, since, self._asked, order="id")
        return {"at": at, "known": {str(row["id"]): _seen(row) for row in recent}}

    async def _bring(self, row: dict[str, Any], written: str) -> None:
        """Send a record on, and wait until the flow has finished with it or has it safe."""
        await self.context.ready()
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def close(_: Delivery) -> None:
            if not ended.done():
                ended.set_result(None)

        payload = {name: row[name] for name in ("id", *self.config.fields) if name in row}
        fields = {
            "topic": f"odoo/{self.config.model}",
            "payload": payload,
            "record": row["id"],
            "write_date": written,
        }
        delivery = self.context.open_delivery(close)
        self.send(self.out, Message(fields, delivery))
        delivery.release()
        await ended

    async def _take_hint(self, request: HttpRequest) -> HttpResponse:
        given = request.parameters.get("key", "")
        if not hmac.compare_digest(given.encode(), self.config.hint_key.encode()):
            body = orjson.dumps({"code": "not-found", "message": "nothing is here"})
            return HttpResponse(404, body, {"Content-Type": "application/json"})
        self._hinted.set()
        return HttpResponse(202)


def _seen(row: Mapping[str, Any]) -> list[str]:
    """Return by what a change is known: when it was written, which Odoo tells to the second, and what was."""
    values = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return [str(row["write_date"] or ""), hashlib.blake2b(values, digest_size=8).hexdigest()]


def _earlier(text: str, seconds: float) -> str:
    """Return the time some seconds before one that Odoo gave, as Odoo takes it."""
    at = datetime.strptime(text[:19], _FORMAT).replace(tzinfo=UTC)
    return (at - timedelta(seconds=seconds)).strftime(_FORMAT)
