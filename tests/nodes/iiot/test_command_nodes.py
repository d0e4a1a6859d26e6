"""What the nodes of commands do beyond what the tests of the shipped flow show."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flowengine.message import Message
from flowengine.node import TransientError
from flowengine.storage import StorageError
from flowengine.testing import NodeHarness
from flowengine_nodes.iiot.command_dispatch import CommandDispatch
from flowengine_nodes.iiot.command_find import CommandFind
from flowengine_nodes.iiot.command_request import CommandRequestNode
from flowengine_nodes.iiot.command_response import CommandResponse
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.command import Command, CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Lifecycle
from tests.nodes.iiot.registries import add_device, add_profile

S = CommandState
NUMBERS = itertools.count(1)


class Bench:
    """A node of commands, and the registry behind it."""

    def __init__(self, harness: NodeHarness) -> None:
        self.harness = harness

    @property
    def registry(self) -> EmbeddedRegistry:
        registry = self.harness.flow.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        return registry

    async def command(self, device: str = "boiler-1", **fields: Any) -> Command:
        now = self.harness.clock.time()
        values: dict[str, Any] = {
            "id": f"c{next(NUMBERS)}",
            "action": "reset",
            "params": {},
            "payload": "{}",
            "who": "test",
            "response_timeout": 30.0,
            "created_at": now,
            "next_at": now,
            "expires_at": now + 600,
            "deadline": now + 600,
            **fields,
        }
        added = await self.registry.commands.add(Command(device=device, **values), most_waiting=1000)
        await self.harness.settle()
        return added.command

    async def state(self, command: Command) -> CommandState:
        return (await self.registry.commands.get(command.id)).state

    def hold(self) -> list[Message]:
        """Let what leaves by the port of commands be on its way until its delivery is released."""
        held: list[Message] = []

        def keep(message: Message) -> None:
            message.delivery.hold()
            held.append(message)

        self.harness.node.outputs["command"].connect(keep)
        return held


@asynccontextmanager
async def bench(kind: type[Any], config: Mapping[str, Any] | None = None) -> AsyncIterator[Bench]:
    async with NodeHarness(kind, config, resources={"registry": (EmbeddedRegistry, {})}) as harness:
        made = Bench(harness)
        await add_device(made.registry, "boiler-1")
        await add_device(made.registry, "boiler-2")
        await harness.settle()
        yield made


def attempts(messages: list[Any]) -> list[tuple[str, int]]:
    return [(one.fields["command"]["id"], one.fields["command"]["attempt"]) for one in messages]


async def test_dispatch_keeps_the_interval_of_each_device() -> None:
    async with bench(CommandDispatch, {"interval": "10s"}) as site:
        held = site.hold()
        first, second = [await site.command(response_timeout=0.0) for _ in range(2)]
        other = await site.command("boiler-2")
        assert attempts(held) == [(first.id, 1), (other.id, 1)]
        for message in held:
            message.delivery.release()
        await site.harness.advance(9)
        assert len(held) == 2
        await site.harness.advance(2)
        assert attempts(held)[2:] == [(second.id, 1)]
        held[2].delivery.release()


async def test_dispatch_waits_for_the_answer_where_it_is_told_to() -> None:
    async with bench(CommandDispatch, {"interval": 0, "one_at_a_time": True}) as site:
        first, second = [await site.command() for _ in range(2)]
        sent = await site.harness.advance(5)
        assert attempts([one for one in sent if one.port == "command"]) == [(first.id, 1)]
        await site.harness.advance(27)
        assert await site.state(first) is S.TIMED_OUT
        assert await site.state(second) is S.DELIVERED


async def test_dispatch_has_no_more_under_way_than_it_may() -> None:
    async with bench(CommandDispatch, {"most_under_way": 1}) as site:
        held = site.hold()
        await site.command()
        await site.command("boiler-2")
        await site.harness.advance(5)
        assert len(held) == 1
        held[0].delivery.release()
        await site.harness.settle()
        assert len(held) == 2
        held[1].delivery.release()


async def test_dispatch_without_a_wire_sends_nothing() -> None:
    async with bench(CommandDispatch) as site:
        site.harness.node.outputs["command"].disconnect()
        waiting = await site.command()
        await site.harness.advance(5)
        assert await site.state(waiting) is S.QUEUED


async def test_dispatch_forgets_no_outcome_while_the_store_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(CommandDispatch) as site:
        held = site.hold()
        command = await site.command()
        commands = site.registry.commands
        settle = commands.settle

        async def fail(*arguments: Any) -> None:
            raise StorageError("the disk is full")

        monkeypatch.setattr(commands, "settle", fail)
        held[0].delivery.release()
        await site.harness.advance(3)
        assert await site.state(command) is S.SENT
        assert "the disk is full" in site.harness.status
        monkeypatch.setattr(commands, "settle", settle)
        await site.harness.advance(10)
        assert await site.state(command) is S.DELIVERED
        assert len(held) == 1


async def test_dispatch_stores_outcomes_before_it_stops() -> None:
    async with bench(CommandDispatch) as site:
        held = site.hold()
        command = await site.command()
        held[0].delivery.release()
        await site.harness.restart()
        await site.harness.settle()
        assert await site.state(command) is S.DELIVERED
        assert not [one for one in site.harness.take() if one.port == "command"]


async def test_dispatch_sends_again_what_was_on_its_way_at_a_restart() -> None:
    async with bench(CommandDispatch) as site:
        site.hold()
        command = await site.command()
        await site.harness.restart()
        (again,) = [one for one in await site.harness.advance(2) if one.port == "command"]
        assert attempts([again]) == [(command.id, 2)]


async def test_dispatch_replaced_by_a_deploy_does_not_repeat_what_is_on_its_way() -> None:
    async with bench(CommandDispatch) as site:
        held = site.hold()
        command = await site.command()
        commands = site.registry.commands
        # The successor begins with what the registry knows to be on its way.
        assert await commands.recover(site.harness.clock.time(), commands.under_way.known) == 0
        held[0].delivery.fail("offline")
        held[0].delivery.release()
        await site.harness.settle()
        assert (await commands.get(command.id)).code == "offline"


async def test_dispatch_takes_back_what_a_catch_node_brings() -> None:
    async with bench(CommandDispatch, {"attempts": 2, "initial_wait": "5s"}) as site:
        held = site.hold()
        command = await site.command()
        for attempt in (1, 2):
            assert attempts(held)[-1] == (command.id, attempt)
            site.harness.receive({**held[-1].fields, "error": {"code": "mqtt-refused"}})
            held[-1].delivery.release()
            await site.harness.advance(6)
        ended = await site.registry.commands.get(command.id)
        assert (ended.state, ended.code, ended.attempts) == (S.UNKNOWN, "mqtt-refused", 2)
        site.harness.receive({"payload": "no command of ours"})
        await site.harness.settle()
        assert not site.harness.errors


async def test_dispatch_purges_what_has_ended_long_ago() -> None:
    async with bench(CommandDispatch, {"keep": "1h"}) as site:
        command = await site.command(response_timeout=0.0)
        await site.harness.advance(600)
        assert await site.state(command) is S.UNKNOWN
        site.harness.clock.set_wall(site.harness.clock.time() + 3600)
        await site.harness.advance(2)
        assert not await site.registry.commands.list(CommandFilter())


def ask(**fields: Any) -> dict[str, Any]:
    return {"payload": {"device": "boiler-1", "action": "reset", **fields}}


async def test_request_gives_the_same_answer_after_the_profile_has_changed() -> None:
    async with bench(CommandRequestNode) as site:
        (first,) = await site.harness.feed(ask(idempotency_key="k"))
        await add_profile(site.registry, actions={"stop": {}})
        (again,) = await site.harness.feed(ask(idempotency_key="k"))
        assert (first.port, again.port) == ("accepted", "accepted")
        assert (first.fields["status_code"], again.fields["status_code"]) == (202, 200)
        assert again.fields["payload"] == first.fields["payload"]
        (refused,) = await site.harness.feed(ask(idempotency_key="other"))
        assert refused.fields["payload"]["code"] == "unknown-action"


async def test_request_keys_are_each_caller_s_own() -> None:
    async with bench(CommandRequestNode, {"source": "api"}) as site:
        sent = [
            (await site.harness.feed({**ask(idempotency_key="k"), "principal": who}))[0]
            for who in ("odoo", "panel", "")
        ]
        assert [one.fields["payload"]["who"] for one in sent] == ["odoo", "panel", "api"]
        assert len({one.fields["payload"]["id"] for one in sent}) == 3


async def test_request_bounds_what_waits_for_a_device() -> None:
    async with bench(CommandRequestNode, {"most_waiting": 2}) as site:
        codes = [(await site.harness.feed(ask()))[0].fields["status_code"] for _ in range(3)]
        assert codes == [202, 202, 429]


@pytest.mark.parametrize("lifecycle", [Lifecycle.SUSPENDED, Lifecycle.RETIRED])
async def test_request_for_a_device_that_takes_no_part_is_refused(lifecycle: Lifecycle) -> None:
    async with bench(CommandRequestNode) as site:
        await site.registry.devices.change("boiler-1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
        if lifecycle is Lifecycle.RETIRED:
            await site.registry.devices.change("boiler-1", {"lifecycle": Lifecycle.RETIRED}, "test")
        (refused,) = await site.harness.feed(ask())
        assert (refused.fields["payload"]["code"], refused.fields["status_code"]) == ("inactive-device", 409)
        (line,) = await site.harness.store.audit.list(what="command")
        assert line.detail["result"] == "refused"


@pytest.mark.parametrize(
    ("payload", "location"),
    [
        ("reset", "body"),
        ({"device": "boiler-1"}, "action"),
        ({"action": "reset"}, "device"),
        ({"device": "boiler-1", "action": "reset", "params": [1]}, "params"),
        ({"device": "boiler-1", "action": "reset", "ttl": "soon"}, "ttl"),
        ({"device": "boiler-1", "action": "reset", "ttl": 0}, "ttl"),
        ({"device": "../x", "action": "reset"}, "device"),
        ({"device": "boiler-1", "action": ""}, "action"),
        ({"device": "boiler-1", "action": "a\0"}, "action"),
        ({"device": "boiler-1\0", "action": "a\ud800"}, "body"),
        ({"device": "boiler-1", "action": "a", "params": {"x": 2**70}}, "body"),
    ],
)
async def test_request_that_is_none_is_refused_with_its_place(payload: Any, location: str) -> None:
    async with bench(CommandRequestNode) as site:
        (refused,) = await site.harness.feed(payload=payload)
        assert refused.port == "refused"
        assert refused.fields["payload"]["code"] == "bad-request"
        assert refused.fields["payload"]["location"] == location
        (line,) = await site.harness.store.audit.list(what="command")
        assert line.detail["result"] == "refused"


async def test_request_is_tried_again_when_the_registry_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(CommandRequestNode) as site:

        async def fail(id: str) -> None:
            raise TransientError("Odoo is down", code="odoo-down")

        monkeypatch.setattr(site.registry.devices, "get", fail)
        site.harness.receive(ask())
        await site.harness.settle()
        assert not site.harness.take()
        monkeypatch.undo()
        (sent,) = await site.harness.advance(2)
        assert sent.port == "accepted"


async def test_refusal_that_nobody_takes_counts_as_dropped() -> None:
    async with bench(CommandRequestNode) as site:
        site.harness.node.outputs["refused"].disconnect()
        await site.harness.feed(ask(device="nobody"))
        assert site.harness.dropped == {"unknown-device": 1}


async def test_response_of_an_unknown_device_belongs_to_no_command() -> None:
    async with bench(CommandResponse) as site:
        (sent,) = await site.harness.feed(device="boiler-9", payload={"status": "ok"})
        assert (sent.port, sent.fields["reason"]["code"]) == ("unmatched", "unknown-device")
        site.harness.node.outputs["unmatched"].disconnect()
        await site.harness.feed(payload={"status": "ok"})
        assert site.harness.dropped == {"unknown-device": 1}


async def test_response_is_matched_and_a_second_one_is_marked() -> None:
    async with bench(CommandResponse, {"status": "$.payload.state", "succeeded": ["fertig"]}) as site:
        command = await site.command()
        await site.registry.commands.claim(site.harness.clock.time(), 1, interval=0, one_at_a_time=False)
        answer = {"device": "boiler-1", "payload": {"id": command.id, "state": "Fertig"}}
        (first,) = await site.harness.feed(answer)
        (second,) = await site.harness.feed(answer)
        assert first.fields["payload"]["state"] == second.fields["payload"]["state"] == "succeeded"
        assert first.fields["response"] == answer["payload"]
        assert ("repeated" in first.fields, second.fields["repeated"]) == (False, True)


async def test_find_tells_how_far_a_command_has_come() -> None:
    async with bench(CommandFind) as site:
        command = await site.command()
        (found,) = await site.harness.feed(id=command.id)
        assert (found.port, found.fields["payload"]) == ("found", command.describe())
        (missing,) = await site.harness.feed(id="c0")
        assert (missing.port, missing.fields["status_code"]) == ("missing", 404)
