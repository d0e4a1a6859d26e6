from collections.abc import AsyncIterator
from typing import Any

import pytest

from flowengine.testing import NodeHarness
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import BusinessObject, Lifecycle
from flowengine_nodes.iiot.sparkplug.payload import read_payload
from flowengine_nodes.iiot.telemetry_map import TelemetryMap
from tests.nodes.iiot.registries import add_device, add_profile, counted_queries
from tests.nodes.iiot.sparkplug.payloads import double, metric, payload

RULES = [{"path": "$.t", "field": "x_t"}, {"path": "$.n", "field": "x_n", "transform": {"type": "number"}}]
EQUIPMENT = BusinessObject("maintenance.equipment", 7)


class Site:
    """A node and its registry."""

    def __init__(self, harness: NodeHarness) -> None:
        self.harness = harness

    @property
    def registry(self) -> EmbeddedRegistry:
        registry = self.harness._engine.world.resource("registry")
        assert isinstance(registry, EmbeddedRegistry)
        return registry

    async def add(self, id: str = "b1", rules: Any = RULES, **profile: Any) -> None:
        await add_profile(self.registry, rules=rules, **profile)
        await add_device(self.registry, id, business=EQUIPMENT)

    async def feed(self, payload: Any, device: Any = "b1", **fields: Any) -> list[tuple[str, Any]]:
        """Feed a message; return what left: the port, and the writes, or the code of what was wrong."""
        sent = await self.harness.feed(payload=payload, device=device, **fields)
        return [(port, self._gist(port, fields)) for port, fields in sent]

    def _gist(self, port: str, fields: Any) -> Any:
        match port:
            case "mapped":
                return [write["values"] for write in fields["payload"]["writes"]]
            case "unmatched":
                return fields["reason"]["code"]
        return fields["error"]["code"]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with NodeHarness(TelemetryMap, {}, resources={"registry": (EmbeddedRegistry, {})}) as harness:
        yield Site(harness)


async def test_node_maps_a_payload_and_keeps_the_other_fields(site: Site) -> None:
    await site.add()
    (sent,) = await site.harness.feed(payload=b'{"t": 21.5, "n": "3"}', device="b1", topic="telemetry/b1/data", qos=1)
    assert sent == (
        "mapped",
        {
            "payload": {
                "device": "b1",
                "at": "2026-01-01T00:00:00.000Z",
                "writes": [{"model": "maintenance.equipment", "id": 7, "values": {"x_t": 21.5, "x_n": 3}}],
            },
            "device": "b1",
            "topic": "telemetry/b1/data",
            "qos": 1,
        },
    )


async def test_node_takes_payloads_that_were_decoded_before(site: Site) -> None:
    await site.add()
    assert await site.feed({"t": 1}) == [("mapped", [{"x_t": 1}])]


async def test_node_maps_without_asking_the_database(site: Site) -> None:
    await site.add()
    await site.feed({"t": 1})
    with counted_queries() as queries:
        for number in range(1000):
            site.harness.receive(device="b1", payload={"t": number})
        assert len(site.harness.take()) == 1000
        assert queries == []
        await site.registry.devices.get("b1")
        assert queries


async def test_node_maps_plain_values(site: Site) -> None:
    await site.add(rules=[{"path": "$", "field": "x_t", "transform": {"type": "number"}}], codec="scalar")
    assert await site.feed(b"21.5") == [("mapped", [{"x_t": 21.5}])]
    assert await site.feed(b"warm") == [("failed", "not-a-number")]
    assert await site.feed(b"") == [("unmatched", "no-match")]


async def test_node_sends_each_reading_of_a_batch_with_its_time(site: Site) -> None:
    await site.add(reading={"batch": "$", "time": "$.at"})
    batch = [{"t": 2, "at": "2025-12-31T12:00:00Z"}, {"t": 1, "at": 1_767_000_000}, {"t": 3, "at": "2036-01-01"}]
    sent = await site.harness.feed(payload=batch, device="b1")
    assert [(fields["payload"]["at"], fields["payload"].get("device_time")) for _, fields in sent] == [
        ("2025-12-29T09:20:00.000Z", None),
        ("2025-12-31T12:00:00.000Z", None),
        ("2026-01-01T00:00:00.000Z", "2036-01-01T00:00:00.000Z"),
    ]


