"""Events that Odoo signs: only Odoo's, none lost, none twice."""

from typing import Any

import orjson
import pytest

from flowengine.node import HttpRequest, HttpResponse
from flowengine.testing import NodeHarness
from flowengine_nodes.odoo.events import signature
from flowengine_nodes.odoo.odoo_in import OdooIn

OLD, NEW = "old-key-0123456789", "new-key-0123456789"
CONFIG = {"keys": f"{OLD}, {NEW}"}


def event(id: str, kind: str = "command", **data: Any) -> dict[str, Any]:
    return {"id": id, "type": kind, "at": "2026-03-01T08:00:00.000Z", "data": data}


def request(node: NodeHarness, *events: Any, key: str = NEW, age: float = 0, **body: Any) -> HttpRequest:
    content = orjson.dumps({"database": "db", "events": list(events), **body})
    timestamp = str(int(node.clock.time() - age))
    headers = {"x-iiot-timestamp": timestamp, "x-iiot-signature": signature(key, timestamp, content)}
    return HttpRequest("POST", "/api/v1/odoo/events", {}, {}, headers, content)


async def ask(node: NodeHarness, request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = await node.node._take(request)
    await node.settle()
    return answer


def code(answer: HttpResponse) -> tuple[int, str]:
    return answer.status, orjson.loads(answer.body).get("code", "")


def test_signature_is_what_the_addon_makes() -> None:
    assert signature("k" * 16, "1700000000", b"{}") == (
        "v1=d97af7e33f9efe95291395b100daa7c2c44f40057bc209713878d4642562550e"
    )


async def test_in_sends_events_on_in_their_order() -> None:
    async with NodeHarness(OdooIn, CONFIG) as node:
        answer = await ask(
            node, request(node, event("1", device="a", who="odoo:ann"), event("2", "changed", kinds=["profile"]))
        )
        assert (answer.status, orjson.loads(answer.body)) == (
            200,
            {"results": [{"id": "1", "status": "accepted"}, {"id": "2", "status": "accepted"}]},
        )
        first, second = (sent.fields for sent in node.take())
        assert (first["event"], first["payload"], first["principal"]) == (
            "command",
            {"device": "a", "who": "odoo:ann"},
            "odoo:ann",
        )
        assert (first["topic"], first["event_id"], first["database"]) == ("odoo/command", "1", "db")
        assert (second["event"], second["principal"]) == ("changed", "odoo")
        assert await node.store.shelf.counts("test", "node") == {}


@pytest.mark.parametrize("key", [OLD, NEW])
async def test_in_takes_each_of_its_keys(key: str) -> None:
    async with NodeHarness(OdooIn, CONFIG) as node:
        assert (await ask(node, request(node, event("1"), key=key))).status == 200


async def test_in_believes_nobody_else() -> None:
    async with NodeHarness(OdooIn, CONFIG) as node:
        assert code(await ask(node, request(node, event("1"), key="x" * 20))) == (401, "bad-signature")
        assert code(await ask(node, request(node, event("1"), age=301))) == (401, "bad-timestamp")
        assert code(await ask(node, request(node, event("1"), age=-301))) == (401, "bad-timestamp")
        good = request(node, event("1"))
        other = HttpRequest("POST", good.path, {}, {}, good.headers, good.body.replace(b'"1"', b'"2"'))
        assert code(await ask(node, other)) == (401, "bad-signature")
        assert code(await ask(node, HttpRequest("POST", good.path, {}, {}, {}, good.body))) == (401, "bad-signature")
        assert node.take() == []
    async with NodeHarness(OdooIn, {}) as node:
        assert code(await ask(node, request(node, event("1"), key=""))) == (401, "no-key")
        assert node.status == "no key: takes nothing"


async def test_in_refuses_what_it_does_not_understand() -> None:
    async with NodeHarness(OdooIn, CONFIG | {"database": "db"}) as node:
        assert code(await ask(node, request(node, {"type": "command"}))) == (400, "bad-body")
        assert code(await ask(node, request(node, event("1"), database="other"))) == (400, "other-database")
        assert node.take() == []


async def test_in_carries_no_event_out_twice_after_a_restart_either() -> None:
    async with NodeHarness(OdooIn, CONFIG) as node:
        await ask(node, request(node, event("1"), event("2"), event("1")))
        assert [sent.fields["event_id"] for sent in node.take()] == ["1", "2"]
        await node.restart()
        answer = await ask(node, request(node, event("2"), event("3")))
        assert orjson.loads(answer.body)["results"][0] == {"id": "2", "status": "accepted"}
        assert [sent.fields["event_id"] for sent in node.take()] == ["3"]


async def test_in_forgets_old_events() -> None:
    async with NodeHarness(OdooIn, CONFIG | {"remember": "1h", "remember_most": 3}) as node:
        for number in range(5):
            await ask(node, request(node, event(str(number))))
        assert [sent.fields["event_id"] for sent in node.take()] == ["0", "1", "2", "3", "4"]
        await ask(node, request(node, event("4"), event("0")))
        assert [sent.fields["event_id"] for sent in node.take()] == ["0"]
        await node.advance(3601)
        await ask(node, request(node, event("x")))
        await ask(node, request(node, event("4")))
        assert [sent.fields["event_id"] for sent in node.take()] == ["x", "4"]


async def test_in_sends_after_a_restart_what_the_flow_had_not_finished() -> None:
    async with NodeHarness(OdooIn, CONFIG) as node:
        held: list[Any] = []
        node.node.outputs["out"].connect(lambda message: held.append(message.delivery.hold()))
        await ask(node, request(node, event("1"), event("2")))
        assert len(held) == 2
        await node.restart()
        await node.settle()
        assert [sent.fields["event_id"] for sent in node.take()][-2:] == ["1", "2"]


async def test_in_puts_off_more_than_may_wait() -> None:
    async with NodeHarness(OdooIn, CONFIG | {"max_waiting": 2}) as node:
        answer = await ask(node, request(node, event("1"), event("2"), event("3")))
        assert code(answer) == (503, "busy")
        assert answer.headers["Retry-After"] == "1"
        assert node.take() == []
