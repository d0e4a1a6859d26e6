"""A whole service that serves firmware and takes it in."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.registry import Registry

KEY = "a-key-that-only-tests-know"


@dataclass
class FirmwareSite:
    """The service, and a client of it."""

    service: Service
    client: httpx.AsyncClient
    store: FirmwareStore

    @property
    def registry(self) -> Registry[Any]:
        return self.store.registry

    @property
    def folder(self) -> Path:
        return Path(self.store.config.folder)

    def node(self, id: str) -> Any:
        return self.service.engine.flows["ota"].cells[id].node

    async def add(self, content: bytes, version: str = "2.0.0", **more: Any) -> Firmware:
        """Store a firmware."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.store.files.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        firmware = Firmware(id=version, version=version, size=len(content), sha256=sha256, **more)
        return await self.registry.firmware.add(firmware, "test")

    def url(self, firmware: Firmware, device: str = "d1") -> str:
        """Return the path and query by which a device gets a firmware."""
        return self.store.address(firmware, device).url.removeprefix("http://site")

    async def get(self, firmware: Firmware, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask for a firmware as its device does; header names have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, self.url(firmware), headers=named)


@asynccontextmanager
async def serving_firmware(path: Path, settings: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[FirmwareSite]:
    """Run a service.

    Args:
        path: Folder for everything it has.
        settings: Settings of its nodes, by id: download, upload, firmware.
    """
    flows = path / "flows"
    flows.mkdir()
    nodes = {
        "download": {"type": "firmware-download", "config": {**settings.get("download", {})}},
        "upload": {"type": "firmware-upload", "config": {**settings.get("upload", {})}},
    }
    document = {"flowengine": 1, "id": "ota", "nodes": nodes}
    (flows / "ota.flow.json").write_text(json.dumps(document))
    store = {"folder": str(path / "files"), "base_url": "http://site/firmware", **settings.get("firmware", {})}
    resources = {
        "registry": {"type": "iiot-registry", "config": {"secret_key": "${KEY}"}},
        "firmware": {"type": "firmware-store", "config": store},
        **settings.get("resources", {}),
    }
    (flows / "resources.json").write_text(json.dumps({"flowengine": 1, "resources": resources}))
    options = ServiceOptions(
        folder=flows, port=0, store=f"sqlite:///{path / 'store.db'}", variables={"KEY": KEY}, drain=0.2
    )
    service = Service(options)
    async with service.running(), httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        found = service.engine.world.resource("firmware")
        assert isinstance(found, FirmwareStore), found
        yield FirmwareSite(service, client, found)
