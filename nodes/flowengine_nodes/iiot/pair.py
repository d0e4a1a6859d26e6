"""The node that pairs devices."""

import math
from collections.abc import Mapping
from typing import Any

from flowengine.node import Config, Context, Duration, Field, Message, Node, Output, StagePlan, node_type
from flowengine_nodes.iiot.broker_credentials import BrokerCredentials, BrokerCredentialsId
from flowengine_nodes.iiot.pairing.configuration import configuration
from flowengine_nodes.iiot.pairing.reception import Admitted, Asking, Reception
from flowengine_nodes.iiot.pairing.refusal import Refusal
from flowengine_nodes.iiot.pairing.request import PairingRequest, claimed, read_request
from flowengine_nodes.iiot.pairing.tries import Standing, Tries
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.topics import check_topic

SWEEP = 60.0
"""Seconds between two looks for floods that are over."""
OVER_MQTT = "mqtt"


class PairConfig(Config):
    """Pair devices."""

    registry: RegistryId = Field(description="The registry, which knows devices and tokens.")
    credentials: BrokerCredentialsId = Field(description="What gives devices their login to the broker.")
    tries_per_serial: int = Field(
        10, ge=1, description="Wrong tries in the name of one serial number before answers to them get short."
    )
    tries_per_source: int = Field(100, ge=1, description="Wrong tries from one address, or over MQTT, likewise.")
    window: Duration = Field("15m", gt=0, description="Time after which counting begins anew.", validate_default=True)


