"""``flowengine firmware``: files for devices, and who gets them."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.exit_code import ExitCode
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import json_text, table, time_text
from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.ota.description import describe_firmware
from flowengine_nodes.iiot.ota.firmware_files import PORTION, FirmwareFiles
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.ota.signing import is_signed, key_id, new_key, public_key
from flowengine_nodes.iiot.registry.firmware import Firmware

firmware = group("firmware")

Id = Annotated[str, typer.Argument(help="Id of the firmware.")]
Folder = Annotated[
    Path, typer.Option("--folder", envvar="FIRMWARE_DIR", metavar="DIR", help="Folder of the engine's firmware store.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Private key to sign with; otherwise FIRMWARE_SIGNING_KEY, if set."),
]
DEFAULT_FOLDER = Path("firmware")
_KEY_VARIABLE = "FIRMWARE_SIGNING_KEY"


class UnreadableFileError(FlowEngineError):
    """A file that a command was given cannot be used.

    Args:
        path: The file.
        reason: What the system said.
    """

    code = "unreadable-file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@firmware.callback()
def look() -> None:
    """Add, sign, list and remove firmware."""


@firmware.command(epilog="Example: flowengine firmware add boiler.bin --version 2.1.0 --hardware rev-b --key ota.key")
def add(
    file: Annotated[Path, typer.Argument(help="The file.", metavar="FILE")],
    version: Annotated[str, typer.Option(help="Version that a device reports once it runs it.")],
    id: Annotated[str, typer.Option("--id", help="Its id; the version if left out.")] = "",
    hardware: Annotated[
        list[str] | None, typer.Option(help="Hardware it fits; may be repeated. All if left out.")
    ] = None,
    min_version: Annotated[str, typer.Option(help="Oldest version that may be updated to it.")] = "",
    notes: Annotated[str, typer.Option(help="For people.")] = "",
    url: Annotated[
        str, typer.Option(help="Where devices get it, if that is not the engine; the file is not copied then.")
    ] = "",
    key: KeyFile = None,
    folder: Folder = DEFAULT_FOLDER,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Add a firmware: compute its SHA-256, sign it, and store its file."""
    draft = Firmware(
        id=id,
        version=version,
        size=0,
        sha256="",
        url=url,
        hardware=tuple(hardware or ()),
        min_version=min_version,
        notes=notes,
    )
    signing_key = _text(key) if key is not None else os.environ.get(_KEY_VARIABLE, "")

    async def work() -> tuple[Firmware, bool]:
        async with opened_registry(store, make=True) as registry:
            intake = FirmwareIntake(registry.firmware, FirmwareFiles(folder), signing_key)
            if not url:
                return await intake.add(draft, _chunks(file), "", who())
            digest = hashlib.sha256()
            size = 0
            async for chunk in _chunks(file):
                digest.update(chunk)
                size += len(chunk)
            return await intake.add(replace(draft, size=size), None, digest.hexdigest(), who())

    added, is_new = asyncio.run(work())
    if format == "json":
        print(json_text(describe_firmware(added)))
        return
    print(f'the firmware "{added.id}" {"is added" if is_new else "was there already"}')
    print(_described(added))


