"""The odoo-write node."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import (
    BatchNode,
    Config,
    Context,
    Duration,
    Example,
    Field,
    JsonPath,
    Message,
    NodeError,
    NodeMetric,
    StagePlan,
    TransientError,
    node_type,
)
from flowengine_nodes.odoo.domain_text import DomainTemplate, DomainText
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId
from flowengine_nodes.odoo.writing.counts import Counts
from flowengine_nodes.odoo.writing.lookup import Lookup
from flowengine_nodes.odoo.writing.record_write import Part, hold_back, merged
from flowengine_nodes.odoo.writing.sender import Sender, Transport
from flowengine_nodes.odoo.writing.wanted import Record, Wanted, wanted_of

_FORMS: Final = "writes, a list; or model, id or domain, and values"


class OdooWriteConfig(Config):
    """Write values to records of Odoo."""

    server: ServerId = Field("odoo", description="Odoo server.")
    model: str = Field("", description="Model of the records; empty where the payload says it.")
    id: JsonPath | None = Field(None, description="Where the message has the record's id, where there is a model.")
    domain: DomainText = Field(
        [],
        description="Records to write to, where there is a model and no id, such as "
        '[["serial_no", "=", "{payload.serial}"]]; {name} stands for a field of the message.',
    )
    values: JsonPath = Field("$.payload", description="Where the message has the values, by field, for that model.")
    coalesce: bool = Field(
        True,
        description="Of several values for one field that wait, write the newest only; else each is written.",
    )
    no_record: Literal["error", "drop"] = Field(
        "error", description="What to do where a domain means no record: fail, or drop the message, counted."
    )
    transport: Transport = Field(
        "auto",
        description="By which way: the addon's webhook, calls of the model itself (rpc), or auto: the addon where it "
        "is installed and there is no context.",
    )
    most: int = Field(1_000, ge=1, le=10_000, description="Most records in one call.")
    lookup_keep: Duration = Field("10m", ge=0, description="How long the records that a domain means are remembered.")
    lookup_size: int = Field(100_000, ge=1, description="Most domains remembered.")
    context: dict[str, Any] = Field(
        {}, description='Odoo\'s context of calls, such as {"tracking_disable": true}; the addon has its own.'
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.model and (self.id is None) == (not self.domain):
            raise ValueError(f"say by 'id' or by 'domain', one of them, which {self.model} is written to")
        if not self.model and (self.id is not None or self.domain):
            raise ValueError("'id' and 'domain' need a 'model'; without one, the payload says all of it")
        return self


@node_type("odoo-write", category="odoo", label="Odoo write", icon="write", outside=True)
class OdooWrite(BatchNode[OdooWriteConfig]):
    """Write values to records of Odoo: few large calls, and never two for one record at once.

    Without a *model*, the payload says what to write, as telemetry-map makes it:

    ```
    {"writes": [
      {"model": "maintenance.equipment", "id": 12, "values": {"x_temperature": 81.5}},
      {"model": "stock.lot", "domain": [["name", "=", "B7"]], "values": {"x_pressure": 2.4}}
    ]}
    ```

    or one such object, or a list of them. `ids` names several records. A *domain* writes to all that it means; which
    those are is asked once and remembered for *lookup keep*.

    **Coalescing.** Messages wait in the outbox for the flush (stage option `linger`, 1 s) and then leave together: of
    each record's field only the newest value, up to *most* records in a call. A message is done when Odoo has taken the
    newer values of all its fields. So Odoo always ends with the values it would have if each had been written; the
    values between were never there. Where each counts (a field that is tracked, an automation that adds up), turn
    *coalesce* off.

    **Errors.** A call that Odoo refuses is divided until the value is found that it does not take: only that message
    fails, with Odoo's own sentence, and all others are written. Conflicts, and an Odoo that is away, follow the flow's
    retry policy; meanwhile newer values of the same record wait, so that no older one comes last.

    | code | what happened |
    |---|---|
    | `invalid-write` | the message is not understood |
    | `odoo-no-record` | a domain means no record |
    | `odoo-missing-record` | the record is gone; one that a domain meant is looked up again |
    | `odoo-validation`, `odoo-refused`, `odoo-access`, `odoo-bad-call`, `odoo-not-found` | Odoo does not take it |
    | `odoo-conflict`, `odoo-busy`, `odoo-database`, `odoo-login`, `odoo-address`, `http-…` | tried again |

    On `/metrics`, `flowengine_odoo_records_total`, `flowengine_odoo_coalesced_total`, `flowengine_odoo_calls_total`,
    `flowengine_odoo_seconds_total` and `flowengine_odoo_conflicts_total`.
    """

    examples = (
        Example("writes what telemetry-map gives", config={}),
        Example(
            "writes a payload to the record of its serial number",
            config={"model": "maintenance.equipment", "domain": [["serial_no", "=", "{payload.serial}"]]},
        ),
        Example("needs a record", config={}, given={"payload": {"values": {"x": 1}}}, error="invalid-write"),
    )
    stage = StagePlan(workers=1, queue=20_000, outbox=True, batch=10_000, linger=1.0)

    def __init__(self, config: OdooWriteConfig, context: Context) -> None:
        super().__init__(config, context)
        self._counts = Counts()
        self._domain = DomainTemplate(config.domain)

    async def start(self) -> None:
        """Find the server."""
        config = self.config
        self._server = self.context.resource(config.server, OdooServer)
        self._lookup = Lookup(self._server.client, self.context.clock.monotonic, config.lookup_keep, config.lookup_size)

    async def receive_batch(self, messages: Sequence[Message]) -> list[BaseException | None]:
        """Write the values of many messages, oldest first, and return what became of each."""
        errors: list[BaseException | None] = [None] * len(messages)
        wanted: list[tuple[int, Wanted]] = []
        for number, message in enumerate(messages):
            try:
                wanted += [(number, one) for one in self._wanted(message.fields)]
            except NodeError as error:
                errors[number] = error
        try:
            parts = await self._parts(messages, wanted, errors)
        except TransientError as error:
            return [error if one is None else one for one in errors]
        writes = merged(parts, coalesce=self.config.coalesce)
        self._counts.coalesced += sum(len(part.wanted.values) for _, part in parts)
        self._counts.coalesced -= sum(len(write.values) for write in writes)
        config = self.config
        sender = Sender(
            self._server.client,
            self._lookup,
            self._counts,
            self.context.clock.monotonic,
            most=config.most,
            transport=config.transport,
            context=config.context,
        )
        if writes:
            async with self._server.records.hold({write.record for write in writes}):
                await sender.send(writes)
        for _, part in parts:
            # What may go well another time decides: the whole message is tried again.
            if part.error is not None and not isinstance(errors[part.message], TransientError):
                errors[part.message] = part.error
        hold_back(writes, errors)
        return errors

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return the `writes` that the message asks for, and the `device` and time (`at`) that it names."""
        wanted = self._wanted(message.fields)
        known = {"device": wanted[0].device, "at": wanted[0].at}
        named = {name: value for name, value in known.items() if value}
        return {**named, "writes": [one.described() for one in wanted]}

    def metrics(self) -> Iterable[NodeMetric]:
        """Return what has been written."""
        return self._counts.metrics()

    async def _parts(
        self, messages: Sequence[Message], wanted: Sequence[tuple[int, Wanted]], errors: list[BaseException | None]
    ) -> list[tuple[Record, Part]]:
        """Return what each record shall have, and drop messages that mean none."""
        found = await self._lookup.find(one for _, one in wanted if one.ids is None)
        parts: list[tuple[Record, Part]] = []
        for number, one in wanted:
            ids = one.ids if one.ids is not None else found[one.model, one.key]
            if isinstance(ids, NodeError):
                errors[number] = ids
            elif ids:
                parts += [((one.model, id), Part(number, one, one.ids is None)) for id in ids]
            elif self.config.no_record == "drop":
                self.drop(messages[number], "odoo-no-record")
            else:
                reason = f"no {one.model} in Odoo fits {one.domain}"
                errors[number] = NodeError(reason, code="odoo-no-record", detail={"model": one.model})
        return parts

    def _wanted(self, fields: Mapping[str, Any]) -> list[Wanted]:
        config = self.config
        payload = fields.get("payload")
        device, at = fields.get("device"), ""
        if isinstance(payload, dict):
            device = payload.get("device", device)
            at = payload["at"] if isinstance(payload.get("at"), str) else ""
        device = device if isinstance(device, str) else ""
        if config.model:
            given: dict[str, Any] = {"model": config.model, "values": _present(config.values.first(fields))}
            if config.id is not None:
                given["id"] = _present(config.id.first(fields))
            else:
                given["domain"] = self._domain.of(fields)
            return [wanted_of(given, device=device, at=at)]
        writes = payload["writes"] if isinstance(payload, dict) and "writes" in payload else payload
        if not isinstance(writes, list):
            writes = [writes]
        if not writes:
            raise NodeError(f"the payload has nothing to write: it needs {_FORMS}", code="invalid-write")
        return [wanted_of(one, device=device, at=at) for one in writes]


def _present(value: Any) -> Any:
    return None if value is MISSING else value
