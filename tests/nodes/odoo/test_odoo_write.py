"""Values written to records: newest first, few calls, one bad one found, none lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.message import Outcome
from flowengine.node import TransientError
from flowengine.runtime.outbox_stage import OutboxStage
from flowengine.testing import NodeHarness
from flowengine_nodes.demo.odoo_records import CallError, Records
from flowengine_nodes.demo.odoo_stand_in import Fault, Misbehaviour, OdooStandIn
from flowengine_nodes.odoo.odoo_write import OdooWrite
from flowengine_nodes.odoo.writing.record_write import Part, hold_back, merged
from flowengine_nodes.odoo.writing.wanted import Wanted
from tests.nodes.odoo.conftest import Site, real_site, stand_in_site
from tests.nodes.odoo.nodes import EQUIPMENT, codes, harness, work, written
from tests.odoo_server import Odoo

pytestmark = pytest.mark.timeout(180)


async def made(site: Site, count: int, **values: Any) -> list[int]:
    client = site.client()
    try:
        return await client.create(EQUIPMENT, [{"name": f"e{number}", **values} for number in range(count)])
    finally:
        await client.close()


async def read(site: Site, ids: list[int], field: str) -> list[Any]:
    client = site.client()
    try:
        rows = await client.search_read(EQUIPMENT, [["id", "in", ids]], [field], order="id")
        return [row[field] for row in rows]
    finally:
        await client.close()


async def test_write_sends_of_each_field_the_newest_value_in_one_call(site: Site) -> None:
    one, two = await made(site, 2)
    async with harness(OdooWrite, site.config) as node:
        errors = await work(
            node,
            written(one, cost=1, partner_ref="a"),
            written(two, cost=10),
            written(one, cost=2),
            written(one, cost=3),
        )
        assert codes(errors) == ["", "", "", ""]
        counts = {metric.name: metric.value for metric in node.node.metrics()}
    assert (counts["odoo_records"], counts["odoo_coalesced"]) == (2, 2)
    # One call from 19 on; before, one tells that there is no such method, and two write.
    assert counts["odoo_calls"] in {1, 3}
    assert await read(site, [one, two], "cost") == [3.0, 10.0]
    assert await read(site, [one], "partner_ref") == ["a"]


async def test_write_finds_the_one_that_odoo_does_not_take(site: Site) -> None:
    ids = await made(site, 5)
    async with harness(OdooWrite, site.config) as node:
        errors = await work(
            node,
            *(written(id, cost=number + 1) for number, id in enumerate(ids)),
            written(ids[1], cost="hot"),
            written(ids[1], partner_ref="kept"),
            written(999_999, cost=1),
            written(ids[2], nope=1, cost=9),
            {"writes": []},
            {"device": "d", "writes": [{"model": "no.model", "id": 1, "values": {"x": 1}}]},
        )
    assert codes(errors[:5]) == [""] * 5
    assert codes(errors[5:]) == [
        "odoo-bad-call",
        "",
        "odoo-missing-record",
        "odoo-bad-call",
        "invalid-write",
        "odoo-not-found",
    ]
    assert "could not convert string to float: 'hot'" in str(errors[5])
    assert await read(site, ids, "cost") == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert await read(site, [ids[1]], "partner_ref") == ["kept"]


async def test_write_without_coalescing_writes_every_value_in_order(site: Site) -> None:
    (one,) = await made(site, 1)
    async with harness(OdooWrite, site.config, {"coalesce": False}) as node:
        assert codes(await work(node, *(written(one, cost=number) for number in range(5)))) == [""] * 5
        counts = {metric.name: metric.value for metric in node.node.metrics()}
    assert (counts["odoo_records"], counts["odoo_coalesced"]) == (5, 0)
    assert await read(site, [one], "cost") == [4.0]


async def test_write_gets_by_without_the_call_for_many(site: Site) -> None:
    ids = await made(site, 4)
    async with harness(OdooWrite, site.config) as node:
        node.node._server.client.lacking.add("web_save_multi")
        errors = await work(
            node,
            *(written(id, cost=number, partner_ref=f"room {number}") for number, id in enumerate(ids)),
            written(ids[3], cost="hot"),
            written(ids[0], cost=False),
        )
    assert codes(errors) == [""] * 4 + ["odoo-bad-call", ""]
    assert await read(site, ids, "cost") == [0.0, 1.0, 2.0, 3.0]
    assert await read(site, ids, "partner_ref") == ["room 0", "room 1", "room 2", "room 3"]


async def test_write_finds_records_by_their_domain_and_remembers_them(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    ids = await made(site, 3)
    for number, id in enumerate(ids):
        stand_in.records.tables[EQUIPMENT][id]["serial_no"] = f"s{number}"
    asked: list[list[Any]] = []
    for method in ("search", "search_read"):
        seen(stand_in.records, method, lambda _ids, domain=None, **_: asked.append(domain) if domain else None)
    config = {"model": EQUIPMENT, "domain": [["serial_no", "=", "{payload.serial}"]], "values": "$.payload.values"}
    async with harness(OdooWrite, site.config, config | {"transport": "rpc"}) as node:
        payloads = [{"serial": f"s{number}", "values": {"cost": number + 1}} for number in range(3)]
        assert codes(await work(node, *payloads, {"serial": "none", "values": {"cost": 1}})) == [
            *[""] * 3,
            "odoo-no-record",
        ]
        # All of the same form in one call, and what it has not found alone.
        assert asked == [
            [["serial_no", "in", ["s0", "s1", "s2", "none"]]],
            [["serial_no", "=", "none"]],
        ]
        assert codes(await work(node, *payloads)) == [""] * 3
        assert len(asked) == 2
        assert await read(site, ids, "cost") == [1.0, 2.0, 3.0]
        # A record that is gone is looked up anew, and there may be another by then.
        asked.clear()
        del stand_in.records.tables[EQUIPMENT][ids[0]]
        (error,) = await work(node, payloads[0])
        assert isinstance(error, TransientError)
        (again,) = await made(site, 1, serial_no="s0")
        assert codes(await work(node, payloads[0])) == [""]
        assert await read(site, [again], "cost") == [1.0]
        await node.advance(601)
        asked.clear()
        assert codes(await work(node, payloads[1])) == [""]
        assert asked == [[["serial_no", "=", "s1"]]]


async def test_write_may_drop_what_means_no_record(stand_in: OdooStandIn) -> None:
    payload = {"model": EQUIPMENT, "domain": [["name", "=", "nobody"]], "values": {"cost": 1}}
    async with harness(OdooWrite, stand_in_site(stand_in).config, {"no_record": "drop"}) as node:
        assert codes(await work(node, payload)) == [""]
        assert node.dropped == {"odoo-no-record": 1}


async def test_write_leaves_a_server_that_is_away_alone(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    ids = await made(site, 3)
    async with harness(OdooWrite, site.config, {"transport": "rpc", "most": 1}) as node:
        stand_in.misbehave(Misbehaviour(fault=Fault.ERROR))
        errors = await work(node, *(written(id, cost=1) for id in ids))
        assert codes(errors) == ["odoo-busy"] * 3
        assert {metric.name: metric.value for metric in node.node.metrics()}["odoo_calls"] == 1
        stand_in.misbehave(None)
        assert codes(await work(node, *(written(id, cost=1) for id in ids))) == [""] * 3


async def test_write_divides_a_request_that_the_addon_refuses(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    ids = await made(site, 4)
    async with harness(OdooWrite, site.config) as node:
        stand_in.misbehave(Misbehaviour(fault=Fault.REFUSE, requests=1))
        errors = await work(node, *(written(id, device="d", x_sequence=id) for id in ids), written(ids[0], cost=1))
        # It has no sequence, which the stand-in wants; merged with one that has, it is good.
        assert codes(errors) == [""] * 5
        assert (stand_in.answers, stand_in.received) == ({400: 1, 200: 2}, 4)
        assert codes(await work(node, written(ids[1], cost=1))) == ["odoo-refused"]


async def test_write_divides_a_call_that_met_a_conflict(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    ids = await made(site, 4)

    def conflict(ids_given: list[int], **_: Any) -> None:
        if ids[1] in ids_given:
            sentence = "could not serialize access due to concurrent update"
            raise CallError("psycopg2.errors.SerializationFailure", sentence, 500)

    for method in ("write", "web_save_multi"):
        seen(stand_in.records, method, conflict)
    async with harness(OdooWrite, site.config, {"transport": "rpc"}) as node:
        errors = await work(node, *(written(id, cost=7) for id in ids), written(ids[1], partner_ref="b"))
        assert codes(errors) == ["", "odoo-conflict", "", "", "odoo-conflict"]
        assert all(isinstance(error, TransientError) for error in errors if error is not None)
    assert await read(site, ids, "cost") == [7.0, 0.0, 7.0, 7.0]


async def test_write_delivers_through_outages_each_value_that_is_newest(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    one, two = await made(site, 2)
    async with harness(OdooWrite, site.config, {"transport": "rpc"}, OdooWrite.stage) as node:
        stand_in.misbehave(Misbehaviour(fault=Fault.ERROR, requests=2))
        deliveries = []
        for number in range(1, 51):
            deliveries.append(node.receive(payload=written(one, cost=number), topic="a"))
            node.receive(payload=written(two, cost=-number), topic="b")
        await until(node, lambda: stand_in.records.tables[EQUIPMENT][two]["cost"] == -50)
        assert all(delivery.outcome is Outcome.SETTLED for delivery in deliveries)
        assert await node.store.dead_letters.count() == 0
        assert node.account.in_flight == 0
    assert await read(site, [one, two], "cost") == [50, -50]


@pytest.mark.odoo
async def test_write_delivers_when_a_real_odoo_comes_back(own_odoo: Odoo) -> None:
    site = real_site(own_odoo, "bridge")
    one, two = own_odoo.call(EQUIPMENT, "create", [{"name": "one"}, {"name": "two"}])
    async with harness(OdooWrite, site.config, {}, OdooWrite.stage) as node:
        node.receive(payload=written(one, cost=1), topic="a")
        await until(node, lambda: stage(node).delivered == 1)
        await asyncio.to_thread(own_odoo.stop)
        for number in range(2, 12):
            node.receive(payload=written(one, cost=number), topic="a")
            node.receive(payload=written(two, cost="hot" if number == 5 else -number), topic="b")
        await until(node, lambda: bool(stage(node).outage))
        await asyncio.to_thread(own_odoo.start)
        await until(node, lambda: stage(node).delivered + stage(node).buried == 21, seconds=90)
        letters = await node.store.dead_letters.list()
        # Coalesced away where a newer one was there in time, else found and kept with what Odoo says.
        assert all("could not convert string to float" in letter.error_text for letter in letters)
    rows = await asyncio.to_thread(own_odoo.call, EQUIPMENT, "read", [one, two], ["cost"])
    assert [row["cost"] for row in rows] == [11.0, -11.0]


async def test_write_makes_no_two_calls_for_one_record_at_once(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    one, two = await made(site, 2)
    async with harness(OdooWrite, site.config, {"transport": "rpc"}) as node:
        client = node.node._server.client
        under_way: list[tuple[int, ...]] = []
        overlaps: list[tuple[int, ...]] = []
        calls = 0
        write = client.write

        async def watched(model: str, ids: list[int], values: Any, **more: Any) -> None:
            nonlocal calls
            calls += 1
            overlaps.extend(others for others in under_way if set(others) & set(ids))
            under_way.append(tuple(ids))
            # A call that takes its time: another one could begin meanwhile.
            await asyncio.sleep(0.01)
            await write(model, ids, values, **more)
            under_way.remove(tuple(ids))

        client.write = watched
        await asyncio.gather(*(work(node, written((one, two)[number % 2], cost=number)) for number in range(20)))
    assert (calls, overlaps) == (20, [])


def stage(node: NodeHarness) -> OutboxStage:
    """Return the outbox of a harness."""
    found = node.flow.stages["node"]
    assert isinstance(found, OutboxStage)
    return found


async def until(node: Any, happened: Callable[[], bool], seconds: float = 20) -> None:
    """Let time pass for a node, and for the connections that it has, until something has happened."""
    async with asyncio.timeout(seconds):
        while not happened():
            await node.advance(0.5)
            await asyncio.sleep(0.01)


def seen(records: Records, method: str, look: Callable[..., object]) -> None:
    """Look at the calls of a method before they are answered."""
    answer = getattr(records, f"_call_{method}")

    def looked(model: str, ids: Any, *arguments: Any, **named: Any) -> Any:
        look(ids, **named)
        return answer(model, ids, *arguments, **named)

    setattr(records, f"_call_{method}", looked)


steps = st.lists(
    st.tuples(st.integers(1, 4), st.dictionaries(st.sampled_from("abc"), st.integers(), min_size=1)), max_size=30
)


@given(steps)
def test_merged_writes_end_with_the_values_that_all_would(steps: list[tuple[int, dict[str, int]]]) -> None:
    parts = [
        ((EQUIPMENT, id), Part(number, Wanted(EQUIPMENT, (id,), None, values), by_domain=False))
        for number, (id, values) in enumerate(steps)
    ]

    def applied(coalesce: bool) -> dict[int, dict[str, int]]:
        records: dict[int, dict[str, int]] = {}
        writes = merged(parts, coalesce=coalesce)
        for write in writes:
            records.setdefault(write.record[1], {}).update(write.values)
        if coalesce:
            assert len(writes) == len(records)
        assert sorted(part.message for write in writes for part in write.parts) == list(range(len(steps)))
        return records

    assert applied(True) == applied(False)


@given(steps, st.sets(st.integers(0, 29)))
def test_no_value_stays_that_an_older_one_could_replace(steps: list[tuple[int, dict[str, int]]], bad: set[int]) -> None:
    parts = [
        ((EQUIPMENT, id), Part(number, Wanted(EQUIPMENT, (id,), None, values), by_domain=False))
        for number, (id, values) in enumerate(steps)
    ]
    errors: list[BaseException | None] = [
        TransientError("later") if number in bad else None for number in range(len(steps))
    ]
    hold_back(merged(parts, coalesce=True), errors)
    for number, (id, _) in enumerate(steps):
        if errors[number] is None:
            assert not any(errors[before] and steps[before][0] == id for before in range(number))
