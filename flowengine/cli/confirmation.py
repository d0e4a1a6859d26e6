"""The question before something is removed for good."""

import sys
from typing import Annotated

import typer

from flowengine.errors import FlowEngineError

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


class UnconfirmedError(FlowEngineError):
    """Something would be removed for good, and nobody has said that it may be.

    Args:
        asked: Whether somebody was asked.
    """

    code = "unconfirmed"

    def __init__(self, *, asked: bool) -> None:
        super().__init__(asked)
        self.asked = asked

    def __str__(self) -> str:
        if self.asked:
            return "nothing was removed"
        return "this removes something for good, and nobody is there to ask; say --yes if you mean it"


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether to go on, and end the command if the answer is no.

    Args:
        question: What to ask.
        yes: Whether the answer has been given already.

    Raises:
        UnconfirmedError: The answer is no, or nobody is there to answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UnconfirmedError(asked=False)
    if not typer.confirm(question):
        raise UnconfirmedError(asked=True)
