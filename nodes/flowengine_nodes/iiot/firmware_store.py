"""The firmware-store config node."""

from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flowengine.node import Config, ConfigNode, Context, Duration, Field, Secret, node_type
from flowengine_nodes.iiot.ota.firmware_files import FirmwareFiles
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.ota.signed_url import UrlSigner
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId


class FirmwareStoreConfig(Config):
    """Keep the files of firmware."""

    registry: RegistryId = Field("registry", description="Registry that keeps what is known of the firmware.")
    folder: str = Field("firmware", min_length=1, description="Folder of the files; made when it is needed.")
    base_url: str = Field(
        "http://localhost:8000/firmware",
        pattern=r"^https?://[^?#\s]+$",
        description="Address under which devices reach the firmware download node, without a slash at its end.",
    )
    url_lifetime: Duration = Field("2h", gt=0, description="How long a device may begin a download with its URL.")
    signing_key: Secret = Field(
        "", description="Ed25519 private key in PEM that signs what is uploaded; empty to take signatures as they come."
    )
    trusted_keys: list[str] = Field(
        [], description="Ed25519 public keys in PEM; where there are any, one of them must have signed an upload."
    )


class DownloadAddress(NamedTuple):
    """Where a device gets a file.

    Args:
        url: The URL.
        expires: When it is good no more, in seconds since 1970; ``None`` if it is for good.
    """

    url: str
    expires: float | None


@node_type("firmware-store", category="iiot", label="Firmware store", icon="firmware")
class FirmwareStore(ConfigNode[FirmwareStoreConfig]):
    """Keep the files of firmware in a folder, each under its SHA-256, and sign the URLs that devices get.

    A file is written under another name first, so that what has its name is whole. With several machines the folder is
    one that all of them share. The URLs are signed with the key of the registry.
    """

    def __init__(self, config: FirmwareStoreConfig, context: Context) -> None:
        super().__init__(config, context)
        self.files = FirmwareFiles(Path(config.folder))
        self._stopping = ExitStack()

    async def start(self) -> None:
        """Find the registry."""
        self.registry = self.context.resource(self.config.registry, Registry)
        self.signer = UrlSigner(self.registry.keys)
        self.intake = FirmwareIntake(
            self.registry.firmware, self.files, self.config.signing_key, tuple(self.config.trusted_keys)
        )
        self.registry.take_files(self.intake)
        self._stopping.callback(self.registry.leave_files, self.intake)

    async def stop(self) -> None:
        """Take in nothing more."""
        self._stopping.close()

    async def is_ready(self, firmware: Firmware) -> bool:
        """Tell whether devices can get a firmware: its file may still be on its way here."""
        return not self.registry.brings_files or not await self.intake.lacks(firmware)

    def address(self, firmware: Firmware, device: str) -> DownloadAddress:
        """Return where a device gets a firmware, from now on for a while.

        Args:
            firmware: The firmware.
            device: Id of the device.
        """
        if firmware.url:
            return DownloadAddress(firmware.url, None)
        expires = int(self.context.clock.time() + self.config.url_lifetime)
        query = self.signer.query(firmware.id, device, expires)
        return DownloadAddress(f"{self.config.base_url.rstrip('/')}/{quote(firmware.id)}?{query}", float(expires))
