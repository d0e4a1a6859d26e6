"""The update-request node."""

from typing import Any, ClassVar, Literal

from flowengine.node import Config, Field, Message, Node, NodeError, Output, StagePlan, node_type
from flowengine_nodes.iiot.ota.description import describe_change, describe_update
from flowengine_nodes.iiot.ota.order import UpdateOrder, caller, family, key_of, named, read_order
from flowengine_nodes.iiot.ota.refusal import is_refusal, refused_message
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.updates import UpdateRequest


class UpdateRequestConfig(Config):
    """Take requests for updates."""

    registry: RegistryId = Field("registry", description="Registry that knows the devices and keeps the updates.")
    task: Literal["send", "show", "cancel", "event"] = Field(
        "send",
        description="Schedule an update, or show or cancel the one that the message's field `update` names; or what "
        "the message's field `event` says, `update` or `update-cancel`, so that one comes after the other.",
    )
    source: str = Field("flow", description="How requests come in here, for the audit trail: api, automation.")


@node_type("update-request", category="iiot", label="Update request", icon="update")
class UpdateRequestNode(Node[UpdateRequestConfig]):
    """Take a request to update a device, check that the firmware fits it, and schedule the update.

    The payload says what is wanted; of `firmware` (its id) and `version` one is enough, and the rest may be left out:

    ```
    {
      "device": "boiler-7",
      "firmware": "2.1.0",
      "policy": {"attempts": 3, "timeouts": {"scheduled": "7d", "downloading": "1h"}},
      "idempotency_key": "order-4711"
    }
    ```

    Who asks is the message's field `principal`, which an http-in node with an access sets.

    What leaves by `accepted` has the update as its payload, and `status_code`: 202, or 200 when the key was known and
    the update is the older one. What leaves by `refused` has the payload `{code, message, location}` and `status_code`:

    | code | status | meaning |
    |---|---|---|
    | `bad-request` | 400 | the request is none; `location` says where |
    | `unknown-device`, `unknown-firmware` | 404 | the registry does not know it |
    | `not-in-service` | 409 | the device is suspended or retired |
    | `wrong-hardware` | 409 | the firmware is for other hardware |
    | `version-too-old` | 409 | the device must be updated to another version first |
    | `has-version` | 409 | the device has the version; `again` says to update it nevertheless |
    | `update-running` | 409 | the device has an update that has not ended |

    The task *show* answers with the update and its `history`; *cancel* ends it, as long as the device does not install
    (`too-late`). Both take the id from the message's field `update`, as a path gives it (`unknown-update`); for
    *cancel* it may be in the payload too, or the payload's `idempotency_key` names the request, of the same caller or
    of another user of the same system, such as `odoo:anna` and `odoo:ben`.
    """

    accepted = Output("The update.")
    refused = Output("The message, with what is wrong with the request.")
    stage: ClassVar[StagePlan] = StagePlan(order="$.device")

    async def start(self) -> None:
        """Find the registry."""
        self._updates = self.context.resource(self.config.registry, Registry).updates

    async def receive(self, message: Message) -> None:
        """Take a request."""
        try:
            payload, status = await getattr(self, f"_{self.config.task}")(message)
        except NodeError as error:
            if not is_refusal(error):
                raise
            if not self.refused.is_wired:
                self.drop(message, error.code)
            self.send(self.refused, refused_message(message, error))
            return
        answer = message.replace(payload=payload, device=payload["device"], status_code=status)
        self.send(self.accepted, answer)

    async def _send(self, message: Message) -> tuple[dict[str, Any], int]:
        order = read_order(UpdateOrder, message)
        request = UpdateRequest(
            device=order.device,
            firmware=order.firmware,
            version=order.version,
            policy=order.policy,
            key=order.idempotency_key,
            again=order.again,
        )
        requested = await self._updates.request(request, caller(message, self.config.source))
        return describe_update(requested.update), 202 if requested.is_new else 200

    async def _show(self, message: Message) -> tuple[dict[str, Any], int]:
        update = await self._updates.get(str(message.get("update", "")))
        history = [describe_change(change) for change in await self._updates.history(update.id)]
        return {**describe_update(update), "history": history}, 200

    async def _event(self, message: Message) -> tuple[dict[str, Any], int]:
        return await (self._cancel if message.get("event") == "update-cancel" else self._send)(message)

    async def _cancel(self, message: Message) -> tuple[dict[str, Any], int]:
        who = caller(message, self.config.source)
        id, key = named(message, "update"), key_of(message)
        if not id and key:
            found = await self._updates.find(family(who), key)
            id = key if found is None else found.id
        update = await self._updates.cancel(id, who)
        return describe_update(update), 200
