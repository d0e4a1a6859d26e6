"""A message changed by hand, from an option, a file or an editor."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from flowengine.cli.text import json_text
from flowengine.errors import FlowEngineError


class BadMessageError(FlowEngineError):
    """What a message was to be changed into is no message.

    Args:
        reason: Why not.
    """

    code = "bad-message"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f'{self.reason}; a message is a JSON object of fields, such as {{"payload": 1}}'


class EditorError(FlowEngineError):
    """The editor cannot be used.

    Args:
        command: The editor.
        reason: What happened.
    """

    code = "editor"

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(command, reason)
        self.command = command
        self.reason = reason

    def __str__(self) -> str:
        return f'the editor "{self.command}" failed ({self.reason}), and nothing was changed; set EDITOR to another'


def changed_message(before: dict[str, Any] | None, text: str | None, file: Path | None) -> dict[str, Any]:
    """Return a message as the user wants it.

    Args:
        before: The message; ``None`` if it cannot be edited.
        text: What it becomes, as JSON, if that was said.
        file: File that holds what it becomes; ``-`` for standard input.

    Raises:
        BadMessageError: What was given is no message, or nothing was given and nobody is there to edit.
        EditorError: The editor failed.
    """
    if before is None:
        raise BadMessageError("the message is too large to be edited here, or cannot be read")
    if text is None and file is not None:
        text = sys.stdin.read() if str(file) == "-" else file.read_text()
    if text is None and not sys.stdin.isatty():
        raise BadMessageError("say what the message becomes, with --message or --file")
    try:
        changed = json.loads(_edited(json_text(before)) if text is None else text)
    except ValueError as error:
        raise BadMessageError(f"this is no JSON: {error}") from None
    if not isinstance(changed, dict):
        raise BadMessageError("this is no object")
    return changed


def _edited(text: str) -> str:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="flowengine-") as folder:
        file = Path(folder) / "message.json"
        file.write_text(text + "\n")
        try:
            subprocess.run([*shlex.split(command), str(file)], check=True)  # noqa: S603 - the user's own editor
        except (OSError, subprocess.CalledProcessError) as error:
            raise EditorError(command, str(error)) from error
        return file.read_text()
