"""Ed25519 signatures of firmware (RFC 8032)."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.firmware import Firmware


class KeyFormatError(NodeError):
    """A text is no Ed25519 key."""

    code = "bad-key"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"this is no Ed25519 {wanted} key in PEM; make one with: flowengine firmware keygen")
        self.wanted = wanted


def statement(firmware: Firmware) -> bytes:
    """Return what is signed of a firmware: five lines that a device can build from its notice.

    The version, the hardware and the oldest version are part of it, so that nobody can pass one firmware off as
    another one.
    """
    lines = (
        "flowengine firmware 1",
        firmware.version,
        str(firmware.size),
        firmware.sha256,
        ",".join(firmware.hardware),
        firmware.min_version,
    )
    return "\n".join(lines).encode()


def new_key() -> str:
    """Return a new private key, in PEM."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_key(private: str) -> str:
    """Return the public key that belongs to a private one, both in PEM.

    Raises:
        KeyFormatError: It is no such key.
    """
    key = _private(private).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(public: str) -> str:
    """Return the short name of a public key: the beginning of its digest.

    Raises:
        KeyFormatError: It is no such key.
    """
    raw = _public(public).public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def sign(firmware: Firmware, private: str) -> tuple[str, str]:
    """Return the signature of a firmware, in Base64, and the id of the key.

    Raises:
        KeyFormatError: It is no such key.
    """
    signature = _private(private).sign(statement(firmware))
    return base64.b64encode(signature).decode(), key_id(public_key(private))


def is_signed(firmware: Firmware, public: str) -> bool:
    """Tell whether the owner of a key has signed a firmware.

    Raises:
        KeyFormatError: It is no such key.
    """
    try:
        signature = base64.b64decode(firmware.signature, validate=True)
        _public(public).verify(signature, statement(firmware))
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(text: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(_lines(text), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFormatError("private") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFormatError("private")
    return key


def _public(text: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(_lines(text))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFormatError("public") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFormatError("public")
    return key


def _lines(text: str) -> bytes:
    # An environment variable often has its line breaks written as two characters.
    return text.replace("\\n", "\n").encode()
