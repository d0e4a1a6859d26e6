"""The address of a store, as commands are given it."""

from pathlib import Path
from typing import Annotated, Final

import typer

from flowengine.errors import FlowEngineError

StoreAddress = Annotated[
    str,
    typer.Option("--store", envvar="FLOWENGINE_STORE", metavar="ADDRESS", help="The store, used without --url."),
]
LocalStoreAddress = Annotated[
    str, typer.Option("--store", envvar="FLOWENGINE_STORE", metavar="ADDRESS", help="The store of the engine.")
]
DEFAULT_STORE: Final = "sqlite:///flowengine.db"

_FILE_STORE: Final = "sqlite:///"


class MissingStoreError(FlowEngineError):
    """There is no store at an address; commands that look into one make none.

    Args:
        address: The address.
    """

    code = "no-store"

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return (
            f"there is no store at {self.address}; name the one that your engine uses with --store,"
            " or the engine itself with --url where the command has that"
        )


def check_store(address: str) -> None:
    """Check that there may be a store at an address.

    Raises:
        MissingStoreError: There is none.
    """
    is_missing = address.startswith(_FILE_STORE) and not Path(address.removeprefix(_FILE_STORE)).exists()
    if address == "sqlite://" or is_missing:
        raise MissingStoreError(address)
