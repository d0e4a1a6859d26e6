import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from flowengine.testing.clock import VirtualClock
from flowengine_nodes.demo.odoo_stand_in import Fault, Misbehaviour, OdooStandIn
from flowengine_nodes.network.listening import CannotListenError


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def odoo(clock: VirtualClock) -> AsyncIterator[OdooStandIn]:
    async with OdooStandIn(clock=clock) as stand_in:
        yield stand_in


@pytest.fixture
async def http(odoo: OdooStandIn) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=odoo.url) as client:
        yield client


async def post(http: httpx.AsyncClient, sequence: int, device: str = "a") -> httpx.Response:
    return await http.post(f"/iiot/webhook/{device}", json={"sequence": sequence, "temperature_c": 81.5})


async def test_stand_in_counts_messages_duplicates_and_gaps(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    for sequence in (1, 2, 2, 5):
        assert (await post(http, sequence)).status_code == 200
    assert (await post(http, 1, "b")).json() == {"status": "ok", "results": [{"status": "ok"}]}
    assert (odoo.received, odoo.duplicates) == (4, 1)
    assert odoo.missing("a", 6) == [3, 4, 6]
    assert odoo.missing("never-seen", 2) == [1, 2]
    shown = (await http.get("/")).json()
    assert shown["devices"]["a"] == {"received": 3, "highest": 5, "missing": 2, "duplicates": 1}
    assert shown["answers"] == {"200": 5}


async def test_stand_in_takes_the_good_ones_of_a_batch(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    of_one = await http.post("/iiot/webhook/a", json=[{"sequence": 1}, {"sequence": 2}, {"sequence": 1}])
    assert of_one.json() == {"status": "ok", "results": [{"status": "ok"}] * 3}
    assert (odoo.received, odoo.duplicates) == (2, 1)
    of_many = [{"device": "a", "sequence": 3}, {"device": "b", "sequence": 1}]
    assert (await http.post("/iiot/webhook", json=of_many)).json()["status"] == "ok"
    broken = (await http.post("/iiot/webhook", json=[{"device": "a", "sequence": 5}, {"device": "a"}])).json()
    assert (broken["status"], [result["status"] for result in broken["results"]]) == ("partial", ["ok", "error"])
    assert odoo.missing("a", 5) == [4]


async def test_stand_in_counts_what_is_written_to_records(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    writes = [{"model": "m", "id": 1, "values": {"x_a": 1}}, {"model": "n", "id": 2, "values": {"x_sequence": 7}}]
    assert (await http.post("/iiot/webhook/a", json={"device": "a", "writes": writes})).json()["status"] == "ok"
    assert odoo.missing("a", 7) == [1, 2, 3, 4, 5, 6]


async def test_stand_in_counts_news_of_devices_apart(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    for news in ({"presence": {"online": True}}, {"command": {"state": "SENT"}}, {"presence": {"online": False}}):
        assert (await http.post("/iiot/webhook/a", json={"device": "a", **news})).json()["status"] == "ok"
    assert odoo.received == 0
    assert (await http.get("/")).json()["news"] == {"command": 1, "presence": 2}


async def test_stand_in_refuses_a_body_that_is_none(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    answer = await http.post("/iiot/webhook/a", content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert answer.json()["message"].startswith("the body is no JSON")
    assert (await http.post("/iiot/webhook", json={"device": "a", "sequence": 1})).status_code == 400
    assert odoo.received == 0


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (1, "bad-request"),
        ({"sequence": 0}, "refused"),
        ({"sequence": True}, "refused"),
        ({"writes": [{"values": {"x_a": 1}}, 1]}, "refused"),
        ({"presence": 1}, "refused"),
        ({"writes": 1, "sequence": 1}, "refused"),
    ],
)
async def test_stand_in_refuses_what_it_cannot_count(
    odoo: OdooStandIn, http: httpx.AsyncClient, item: object, code: str
) -> None:
    (result,) = (await http.post("/iiot/webhook/a", json=[item])).json()["results"]
    assert (result["status"], result["code"], result["retry"]) == ("error", code, False)
    assert odoo.received == 0


async def test_stand_in_refuses_what_names_no_device(http: httpx.AsyncClient) -> None:
    (result,) = (await http.post("/iiot/webhook", json=[{"sequence": 1}])).json()["results"]
    assert result["code"] == "unknown-device"


@pytest.mark.parametrize(("fault", "status"), [(Fault.ERROR, 500), (Fault.BUSY, 429), (Fault.REFUSE, 400)])
async def test_stand_in_misbehaves_for_so_many_requests(
    odoo: OdooStandIn, http: httpx.AsyncClient, fault: Fault, status: int
) -> None:
    odoo.misbehave(Misbehaviour(fault=fault, requests=2, retry_after=3))
    answers = [await post(http, 1) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == ("3" if fault is Fault.BUSY else None)
    assert (odoo.received, odoo.duplicates) == (1, 0)


async def test_stand_in_misbehaves_for_so_long(odoo: OdooStandIn, http: httpx.AsyncClient, clock: VirtualClock) -> None:
    odoo.misbehave(Misbehaviour(fault=Fault.ERROR, seconds=10))
    await clock.advance(9.9)
    assert (await post(http, 1)).status_code == 500
    await clock.advance(0.1)
    assert (await post(http, 1)).status_code == 200


async def test_stand_in_answers_garbage_and_takes_nothing(odoo: OdooStandIn, http: httpx.AsyncClient) -> None:
    odoo.misbehave(Misbehaviour(fault=Fault.GARBAGE, requests=1))
    answer = await post(http, 1)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"codec|Expecting"):
        answer.json()
    assert odoo.received == 0


@pytest.mark.parametrize(("fault", "received"), [(Fault.HANG, 0), (Fault.LOST_ANSWER, 1)])
async def test_stand_in_gives_no_answer(
    odoo: OdooStandIn, http: httpx.AsyncClient, fault: Fault, received: int
) -> None:
    odoo.misbehave(Misbehaviour(fault=fault, requests=1))
    with pytest.raises(httpx.ReadTimeout):
        await http.post("/iiot/webhook/a", json={"sequence": 1}, timeout=0.2)
    assert odoo.received == received
    assert (await post(http, 1)).status_code == 200
    assert odoo.duplicates == received


async def test_stand_in_stops_while_it_gives_no_answer() -> None:
    async with httpx.AsyncClient() as http:
        async with OdooStandIn() as odoo:
            odoo.misbehave(Misbehaviour(fault=Fault.LOST_ANSWER))
            hanging = asyncio.create_task(http.post(f"{odoo.url}/iiot/webhook/a", json={"sequence": 1}))
            while not odoo.received:  # noqa: ASYNC110 - the stand-in tells nobody
                await asyncio.sleep(0.01)
        assert (await hanging).status_code == 503
    with socket.create_server((odoo.host, odoo.port)):
        pass


async def test_stand_in_is_told_over_http_to_misbehave(http: httpx.AsyncClient) -> None:
    told = {"fault": "busy", "requests": 5, "retry_after": 2}
    assert (await http.post("/misbehave", json=told)).json() == {"misbehaving": "busy"}
    assert (await http.get("/")).json()["misbehaving"] == "busy"
    assert (await post(http, 1)).status_code == 429
    assert (await http.delete("/misbehave")).json() == {"misbehaving": None}
    assert (await post(http, 1)).status_code == 200


@pytest.mark.parametrize(
    ("told", "place"),
    [({"fault": "sulk"}, "fault:"), ({"fault": "busy", "requests": 0}, "requests:"), ({"x": 1}, "fault:")],
)
async def test_stand_in_says_what_is_wrong_with_what_it_is_told(
    http: httpx.AsyncClient, told: dict[str, Any], place: str
) -> None:
    answer = await http.post("/misbehave", content=json.dumps(told))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-misbehaviour")
    assert answer.json()["message"].startswith(place)


async def test_stand_in_says_which_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"The stand-in for Odoo cannot listen on 127.0.0.1:{port}"):
            async with OdooStandIn(port=port):
                pass
