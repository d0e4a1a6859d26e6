"""The odoo-call node."""

from collections.abc import Mapping
from typing import Any

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeError,
    Output,
    StagePlan,
    node_type,
)
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId


class OdooCallConfig(Config):
    """Call a method of a model."""

    server: ServerId = Field("odoo", description="Odoo server.")
    model: str = Field("", description="Model; empty for the message's `payload.model`.")
    method: str = Field("", description="Public method of it; empty for the message's `payload.method`.")
    ids: JsonPath | None = Field(
        None, description="Where the message has the id, or the list of ids, that it is called on; empty for none."
    )
    arguments: JsonPath = Field(
        "$.payload.arguments", description="Where the message has the arguments, by the names in Odoo's source."
    )
    context: dict[str, Any] = Field({}, description='Odoo\'s context, such as {"lang": "zh_CN"}.')


@node_type("odoo-call", category="odoo", label="Odoo call", icon="call", outside=True)
class OdooCall(Node[OdooCallConfig]):
    """Call a public method of a model, and send on what it returns as the payload.

    Without *model* and *method*, the payload says what to call:

    ```
    {"model": "maintenance.request", "method": "archive_equipment_request", "ids": [7], "arguments": {}}
    ```

    Arguments go by name. One call is one transaction. A call that is tried again after a broken connection may have
    been carried out before: use it for methods that may be called twice, or without retry; odoo-write and odoo-create
    know better ways. Calls for the same records wait for each other; messages of the same topic keep their order.

    Errors have the codes of odoo-server; `invalid-call` means that the message is not understood.
    """

    out = Output("The message, with what the method returned as its payload.")
    examples = (
        Example(
            "archives the requests that a message names",
            config={"model": "maintenance.request", "method": "archive_equipment_request", "ids": "$.payload.ids"},
        ),
        Example("needs a model", config={"method": "write"}, given={"payload": {}}, error="invalid-call"),
    )
    stage = StagePlan(workers=4)

    def __init__(self, config: OdooCallConfig, context: Context) -> None:
        super().__init__(config, context)

    async def start(self) -> None:
        """Find the server."""
        self._server = self.context.resource(self.config.server, OdooServer)

    async def receive(self, message: Message) -> None:
        """Call the method."""
        model, method, ids, arguments = self._call(message.fields)
        async with self._server.records.hold({(model, id) for id in ids or ()}):
            result = await self._server.client.call(
                model, method, ids=ids, context=self.config.context or None, **arguments
            )
        self.send(self.out, message.replace(payload=result))

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return `model`, `method`, `ids` and `arguments` of the call."""
        model, method, ids, arguments = self._call(message.fields)
        return {"model": model, "method": method, "ids": ids, "arguments": arguments}

    def _call(self, fields: Mapping[str, Any]) -> tuple[str, str, list[int] | None, dict[str, Any]]:
        payload = fields.get("payload")
        said: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
        model = self.config.model or said.get("model")
        method = self.config.method or said.get("method")
        if not isinstance(model, str) or not model or not isinstance(method, str) or not method:
            raise NodeError("neither the node nor the payload says which model and method to call", code="invalid-call")
        ids = said.get("ids", MISSING) if self.config.ids is None else self.config.ids.first(fields)
        arguments = self.config.arguments.first(fields)
        if arguments is MISSING:
            arguments = {}
        if not isinstance(arguments, dict) or not {"ids", "context"}.isdisjoint(arguments):
            reason = (
                "the arguments must be an object by name, without ids and context, which have settings of their own"
            )
            raise NodeError(reason, code="invalid-call")
        return model, method, _ids(ids), arguments


def _ids(given: Any) -> list[int] | None:
    if given is MISSING or given is None:
        return None
    ids = given if isinstance(given, list) else [given]
    if any(id.__class__ is not int or id < 1 for id in ids):
        raise NodeError(f"{given!r} is neither an id nor a list of ids", code="invalid-call")
    return list(ids)
