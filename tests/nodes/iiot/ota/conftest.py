from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.nodes.iiot.ota.firmware_site import FirmwareSite, serving_firmware


@pytest.fixture
def new_site(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[FirmwareSite]]:
    """Make services that serve firmware and take it in."""

    @asynccontextmanager
    async def make(**settings: Any) -> AsyncIterator[FirmwareSite]:
        async with serving_firmware(tmp_path, settings) as site:
            yield site

    return make


@pytest.fixture
async def site(new_site: Callable[..., AbstractAsyncContextManager[FirmwareSite]]) -> AsyncIterator[FirmwareSite]:
    """A service that serves firmware and takes it in."""
    async with new_site() as running:
        yield running