async def test_node_writes_what_is_good_and_tells_all_that_is_wrong(site: Site) -> None:
    await site.add(rules=[*RULES, {"path": "$.m", "field": "x_m", "name": "Mode", "on_missing": "fail"}])
    mapped, failed = await site.harness.feed(payload=b'{"t": 1, "n": NaN}', device="b1")
    assert mapped.fields["payload"]["writes"][0]["values"] == {"x_t": 1}
    assert failed.fields["payload"] == b'{"t": 1, "n": NaN}'
    assert failed.fields["error"] == {
        "code": "telemetry-failures",
        "message": 'rule "x_n": \'nan\' is no finite number; rule "Mode": the value is missing',
        "failures": [
            {"rule": "x_n", "code": "not-finite", "message": "'nan' is no finite number"},
            {"rule": "Mode", "code": "missing-value", "message": "the value is missing"},
        ],
    }


async def test_node_says_why_a_message_gives_nothing(site: Site) -> None:
    await site.add()
    await add_device(site.registry, "b2")
    await add_device(site.registry, "b3")
    await site.registry.devices.change("b2", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    await site.registry.devices.change("b3", {"lifecycle": Lifecycle.RETIRED}, "test")
    good = b'{"t": 1}'
    assert await site.feed(good, "other") == [("unmatched", "unknown-device")]
    assert await site.feed(good, "b2") == [("unmatched", "inactive-device")]
    assert await site.feed(good, "b3") == [("unmatched", "inactive-device")]
    assert await site.feed(b'{"other": 1}') == [("unmatched", "no-match")]
    assert await site.feed(b"[]") == [("unmatched", "no-match")]
    assert await site.feed(b"{") == [("failed", "invalid-payload")]
    nobody: list[Any] = [None, 5, ["b1"], {}]
    for device in nobody:
        assert await site.feed(good, device) == [("unmatched", "unknown-device")]
    (sent,) = await site.harness.feed(payload=good)
    assert sent.fields["reason"] == {"code": "unknown-device", "message": "no device is named"}
    assert site.harness.errors == []


async def test_node_without_wires_drops_and_fails_so_that_nothing_is_lost_unseen(site: Site) -> None:
    await site.add()
    site.harness.node.unmatched.disconnect()
    site.harness.node.failed.disconnect()
    site.harness.receive(payload=b"{}", device="b1")
    site.harness.receive(payload=b"{}", device="b9")
    await site.harness.settle()
    assert site.harness.dropped == {"no-match": 1, "unknown-device": 1}
    delivery = site.harness.receive(payload=b'{"t": 1, "n": "x"}', device="b1")
    await site.harness.settle()
    assert [port for port, _ in site.harness.take()] == ["mapped"]
    assert delivery.reason == "not-a-number"
    (letter,) = site.harness.errors
    assert (letter.code, letter.message) == ("not-a-number", "rule \"x_n\": 'x' is no number")


async def test_node_follows_changes_of_profile_and_device(site: Site) -> None:
    await site.add()
    assert await site.feed({"t": 1}) == [("mapped", [{"x_t": 1}])]
    await add_profile(site.registry, rules=[{"path": "$.t", "field": "x_other"}])
    assert await site.feed({"t": 1}) == [("mapped", [{"x_other": 1}])]
    await site.registry.devices.change("b1", {"business": BusinessObject("m", 9)}, "test")
    (sent,) = await site.harness.feed(payload={"t": 1}, device="b1")
    assert sent.fields["payload"]["writes"] == [{"model": "m", "id": 9, "values": {"x_other": 1}}]
    await site.registry.devices.remove("b1", "test")
    assert await site.feed({"t": 1}) == [("unmatched", "unknown-device")]


async def test_deadband_watches_each_device_apart_and_begins_anew_for_another_record(site: Site) -> None:
    await site.add(rules=[{"path": "$.t", "field": "x_t", "condition": {"deadband": 1}}])
    await add_device(site.registry, "b2", business=BusinessObject("m", 2))
    assert await site.feed({"t": 1}) == [("mapped", [{"x_t": 1}])]
    assert await site.feed({"t": 1.5}, "b2") == [("mapped", [{"x_t": 1.5}])]
    assert await site.feed({"t": 1.5}) == []
    await site.registry.devices.change("b1", {"name": "Boiler"}, "test")
    assert await site.feed({"t": 1.5}) == []
    await site.registry.devices.change("b1", {"business": BusinessObject("m", 9)}, "test")
    assert await site.feed({"t": 1.5}) == [("mapped", [{"x_t": 1.5}])]


async def test_node_tells_how_many_messages_come_in_a_second(site: Site) -> None:
    await site.add()

    def rate() -> float:
        metrics = {(one.name, one.labels["profile"]): one.value for one in site.harness.node.metrics()}
        return float(metrics["telemetry_per_second", "boiler"])

    for number in range(30):
        await site.feed({"t": number})
        await site.harness.advance(1)
    assert rate() == pytest.approx(1, rel=0.2)
    await site.harness.advance(200)
    assert rate() == 0


async def test_node_notes_the_last_telemetry(site: Site) -> None:
    await site.add()
    await site.feed(b'{"t": 1}')
    await site.harness.advance(5)
    await site.feed(b'{"t": 2}')
    await site.harness.advance(5)
    await site.feed(b"{")
    presence = (await site.registry.devices.presence(["b1"]))["b1"]
    start = site.harness.clock.time() - 10
    assert (presence.telemetry, presence.telemetry_at, presence.seen_at) == ({"t": 2}, start + 5, start + 10)


async def test_node_knows_sparkplug_aliases_after_a_restart(site: Site) -> None:
    rules = [{"path": "$.metrics['Flow/Rate']", "field": "x_flow"}]
    await site.add(rules=rules, codec="sparkplug-b")
    topic = "spBv1.0/plant/{}/edge/b1"
    by_alias = payload(metric(double(13, 2.5), alias=4, at=1_767_225_590_000), at=1_767_225_600_000)
    assert await site.feed(by_alias, topic=topic.format("DDATA")) == [("failed", "unknown-alias")]
    birth = payload(metric(double(13, 1.5), name="Flow/Rate", alias=4, type=10))
    assert await site.feed(birth, topic=topic.format("DBIRTH")) == [("mapped", [{"x_flow": 1.5}])]
    await site.harness.restart()
    (sent,) = await site.harness.feed(payload=by_alias, device="b1", topic=topic.format("DDATA"))
    assert sent.fields["payload"]["at"] == "2025-12-31T23:59:50.000Z"
    assert sent.fields["payload"]["writes"][0]["values"] == {"x_flow": 2.5}
    assert await site.feed(b"", topic=topic.format("DDEATH")) == [("unmatched", "no-match")]
    assert await site.feed(b"\xff", topic=topic.format("DDATA")) == [("failed", "invalid-payload")]


async def test_node_marks_gaps_in_sparkplug_numbers_and_asks_for_a_rebirth() -> None:
    resources: Any = {"registry": (EmbeddedRegistry, {})}
    async with NodeHarness(TelemetryMap, {"sequence": True}, resources=resources) as harness:
        site = Site(harness)
        await site.add(rules=[{"path": "$.metrics.flow", "field": "x_flow"}], codec="sparkplug-b")

        async def heard(kind: str, number: int, node: str = "edge", **fields: Any) -> dict[str, Any]:
            data = payload(metric(double(13, 2.5), name="flow", type=10), sequence=number)
            sent = await harness.feed(payload=data, device="b1", topic=f"spBv1.0/plant/{kind}/{node}/b1", **fields)
            return dict(sent)

        assert [*await heard("NBIRTH", 0)] == ["mapped"]
        for number in (*range(1, 256), 0, 1, 1):
            assert "gap" not in (await heard("DDATA", number))["mapped"]
        assert "gap" not in (await heard("DDATA", 9, retain=True))["mapped"]
        assert "gap" not in (await heard("DDATA", 77, node="other"))["mapped"], "nothing was known of it"
        after = await heard("DDATA", 4)
        assert after["mapped"]["gap"] == {"expected": 2, "found": 4, "missing": 2}
        assert after["mapped"]["payload"]["writes"][0]["values"] == {"x_flow": 2.5}
        assert after["rebirth"]["topic"] == "spBv1.0/plant/NCMD/edge"
        (asked,) = read_payload(after["rebirth"]["payload"]).metrics
        assert (asked.name, asked.value) == ("Node Control/Rebirth", True)
        await harness.advance(29)
        assert [*await heard("DDATA", 9)] == ["mapped"], "it may be about to answer"
        await harness.advance(2)
        assert {*await heard("DDATA", 12)} == {"mapped", "rebirth"}
        assert [*await heard("NBIRTH", 0)] == ["mapped"], "it has answered"
        assert {*await heard("DDATA", 2)} == {"mapped", "rebirth"}
        (counted,) = [one.value for one in harness.node.metrics() if one.name == "sparkplug_gaps"]
        assert counted == 4


async def test_node_asks_for_a_rebirth_where_no_birth_has_told_an_alias() -> None:
    resources: Any = {"registry": (EmbeddedRegistry, {})}
    async with NodeHarness(TelemetryMap, {"sequence": True}, resources=resources) as harness:
        await Site(harness).add(codec="sparkplug-b")
        data = payload(metric(double(13, 2.5), alias=4), sequence=8)
        sent = await harness.feed(payload=data, device="b1", topic="spBv1.0/plant/DDATA/edge/b1")
        assert {port for port, _ in sent} == {"failed", "rebirth"}
