"""Firmware that comes in over a real server."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from flowengine_nodes.iiot.ota import signing
from flowengine_nodes.iiot.ota.firmware_files import FirmwareFiles
from tests.nodes.iiot.ota.firmware_site import FirmwareSite

NewSite = Callable[..., AbstractAsyncContextManager[FirmwareSite]]
CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


async def put(site: FirmwareSite, query: str = f"?sha256={SHA256}", version: str = "2.0.0") -> httpx.Response:
    return await site.client.put(f"/api/v1/firmware/{version}{query}", content=CONTENT)


async def stored(site: FirmwareSite) -> list[str]:
    """Return the ids of all firmware; their files must be there and no others."""
    found = await site.registry.firmware.list()
    files = {path.name for path in site.folder.rglob("*") if path.is_file()}
    assert files == {one.sha256 for one in found}
    return sorted(one.id for one in found)


async def test_file_is_stored_with_what_is_said_of_it(site: FirmwareSite) -> None:
    told = []
    site.node("upload").stored.deliver = lambda message: told.append(message.fields)
    query = f"?sha256={SHA256.upper()}&hardware=a&hardware=b&min_version=1.0&notes=new&id=boiler-2"
    answer = await put(site, query)
    assert answer.status_code == 201, answer.text
    firmware = await site.registry.firmware.get("boiler-2")
    assert (firmware.version, firmware.size, firmware.sha256) == ("2.0.0", len(CONTENT), SHA256)
    assert (firmware.hardware, firmware.min_version, firmware.notes) == (("a", "b"), "1.0", "new")
    assert answer.json()["id"] == "boiler-2"
    assert (await site.get(firmware)).content == CONTENT
    assert [(one["payload"]["id"], one["principal"]) for one in told] == [("boiler-2", "api")]


@pytest.mark.parametrize("header", ["Content-Digest", "Repr-Digest"])
async def test_digest_may_come_as_a_header(site: FirmwareSite, header: str) -> None:
    digest = base64.b64encode(bytes.fromhex(SHA256)).decode()
    headers = {header: f"sha-512=:AA==:, sha-256=:{digest}:"}
    answer = await site.client.put("/api/v1/firmware/2.0.0", content=CONTENT, headers=headers)
    assert answer.status_code == 201
    assert await stored(site) == ["2.0.0"]


async def test_same_file_again_is_known_and_another_is_refused(site: FirmwareSite) -> None:
    assert (await put(site)).status_code == 201
    assert (await put(site)).status_code == 200
    other = hashlib.sha256(b"x").hexdigest()
    answer = await site.client.put(f"/api/v1/firmware/2.0.0?sha256={other}", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate-firmware")
    # Two versions may have the same file; it goes with the last of them.
    assert (await put(site, version="2.0.1")).status_code == 201
    await site.store.intake.remove("2.0.0", "test")
    assert await stored(site) == ["2.0.1"]
    await site.store.intake.remove("2.0.1", "test")
    assert await stored(site) == []


@pytest.mark.parametrize(
    ("query", "version", "code"),
    [
        ("", "2.0.0", "missing-digest"),
        ("?sha256=abc", "2.0.0", "missing-digest"),
        (f"?sha256={'0' * 64}", "2.0.0", "wrong-digest"),
        (f"?sha256={SHA256}&colour=red", "2.0.0", "bad-request"),
        (f"?sha256={SHA256}&id=a&id=b", "2.0.0", "bad-request"),
        (f"?sha256={SHA256}", "2%20.0", "bad-firmware"),
        (f"?sha256={SHA256}&id=a%2Fb", "2.0.0", "bad-firmware"),
        (f"?sha256={SHA256}&hardware=a%2Cb", "2.0.0", "bad-firmware"),
        (f"?sha256={SHA256}&min_version=%0A", "2.0.0", "bad-firmware"),
    ],
)
async def test_upload_that_is_wrong_stores_nothing(site: FirmwareSite, query: str, version: str, code: str) -> None:
    answer = await put(site, query, version)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await stored(site) == []


async def test_upload_that_is_too_large_stores_nothing(new_site: NewSite) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        # No more than shows it: a client that still sends may miss the answer that comes before a connection ends.
        for _ in range(51):
            yield bytes(10_000)

    async with new_site(upload={"max_size": 500_000}) as site:
        answer = await site.client.put(f"/api/v1/firmware/1?sha256={SHA256}", content=chunks())
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert await stored(site) == []


async def test_upload_that_breaks_off_stores_nothing(site: FirmwareSite) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", site.client.base_url.port)
    head = f"PUT /api/v1/firmware/1?sha256={SHA256} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CONTENT)}\r\n\r\n"
    writer.write(head.encode() + CONTENT[:500_000])
    await writer.drain()
    async with asyncio.timeout(20):
        while not list(site.folder.glob(".incoming-*")):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        writer.close()
        while site.node("upload")._under_way:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)
    assert await stored(site) == []


async def test_folder_that_cannot_be_written_is_told(
    new_site: NewSite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    taken = tmp_path_factory.mktemp("x") / "file"
    taken.write_text("no folder")
    async with new_site(firmware={"folder": str(taken)}) as site:
        answer = await put(site)
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")


async def test_upload_is_signed_by_the_store_or_by_a_trusted_key(new_site: NewSite) -> None:
    private, other = signing.new_key(), signing.new_key()
    async with new_site(firmware={"trusted_keys": [signing.public_key(private)]}) as site:
        answer = await put(site)
        assert (answer.status_code, answer.json()["code"]) == (409, "untrusted-firmware")
        assert await stored(site) == []
        site.store.intake._signing_key = other
        assert (await put(site)).status_code == 409
        site.store.intake._signing_key = private
        assert (await put(site)).status_code == 201
        firmware = await site.registry.firmware.get("2.0.0")
        assert signing.is_signed(firmware, signing.public_key(private))


async def test_only_who_has_a_key_with_the_scope_may_upload(new_site: NewSite) -> None:
    resources = {"keys": {"type": "api-keys", "config": {"registry": "registry"}}}
    async with new_site(resources=resources, upload={"access": "keys"}) as site:
        forwarded = {"Host": "plant.example"}
        answer = await site.client.put(f"/api/v1/firmware/2?sha256={SHA256}", content=CONTENT, headers=forwarded)
        assert answer.status_code == 401
        assert await stored(site) == []


async def test_what_a_crash_has_left_is_swept_when_it_is_old(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    left = folder / ".incoming-0123"
    left.write_bytes(b"half")
    files = FirmwareFiles(folder)
    changed = left.stat().st_mtime
    assert await files.sweep(changed + 3600) == 0
    assert await files.sweep(changed + 100_000) == 1
    assert list(folder.iterdir()) == []
