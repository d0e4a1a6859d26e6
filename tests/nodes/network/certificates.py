"""Certificates for one test: an authority, a server named erp.example and a client."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.certificates import AUTHORITY_USAGE


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Certificates:
    """Make certificates in a folder; each attribute is the path of a PEM file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = ec.generate_private_key(ec.SECP256R1())
        self.ca = self._make("Test authority", self._authority, is_authority=True)
        self.server = self._make("erp.example", ec.generate_private_key(ec.SECP256R1()))
        self.client = self._make("client", ec.generate_private_key(ec.SECP256R1()))

    def server_context(self, *, client_needed: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.server)
        if client_needed:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _make(self, name: str, key: ec.EllipticCurvePrivateKey, *, is_authority: bool = False) -> str:
        now = datetime.now(UTC)
        authority = self._authority.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Test authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
        )
        if is_authority:
            builder = builder.add_extension(AUTHORITY_USAGE, critical=True)
        certificate = builder.sign(self._authority, hashes.SHA256())
        file = self._folder / f"{name.replace(' ', '-')}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        return str(file)
