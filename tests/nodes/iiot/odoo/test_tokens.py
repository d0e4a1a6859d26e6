"""Tokens of a registry in Odoo, where the wire breaks at the worst moment."""

from collections.abc import Callable
from typing import Any

import pytest

from flowengine.node import TransientError
from flowengine_nodes.iiot.odoo.tokens import DisagreementError
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.tokens import PairingToken, TokenState, Use
from tests.nodes.iiot.odoo_site import KEY, Wire
from tests.nodes.iiot.registries import add_device
from tests.odoo_server import Odoo

pytestmark = [pytest.mark.odoo, pytest.mark.timeout(240)]


async def new_token(registry: OdooRegistry) -> tuple[str, PairingToken]:
    """Enter a device, and return the symbols of a token for it, and what is kept of it."""
    await add_device(registry)
    symbols = read_token((await registry.tokens.issue("SN-boiler-1", 900, "test")).text)
    assert symbols is not None
    found = await registry.tokens.find(symbols)
    assert found is not None
    return symbols, found[0]


async def test_token_is_used_by_the_request_whose_answer_was_lost(registry: OdooRegistry, wire: Wire) -> None:
    _, token = await new_token(registry)
    use = Use(request="one", source="test", hardware="rev-b")
    wire.lose_answers()
    with pytest.raises(TransientError):
        await registry.tokens.use(token, use)
    wire.mend()
    paired = await registry.tokens.use(token, use)
    assert paired is not None
    assert (paired.lifecycle, paired.hardware) == (Lifecycle.PAIRED, "rev-b")


async def test_token_whose_answer_was_lost_is_nobody_elses(registry: OdooRegistry, wire: Wire) -> None:
    symbols, token = await new_token(registry)
    wire.lose_answers()
    with pytest.raises(TransientError):
        await registry.tokens.use(token, Use(request="one", source="test"))
    wire.mend()
    assert await registry.tokens.use(token, Use(request="two", source="test")) is None
    found = await registry.tokens.find(symbols)
    assert found is not None
    assert (found[0].state, found[0].request, found[1].lifecycle) == (TokenState.USED, "one", Lifecycle.PAIRED)


async def test_token_is_not_used_while_odoo_is_away(registry: OdooRegistry, wire: Wire) -> None:
    symbols, token = await new_token(registry)
    wire.cut()
    for ask in (
        registry.tokens.use(token, Use(request="one", source="test")),
        registry.tokens.issue("SN-boiler-1", 900, "test"),
        registry.tokens.miss(token, "test"),
    ):
        with pytest.raises(TransientError):
            await ask
    found = await registry.tokens.find(symbols)
    assert found is not None
    assert found[0].state is TokenState.OPEN


async def test_token_made_in_odoo_is_found_without_a_hint(
    registry: OdooRegistry, wire: Wire, ask: Callable[..., Any]
) -> None:
    await add_device(registry)
    (device,) = await ask("iiot.device", "search", [])
    shown = await ask("iiot.device", "action_generate_config_token", [device])
    symbols = read_token(shown["context"]["default_token"])
    assert symbols is not None
    wire.cut()
    # It has our seal, so it may be one that Odoo knows.
    with pytest.raises(TransientError):
        await registry.tokens.find(symbols)
    wire.mend()
    found = await registry.tokens.find(symbols)
    assert found is not None
    assert (found[0].serial, found[0].state) == ("SN-boiler-1", TokenState.OPEN)


async def test_token_that_odoo_alone_refuses_is_tried_again(registry: OdooRegistry, odoo: Odoo) -> None:
    _, token = await new_token(registry)
    await registry.refresh()
    # Its clock is ahead, say: nothing that the bridge is told of.
    odoo.cluster.sql("UPDATE iiot_device_token SET expires_at = '2020-01-01'", odoo.database)
    with pytest.raises(DisagreementError):
        await registry.tokens.use(token, Use(request="one", source="test"))


async def test_store_and_odoo_hold_nothing_of_a_token_that_pairs(registry: OdooRegistry, odoo: Odoo) -> None:
    symbols, _ = await new_token(registry)
    kept = odoo.cluster.sql("SELECT * FROM iiot_device_token; SELECT * FROM mail_message", odoo.database)
    assert "SN-boiler-1" in kept
    assert symbols not in kept
    assert KEY not in kept