@firmware.command(name="list", epilog="Example: flowengine firmware list")
def list_firmware(store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """List all firmware, newest first."""

    async def work() -> list[Firmware]:
        async with opened_registry(store) as registry:
            return list(await registry.firmware.list())

    found = asyncio.run(work())
    if format == "json":
        print(json_text([describe_firmware(one) for one in found]))
        return
    if found:
        head = ("ID", "VERSION", "SIZE", "HARDWARE", "FROM VERSION", "SIGNED BY", "ADDED")
        print(table([head, *(_row(one) for one in found)]))
    print(f"{len(found):,} firmware")


@firmware.command(epilog="Example: flowengine firmware show 2.1.0")
def show(id: Id, store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """Show a firmware."""

    async def work() -> Firmware:
        async with opened_registry(store) as registry:
            return await registry.firmware.get(id)

    found = asyncio.run(work())
    print(json_text(describe_firmware(found)) if format == "json" else _described(found))


@firmware.command(epilog="Example: flowengine firmware remove 1.9.0 --yes")
def remove(
    id: Id, *, folder: Folder = DEFAULT_FOLDER, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False
) -> None:
    """Remove a firmware and its file; refused while an update or a rollout needs it."""
    confirm(f'Remove the firmware "{id}" and its file for good?', yes=yes)

    async def work() -> None:
        async with opened_registry(store) as registry:
            await FirmwareIntake(registry.firmware, FirmwareFiles(folder)).remove(id, who())

    asyncio.run(work())
    print(f'the firmware "{id}" is removed')


@firmware.command(epilog="Example: flowengine firmware verify --public-key ota.key.pub")
def verify(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of firmware; all if left out.", metavar="ID...")] = None,
    public: Annotated[
        list[Path] | None,
        typer.Option("--public-key", metavar="FILE", help="Public key that must have signed; may be repeated."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    store: LocalStoreAddress = DEFAULT_STORE,
) -> None:
    """Check that files are there and undamaged, and signatures good.

    It exits with 1 if one is not.
    """
    keys = [_text(path) for path in public or ()]
    files = FirmwareFiles(folder)

    async def work() -> list[tuple[Firmware, str]]:
        async with opened_registry(store) as registry:
            found = [await registry.firmware.get(id) for id in ids] if ids else await registry.firmware.list()
            return [(one, await _problem(files, one, keys)) for one in found]

    checked = asyncio.run(work())
    for one, problem in checked:
        print(f"{one.id}: {problem or 'good'}")
    if any(problem for _, problem in checked):
        raise typer.Exit(ExitCode.PROBLEMS)


@firmware.command(epilog="Example: flowengine firmware keygen ota.key")
def keygen(
    file: Annotated[Path, typer.Argument(help="File of the private key; must not be there yet.", metavar="FILE")],
) -> None:
    """Make a pair of Ed25519 keys: FILE signs firmware, FILE.pub goes into devices.

    Keep FILE where nobody else can read it, and not in git: whoever has it can make firmware that devices trust.
    """
    private = new_key()
    public = public_key(private)
    beside = file.with_name(f"{file.name}.pub")
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(private)
        beside.write_text(public)
    except OSError as error:
        raise UnreadableFileError(file, error.strerror or str(error)) from error
    print(f"{file} signs firmware; {beside} goes into devices")
    print(f"key id  {key_id(public)}")


async def _problem(files: FirmwareFiles, one: Firmware, keys: list[str]) -> str:
    if not one.url:
        if not await files.has(one.sha256, one.size):
            return "its file is not there, or not whole"
        if not await files.verify(one.sha256):
            return "its file is damaged"
    if keys and not any(is_signed(one, key) for key in keys):
        return "not signed by this key" if len(keys) == 1 else "not signed by any of these keys"
    return ""


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(PORTION):
                yield chunk
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(path, getattr(error, "strerror", None) or "it is no key in PEM") from error


def _row(one: Firmware) -> tuple[str, ...]:
    return (
        one.id,
        one.version,
        f"{one.size:,}",
        ", ".join(one.hardware) or "all",
        one.min_version or "any",
        one.key_id or "nobody",
        time_text(one.created_at),
    )


def _described(one: Firmware) -> str:
    rows = [
        ("version", one.version),
        ("size", f"{one.size:,} bytes"),
        ("sha256", one.sha256),
        ("signed by", f"key {one.key_id}" if one.key_id else "nobody"),
        ("hardware", ", ".join(one.hardware) or "all"),
        ("from version", one.min_version or "any"),
        ("file", one.url or "in the folder"),
        ("notes", one.notes),
        ("added", time_text(one.created_at)),
    ]
    return table([(f"  {name}", value) for name, value in rows if value])
