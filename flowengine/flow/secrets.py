"""The encrypted store of secrets, a file that can be kept in git: names in the clear, values encrypted.

Config values refer to a secret as ``${secret:name}``. The key comes from the environment and is never in it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

import orjson
from pydantic import Field

from flowengine.errors import FlowEngineError
from flowengine.flow.atomic_file import write_atomically
from flowengine.flow.document import Document
from flowengine.flow.format import write_json
from flowengine.flow.identifier import Identifier, check_id
from flowengine.flow.reader import read_document
from flowengine.flow.source import Source

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEY_VARIABLE: Final = "FLOWENGINE_SECRET_KEY"
"""Environment variable with the key: 32 bytes in URL-safe base64.

While keys rotate it holds several, joined by commas: the first encrypts, all decrypt.
"""


class SecretsDocument(Document):
    """Encrypted values by name. Kept in ``flows/secrets.json``."""

    secrets: dict[Identifier, Annotated[str, Field(min_length=1)]] = Field(
        default={}, description="Name to Fernet token."
    )


class SecretKeyError(FlowEngineError):
    """The key of the secret store is missing or is no key.

    Args:
        missing: Whether there is none at all.
    """

    code = "secret-key"

    def __init__(self, *, missing: bool) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        if self.missing:
            return f"the secret store is encrypted; set its key in {KEY_VARIABLE}"
        return f"{KEY_VARIABLE} holds no key: a key is 32 bytes in URL-safe base64, 44 characters"


class UnknownSecretError(FlowEngineError):
    """There is no secret of a name.

    Args:
        name: The name that was asked for.
        path: The store.
    """

    code = "missing-secret"

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, path)
        self.name = name
        self.path = path

    def __str__(self) -> str:
        return f'there is no secret "{self.name}" in {self.path}'


class UnreadableSecretError(FlowEngineError):
    """A secret was encrypted with another key, or its value in the file was changed.

    Args:
        name: The secret.
        path: The store.
    """

    code = "unreadable-secret"

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, path)
        self.name = name
        self.path = path

    def __str__(self) -> str:
        reason = f"{KEY_VARIABLE} is not the key it was written with, or the file was changed"
        return f'the secret "{self.name}" in {self.path} cannot be decrypted: {reason}'


class SecretStore:
    """A file of encrypted values. Every call reads the file, so that it may be changed by hand or by git.

    Args:
        path: The file; it need not exist until something is set.
        key: One key or several, as in `KEY_VARIABLE`; without one, only the names can be read.
    """

    def __init__(self, path: Path, key: str | None) -> None:
        self.path = path
        self._key = key

    @classmethod
    def of_folder(cls, folder: Path, environment: Mapping[str, str]) -> Self:
        """Open the store of a folder of flows, with the key from the environment."""
        return cls(folder / "secrets.json", environment.get(KEY_VARIABLE))

    @staticmethod
    def generate_key() -> str:
        """Return a new random key."""
        from cryptography.fernet import Fernet  # noqa: PLC0415 - as in _fernet

        return Fernet.generate_key().decode()

    def names(self) -> list[str]:
        """Return the names of all secrets, sorted; no key is needed.

        Raises:
            DocumentError: The file is broken.
        """
        return sorted(self._tokens())

    def get(self, name: str) -> str:
        """Return a secret.

        Raises:
            UnknownSecretError: There is none of that name.
            UnreadableSecretError: It cannot be decrypted.
            SecretKeyError: The key is missing or wrong in form.
            DocumentError: The file is broken.
        """
        tokens = self._tokens()
        if name not in tokens:
            raise UnknownSecretError(name, self.path)
        return self._decrypt(name, tokens[name])

    def set(self, name: str, value: str) -> None:
        """Store a secret; the file stays as it is if it holds the same value already.

        Raises:
            BadIdError: The name cannot be one.
            SecretKeyError: The key is missing or wrong in form.
            DocumentError: The file is broken.
        """
        tokens = self._tokens()
        if name in tokens and self._holds(name, tokens[name], value):
            return
        tokens[check_id(name)] = self._encrypt(name, value)
        self._write(tokens)

    def delete(self, name: str) -> None:
        """Remove a secret; no key is needed.

        Raises:
            UnknownSecretError: There is none of that name.
            DocumentError: The file is broken.
        """
        tokens = self._tokens()
        if tokens.pop(name, None) is None:
            raise UnknownSecretError(name, self.path)
        self._write(tokens)

    def rotate(self) -> None:
        """Encrypt every secret again, with the first key; nothing is written unless all can be decrypted.

        Raises:
            UnreadableSecretError: None of the keys decrypts one of them.
            SecretKeyError: The key is missing or wrong in form.
            DocumentError: The file is broken.
        """
        values = {name: self._decrypt(name, token) for name, token in self._tokens().items()}
        self._write({name: self._encrypt(name, value) for name, value in values.items()})

    def _tokens(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        source = Source(self.path.read_bytes(), file=str(self.path))
        return dict(read_document(SecretsDocument, source).secrets)

    def _write(self, tokens: dict[str, str]) -> None:
        document = {"flowengine": 1, "secrets": dict(sorted(tokens.items()))}
        write_atomically(self.path, write_json(document, one_per_line={"secrets"}).encode())

    def _fernet(self) -> "MultiFernet":
        # Loaded only where there are secrets.
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - as said above

        keys = [key.strip() for key in (self._key or "").split(",") if key.strip()]
        if not keys:
            raise SecretKeyError(missing=True)
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise SecretKeyError(missing=False) from None

    def _encrypt(self, name: str, value: str) -> str:
        # The name is inside too, so that nobody without the key can give one secret the value of another.
        return self._fernet().encrypt(orjson.dumps([name, value])).decode()

    def _decrypt(self, name: str, token: str) -> str:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - likewise

        try:
            inside, value = orjson.loads(self._fernet().decrypt(token))
        except InvalidToken:
            raise UnreadableSecretError(name, self.path) from None
        if inside != name:
            raise UnreadableSecretError(name, self.path)
        return str(value)

    def _holds(self, name: str, token: str, value: str) -> bool:
        try:
            return self._decrypt(name, token) == value
        except UnreadableSecretError:
            return False
