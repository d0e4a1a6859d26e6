"""Passwords: kept as memory-hard hashes, so that a stolen store gives none away."""

import asyncio
import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from typing import Final

LEAST: Final = 10
"""Characters that a password has at least (NIST SP 800-63B §3.1.1.2 asks for 8, and for no kinds of characters)."""
MOST: Final = 200

# OWASP's choice for scrypt: 128 * N * r = 32 MiB for each try.
_N: Final = 2**15
_R: Final = 8
_P: Final = 3
_MEMORY: Final = 64 * 1024 * 1024
_AT_ONCE: Final = 2
"""How many are computed at once."""


class Passwords:
    """Hash and compare passwords, away from the event loop."""

    def __init__(self) -> None:
        # Signing in must not take all memory and processors.
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return what is kept of a password: ``scrypt$N$r$p$salt$hash``.

        Args:
            password: The password.
        """
        salt = os.urandom(16)
        made = await self._scrypt(password, salt, _N, _R, _P)
        return f"scrypt${_N}${_R}${_P}${b64encode(salt).decode()}${b64encode(made).decode()}"

    async def fits(self, password: str, kept: str) -> bool:
        """Tell whether a password is the one of which something is kept.

        Args:
            password: What somebody typed.
            kept: What :meth:`hash` returned; empty for nobody's, which takes as long and never fits.
        """
        if not kept:
            await self.hash(password)
            return False
        _, n, r, p, salt, wanted = kept.split("$")
        made = await self._scrypt(password, b64decode(salt), int(n), int(r), int(p))
        return hmac.compare_digest(made, b64decode(wanted))

    async def _scrypt(self, password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
        def work() -> bytes:
            return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)

        async with self._turns:
            return await asyncio.to_thread(work)
