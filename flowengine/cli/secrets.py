"""``flowengine secrets``: the encrypted values of a folder of flows."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.folder import check_folder
from flowengine.cli.parameters import Format
from flowengine.cli.text import counted, json_text
from flowengine.errors import FlowEngineError
from flowengine.flow.secrets import KEY_VARIABLE, SecretStore

secrets = group("secrets")

Name = Annotated[str, typer.Argument(help="Name of the secret: lower-case letters, digits and hyphens.")]
Flows = Annotated[Path, typer.Option("--flows", metavar="DIR", help="Folder of flows.")]
DEFAULT_FLOWS = Path("flows")


class EmptySecretError(FlowEngineError):
    """A secret was to be set to nothing.

    Args:
        name: The secret.
    """

    code = "empty-secret"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'the secret "{self.name}" was not set: type its value, or send it to standard input'


@secrets.callback()
def keep() -> None:
    """Keep passwords and keys encrypted beside the flows."""


@secrets.command(epilog="Example: export FLOWENGINE_SECRET_KEY=$(flowengine secrets key)")
def key() -> None:
    """Print a new key for the variable FLOWENGINE_SECRET_KEY.

    Keep it outside of git: whoever has it can read the secrets, and without it nobody can.
    """
    print(SecretStore.generate_key())


@secrets.command(name="list", epilog="Example: flowengine secrets list")
def list_secrets(flows: Flows = DEFAULT_FLOWS, format: Format = "text") -> None:
    """List the names of the secrets; no key is needed."""
    names = _store(flows).names()
    if format == "json":
        print(json_text(names))
    else:
        print("\n".join([*names, counted(len(names), "secret")]))


@secrets.command(name="set", epilog="Example: flowengine secrets set mqtt-password <password.txt")
def set_secret(name: Name, flows: Flows = DEFAULT_FLOWS) -> None:
    """Encrypt a value, which is asked for or read from standard input.

    Flows refer to it as ${secret:NAME}.
    """
    if sys.stdin.isatty():
        value = str(typer.prompt(f"Value of {name}", hide_input=True, default="", show_default=False))
    else:
        value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise EmptySecretError(name)
    _store(flows).set(name, value)
    print(f"the secret {name} is set; flows refer to it as ${{secret:{name}}}")


@secrets.command(epilog="Example: flowengine secrets drop mqtt-password --yes")
def drop(name: Name, *, flows: Flows = DEFAULT_FLOWS, yes: Yes = False) -> None:
    """Remove a secret; no key is needed."""
    store = _store(flows)
    if name in store.names():
        confirm(f'Remove the secret "{name}" for good?', yes=yes)
    store.delete(name)
    print(f"the secret {name} is removed")


@secrets.command(epilog="Example: FLOWENGINE_SECRET_KEY=NEW,OLD flowengine secrets rotate")
def rotate(flows: Flows = DEFAULT_FLOWS) -> None:
    """Encrypt all secrets again, with a new key.

    Set FLOWENGINE_SECRET_KEY to the new key and the old one, joined by a comma; afterwards to the new one alone.
    """
    store = _store(flows)
    store.rotate()
    print(f"{counted(len(store.names()), 'secret')} encrypted again, with the first key of {KEY_VARIABLE}")


def _store(flows: Path) -> SecretStore:
    return SecretStore.of_folder(check_folder(flows), os.environ)
