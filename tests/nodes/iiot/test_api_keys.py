import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from flowengine.node import HttpRequest
from flowengine.storage import Store
from flowengine.testing import NodeHarness, VirtualClock
from flowengine_nodes.iiot.api_keys import ApiKeysNode
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.api_key import KeyText
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, UnknownRecordError
from flowengine_nodes.network.http_in import HttpIn

RESOURCES: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "registry": (EmbeddedRegistry, {}),
    "api": (ApiKeysNode, {"wrong_tries": 5}),
}


class Door:
    """An http-in node with an access, and who knocks."""

    def __init__(self, harness: NodeHarness) -> None:
        self.harness = harness

    @property
    def keys(self) -> Any:
        registry = self.harness.flow.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        return registry.api_keys

    async def key(self, *scopes: str, name: str = "odoo", expires_at: float | None = None) -> str:
        _, text = await self.keys.add(name, scopes, expires_at, "test")
        return str(text)

    async def ask(self, key: str = "", *, client: str = "10.0.0.9", **headers: str) -> tuple[int, dict[str, Any]]:
        if key:
            headers["authorization"] = f"Bearer {key}"
        found = self.harness.routes.find("POST", "/x")
        assert found is not None
        request = HttpRequest("POST", "/x", {}, {}, {"host": "plant:8000", **headers}, b"{}", client)
        answer = await found[0].handler(request)
        return answer.status, json.loads(answer.body) if answer.body else {}


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    config = {"path": "/x", "access": "api", "scope": "command"}
    async with NodeHarness(HttpIn, config, resources=RESOURCES) as harness:
        yield Door(harness)


async def test_key_opens_its_scope_and_names_who_asks(door: Door) -> None:
    key = await door.key("status", "command")
    assert await door.ask(key) == (204, {})
    assert await door.ask(**{"x-api-key": key}) == (204, {})
    for sent in door.harness.take():
        assert sent.fields["principal"] == "odoo"
        assert sent.fields["headers"] == {"host": "plant:8000"}


async def test_key_of_everything_opens_every_scope(door: Door) -> None:
    assert (await door.ask(await door.key("*")))[0] == 204


async def test_key_without_the_scope_is_refused(door: Door) -> None:
    status, body = await door.ask(await door.key("status"))
    assert (status, body["code"]) == (403, "missing-scope")
    assert "opens" in body["message"] or '"command"' in body["message"]
    assert not door.harness.take()


@pytest.mark.parametrize("change", ["wrong", "other", "none", "garbage", "revoked", "expired"])
async def test_key_that_is_not_valid_is_refused(door: Door, change: str) -> None:
    now = door.harness.clock.time()
    key = await door.key("command", expires_at=now + 60)
    match change:
        case "wrong":
            key = key[:-1] + ("x" if key[-1] != "x" else "y")
        case "other":
            key = str(KeyText.generate())
        case "none":
            key = ""
        case "garbage":
            key = "fek_\u00e9"
        case "revoked":
            assert (await door.ask(key))[0] == 204
            await door.keys.revoke(KeyText.parse(key).id, "test")  # type: ignore[union-attr]
        case _:
            assert (await door.ask(key))[0] == 204
            await door.harness.advance(60)
    status, body = await door.ask(key)
    assert (status, body["code"], body["location"]) == (401, "unauthorized", "header")


async def test_guesses_are_told_to_wait_and_a_key_in_use_is_not(door: Door) -> None:
    key = await door.key("command")
    assert (await door.ask(key))[0] == 204
    answers = [await door.ask(str(KeyText.generate())) for _ in range(10_000)]
    assert [status for status, _ in answers[:5]] == [401] * 5
    assert {status for status, _ in answers[5:]} == {429}
    assert (await door.ask(key))[0] == 204
    # Others are not told to wait for it.
    assert (await door.ask(str(KeyText.generate()), client="10.0.0.10"))[0] == 401
    await door.harness.advance(61)
    assert (await door.ask(str(KeyText.generate())))[0] == 401


async def test_without_keys_only_this_machine_is_let_in(door: Door) -> None:
    local = {"client": "127.0.0.1", "host": "localhost:8000"}
    assert (await door.ask(**local))[0] == 204
    (sent,) = door.harness.take()
    assert sent.fields["principal"] == "local"
    assert (await door.ask())[0] == 401
    # A page elsewhere, in a browser on this machine, by the way of its own name or of ours.
    assert (await door.ask(client="127.0.0.1", host="evil.example"))[0] == 401
    assert (await door.ask(**local, origin="https://evil.example"))[0] == 401
    assert (await door.ask("wrong", **local))[0] == 401
    key = await door.key("command")
    assert (await door.ask(**local))[0] == 401
    assert (await door.ask(key))[0] == 204


async def test_use_of_a_key_is_noted_by_the_minute(door: Door) -> None:
    key = await door.key("command")
    began = door.harness.clock.time()
    await door.ask(key)
    await door.harness.advance(30)
    await door.ask(key)
    (noted,) = await door.keys.list()
    assert noted.used_at == began
    await door.harness.advance(31)
    await door.ask(key)
    (noted,) = await door.keys.list()
    assert noted.used_at == began + 61


async def test_description_says_what_it_takes(door: Door) -> None:
    found = door.harness.routes.find("POST", "/x")
    assert found is not None
    description = found[0].description
    assert description["security"] == [{"api_key": []}]
    assert {"401", "403", "429"} <= description["responses"].keys()


async def test_keys_are_kept_as_hashes_with_unique_names(registry: EmbeddedRegistry, store: Store) -> None:
    keys = registry.api_keys
    assert not await keys.exist()
    made, text = await keys.add("odoo", ("command",), None, "alice")
    assert await keys.exist()
    assert await keys.get(made.id) == made
    assert text.secret not in repr(made)
    assert text.is_of(made)
    assert not KeyText(made.id, "x" * 43).is_of(made)
    with pytest.raises(DuplicateRecordError):
        await keys.add("odoo", ("*",), None, "alice")
    await keys.revoke(made.id, "bob")
    await keys.revoke(made.id, "bob")
    await keys.add("odoo", ("*",), None, "alice")
    with pytest.raises(UnknownRecordError):
        await keys.revoke("none", "bob")
    trail = [(one.who, one.what) for one in await store.audit.list() if one.what.startswith("api-key")]
    assert trail == [("alice", "api-key-add"), ("bob", "api-key-revoke"), ("alice", "api-key-add")]


async def test_key_ends_at_its_time(registry: EmbeddedRegistry, clock: VirtualClock) -> None:
    made, _ = await registry.api_keys.add("odoo", ("command",), clock.time() + 10, "alice")
    assert made.is_valid(clock.time() + 9.9)
    assert not made.is_valid(clock.time() + 10)
