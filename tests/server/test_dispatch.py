import asyncio
import logging
from pathlib import Path

import pytest

from flowengine.storage import StorageFullError
from tests.server.stand import API, flow, serving


@pytest.mark.parametrize(
    ("content", "status", "code", "location"),
    [
        (b"", 400, "invalid-json", "1:1"),
        (b"{", 400, "invalid-json", "1:2"),
        (b'{"node": NaN}', 400, "invalid-json", "1:10"),
        (b"\xff", 400, "invalid-json", "1:1"),
        (b"[]", 422, "wrong-type", ""),
        (b"{}", 422, "missing-field", "node"),
        (b'{"node": 1}', 422, "wrong-type", "node"),
        (b'{"node": "gate", "nod": 1}', 422, "unknown-field", "nod"),
        (b'{"node": "gate", "message": []}', 422, "wrong-type", "message"),
    ],
)
async def test_body_that_is_wrong_gets_a_sentence_and_a_place(
    tmp_path: Path, content: bytes, status: int, code: str, location: str
) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = await stand.client.post(
            f"{API}/flows/a/inject", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status
        error = answer.json()
        assert (error["code"], error["location"]) == (code, location)
        assert error["message"]


@pytest.mark.parametrize(
    ("path", "code", "location"),
    [
        ("/dead-letters?flwo=a", "unknown-field", "flwo"),
        ("/dead-letters?limit=many", "wrong-type", "limit"),
        ("/dead-letters?limit=0", "out-of-range", "limit"),
        ("/dead-letters?flow=a&flow=b", "repeated-parameter", "flow"),
        ("/dead-letters?before=99999999999999999999999", "out-of-range", "before"),
        ("/flows?page=2", "unknown-parameter", "page"),
    ],
)
async def test_query_that_is_wrong_gets_a_sentence_and_a_place(
    tmp_path: Path, path: str, code: str, location: str
) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.client.get(API + path)
        assert answer.status_code == 400
        error = answer.json()
        assert (error["code"], error["location"]) == (code, location)


async def test_mistyped_field_is_answered_with_the_right_one(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        error = await stand.post("/deploy", 422, bas="x")
        assert error["message"] == 'bas: there is no such field (did you mean "base"?)'


async def test_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = await stand.client.post(f"{API}/deploy", json={"base": "x" * 2_000_000})
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_document_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    async with serving(tmp_path) as stand:
        document = flow("a", {"gate": {"type": "gate", "config": {"x": deep}}})
        answer = await stand.put("/flows/a", 422, base=None, document=document)
        assert answer["code"] in {"too-deep", "invalid-document"}


async def test_sender_that_goes_away_is_no_bug(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        port = int(stand.service.url.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {API}/deploy HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        await writer.drain()
        await stand.get("/flows")
        writer.close()
        await writer.wait_closed()
        await stand.get("/flows")
    assert not [record for record in caplog.records if record.exc_info]


async def test_path_or_method_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"door": {"type": "door"}})) as stand:
        assert (await stand.get("/nothing", 404))["code"] == "not-found"
        answer = await stand.client.post(f"{API}/flows/a")
        assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "PUT", "PATCH", "DELETE"}
        answer = await stand.client.post("/door/x")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_head_is_answered_like_get_without_a_body(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.client.head(f"{API}/flows")
        assert (answer.status_code, answer.content) == (200, b"")


async def test_bug_is_answered_in_shape_and_told_to_the_log_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, flow("a", {"door": {"type": "door"}})) as stand:
        with caplog.at_level(logging.ERROR):
            answer = await stand.client.get("/door/trap")
        assert answer.status_code == 500
        assert set(answer.json()) == {"code", "message", "location"}
        assert answer.json()["code"] == "internal-error"
        assert "a bug in a node" not in answer.text
        assert any("a bug in a node" in str(record.exc_info) for record in caplog.records)


async def test_store_in_trouble_is_said_so_and_leaves_the_other_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise StorageFullError("the store")

    async with serving(tmp_path, flow("a")) as stand:
        monkeypatch.setattr(stand.service.engine.world.store.outbox, "counts", fail)
        error = await stand.get("/summary", 503)
        assert error["code"] == "storage-full"
        answer = await stand.client.get("/metrics")
        assert answer.status_code == 200
        assert 'flowengine_flow_up{flow="a"} 1.0' in answer.text
        assert "flowengine_outbox_pending" not in answer.text
