"""A key by which a program may use the HTTP API."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, NamedTuple

EVERY_SCOPE: Final = "*"
SCOPE_PATTERN: Final = r"^(\*|[a-z][a-z0-9-]{0,49})$"
_PREFIX: Final = "fek"
_TEXT: Final = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key; the key itself is known to nobody but its holder.

    Args:
        id: Its public part.
        name: Who holds it; what the audit trail shows.
        scopes: What it opens; ``*`` for everything.
        digest: SHA-256 of its secret part, in hexadecimal. It has 256 random bits, so nobody can try them all.
        created_at: In seconds since 1970, as all times here.
        created_by: Who made it.
        expires_at: When it opens nothing any more; ``None`` for never.
        revoked_at: When it was revoked.
        used_at: When it was last used, to the minute.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    created_at: float
    created_by: str
    expires_at: float | None = None
    revoked_at: float | None = None
    used_at: float | None = None

    def is_valid(self, now: float) -> bool:
        """Tell whether it opens anything at a time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def opens(self, scope: str) -> bool:
        """Tell whether it opens a scope; every key opens what has none."""
        return not scope or scope in self.scopes or EVERY_SCOPE in self.scopes


class KeyText(NamedTuple):
    """A key as its holder shows it.

    Args:
        id: Its public part.
        secret: The part that nobody else knows.
    """

    id: str
    secret: str

    @classmethod
    def generate(cls) -> "KeyText":
        """Make a new one of 256 random bits."""
        return cls(secrets.token_hex(6), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> "KeyText | None":
        """Read a key; ``None`` if it cannot be one."""
        found = _TEXT.fullmatch(text)
        return None if found is None else cls(found[1], found[2])

    @property
    def digest(self) -> str:
        """What is stored of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def is_of(self, key: ApiKey) -> bool:
        """Tell whether it is this key, in a time that tells nothing about it."""
        return hmac.compare_digest(self.digest, key.digest)

    def __str__(self) -> str:
        return f"{_PREFIX}_{self.id}_{self.secret}"
