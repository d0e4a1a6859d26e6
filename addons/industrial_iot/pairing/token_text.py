"""What a token looks like: 130 random bits and a seal, in symbols that people can type."""

import hmac
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""
RANDOM_SYMBOLS = 26
SYMBOLS = RANDOM_SYMBOLS + 2
LONGEST = 64

_LOOK_ALIKES = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\-]+")
_SHAPE = re.compile(f"[{ALPHABET}]{{{SYMBOLS}}}")


def new_token(keys):
    """Return a new token's symbols, sealed by the newest key."""
    symbols = "".join(secrets.choice(ALPHABET) for _symbol in range(RANDOM_SYMBOLS))
    return symbols + _seal(keys, keys.newest, symbols)


def grouped(symbols):
    """Return a token as people read it: in groups of four."""
    return "-".join(symbols[start : start + 4] for start in range(0, len(symbols), 4))


def read_token(text):
    """Return the symbols of a token that was typed, in whatever case and grouping; None if it cannot be one."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    symbols = _SEPARATORS.sub("", text).upper().translate(_LOOK_ALIKES)
    return symbols if _SHAPE.fullmatch(symbols) else None


def sealed_by(keys, symbols):
    """Return the id of the key that made a token; None for a guess, without a look at the database."""
    random, seal = symbols[:RANDOM_SYMBOLS], symbols[RANDOM_SYMBOLS:]
    return next((key for key in keys.ids if hmac.compare_digest(_seal(keys, key, random), seal)), None)


def token_digest(keys, key_id, symbols):
    """Return what is kept of a token."""
    return keys.digest(key_id, "token", symbols).hex()


def _seal(keys, key_id, symbols):
    number = int.from_bytes(keys.digest(key_id, "token-seal", symbols)[:2], "big")
    return ALPHABET[number >> 5 & 31] + ALPHABET[number & 31]
