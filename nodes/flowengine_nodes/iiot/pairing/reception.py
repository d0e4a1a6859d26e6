"""Decide on a request to be paired."""

import hmac
from dataclasses import dataclass

from flowengine.node import Clock
from flowengine_nodes.iiot.pairing.refusal import Refusal
from flowengine_nodes.iiot.pairing.request import PairingRequest
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.tokens import PairingToken, Tokens, TokenState, Use

REPEAT_WITHIN = 24 * 3600.0
"""How long the same request gets the same answer."""
_NAMELESS = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A device that has paired.

    Args:
        device: The device.
        token: The token that it used.
        repeated: Whether it had used it before, and only asks again.
    """

    device: Device
    token: PairingToken
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a request came.

    Args:
        source: Where from, for the audit trail.
        message: Id of the message, which is the same when the flow tries it again.
        duplicate: Whether the broker says that it may have sent it before.
    """

    source: str
    message: str
    duplicate: bool = False


class Reception:
    """Admit devices that show the right token.

    Args:
        tokens: All tokens.
        clock: Tells whether one has expired.
    """

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    async def receive(self, request: PairingRequest, asking: Asking) -> Admitted | Refusal:
        """Use up the token of a request, or say why not.

        The same request, known by its id, is admitted again for a day: its answer may have been lost.
        """
        while True:
            found = await self._tokens.find(request.symbols)
            if found is None:
                return Refusal.TOKEN_UNKNOWN
            token, device = found
            if not _same(request.serial, token.serial) or not _same(request.serial, device.serial):
                if token.state is TokenState.OPEN:
                    await self._tokens.miss(token, asking.source)
                return Refusal.WRONG_SERIAL
            mark = self._mark(token, request, asking)
            decided = self._decide(token, device, mark, asking)
            if decided is not None:
                return decided
            use = Use(request=mark, source=asking.source, hardware=request.hardware, firmware=request.firmware)
            paired = await self._tokens.use(token, use)
            if paired is not None:
                return Admitted(device=paired, token=token, repeated=False)
            # Another request was faster, or the device has changed: look again.

    def _decide(self, token: PairingToken, device: Device, mark: str, asking: Asking) -> Admitted | Refusal | None:
        """Return what is clear without using the token."""
        if token.state is TokenState.VOID:
            return Refusal.TOKEN_VOID
        if token.state is TokenState.USED and not self._is_repeated(token, mark, asking):
            return Refusal.TOKEN_USED
        if device.lifecycle is Lifecycle.SUSPENDED:
            return Refusal.DEVICE_SUSPENDED
        if device.lifecycle is Lifecycle.RETIRED:
            return Refusal.DEVICE_RETIRED
        if token.state is TokenState.USED:
            return Admitted(device=device, token=token, repeated=True)
        return Refusal.TOKEN_EXPIRED if token.expires_at <= self._clock.time() else None

    def _is_repeated(self, token: PairingToken, mark: str, asking: Asking) -> bool:
        if token.used_at is None or token.used_at + REPEAT_WITHIN <= self._clock.time():
            return False
        # The broker sends again what we had not acknowledged when we died: it is the same request though it has no id.
        is_sent_again = asking.duplicate and mark.startswith(_NAMELESS) and token.request.startswith(_NAMELESS)
        return is_sent_again or hmac.compare_digest(mark, token.request)

    def _mark(self, token: PairingToken, request: PairingRequest, asking: Asking) -> str:
        if request.request_id:
            return self._tokens.mark(token, request.request_id)
        return _NAMELESS + self._tokens.mark(token, asking.message)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
