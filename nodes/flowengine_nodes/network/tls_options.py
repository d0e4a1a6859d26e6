"""Settings of TLS, shared by everything that speaks it."""

import ssl
from pathlib import Path

from flowengine.node import Field, NodeError, Secret, StrictConfig


class TlsOptions(StrictConfig):
    """How to trust the other side, and how to be trusted."""

    ca: str = Field("", description="File of trusted certificates (PEM); empty for the system's.", title="CA file")
    certificate: str = Field("", description="File of our own certificate (PEM), where the server asks for one.")
    key: str = Field("", description="File of our own private key (PEM); empty if it is in the certificate's file.")
    key_password: Secret = Field("", description="Password of the private key.")
    verify: bool = Field(True, description="Refuse a server whose certificate does not prove its name.")
    server_name: str = Field("", description="Name to expect in the certificate; empty for the host's.")

    def context(self) -> ssl.SSLContext:
        """Return the TLS context.

        Raises:
            NodeError: A file is missing or is not what it should be.
        """
        for name in (self.ca, self.certificate, self.key):
            if name and not Path(name).is_file():
                raise NodeError(f"the TLS file {name} does not exist or cannot be read", code="tls-file")
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key or None, self.key_password or None)
        except (ssl.SSLError, OSError) as error:
            raise NodeError(f"the TLS files cannot be used: {error}", code="tls-file") from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
