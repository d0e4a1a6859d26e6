"""The command-request node."""

from typing import Any, ClassVar, Final

from flowengine.node import (
    Config,
    Duration,
    Field,
    Message,
    Node,
    NodeError,
    Output,
    StagePlan,
    TransientError,
    node_type,
)
from flowengine_nodes.iiot.commands.request import read_request
from flowengine_nodes.iiot.commands.taking import LONGEST_TTL, STATUS, Terms, take_request
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId

_MOST_SHOWN: Final = 500


class CommandRequestConfig(Config):
    """Take requests for commands."""

    registry: RegistryId = Field("registry", description="Registry that knows the devices and keeps the commands.")
    source: str = Field("flow", description="How requests come in here, for the audit trail: api, automation.")
    ttl: Duration = Field(
        "1h", gt=0, le=LONGEST_TTL, description="Time after which nobody wants a command any more, if it does not say."
    )
    response_timeout: Duration = Field(
        "30s", description="Time that a device has to answer, if the command does not say; 0 if no answer is expected."
    )
    most_waiting: int = Field(100, ge=1, description="How many commands of one device may wait to be sent.")


@node_type("command-request", category="iiot", label="Command request", icon="command")
class CommandRequestNode(Node[CommandRequestConfig]):
    """Take a request for a command, check it, write the device's message, and store both.

    The payload says what is wanted; everything but `device` and `action` may be left out:

    ```
    {
      "device": "boiler-7",
      "action": "reset",
      "params": {"delay": 10},
      "idempotency_key": "order-4711",
      "ttl": "10m",
      "response_timeout": "30s",
      "supersede": "set-point"
    }
    ```

    The device may also be the message's field `device`, as a path or a topic gives it, and the key a header
    `Idempotency-Key`. Who asks is the message's field `principal`, which an http-in node with an access sets.

    What leaves by `accepted` has the command as its payload, and `status_code`: 202, or 200 when the key was known and
    the command is the older one. What leaves by `refused` has the payload `{code, message, location}`, and
    `status_code`:

    | code | status | meaning |
    |---|---|---|
    | `bad-request` | 400 | the request is none; `location` says where |
    | `unknown-device` | 404 | the registry does not know the device |
    | `inactive-device` | 409 | the device is suspended or retired |
    | `unknown-action` | 400 | the profile has a list of actions, and this is not on it |
    | `bad-params` | 400 | the parameters do not fit the action's schema |
    | `command-template` | 400 | the template needs parameters that are missing |
    | `idempotency-conflict` | 409 | the key was used for another command |
    | `too-many-commands` | 429 | too many wait for this device |

    Every request is in the audit trail, refused or not. A command that was accepted is in the store before the message
    goes on; a command-dispatch node sends it.
    """

    accepted = Output("The command that was stored, or the older one with the same key.")
    refused = Output("The message, with what is wrong with the request.")
    stage: ClassVar[StagePlan] = StagePlan(order="$.device")

    async def start(self) -> None:
        """Find the registry."""
        self._registry = self.context.resource(self.config.registry, Registry)
        config = self.config
        self._terms = Terms(config.source, config.ttl, config.response_timeout, config.most_waiting)

    async def receive(self, message: Message) -> None:
        """Take a request."""
        who = _who(message, self.config.source)
        try:
            request = read_request(message.payload, message.get("device"), _header(message, "idempotency-key"))
            added = await take_request(self._registry, request, who, self._terms, self.context.clock.time())
        except TransientError:
            raise
        except NodeError as error:
            await self._refuse(message, who, error)
            return
        command = added.command
        self.send(
            self.accepted,
            message.replace(
                payload=command.describe(),
                device=command.device,
                status_code=202 if added.is_new else 200,
                response_headers={"Location": f"/api/v1/command/{command.id}"},
            ),
        )

    async def _refuse(self, message: Message, who: str, error: NodeError) -> None:
        asked = message.payload if isinstance(message.payload, dict) else {}
        device = message.get("device") or asked.get("device") or asked.get("device_id")
        detail = {"action": _shown(asked.get("action")), "code": error.code, "message": _shown(error)}
        await self._registry.commands.refuse(who, _shown(device), {**detail, "source": self.config.source})
        payload = {"code": error.code, "message": str(error), "location": error.detail.get("location", "device")}
        refused = message.replace(payload=payload, status_code=STATUS.get(error.code, 400))
        if not self.refused.is_wired:
            self.drop(message, error.code)
        self.send(self.refused, refused)


def _who(message: Message, source: str) -> str:
    principal = message.get("principal")
    return principal if isinstance(principal, str) and principal else source


def _shown(value: Any) -> str:
    """Return what somebody has sent as text that every database takes."""
    text = "" if value is None else str(value)[:_MOST_SHOWN]
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def _header(message: Message, name: str) -> str | None:
    headers: Any = message.get("headers")
    value = headers.get(name) if isinstance(headers, dict) else None
    return value if isinstance(value, str) else None
