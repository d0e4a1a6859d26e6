"""The odoo-create node."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from pydantic import model_validator

from flowengine.node import (
    BatchNode,
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    NodeError,
    NodeMetric,
    Output,
    StagePlan,
    TransientError,
    node_type,
)
from flowengine_nodes.network.field_text import Text
from flowengine_nodes.odoo.client.errors import OdooRefusedError, bad_field
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId
from flowengine_nodes.odoo.writing.counts import Counts
from flowengine_nodes.odoo.writing.load import cell, load

_EXTERNAL_ID: Final = re.compile(r"[A-Za-z_]\w*\.[\w.:-]+")


class OdooCreateConfig(Config):
    """Make records in Odoo."""

    server: ServerId = Field("odoo", description="Odoo server.")
    model: str = Field("", min_length=1, description="Model of the records.")
    values: JsonPath = Field("$.payload", description="Where the message has the values, by field.")
    key_field: str = Field(
        "",
        description="Field whose value is different for every record: where a record has it already, none is made. "
        "A unique constraint on it in Odoo makes that certain.",
    )
    external_id: Text = Field(
        "",
        description="External id of the record, such as flowengine.reading_{payload.id}; {name} stands for a field of "
        "the message. Where it is there already, that record gets the values.",
    )
    context: dict[str, Any] = Field(
        {}, description='Odoo\'s context, such as {"tracking_disable": true}, which makes records of chatter cheaper.'
    )

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if self.key_field and self.external_id.text:
            raise ValueError("'key_field' and 'external_id' both say when a record is there already; leave one empty")
        return self


@dataclass(eq=False, slots=True)
class _Row:
    """A record to make.

    Attributes:
        number: Number of the message.
        values: Values by field.
        key: What it is known by; empty for nothing.
        id: The record, once it is there.
        error: Why it is not.
    """

    number: int
    values: dict[str, Any]
    key: Any = ""
    id: int = 0
    error: BaseException | None = None


@node_type("odoo-create", category="odoo", label="Odoo create", icon="create", outside=True)
class OdooCreate(BatchNode[OdooCreateConfig]):
    """Make records in Odoo, up to a thousand in a call.

    Messages wait in the outbox and leave together; the message goes on with the field `record`, the id of its record. A
    call that Odoo refuses is divided until the record is found that it does not take: only that message fails, with
    Odoo's own sentence.

    **None twice.** A connection may break after Odoo has made the records and before it has said so; the call is then
    made again. So say by what a record is known: by *key field*, or by *external id*. With neither, such a moment
    makes records twice.

    | way | what Odoo does | where a record is there already |
    |---|---|---|
    | no key | one `create` for all | it is made again |
    | *key field* | one search, one `create` for those that are missing | it is left as it is |
    | *external id* | one import (`load`) | it gets the values again |

    Values are those of Odoo's `create`: a many2one is an id, dates are text in UTC. Through an external id, commands
    such as `[[6, 0, ids]]` cannot be used.

    Errors have the codes of odoo-server; `invalid-values` means that the message is not understood.

    On `/metrics`, `flowengine_odoo_records_total`, `flowengine_odoo_calls_total`, `flowengine_odoo_seconds_total`.
    """

    out = Output("The message, with the id of its `record`.")
    examples = (
        Example("makes maintenance requests", config={"model": "maintenance.request"}),
        Example(
            "makes each reading once",
            config={"model": "x_reading", "key_field": "x_uid"},
        ),
        Example("needs values", config={"model": "maintenance.request"}, given={"payload": 5}, error="invalid-values"),
    )
    stage = StagePlan(workers=2, queue=20_000, order="", outbox=True, batch=1_000)

    def __init__(self, config: OdooCreateConfig, context: Context) -> None:
        super().__init__(config, context)
        self._counts = Counts()

    async def start(self) -> None:
        """Find the server."""
        self._server = self.context.resource(self.config.server, OdooServer)

    async def receive_batch(self, messages: Sequence[Message]) -> list[BaseException | None]:
        """Make many records, and return what became of each message."""
        errors: list[BaseException | None] = [None] * len(messages)
        rows: list[_Row] = []
        for number, message in enumerate(messages):
            try:
                rows.append(self._row(number, message.fields))
            except NodeError as error:
                errors[number] = error
        # Of rows with the same key, one is made and the others are it.
        first: dict[Any, _Row] = {}
        for row in rows:
            if row.key != "":
                first.setdefault(row.key, row)
        await self._make([row for row in rows if row.key == "" or first[row.key] is row])
        for row in rows:
            made = row if row.key == "" else first[row.key]
            if made.error is not None:
                errors[row.number] = made.error
            else:
                message = messages[row.number]
                self.send(self.out, message.replace(record=made.id))
        return errors

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return `model`, `values` and, where it has one, the `key` of the record."""
        row = self._row(0, message.fields)
        described = {"model": self.config.model, "values": row.values}
        return described | ({"key": row.key} if row.key != "" else {})

    def metrics(self) -> Iterable[NodeMetric]:
        """Return what has been made."""
        return (one for one in self._counts.metrics() if one.name not in {"odoo_coalesced", "odoo_conflicts"})

    def _row(self, number: int, fields: Mapping[str, Any]) -> _Row:
        config = self.config
        values = config.values.first(fields)
        if not isinstance(values, dict):
            raise NodeError(f"the message has no values for {config.model}: it needs an object", code="invalid-values")
        key: Any = ""
        if config.key_field:
            key = values.get(config.key_field)
            if key.__class__ not in {str, int} or key == "":
                reason = f"the record has no {config.key_field!r}, a text or a whole number, to be known by"
                raise NodeError(reason, code="invalid-values")
        elif config.external_id.text:
            key = config.external_id.of(fields)
            if not _EXTERNAL_ID.fullmatch(key):
                reason = f"{key!r} is no external id: write a module, a dot and a name, without spaces"
                raise NodeError(reason, code="invalid-values")
        return _Row(number, dict(values), key)

    async def _make(self, rows: Sequence[_Row]) -> None:
        if not rows:
            return
        config = self.config
        began = self.context.clock.monotonic()
        async with self._server.records.hold({(config.model, row.key) for row in rows if row.key != ""}):
            try:
                missing = await self._missing(rows) if config.key_field else rows
                await self._make_all(missing)
            except NodeError as error:
                for row in rows:
                    if not row.id and row.error is None:
                        row.error = error
        self._counts.seconds += self.context.clock.monotonic() - began

    async def _missing(self, rows: Sequence[_Row]) -> list[_Row]:
        """Find the records that are there already, and return those that are not."""
        field = self.config.key_field
        self._counts.calls += 1
        found = await self._server.client.search_read(
            self.config.model, [[field, "in", [row.key for row in rows]]], [field], context={"active_test": False}
        )
        there = {one[field]: one["id"] for one in found}
        for row in rows:
            row.id = there.get(row.key, 0)
        return [row for row in rows if not row.id]

    async def _make_all(self, rows: Sequence[_Row]) -> None:
        """Make all rows, or those that Odoo takes.

        Raises:
            TransientError: Odoo is away; what is not yet made has neither id nor error.
        """
        if not rows:
            return
        try:
            ids = await self._call(rows)
        except TransientError:
            raise
        except OdooRefusedError as error:
            bad = bad_field(error)
            guilty = [row for row in rows if bad in row.values]
            if guilty or len(rows) == 1 or error.code == "odoo-not-found":
                # Whoever has this field fails; to try them one by one would tell nothing new.
                for row in guilty or rows:
                    row.error = error
                await self._make_all([row for row in rows if row.error is None])
                return
            middle = len(rows) // 2
            await self._make_all(rows[:middle])
            await self._make_all(rows[middle:])
            return
        self._counts.records += len(rows)
        for row, id in zip(rows, ids, strict=True):
            row.id = id

    async def _call(self, rows: Sequence[_Row]) -> list[int]:
        self._counts.calls += 1
        client, config = self._server.client, self.config
        if not config.external_id.text:
            return await client.create(config.model, [row.values for row in rows], context=config.context)
        types = await client.field_types(config.model)
        ids: dict[int, int] = {}
        alike: dict[tuple[str, ...], list[tuple[_Row, list[str]]]] = {}
        for row in rows:
            columns, texts = _cells(types, row.values)
            alike.setdefault(columns, []).append((row, texts))
        # Dates are in UTC, as `create` takes them, and not in the user's time.
        context = {"tz": "UTC", **config.context}
        for columns, some in alike.items():
            table = [[row.key, *texts] for row, texts in some]
            made = await load(client, config.model, ["id", *columns], table, context)
            ids.update({id(row): one for (row, _), one in zip(some, made, strict=True)})
        return [ids[id(row)] for row in rows]


def _cells(types: Mapping[str, str], values: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    columns: list[str] = []
    texts: list[str] = []
    for field in sorted(values):
        found = cell(types.get(field, ""), field, values[field])
        if found is None:
            reason = f"the field {field!r} cannot be imported with {values[field]!r}"
            raise OdooRefusedError(reason, code="odoo-bad-call", detail={"message": reason})
        columns.append(found[0])
        texts.append(found[1])
    return tuple(columns), texts
