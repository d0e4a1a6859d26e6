"""The odoo-search node."""

from collections.abc import Mapping
from typing import Any, Literal

from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    Message,
    Node,
    Output,
    StagePlan,
    node_type,
)
from flowengine_nodes.odoo.domain_text import DomainTemplate, DomainText
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId


class OdooSearchConfig(Config):
    """Find records."""

    server: ServerId = Field("odoo", description="Odoo server.")
    model: str = Field("", min_length=1, description="Model of the records.")
    domain: DomainText = Field(
        [],
        description='Which records, such as [["serial_no", "=", "{payload.serial}"]]; {name} stands for a field of the '
        "message. Empty for all.",
    )
    fields: list[str] = Field(["display_name"], min_length=1, description="What of them; `id` is always there.")
    order: str = Field("id", description="Order, such as `write_date desc, id`.")
    limit: int = Field(1_000, ge=0, description="Most records; 0 for all.")
    page: int = Field(500, ge=1, le=10_000, description="Records asked for in one call.")
    result: Literal["list", "first", "messages"] = Field(
        "list",
        description="What the payload is: the list of records, the first of them (null where there is none), or each "
        "record in a message of its own.",
    )
    context: dict[str, Any] = Field({}, description='Odoo\'s context, such as {"active_test": false}.')


@node_type("odoo-search", category="odoo", label="Odoo search", icon="search", outside=True)
class OdooSearch(Node[OdooSearchConfig]):
    """Find records of Odoo, and send on what their fields hold.

    The payload becomes a list of objects, one a record, with Odoo's own values: a many2one is `[id, name]`, an empty
    field `false`, a date a text in UTC. `count` says how many there are. Large results are read in pages; what
    changes between two of them may be missed or come twice, unless the order is by what does not change, such as `id`.

    Errors have the codes of odoo-server.
    """

    out = Output("The message, with the records as its payload.")
    examples = (
        Example(
            "finds the equipment with a serial number",
            config={
                "model": "maintenance.equipment",
                "domain": [["serial_no", "=", "{payload.serial}"]],
                "fields": ["name", "category_id"],
                "result": "first",
            },
        ),
        Example(
            "needs the field of its domain",
            config={"model": "maintenance.equipment", "domain": [["serial_no", "=", "{payload.serial}"]]},
            given={"payload": {}},
            error="missing-field",
        ),
    )
    stage = StagePlan(workers=4)

    def __init__(self, config: OdooSearchConfig, context: Context) -> None:
        super().__init__(config, context)
        self._domain = DomainTemplate(config.domain)

    async def start(self) -> None:
        """Find the server."""
        self._client = self.context.resource(self.config.server, OdooServer).client

    async def receive(self, message: Message) -> None:
        """Find the records."""
        config = self.config
        domain = self._domain.of(message.fields)
        most = 1 if config.result == "first" else config.limit
        found: list[dict[str, Any]] = []
        while True:
            limit = min(config.page, most - len(found)) if most else config.page
            rows = await self._client.search_read(
                config.model,
                domain,
                config.fields,
                order=config.order,
                limit=limit,
                offset=len(found),
                context=config.context or None,
            )
            found += rows
            if len(rows) < limit or (most and len(found) >= most):
                break
        if config.result == "messages":
            for number, record in enumerate(found):
                self.send(self.out, message.replace(payload=record, index=number, count=len(found)))
        elif config.result == "first":
            self.send(self.out, message.replace(payload=found[0] if found else None, count=len(found)))
        else:
            self.send(self.out, message.replace(payload=found, count=len(found)))

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return `model` and `domain` of the search."""
        return {"model": self.config.model, "domain": self._domain.of(message.fields)}