@node_type("pair", category="iiot", icon="pair")
class Pair(Node[PairConfig]):
    """Give a device that shows its one-time token what it needs to take part.

    The request is the payload, from MQTT or HTTP: `{"serial": …, "token": …}`, and if the device likes `request_id`,
    `hardware`, `firmware` and `reply_to`. A right token is used up in one transaction with the device becoming
    *paired* and a line in the audit trail, and the answer leaves once the broker lets the device in:

    `{"device", "serial", "profile", "broker": {"host", "port", "tls", "ca"?}, "client_id", "username", "password",
    "topics": {"telemetry": …, …}, "offline_after", "time", "request_id"?}`

    **The same request again** (by `request_id`) gets the same answer for a day and uses nothing up, because its answer
    may have been lost; without a request id this holds only for what the broker sends again itself. Any other request
    with a used token is refused.

    **Where answers go.** Over HTTP, to the client. Over MQTT, to the request's response topic (MQTT 5) or `reply_to`,
    which must be one level below the topic that the credentials name (`iiot/config/reply/…`), with the request's
    correlation data; else the configuration goes to the device's own topic (`iiot/config/{device}`) and a refusal
    nowhere: anybody can claim a serial number, and must not be able to speak to the device that has it.

    **Refusals** are `{"code", "message", "location", "request_id"?}`:

    | code | status | when |
    |---|---|---|
    | `request-malformed`, `token-malformed` | 400 | it cannot be a request, or a token |
    | `reply-topic-refused` | 400 | the answer may not go where it should; nothing is used up |
    | `token-unknown` | 403 | there is no such token; also when the serial number is unknown |
    | `wrong-serial` | 403 | a real token, for another device; after five such tries it is void |
    | `token-expired`, `token-used`, `token-void` | 410 | a real token that counts no more |
    | `device-suspended`, `device-retired` | 403 | a real token, and the device may not pair |
    | `too-many-tries` | 429 | a wrong request, and too many were before it |

    **Guessing.** A token has 130 random bits, and a seal by which a guess is found out without the database. Wrong
    tries are counted by claimed serial number and by source. The limits spare answers and audit lines, never a right
    token: it passes at any time, so nobody can lock a device out. Over MQTT, tries beyond a limit get no answer and are
    counted as dropped (`too-many-tries`), as is a refusal that has nowhere to go (`no-reply-topic`).
    """

    paired = Output("The configuration of a device that has paired, with the topic it goes to.")
    refused = Output("The answer to a request that was refused.")
    stage = StagePlan(workers=64, order="")

    def __init__(self, config: PairConfig, context: Context) -> None:
        super().__init__(config, context)
        self._tries = Tries(
            context.clock,
            per_serial=config.tries_per_serial,
            per_source=config.tries_per_source,
            window=config.window,
        )

    async def start(self) -> None:
        """Find the registry and the credentials."""
        self._registry: Registry[Config] = self.context.resource(self.config.registry, Registry)
        self._credentials = self.context.resource(self.config.credentials, BrokerCredentials)
        self._reception = Reception(self._registry.tokens, self.context.clock)
        self.context.spawn(self._tell_of_floods(), "tell of floods")

    async def receive(self, message: Message) -> None:
        """Pair a device, or say why not."""
        is_http = "request_id" in message.fields
        source = str(message.get("client") or "http") if is_http else OVER_MQTT
        reply = None if is_http else self._reply_topic(message)
        decided = await self._decide(message, source, reply)
        if isinstance(decided, Refusal):
            await self._refuse(message, decided, source, reply, is_http=is_http)
            return
        device = decided.device
        profile = await self._registry.profiles.get(device.profile)
        login = await self._credentials.login(device, decided.token, profile)
        topics = self._registry.topics_of(profile)
        payload = configuration(device, profile, topics, self._credentials.address, login, self.context.clock.time())
        topic = reply or topics.config_response.of(device.id)
        self.send(self.paired, _answer(message, topic, payload, 200).replace(device=device.id))

    async def _tell_of_floods(self) -> None:
        while True:
            await self.context.clock.sleep(SWEEP)
            for flood in self._tries.ended():
                detail = {"code": Refusal.TOO_MANY_TRIES.code, "tries": flood.tries, "by": flood.kind}
                serial = flood.name if flood.kind == "serial" else ""
                source = flood.name if flood.kind == "source" else ""
                await self._registry.tokens.note("pair-flood", serial, source, detail)

    async def _decide(self, message: Message, source: str, reply: str | None) -> Admitted | Refusal:
        request = read_request(message.payload)
        if isinstance(request, Refusal):
            return request
        if reply is None and _asks_for_topic(message, request):
            return Refusal.REPLY_TOPIC
        asking = Asking(source=source, message=message.id, duplicate=bool(message.get("duplicate")))
        return await self._reception.receive(request, asking)

    async def _refuse(
        self, message: Message, refusal: Refusal, source: str, reply: str | None, *, is_http: bool
    ) -> None:
        serial = claimed(message.payload, "serial")
        standing = self._tries.count(serial, source)
        if standing is not Standing.WITHIN:
            refusal = Refusal.TOO_MANY_TRIES
        if standing is not Standing.BEYOND:
            detail = {"code": refusal.code, "request_id": claimed(message.payload, "request_id")}
            await self._registry.tokens.note("pair-refuse", serial, source, detail)
        if not is_http and (reply is None or standing is Standing.BEYOND):
            self.drop(message, "no-reply-topic" if reply is None else refusal.code)
            return
        payload = {"code": refusal.code, "message": refusal.message, "location": _place(refusal)}
        answer = _answer(message, reply or "", payload, refusal.status)
        if refusal is Refusal.TOO_MANY_TRIES:
            wait = math.ceil(self._tries.retry_after(serial, source))
            answer = answer.replace(response_headers={"Retry-After": str(wait)})
        self.send(self.refused, answer)

    def _reply_topic(self, message: Message) -> str | None:
        """Return the topic that the request asks to be answered on, if answers may go there."""
        topic = _asked_topic(message) or claimed(message.payload, "reply_to")
        prefix = self._credentials.config.reply
        if not topic.startswith(prefix) or "/" in topic.removeprefix(prefix) or topic == prefix:
            return None
        try:
            check_topic(topic)
        except MqttError:
            return None
        return topic


def _asked_topic(message: Message) -> str:
    properties = message.get("properties")
    topic = properties.get("response_topic") if isinstance(properties, Mapping) else None
    return topic if isinstance(topic, str) else ""


def _asks_for_topic(message: Message, request: PairingRequest) -> bool:
    return "request_id" not in message.fields and bool(_asked_topic(message) or request.reply_to)


def _answer(message: Message, topic: str, payload: dict[str, Any], status: int) -> Message:
    request_id = claimed(message.payload, "request_id")
    answer = message.without("properties").replace(
        payload=payload | ({"request_id": request_id} if request_id else {}),
        status_code=status,
        response_headers={"Cache-Control": "no-store"},
    )
    if "request_id" in message.fields:
        return answer
    properties = message.get("properties")
    asked = properties.get("correlation_data") if isinstance(properties, Mapping) else None
    return answer.replace(
        topic=topic,
        properties={"content_type": "application/json"} | ({"correlation_data": asked} if asked is not None else {}),
    )


def _place(refusal: Refusal) -> str:
    match refusal:
        case Refusal.REQUEST_MALFORMED | Refusal.TOO_MANY_TRIES:
            return "body"
        case Refusal.REPLY_TOPIC:
            return "reply_to"
        case Refusal.WRONG_SERIAL | Refusal.DEVICE_SUSPENDED | Refusal.DEVICE_RETIRED:
            return "serial"
        case _:
            return "token"
