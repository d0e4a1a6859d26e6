"""The odoo-webhook node."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from flowengine.expressions import MISSING
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
    Secret,
    StagePlan,
    TransientError,
    excerpt,
    node_type,
)
from flowengine_nodes.odoo.client.errors import OdooRefusedError
from flowengine_nodes.odoo.odoo_server import OdooServer, ServerId
from flowengine_nodes.odoo.writing.counts import Counts

_OF_NO_DEVICE = frozenset({"writes", "rollout"})


class OdooWebhookConfig(Config):
    """Tell Odoo news."""

    server: ServerId = Field("odoo", description="Odoo server.")
    news: JsonPath = Field("$.payload", description="What to tell: an object, or a list of them.")
    device: JsonPath = Field("$.device", description="Where the message says which device the news is of.")
    hook: Secret = Field(
        "",
        description="Id of an automation rule's webhook in Odoo (the part after /web/hook/), to call that instead of "
        "the addon; whoever knows it may.",
    )
    without_addon: Literal["wait", "drop"] = Field(
        "wait",
        description="What to do while the addon is not installed: let messages wait for it, or drop them, counted.",
    )


@node_type("odoo-webhook", category="odoo", label="Odoo webhook", icon="webhook", outside=True)
class OdooWebhook(BatchNode[OdooWebhookConfig]):
    """Tell the addon *industrial_iot* news of devices, or call the webhook of an automation rule.

    The addon takes objects with one or more of `writes`, `telemetry`, `presence`, `command`, `update` and `rollout`; an
    object with none of them is raw telemetry, to which Odoo applies the rules of the device's profile itself. Messages
    wait in the outbox; what waits leaves in one request. Of these the good ones are done, and only one that Odoo does
    not take fails, with Odoo's own sentence. News of one device arrives in order.

    With a *hook*, each message is one call of `/web/hook/<id>`, which Odoo answers without saying what the rule did.

    | code | what happened |
    |---|---|
    | `invalid-news` | the message is not understood |
    | `odoo-refused` | Odoo does not take this one; `error.detail.name` is its word for why, such as `unknown-device` |
    | `odoo-not-found` | no active automation rule has this hook |
    | `odoo-conflict`, `odoo-busy`, `odoo-login`, `odoo-address`, `http-…` | tried again; see odoo-server |

    On `/metrics`, `flowengine_odoo_calls_total`, `flowengine_odoo_seconds_total`.
    """

    examples = (
        Example("tells the addon what presence says", config={}),
        Example("needs a device", config={}, given={"payload": {"telemetry": {"t": 1}}}, error="invalid-news"),
        Example("needs an object", config={}, given={"device": "a", "payload": "hot"}, error="invalid-news"),
    )
    stage = StagePlan(workers=1, queue=20_000, order="$.device", outbox=True, batch=500)

    def __init__(self, config: OdooWebhookConfig, context: Context) -> None:
        super().__init__(config, context)
        self._counts = Counts()

    async def start(self) -> None:
        """Find the server."""
        self._client = self.context.resource(self.config.server, OdooServer).client

    async def receive_batch(self, messages: Sequence[Message]) -> list[BaseException | None]:
        """Tell the news of many messages, and return what became of each."""
        errors: list[BaseException | None] = [None] * len(messages)
        items: list[tuple[int, dict[str, Any]]] = []
        for number, message in enumerate(messages):
            try:
                items += [(number, item) for item in self._news(message.fields)]
            except NodeError as error:
                errors[number] = error
        if self.config.hook:
            await self._call_hook(items, errors)
        elif items and self.config.without_addon == "drop" and not await self._has_addon(errors):
            for number in {number for number, _ in items}:
                if errors[number] is None:
                    self.drop(messages[number], "no-addon")
        else:
            await self._tell(items, errors)
        return _in_order(items, errors)

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return the `news` as Odoo would get it."""
        return {"news": self._news(message.fields)}

    def metrics(self) -> Iterable[NodeMetric]:
        """Return how often Odoo was called."""
        return (one for one in self._counts.metrics() if one.name in {"odoo_calls", "odoo_seconds"})

    async def _tell(self, items: Sequence[tuple[int, dict[str, Any]]], errors: list[BaseException | None]) -> None:
        if not items:
            return
        began = self.context.clock.monotonic()
        self._counts.calls += 1
        try:
            results: Sequence[NodeError | None] = await self._client.webhook_batch([item for _, item in items])
        except OdooRefusedError as error:
            if len(items) > 1:
                # One of them is to blame, which Odoo has not said.
                middle = len(items) // 2
                await self._tell(items[:middle], errors)
                await self._tell(items[middle:], errors)
                return
            results = [error]
        except NodeError as error:
            results = [error] * len(items)
        finally:
            self._counts.seconds += self.context.clock.monotonic() - began
        for (number, _), problem in zip(items, results, strict=True):
            _note(errors, number, problem)

    async def _call_hook(self, items: Sequence[tuple[int, dict[str, Any]]], errors: list[BaseException | None]) -> None:
        away: NodeError | None = None
        for number, item in items:
            if away is None:
                began = self.context.clock.monotonic()
                self._counts.calls += 1
                try:
                    await self._client.hook(self.config.hook, item)
                except TransientError as error:
                    away = error
                except NodeError as error:
                    _note(errors, number, error)
                self._counts.seconds += self.context.clock.monotonic() - began
            if away is not None:
                _note(errors, number, away)

    async def _has_addon(self, errors: list[BaseException | None]) -> bool:
        try:
            return bool((await self._client.about()).addon)
        except TransientError as error:
            errors[:] = [error if one is None else one for one in errors]
            return False

    def _news(self, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        given = self.config.news.first(fields)
        device = self.config.device.first(fields)
        if given is MISSING or not isinstance(given, dict | list):
            raise NodeError(f"{excerpt(given, 60)!r} is no object that Odoo could be told", code="invalid-news")
        items: list[dict[str, Any]] = []
        for one in given if isinstance(given, list) else [given]:
            if not isinstance(one, dict):
                raise NodeError(f"{excerpt(one, 60)!r} is no object that Odoo could be told", code="invalid-news")
            item = dict(one)
            if isinstance(device, str) and device:
                item["device"] = device
            needs_device = not self.config.hook and not item.keys() & _OF_NO_DEVICE
            if needs_device and not isinstance(item.get("device"), str):
                raise NodeError("the message names no device that the news is of", code="invalid-news")
            items.append(item)
        return items


def _note(errors: list[BaseException | None], number: int, problem: BaseException | None) -> None:
    if problem is not None and not isinstance(errors[number], TransientError):
        errors[number] = problem


def _in_order(
    items: Sequence[tuple[int, dict[str, Any]]], errors: list[BaseException | None]
) -> list[BaseException | None]:
    """Have news of a device wait behind an earlier one that is tried again."""
    late: dict[Any, BaseException] = {}
    for number, item in items:
        device = item.get("device")
        if errors[number] is None and device in late:
            errors[number] = late[device]
        problem = errors[number]
        if isinstance(problem, TransientError):
            late[device] = problem
    return errors
