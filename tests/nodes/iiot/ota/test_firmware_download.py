"""Firmware over a real server: parts, tags, signed URLs, slow clients, and files larger than memory should be."""

import asyncio
import base64
import email
import hashlib
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from flowengine_nodes.iiot.registry.firmware import Firmware
from tests.nodes.iiot.ota.firmware_site import FirmwareSite

CONTENT = bytes(range(256)) * 4096


async def test_whole_file_comes_with_its_digest(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    answer = await site.get(firmware)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["etag"] == f'"{firmware.sha256}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(CONTENT))
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"


async def test_head_has_the_headers_and_no_body(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    answer = await site.get(firmware, "HEAD", range="bytes=0-9")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.content == b""


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=1000-", 1000, len(CONTENT) - 1), ("bytes=-5", len(CONTENT) - 5, len(CONTENT) - 1)],
)
async def test_part_is_sent_where_it_is_asked_for(site: FirmwareSite, header: str, first: int, last: int) -> None:
    firmware = await site.add(CONTENT)
    answer = await site.get(firmware, range=header)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.content == CONTENT[first : last + 1]


async def test_several_parts_come_in_one_answer(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    answer = await site.get(firmware, range="bytes=0-9,1000-1009,-3")
    assert answer.status_code == 206
    assert answer.headers["content-length"] == str(len(answer.content))
    text = b"Content-Type: " + answer.headers["content-type"].encode() + b"\r\n\r\n" + answer.content
    parts: Any = email.message_from_bytes(text).get_payload()
    found = [(part["content-range"], part.get_payload(decode=True)) for part in parts]
    assert found == [
        (f"bytes 0-9/{len(CONTENT)}", CONTENT[:10]),
        (f"bytes 1000-1009/{len(CONTENT)}", CONTENT[1000:1010]),
        (f"bytes {len(CONTENT) - 3}-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT[-3:]),
    ]


async def test_part_beyond_the_end_is_refused(site: FirmwareSite) -> None:
    answer = await site.get(await site.add(CONTENT), range=f"bytes={len(CONTENT)}-")
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


async def test_part_of_another_file_is_the_whole_file(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    same = await site.get(firmware, range="bytes=5-9", if_range=f'"{firmware.sha256}"')
    assert (same.status_code, same.content) == (206, CONTENT[5:10])
    for other in ('"another"', f'W/"{firmware.sha256}"', "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = await site.get(firmware, range="bytes=5-9", if_range=other)
        assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


async def test_file_that_the_client_has_is_not_sent(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    for known in (f'"{firmware.sha256}"', f'"x", W/"{firmware.sha256}"', "*"):
        answer = await site.get(firmware, if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await site.get(firmware, if_none_match='"x"')).status_code == 200


async def test_empty_file_is_sent(site: FirmwareSite) -> None:
    answer = await site.get(await site.add(b""))
    assert (answer.status_code, answer.content) == (200, b"")


async def test_url_that_is_not_as_it_was_signed_gets_nothing(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    other = await site.add(CONTENT + b"x", "3.0.0")
    good = urlsplit(site.url(firmware))
    query = {name: values[0] for name, values in parse_qs(good.query).items()}
    bad = [f"{good.path}?{urlencode({**query, name: value + '1'})}" for name, value in query.items()]
    bad += [good.path, f"/firmware/{other.id}?{good.query}"]
    for url in bad:
        answer = await site.client.get(url)
        assert answer.status_code == 403, url
        assert answer.json()["code"] == "bad-url"


async def test_url_expires(new_site: Callable[..., AbstractAsyncContextManager[FirmwareSite]]) -> None:
    async with new_site(firmware={"url_lifetime": 0.000_001}) as site:
        assert (await site.get(await site.add(CONTENT))).status_code == 403


async def test_firmware_without_a_file_is_not_there(site: FirmwareSite) -> None:
    firmware = await site.add(CONTENT)
    site.store.files.path(firmware.sha256).write_bytes(CONTENT[:-1])
    assert (await site.get(firmware)).status_code == 404
    assert (await site.get(replace(firmware, id="9.9"))).status_code == 404


async def test_too_many_downloads_are_asked_to_come_back(
    new_site: Callable[..., AbstractAsyncContextManager[FirmwareSite]],
) -> None:
    async with new_site(download={"max_downloads": 1}) as site:
        firmware = await site.add(bytes(50_000_000))
        async with site.client.stream("GET", site.url(firmware)) as slow:
            assert slow.status_code == 200
            busy = await site.get(firmware)
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        await until_no_download(site)
        assert (await site.get(firmware, range="bytes=0-9")).status_code == 206


async def test_downloads_are_told_when_they_end(site: FirmwareSite) -> None:
    served = []
    port = site.node("download").served
    port.deliver = lambda message: served.append(message.fields)
    firmware = await site.add(CONTENT)
    await site.get(firmware, range="bytes=0-9")
    assert [one["payload"] for one in served] == [
        {"firmware": "2.0.0", "version": "2.0.0", "bytes": 10, "complete": True}
    ]
    assert served[0]["device"] == "d1"


async def test_clients_that_go_away_cost_nothing(site: FirmwareSite) -> None:
    firmware = await site.add(bytes(50_000_000))
    before = open_files()
    for _ in range(20):
        async with site.client.stream("GET", site.url(firmware)) as answer:
            await anext(answer.aiter_raw())
    await until_no_download(site)
    # What keeps a connection ready for the next request is the client's own.
    assert open_files() <= before + 3


async def test_slow_clients_hold_nobody_up(site: FirmwareSite) -> None:
    firmware = await site.add(bytes(50_000_000))
    port = site.client.base_url.port
    request = f"GET {site.url(firmware)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    clients = []
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        clients.append(writer)
    for _ in range(10):
        assert (await site.get(firmware, range="bytes=0-99")).content == bytes(100)
    for writer in clients:
        writer.transport.abort()
    await until_no_download(site)


@pytest.mark.serial
async def test_file_of_a_gigabyte_is_served_without_being_read_into_memory(site: FirmwareSite) -> None:
    size = 1 << 30
    sha256 = "ab" * 32
    path = site.store.files.path(sha256)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        # A hole: it takes no place on the disk.
        file.truncate(size)
    firmware = await site.registry.firmware.add(Firmware(id="big", version="1", size=size, sha256=sha256), "test")
    assert (await site.get(firmware, range="bytes=1073741000-")).content == bytes(824)
    before = memory()
    taken = 0
    async with site.client.stream("GET", site.url(firmware)) as answer:
        async for chunk in answer.aiter_raw():
            taken += len(chunk)
    assert taken == size
    assert memory() - before < 30_000_000


def memory() -> int:
    """Return the bytes that this process has resident."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def until_no_download(site: FirmwareSite) -> None:
    async with asyncio.timeout(20):
        while site.node("download")._under_way:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
