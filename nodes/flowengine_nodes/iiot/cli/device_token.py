"""``flowengine device token``: a token with which a device pairs."""

import asyncio
import io
from datetime import UTC, datetime
from typing import Annotated

import segno
import typer

from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import json_line, json_text
from flowengine.errors import FlowEngineError
from flowengine.flow.duration import parse_duration
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.registry.tokens import IssuedToken

EXAMPLE = "Example: flowengine device token SN-4711 --expires 1h"
LONGEST = 30 * 24 * 3600.0


class TokenLifetimeError(FlowEngineError):
    """A token cannot be good for so long.

    Args:
        text: What was asked for.
    """

    code = "bad-token-lifetime"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'--expires: "{self.text}" is no time that a token may be good for; write 15m or 2h, and at most 30d'


def token(
    serial: Annotated[str, typer.Argument(help="Serial number of the device.")],
    expires: Annotated[str, typer.Option(metavar="DURATION", help="How long it may be used.")] = "15m",
    qr: Annotated[bool, typer.Option("--qr", help="Show it as a QR code too: JSON with serial and token.")] = False,  # noqa: FBT002 - an option
    secret_key: Annotated[
        str,
        typer.Option(
            envvar="IIOT_SECRET_KEY",
            help="The registry's secret key, if the engine is given one.",
            show_default=False,
        ),
    ] = "",
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Make a token with which a device pairs, and show it: once, since only a hash of it is kept.

    Older tokens of the device count no more.
    """
    lifetime = _lifetime(expires)

    async def work() -> IssuedToken:
        async with opened_registry(store) as registry:
            await registry.tokens.load(secret_key, may_add=False)
            return await registry.tokens.issue(serial, lifetime, who())

    issued = asyncio.run(work())
    until = datetime.fromtimestamp(issued.expires_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if format == "json":
        facts = {"device": issued.device, "serial": issued.serial, "token": issued.text, "expires_at": until}
        print(json_text(facts))
        return
    print(issued.text)
    print(f"for {issued.device}, serial number {issued.serial}, until {until}; it is not shown again")
    if qr:
        print(_qr_code(issued))


def _lifetime(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise TokenLifetimeError(text) from error
    if not 0 < seconds <= LONGEST:
        raise TokenLifetimeError(text)
    return seconds


def _qr_code(issued: IssuedToken) -> str:
    drawn = io.StringIO()
    segno.make(json_line({"serial": issued.serial, "token": issued.text}), micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()
