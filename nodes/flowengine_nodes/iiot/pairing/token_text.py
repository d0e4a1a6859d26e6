"""What a token looks like: 130 random bits and a seal, in symbols that people can type."""

import hmac
import re
import secrets

from flowengine_nodes.iiot.registry.secret_keys import SecretKeys

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""
RANDOM_SYMBOLS = 26
SEAL_SYMBOLS = 2
SYMBOLS = RANDOM_SYMBOLS + SEAL_SYMBOLS
GROUP = 4
LONGEST = 64
"""Longer texts are not even looked at."""

_LOOK_ALIKES = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-]+")
_SHAPE = re.compile(f"[{ALPHABET}]{{{SYMBOLS}}}")


def new_token(keys: SecretKeys) -> str:
    """Return a new token's symbols.

    Args:
        keys: The newest of them seals it.
    """
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return symbols + _seal(keys, keys.newest, symbols)


def grouped(symbols: str) -> str:
    """Return a token as people read it: in groups of four."""
    return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))


def read_token(text: str) -> str | None:
    """Return the symbols of a token that was typed, in whatever case and grouping; ``None`` if it cannot be one.

    The letter O is read as zero, I and L as one.
    """
    if len(text) > LONGEST:
        return None
    symbols = _SEPARATORS.sub("", text).upper().translate(_LOOK_ALIKES)
    return symbols if _SHAPE.fullmatch(symbols) else None


def sealed_by(keys: SecretKeys, symbols: str) -> str | None:
    """Return the id of the key that made a token; ``None`` for a guess, without a look at any database.

    One guess in a thousand passes, and is then looked up in vain.

    Args:
        keys: Keys that may have made it.
        symbols: From :func:`read_token`.
    """
    random, seal = symbols[:RANDOM_SYMBOLS], symbols[RANDOM_SYMBOLS:]
    return next((key for key in keys.ids if hmac.compare_digest(_seal(keys, key, random), seal)), None)


def token_digest(keys: SecretKeys, key: str, symbols: str) -> str:
    """Return what is stored of a token.

    Args:
        keys: Hold the key.
        key: Id of the key that made it.
        symbols: The token.
    """
    return keys.digest(key, "token", symbols).hex()


def _seal(keys: SecretKeys, key: str, symbols: str) -> str:
    number = int.from_bytes(keys.digest(key, "token-seal", symbols)[:2])
    return ALPHABET[number >> 5 & 31] + ALPHABET[number & 31]
