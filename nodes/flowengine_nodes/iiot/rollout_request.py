"""The rollout-request node."""

from typing import Any, Literal

from flowengine.node import Config, Field, Message, Node, NodeError, Output, node_type
from flowengine_nodes.iiot.commands.request import BadRequestError
from flowengine_nodes.iiot.ota.description import describe_rollout, describe_status
from flowengine_nodes.iiot.ota.order import RolloutOrder, caller, family, key_of, named, read_order
from flowengine_nodes.iiot.ota.refusal import is_refusal, refused_message
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.rollout import RolloutAction


class RolloutRequestConfig(Config):
    """Take requests for rollouts."""

    registry: RegistryId = Field("registry", description="Registry that keeps the rollouts.")
    task: Literal["start", "list", "show", "act", "event"] = Field(
        "start",
        description="Start a rollout, list all, or show or act on the one that the message's field `rollout` names; or "
        "what the message's field `event` says, `rollout` or `rollout-action`, so that one comes after the other.",
    )
    source: str = Field("flow", description="How requests come in here, for the audit trail.")


@node_type("rollout-request", category="iiot", label="Rollout request", icon="rollout")
class RolloutRequest(Node[RolloutRequestConfig]):
    """Start, list, show, pause, resume, cancel and roll back rollouts.

    To start one, the payload says what it does; all but `firmware` may be left out:

    ```
    {
      "name": "boilers to 2.1.0",
      "firmware": "2.1.0",
      "devices": {"profile": "boiler", "group": "north"},
      "groups": [{"name": "canary", "percent": 5}, {"name": "all"}],
      "rate": 100, "success": 90, "error": 20, "error_minimum": 10,
      "policy": {"attempts": 3},
      "idempotency_key": "july"
    }
    ```

    To act on one, the message's field `action` is `pause`, `resume`, `cancel` or `rollback`; it may be in the payload,
    as `rollout` may, where `idempotency_key` does as well for a rollout of the same caller. A rollback cancels what it
    can and answers with a new rollout, which gives each device that had begun the version it had before.

    What leaves by `accepted` has the rollout as its payload (for *list* at most 100 of them, newest first, those before
    the query's `before`) and `status_code`: 201 for a new one, 200 otherwise. What leaves by `refused` has the payload
    `{code, message, location}` and `status_code`:

    | code | status | meaning |
    |---|---|---|
    | `bad-request` | 400 | the request is none; `location` says where |
    | `unknown-rollout`, `unknown-firmware` | 404 | the registry does not know it |
    | `no-devices` | 409 | no device is as the rollout wants them |
    | `wrong-state` | 409 | the rollout has ended, or is paused already, and so on |
    """

    accepted = Output("The rollout, or the list.")
    refused = Output("The message, with what is wrong with the request.")

    async def start(self) -> None:
        """Find the registry."""
        self._rollouts = self.context.resource(self.config.registry, Registry).rollouts

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
        self.send(self.accepted, message.replace(payload=payload, status_code=status))

    async def _start(self, message: Message) -> tuple[Any, int]:
        order = read_order(RolloutOrder, message)
        who = caller(message, self.config.source)
        rollout = await self._rollouts.start(order.as_plan(), who, order.idempotency_key)
        return describe_status(await self._rollouts.get(rollout.id)), 201

    async def _list(self, message: Message) -> tuple[Any, int]:
        query = message.get("query")
        before = query.get("before") if isinstance(query, dict) else None
        listed = await self._rollouts.list(before=before if isinstance(before, str) else "")
        return [describe_rollout(rollout) for rollout in listed], 200

    async def _show(self, message: Message) -> tuple[Any, int]:
        return describe_status(await self._rollouts.get(str(message.get("rollout", "")))), 200

    async def _event(self, message: Message) -> tuple[Any, int]:
        return await (self._act if message.get("event") == "rollout-action" else self._start)(message)

    async def _act(self, message: Message) -> tuple[Any, int]:
        try:
            action = RolloutAction(named(message, "action"))
        except ValueError:
            known = ", ".join(RolloutAction)
            raise BadRequestError("action", f"it must be one of {known}") from None
        who = caller(message, self.config.source)
        id, key = named(message, "rollout"), key_of(message)
        # A key is good for a rollout whose id the caller does not know yet.
        found = await self._rollouts.find(family(who), key) if key else None
        rollout = await self._rollouts.act(id if found is None else found.id, action, who)
        status = 201 if action is RolloutAction.ROLL_BACK else 200
        return describe_status(await self._rollouts.get(rollout.id)), status
