import gzip
from pathlib import Path

import httpx
import pytest

from flowengine.server.editor import FOLDER
from tests.server.stand import API, serving

EDITOR = "/editor/index.js"


async def received(client: httpx.AsyncClient, path: str, accepted: str) -> tuple[httpx.Response, bytes]:
    """Return an answer and its body as it came over the wire."""
    async with client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    return answer, body


@pytest.mark.parametrize("path", [EDITOR, f"{API}/node-types"])
async def test_large_answers_are_compressed_for_whoever_takes_it(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path) as stand:
        answer, small = await received(stand.client, path, "br, gzip;q=0.8")
        _, plain = await received(stand.client, path, "identity")
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(small) == plain
    assert len(small) < len(plain) / 2


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0"])
async def test_answers_stay_as_they_are_for_others(tmp_path: Path, accepted: str) -> None:
    async with serving(tmp_path) as stand:
        answer, body = await received(stand.client, EDITOR, accepted)
    assert "content-encoding" not in answer.headers
    assert body == (FOLDER / "index.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_small_answers_are_not_compressed(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer, _ = await received(stand.client, f"{API}/flows", "gzip")
    assert "content-encoding" not in answer.headers


async def test_editor_is_not_sent_again_while_it_is_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        first = await stand.client.get(EDITOR)
        again = await stand.client.get(EDITOR, headers={"If-None-Match": first.headers["etag"]})
        other = await stand.client.get(EDITOR, headers={"If-None-Match": 'W/"other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
