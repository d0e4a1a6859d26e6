import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def image(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to be firmware."""
    monkeypatch.delenv("FIRMWARE_SIGNING_KEY", raising=False)
    path = here / "boiler.bin"
    path.write_bytes(b"image" * 1000)
    return path


def test_firmware_is_added_signed_and_verified(flowengine: Command, image: Path) -> None:
    made = flowengine("firmware", "keygen", "ota.key")
    assert made.code == 0
    assert stat.S_IMODE((image.parent / "ota.key").stat().st_mode) == 0o600
    assert flowengine("firmware", "keygen", "ota.key").code != 0
    added = flowengine(
        *("firmware", "add", "boiler.bin", "--version", "2.1.0", "--key", "ota.key", "--min-version", "1.0"),
        *("--hardware", "rev-a", "--hardware", "rev-b", "--notes", "better", "--format", "json"),
    ).json
    assert (added["id"], added["size"], added["hardware"], added["notes"]) == (
        "2.1.0",
        5000,
        ["rev-a", "rev-b"],
        "better",
    )
    assert added["key_id"] in made.out
    assert flowengine("firmware", "verify", "--public-key", "ota.key.pub").out == "2.1.0: good\n"
    shown = flowengine("firmware", "show", "2.1.0").out
    assert f"signed by     key {added['key_id']}" in shown
    assert "rev-a, rev-b" in flowengine("firmware", "list").out


def test_key_may_come_from_the_environment(flowengine: Command, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flowengine("firmware", "keygen", "ota.key")
    flowengine("firmware", "keygen", "other.key")
    monkeypatch.setenv("FIRMWARE_SIGNING_KEY", (image.parent / "ota.key").read_text())
    flowengine("firmware", "add", "boiler.bin", "--version", "1")
    assert flowengine("firmware", "verify", "1", "--public-key", "ota.key.pub").code == 0
    other = flowengine("firmware", "verify", "1", "--public-key", "other.key.pub")
    assert (other.code, other.out) == (1, "1: not signed by this key\n")


def test_damaged_or_missing_file_is_found(flowengine: Command, image: Path) -> None:
    added = flowengine("firmware", "add", "boiler.bin", "--version", "1", "--format", "json").json
    stored = image.parent / "firmware" / added["sha256"][:2] / added["sha256"]
    stored.write_bytes(b"Image" * 1000)
    assert flowengine("firmware", "verify").out == "1: its file is damaged\n"
    stored.unlink()
    ended = flowengine("firmware", "verify")
    assert (ended.code, ended.out) == (1, "1: its file is not there, or not whole\n")


def test_firmware_that_is_elsewhere_is_not_copied(flowengine: Command, image: Path) -> None:
    added = flowengine(
        *("firmware", "add", "boiler.bin", "--version", "1", "--url", "https://files.test/b.bin", "--format", "json")
    ).json
    assert (added["url"], added["size"]) == ("https://files.test/b.bin", 5000)
    assert not (image.parent / "firmware").exists()
    assert flowengine("firmware", "verify").code == 0


def test_firmware_is_removed_with_its_file(flowengine: Command, image: Path) -> None:
    flowengine("firmware", "add", "boiler.bin", "--version", "1")
    assert flowengine("firmware", "remove", "1", "--yes").code == 0
    assert [path for path in (image.parent / "firmware").rglob("*") if path.is_file()] == []
    assert flowengine("firmware", "list").out == "0 firmware\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "nothing.bin", "--version", "1"), "unreadable-file"),
        (("add", "boiler.bin", "--version", "1 0"), "bad-firmware"),
        (("add", "boiler.bin", "--version", "1", "--key", "boiler.bin"), "bad-key"),
        (("add", "boiler.bin", "--version", "1", "--url", "ftp://x"), "bad-firmware"),
        (("add", "other.bin", "--version", "0.9"), "duplicate-firmware"),
        (("show", "1"), "unknown-firmware"),
    ],
)
def test_mistake_is_told_in_a_sentence(flowengine: Command, image: Path, arguments: tuple[str, ...], code: str) -> None:
    (image.parent / "other.bin").write_bytes(b"x")
    assert flowengine("firmware", "add", "boiler.bin", "--version", "0.9").code == 0
    ended = flowengine("firmware", *arguments)
    assert ended.code != 0
    assert f"[{code}]" in ended.err
    assert "Traceback" not in ended.err
