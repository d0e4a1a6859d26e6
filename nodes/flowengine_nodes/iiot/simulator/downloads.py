"""Firmware is fetched over HTTP, and what has come is kept when the power goes."""

import hashlib
from http import HTTPStatus

import aiohttp

# How many devices fetch at a time; the others wait.
AT_A_TIME = 100
PORTION = 64 * 1024


class Download:
    """What one device has of a file.

    Args:
        url: Where it is.
        size: How large it is, in bytes.
    """

    def __init__(self, url: str, size: int) -> None:
        self.url = url
        self.size = size
        self.received = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Digest of what has come, in hexadecimal."""
        return self._digest.hexdigest()

    def begin_anew(self) -> None:
        """Forget what has come: all of it comes again."""
        self.received = 0
        self._digest = hashlib.sha256()

    def add(self, part: bytes) -> None:
        """Take what has come; simulated devices keep no bytes."""
        self._digest.update(part)
        self.received += len(part)


class Downloads:
    """Fetch files for many devices over a few connections."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, download: Download, at_most: int | None = None) -> None:
        """Fetch what is missing.

        Args:
            download: What there is; goes on where it ended.
            at_most: Stop when so many bytes are there, as if the power went.

        Raises:
            aiohttp.ClientError: The server did not give it.
        """
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=AT_A_TIME)
            self._session = aiohttp.ClientSession(connector=connector, raise_for_status=True)
        headers = {"Range": f"bytes={download.received}-"} if download.received else {}
        async with self._session.get(download.url, headers=headers) as response:
            if response.status != HTTPStatus.PARTIAL_CONTENT:
                download.begin_anew()
            async for part in response.content.iter_chunked(PORTION):
                download.add(part)
                if at_most is not None and download.received >= at_most:
                    return

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
