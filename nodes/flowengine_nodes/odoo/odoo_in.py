"""The odoo-in node."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from flowengine.node import (
    Config,
    Context,
    Delivery,
    Duration,
    Example,
    Field,
    HttpRequest,
    HttpResponse,
    Incoming,
    Message,
    Node,
    NodeError,
    Output,
    Secret,
    node_type,
)
from flowengine.node.context import Shelved
from flowengine_nodes.network.route_path import Route
from flowengine_nodes.odoo.events import Event, Refusal, check, parse
from flowengine_nodes.odoo.seen_events import SeenEvents

_PORTION: Final = 100
_DESCRIPTION: Final = {
    "summary": "Take events from Odoo, signed by its addon",
    "responses": {
        "200": {"description": "They are safe here; events that came before are not carried out again."},
        "400": {"description": "The body is not what it should be."},
        "401": {"description": "The signature is wrong, or too old."},
        "503": {"description": "Not now."},
    },
}


class OdooInConfig(Config):
    """Take events from Odoo."""

    path: Route = Field("/api/v1/odoo/events", description="Path that the addon's settings name, after its bridge URL.")
    keys: Secret = Field(
        "",
        description="Keys that Odoo may sign with, separated by spaces or commas: its bridge key, and while it is "
        "being changed the next one too.",
    )
    database: str = Field("", description="Database that events must be of; empty for any.")
    max_body: int = Field(10_000_000, ge=1, description="Largest body taken, in bytes.")
    max_waiting: int = Field(10_000, ge=1, description="Most events that may wait for the flow; more are put off.")
    remember: Duration = Field("7d", gt=0, description="How long an event is known when it comes again.")
    remember_most: int = Field(100_000, ge=1, description="Most events known.")

    @property
    def all_keys(self) -> list[str]:
        """The keys, one by one."""
        return self.keys.replace(",", " ").split()


@node_type("odoo-in", category="odoo", label="Odoo in", icon="receive")
class OdooIn(Node[OdooInConfig]):
    """Take the events that the addon *industrial_iot* sends: commands, updates, changes of records.

    Each event becomes one message: `payload` is its data, `event` its type, `principal` who caused it in Odoo,
    `event_id` its id, `at` when it happened, `database` where, and `topic` is `odoo/` and the type. The types are
    `command`, `update`, `update-cancel`, `rollout`, `rollout-action`, `changed` and `record`.

    **Only Odoo's.** A request is taken if one of *keys* has signed it (HMAC-SHA256) no longer than five minutes ago;
    while it has no key, the node takes nothing.

    **None lost, none twice.** Odoo is answered as soon as the events are in the store, so it never waits for the flow;
    from there each leaves in the order Odoo sent them, after a restart too. An id that came before, within *remember*,
    is accepted and not carried out again.

    | what happens | what Odoo gets |
    |---|---|
    | the events are safe | 200 |
    | the signature is wrong, or too old | 401 |
    | the body is not understood, or of another database | 400 |
    | too much waits, or the engine stops | 503, and sends them again |

    For changes that Odoo's own automation rules post, unsigned, see odoo-poll.
    """

    out = Output("An event.")
    examples = (Example("takes events from Odoo", config={"keys": "0123456789abcdef0123456789abcdef"}),)

    @classmethod
    def claims(cls, config: OdooInConfig) -> Iterable[tuple[str, str]]:
        """Claim the route."""
        return (("HTTP route", f"POST {config.path.shape}"),)

    def __init__(self, config: OdooInConfig, context: Context) -> None:
        super().__init__(config, context)
        self._keys = config.all_keys
        self._shelf_key = str(context.worker)
        self._waiting: deque[tuple[Shelved, dict[str, Any]]] = deque()
        self._news = asyncio.Event()
        # One request at a time: what two of them have in common must not be taken for new twice.
        self._turn = asyncio.Lock()
        self._is_stopping = False

    async def start(self) -> None:
        """Open the route."""
        config = self.config
        self._seen = SeenEvents(self.context.state, config.remember, config.remember_most)
        left = await self.context.shelf.load(key=self._shelf_key)
        # A crash between the two leaves an event on the shelf that is not yet known.
        unknown = [str(one.tag) for one in left if one.tag not in self._seen]
        if unknown:
            await self._seen.add(unknown, self.context.clock.time())
        self._waiting.extend((one, one.fields) for one in left)
        self.context.routes.add(
            "POST", config.path.text, self._take, max_body=config.max_body, description=_DESCRIPTION
        )
        if not self._keys:
            self.context.status("no key: takes nothing", "error")

    async def run(self) -> None:
        """Send the events on, one after the other."""
        while True:
            while self._waiting:
                await self.context.ready()
                shelved, fields = self._waiting.popleft()
                delivery = self.context.shelf.take([shelved])
                self.send(self.out, Message(fields, delivery))
                delivery.release()
            self._news.clear()
            await self._news.wait()

    async def quiesce(self) -> None:
        """Take no more."""
        self._is_stopping = True

    async def stop(self) -> None:
        """Close the route."""
        self.context.routes.remove("POST", self.config.path.text)

    def incoming(self, given: Mapping[str, Any]) -> Incoming:
        """Return an event's message from its `event`, `payload` and what else a test says."""
        event = Event(
            id=str(given.get("event_id", "event")), type=given.get("event", ""), data=given.get("payload", {})
        )
        return Incoming({**_fields(event, ""), **given})

    async def _take(self, request: HttpRequest) -> HttpResponse:
        refusal = check(self._keys, request.headers, request.body, self.context.clock.time())
        if refusal is not None:
            self.context.log.warning("%s was refused from %s: %s", request.path, request.client, refusal.message)
            return _problem(refusal)
        try:
            told = parse(request.body)
        except NodeError as error:
            return _problem(Refusal(400, error.code, error.reason))
        if self.config.database and told.database != self.config.database:
            reason = f"events of the database {told.database!r} are not for this node"
            return _problem(Refusal(400, "other-database", reason))
        if self._is_stopping or len(self._waiting) + len(told.events) > self.config.max_waiting:
            return _problem(Refusal(503, "busy", "too much waits already; send it again in a moment"))
        # Odoo may hang up meanwhile; what is on the shelf by then must be sent on all the same.
        await asyncio.shield(self.context.spawn(self._store(told.events, told.database), "store events"))
        body = {"results": [{"id": event.id, "status": "accepted"} for event in told.events]}
        return HttpResponse(200, orjson.dumps(body), {"Content-Type": "application/json"})

    async def _store(self, events: Sequence[Event], database: str) -> None:
        async with self._turn:
            new = list({event.id: event for event in events if event.id not in self._seen}.values())
            if not new:
                return
            shelved = [_put(self.context, _fields(event, database), self._shelf_key, event.id) for event in new]
            for _, stored in shelved:
                await stored
            await self._seen.add([event.id for event in new], self.context.clock.time())
            self._waiting.extend((one, one.fields) for one, _ in shelved)
        self._news.set()


def _put(context: Context, fields: dict[str, Any], key: str, tag: str) -> "tuple[Shelved, asyncio.Future[None]]":
    """Put a message on the shelf, and return it with a future that is done when it is durable."""
    stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told(_: Delivery) -> None:
        if not stored.done():
            stored.set_result(None)

    delivery = Delivery(None, told)
    shelved = context.shelf.put(Message(fields, delivery), key=key, tag=tag)
    delivery.release()
    return shelved, stored


def _fields(event: Event, database: str) -> dict[str, Any]:
    return {
        "topic": f"odoo/{event.type}",
        "payload": event.data,
        "event": event.type,
        "event_id": event.id,
        "principal": event.who,
        "at": event.at,
        "database": database,
    }


def _problem(refusal: Refusal) -> HttpResponse:
    body = orjson.dumps({"code": refusal.code, "message": refusal.message})
    headers = {"Content-Type": "application/json"} | ({"Retry-After": "1"} if refusal.status == 503 else {})
    return HttpResponse(refusal.status, body, headers)
