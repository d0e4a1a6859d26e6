import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.tokens import TokenState
from tests.cli.conftest import Command

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def boiler(flowengine: Command, here: Path) -> Path:
    """A store with a device; the folder it is in."""
    (here / "boiler.json").write_text('{"id": "boiler"}')
    assert flowengine("profile", "save", "boiler.json").code == 0
    assert flowengine("device", "add", "b-1", "--profile", "boiler", "--serial", "SN 1").code == 0
    return here


def kept_state(folder: Path, text: str, key: str = "") -> TokenState:
    """Return what the registry knows of a token."""

    async def look() -> TokenState:
        store = await Store.open(f"sqlite:///{folder}/flowengine.db")
        groups = EmbeddedGroups(store.tables, SystemClock())
        await groups.tokens.load(key)
        symbols = read_token(text)
        assert symbols is not None
        found = await groups.tokens.find(symbols)
        await store.close()
        assert found is not None
        return found[0].state

    return asyncio.run(look())


def test_token_is_shown_once_for_a_device(flowengine: Command, boiler: Path) -> None:
    made = flowengine("device", "token", "SN 1")
    assert made.code == 0
    text, facts = made.out.splitlines()
    assert kept_state(boiler, text) is TokenState.OPEN
    assert facts.startswith("for b-1, serial number SN 1, until ")
    second = flowengine("device", "token", "SN 1", "--format", "json", "--expires", "2h").json
    assert (second["device"], second["serial"]) == ("b-1", "SN 1")
    lasts = datetime.fromisoformat(second["expires_at"]) - datetime.now(UTC)
    assert 7100 < lasts.total_seconds() <= 7200
    assert kept_state(boiler, text) is TokenState.VOID


def test_token_is_drawn_as_a_qr_code(flowengine: Command, boiler: Path) -> None:
    drawn = flowengine("device", "token", "SN 1", "--qr")
    assert drawn.code == 0
    assert sum("█" in line or "▀" in line for line in drawn.out.splitlines()) > 10


def test_token_needs_a_known_device_and_a_lifetime(flowengine: Command, boiler: Path) -> None:
    unknown = flowengine("device", "token", "SN 9")
    assert unknown.code == 2
    assert "[unknown-serial]" in unknown.err
    for text in ("soon", "0s", "31d"):
        bad = flowengine("device", "token", "SN 1", "--expires", text)
        assert bad.code == 2
        assert "[bad-token-lifetime]" in bad.err


def test_token_is_made_with_the_key_of_the_engine(
    flowengine: Command, boiler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IIOT_SECRET_KEY", KEY)
    made = flowengine("device", "token", "SN 1")
    assert kept_state(boiler, made.out.splitlines()[0], KEY) is TokenState.OPEN
    monkeypatch.setenv("IIOT_SECRET_KEY", KEY[::-1])
    strange = flowengine("device", "token", "SN 1")
    assert (strange.code, "[strange-key]" in strange.err) == (2, True)
    monkeypatch.delenv("IIOT_SECRET_KEY")
    missing = flowengine("device", "token", "SN 1")
    assert (missing.code, "[missing-key]" in missing.err) == (2, True)
