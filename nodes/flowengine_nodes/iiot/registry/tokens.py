"""Where the tokens are kept with which devices pair."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.device import Device, Lifecycle

PAIRABLE = frozenset({Lifecycle.DRAFT, Lifecycle.PAIRED, Lifecycle.ACTIVE})
"""Where in its life a device may pair, or pair anew."""


class UnknownSerialError(NodeError):
    """No device has this serial number.

    Args:
        serial: The serial number.
    """

    def __init__(self, serial: str) -> None:
        super().__init__(f'no device has the serial number "{serial}"', code="unknown-serial")
        self.serial = serial


class NotPairableError(NodeError):
    """A device may not be paired where it is in its life.

    Args:
        device: Its id.
        lifecycle: Where it is.
    """

    def __init__(self, device: str, lifecycle: Lifecycle) -> None:
        advice = "resume it first" if lifecycle is Lifecycle.SUSPENDED else "it stays away for good"
        super().__init__(f'the device "{device}" is {lifecycle}, so it cannot be paired; {advice}', code="not-pairable")
        self.device = device
        self.lifecycle = lifecycle


class TokenState(StrEnum):
    """What has become of a token.

    ``open``: nobody has used it. ``used``: a device has paired with it. ``void``: a newer one has taken its place, or
    it was tried with too many wrong serial numbers.
    """

    OPEN = "open"
    USED = "used"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token as it is shown, once.

    Args:
        text: The token, for people to type.
        device: Id of the device it is for.
        serial: Its serial number.
        expires_at: In seconds since 1970.
    """

    text: str = field(repr=False)
    device: str
    serial: str
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingToken:
    """A token as it is kept: not the token itself.

    Args:
        id: Its id, which is no secret.
        key: Id of the key that made it.
        device: The device it is for.
        serial: Serial number that the device had when the token was made.
        state: What has become of it.
        expires_at: In seconds since 1970.
        used_at: Likewise; ``None`` if it was not used.
        request: Mark of the request that used it.
    """

    id: str
    key: str
    device: str
    serial: str
    state: TokenState
    expires_at: float
    used_at: float | None = None
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How a token is used.

    Args:
        request: Mark of the request, by which the same request is known when it comes again.
        source: Where it came from, for the audit trail.
        hardware: Hardware revision as the device says; empty if it does not.
        firmware: Firmware version, likewise.
    """

    request: str
    source: str
    hardware: str = ""
    firmware: str = ""


class Holder(NamedTuple):
    """A device that has paired, and the token that its credentials are derived from.

    Args:
        device: Its id.
        token: Id of the token.
        key: Id of the key that made the token.
    """

    device: str
    token: str
    key: str


class Tokens(Protocol):
    """All tokens. A device's newest is the only one that counts."""

    async def issue(self, serial: str, expires_in: float, who: str, *, symbols: str = "") -> IssuedToken:
        """Make a token for a device; older ones of the device are void from then on.

        Args:
            serial: The device's serial number.
            expires_in: Seconds for which it may be used.
            who: For the audit trail.
            symbols: The token, where a flow test chooses it; else it is random.

        Raises:
            UnknownSerialError: No device has it.
            NotPairableError: The device is suspended or retired.
        """
        ...

    async def find(self, symbols: str) -> tuple[PairingToken, Device] | None:
        """Return a token and its device; ``None`` if it is a guess, which costs next to nothing to find out.

        Args:
            symbols: The token's symbols.
        """
        ...

    def mark(self, token: PairingToken, request: str) -> str:
        """Return the mark of a request that shows a token.

        Args:
            token: The token.
            request: What tells this request from others.
        """
        ...

    async def use(self, token: PairingToken, use: Use) -> Device | None:
        """Use a token up, in one transaction with what that means for its device, and the audit trail.

        Args:
            token: As it was found.
            use: By whom and how.

        Returns:
            The device, paired; ``None`` if the token cannot be used, or not any more, or the device may not pair.
        """
        ...

    async def miss(self, token: PairingToken, source: str) -> None:
        """Count that a token was shown with a wrong serial number; it is void after some.

        Args:
            token: As it was found.
            source: Where that came from, for the audit trail.
        """
        ...

    async def note(self, what: str, subject: str, source: str, detail: object) -> None:
        """Add a line on a request that was refused to the audit trail.

        Args:
            what: The action, as a word.
            subject: The serial number that was claimed.
            source: Where it came from.
            detail: JSON.
        """
        ...

    def password(self, holder: Holder) -> str | None:
        """Return the broker password of a device: always the same for a token.

        Args:
            holder: The device.

        Returns:
            The password; ``None`` if the key that made the token is gone.
        """
        ...

    async def holders(self) -> Sequence[Holder]:
        """Return the devices that have paired and take part."""
        ...
