"""Variables in config values: ``${NAME}``, ``${NAME:-default}`` and ``${secret:name}``.

``$${`` is a literal ``${``. As in the shell, a default counts where the variable is unset or empty. What a
variable holds is taken as it is: it is not searched for variables again.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from dotenv import dotenv_values

from flowengine.errors import FlowEngineError
from flowengine.flow.fault import Fault
from flowengine.flow.identifier import VARIABLE_PATTERN
from flowengine.flow.scanner import ValuePath

_SECRET: Final = re.compile(r"secret:(.*)", re.DOTALL)
# A default may have braces of its own, such as those of a topic, `telemetry/{device}/data`, but no other reference.
_DOLLAR: Final = re.compile(r"\$\$\{|\$\{((?:[^{}$]|\$(?!\{)|\{[^{}$]*\})*)\}|\$\{")
_NAME: Final = re.compile(VARIABLE_PATTERN)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?=[.eE])(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")

SecretReader = Callable[[str], str]
"""Returns the secret of a name; raises a `FlowEngineError` when it cannot."""


class EnvironmentFileError(FlowEngineError):
    """The ``.env`` file cannot be read.

    Args:
        path: The file.
        reason: Why, in the system's words.
    """

    code = "unreadable-file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} cannot be read: {self.reason}"


class Environment:
    """Where variables come from: several layers, of which the first that has a name wins."""

    def __init__(self, *layers: Mapping[str, str]) -> None:
        self.layers = layers

    @classmethod
    def of_process(cls, directory: Path, process: Mapping[str, str] = os.environ) -> Self:
        """Take the variables of the process, then those of the ``.env`` file in a directory.

        Raises:
            EnvironmentFileError: There is such a file, but it cannot be read.
        """
        path = directory / ".env"
        try:
            found = dotenv_values(path, interpolate=False) if path.exists() else {}
        except (OSError, UnicodeDecodeError) as error:
            raise EnvironmentFileError(path, str(error)) from error
        return cls(process, {name: text for name, text in found.items() if text is not None})

    def under(self, env: Mapping[str, str]) -> "Environment":
        """Put the `env` of a flow or group before everything else."""
        return Environment(env, *self.layers)

    def get(self, name: str) -> str | None:
        """Return what a variable holds, or None if no layer has it."""
        return next((layer[name] for layer in self.layers if name in layer), None)


class Reference(NamedTuple):
    """One variable or secret that a text refers to."""

    name: str
    default: str | None = None
    secret: bool = False


@dataclass(frozen=True)
class Substitution:
    """A value with its references resolved; where there are faults, those references stand as they were."""

    value: Any
    faults: tuple[Fault, ...]


def substitute(
    value: Any,
    environment: Environment,
    *,
    path: ValuePath = (),
    secrets: SecretReader | None = None,
    typed: bool = False,
) -> Substitution:
    """Resolve every reference in a JSON value, in texts at any depth; keys are left alone.

    Args:
        value: A JSON value, such as a node's `config`. It is not changed.
        environment: Where variables come from.
        path: Where the value stands in its document, for the faults.
        secrets: How secrets are read; without it, references to secrets are faults.
        typed: Turn a text that is one reference and nothing else into the number or boolean that it holds.
    """
    resolver = _Resolver(environment, secrets, typed=typed)
    return Substitution(resolver.resolve(value, path), tuple(resolver.faults))


def references(value: Any) -> Iterator[Reference]:
    """Yield every reference in a JSON value, in reading order."""
    if isinstance(value, str):
        for match in _DOLLAR.finditer(value):
            if reference := _parse(match):
                yield reference
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from references(item)


def _parse(match: re.Match[str]) -> Reference | None:
    text: str | None = match[1]
    if text is None:
        return None
    if secret := _SECRET.fullmatch(text):
        return Reference(secret[1], secret=True)
    name, separator, default = text.partition(":-")
    return Reference(name, default if separator else None) if _NAME.fullmatch(name) else None


class _Resolver:
    def __init__(self, environment: Environment, secrets: SecretReader | None, *, typed: bool) -> None:
        self.environment = environment
        self.secrets = secrets
        self.typed = typed
        self.faults: list[Fault] = []

    def resolve(self, value: Any, path: ValuePath) -> Any:
        if isinstance(value, str):
            return self.text(value, path) if "${" in value else value
        if isinstance(value, dict):
            return {key: self.resolve(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def text(self, text: str, path: ValuePath) -> Any:
        resolved = _DOLLAR.sub(lambda match: self.reference(match, path), text)
        whole = _DOLLAR.fullmatch(text)
        if self.typed and whole and (reference := _parse(whole)) and not reference.secret:
            return _typed(resolved)
        return resolved

    def reference(self, match: re.Match[str], path: ValuePath) -> str:
        written = match.group()
        if written == "$${":
            return "${"
        reference = _parse(match)
        if reference is None:
            hint = "write ${NAME}, ${NAME:-default} or ${secret:name}; for a literal ${ write $${"
            return self.fault(path, "bad-reference", f"{written} names no variable", hint, written)
        if reference.secret:
            return self.secret(reference.name, path, written)
        text = self.environment.get(reference.name)
        if reference.default is not None:
            return text or reference.default
        if text is None:
            hint = f"set {reference.name} in the environment, in .env or in the flow's env, or give a default"
            return self.fault(path, "missing-variable", f"{reference.name} is not set", hint, written)
        return text

    def secret(self, name: str, path: ValuePath, written: str) -> str:
        if self.secrets is None:
            return self.fault(path, "missing-secret", "secrets cannot be used here", None, written)
        try:
            return self.secrets(name)
        except FlowEngineError as error:
            return self.fault(path, error.code, str(error), None, written)

    def fault(self, path: ValuePath, code: str, message: str, hint: str | None, written: str) -> str:
        self.faults.append(Fault(path, code, message, hint))
        return written


def _typed(text: str) -> str | float | bool:
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
