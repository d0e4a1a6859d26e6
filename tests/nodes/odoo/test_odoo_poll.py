"""Changes that are found by looking."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.node import HttpRequest
from flowengine.testing import NodeHarness
from flowengine_nodes.demo.odoo_stand_in import Fault, Misbehaviour, OdooStandIn
from flowengine_nodes.odoo.odoo_poll import OdooPoll
from tests.nodes.odoo.conftest import stand_in_site
from tests.nodes.odoo.nodes import EQUIPMENT, harness

CONFIG = {"model": EQUIPMENT, "fields": ["name"], "interval": "10s"}


def put(server: OdooStandIn, id: int, name: str, written: str) -> None:
    server.records.tables[EQUIPMENT][id] = {"name": name, "write_date": written}


async def until(node: NodeHarness, happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            await node.settle()
            await asyncio.sleep(0.01)


def names(node: NodeHarness) -> list[Any]:
    return [sent.fields["payload"]["name"] for sent in node.sent]


@pytest.fixture
async def server(stand_in: OdooStandIn) -> OdooStandIn:
    stand_in.records.models[EQUIPMENT]["write_date"] = ""
    put(stand_in, 1, "before", "2026-03-01 08:00:00")
    return stand_in


async def test_poll_brings_what_has_changed_since_it_began(server: OdooStandIn) -> None:
    async with harness(OdooPoll, stand_in_site(server).config, CONFIG) as node:
        await until(node, lambda: node.status == "up to date")
        assert names(node) == []
        put(server, 2, "new", "2026-03-01 08:00:05")
        # In the second of the last look too, and by a transaction that has ended late.
        put(server, 1, "changed", "2026-03-01 08:00:00")
        put(server, 3, "late", "2026-03-01 07:59:40")
        await node.clock.advance(10, node.settle)
        await until(node, lambda: len(node.sent) == 3)
        assert names(node) == ["changed", "new", "late"]
        await node.clock.advance(10, node.settle)
        await until(node, lambda: True)
        assert len(node.sent) == 3


async def test_poll_goes_on_after_a_restart_and_an_outage(server: OdooStandIn) -> None:
    async with harness(OdooPoll, stand_in_site(server).config, CONFIG | {"at_first": True}) as node:
        await until(node, lambda: names(node) == ["before"])
        await until(node, lambda: node.status == "up to date")
        await node.restart()
        put(server, 2, "meanwhile", "2026-03-01 09:00:00")
        server.misbehave(Misbehaviour(fault=Fault.ERROR))
        await node.clock.advance(10, node.settle)
        await until(node, lambda: node.status.startswith("waits"))
        server.misbehave(None)
        await node.clock.advance(10, node.settle)
        await until(node, lambda: names(node) == ["before", "meanwhile"])


async def test_poll_looks_at_once_when_it_is_told_to(server: OdooStandIn) -> None:
    config = CONFIG | {"interval": "1h", "hint": "/odoo/hint/{key}", "hint_key": "secret"}
    async with harness(OdooPoll, stand_in_site(server).config, config) as node:
        await until(node, lambda: node.status == "up to date")
        put(server, 2, "told", "2026-03-01 08:00:05")

        async def hint(key: str) -> int:
            request = HttpRequest("POST", f"/odoo/hint/{key}", {"key": key}, {}, {}, b'{"_id": 7, "name": "a lie"}')
            status: int = (await node.node._take_hint(request)).status
            return status

        assert await hint("wrong") == 404
        await node.settle()
        assert names(node) == []
        assert await hint("secret") == 202
        await until(node, lambda: names(node) == ["told"])
