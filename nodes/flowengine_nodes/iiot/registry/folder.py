"""A folder of profiles, devices and automation rules as JSON, made for git: what two people add merges.

``profiles/<id>.json`` holds a profile with its rules, templates and actions. ``devices/<profile>.json`` holds the
devices of a profile by their ids, each beginning on a line of its own. ``automation/<id>.json`` holds an automation
rule.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import ValidationError

from flowengine.flow.atomic_file import write_atomically
from flowengine.flow.fault import faults, kind_of
from flowengine.flow.format import write_json
from flowengine.flow.problem import DocumentError, Problem
from flowengine.flow.source import Source
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.device import Device, is_device_id
from flowengine_nodes.iiot.registry.device_document import DeviceEntry
from flowengine_nodes.iiot.registry.errors import BadDeviceIdError
from flowengine_nodes.iiot.registry.profile import Profile

PROFILES: Final = "profiles"
DEVICES: Final = "devices"
AUTOMATION: Final = "automation"

M = TypeVar("M", Profile, AutomationRule)

_PARTS: Final = (PROFILES, DEVICES, AUTOMATION)
_NOUNS: Final = {Profile: "a profile", AutomationRule: "an automation rule"}
_SUFFIX: Final = ".json"
_ONE_PER_LINE: Final = ("topics", "command_templates", "actions", "rules")


class Entry(NamedTuple):
    """A device in a file.

    Args:
        profile: Id of its profile.
        said: What the file says of it.
        source: The file.
    """

    profile: str
    said: DeviceEntry
    source: Source

    def problem(self, id: str, field: str, code: str, message: str) -> Problem:
        """Return a problem at a field of the device, or at the device if the file does not say the field."""
        return self.source.problem((id, field), code, message)


@dataclass(frozen=True)
class RegistryFolder:
    """What a folder says.

    Args:
        path: The folder.
        profiles: Profiles by id.
        devices: Devices by id.
        rules: Automation rules by id.
        rule_files: Files of rules, by id, that are not named for them.
    """

    path: Path
    profiles: dict[str, Profile] = field(default_factory=dict)
    devices: dict[str, Entry] = field(default_factory=dict)
    rules: dict[str, AutomationRule] = field(default_factory=dict)
    rule_files: dict[str, Path] = field(default_factory=dict)


def read_registry_folder(path: Path) -> RegistryFolder:
    """Read a folder, and check all that can be checked without a registry.

    Args:
        path: The folder.

    Raises:
        DocumentError: Something is wrong; every problem is in it.
    """
    folder = RegistryFolder(path)
    problems: list[Problem] = []
    if not any((path / part).is_dir() for part in _PARTS):
        message = f"there is none of the folders {', '.join(_PARTS)} here"
        raise DocumentError([Problem(code="no-registry-folder", message=message, file=str(path))])
    for file in _files(path / PROFILES):
        problems += _read_document(file, Profile, folder.profiles)
    for file in _files(path / DEVICES):
        problems += _read_devices(file, folder)
    for file in _files(path / AUTOMATION):
        problems += _read_document(file, AutomationRule, folder.rules)
    problems += _same_serials(folder)
    if problems:
        raise DocumentError(problems)
    return folder


def read_profile(file: Path) -> Profile:
    """Read a profile from a file of any name.

    Raises:
        DocumentError: It is none; every problem is in it.
    """
    return _document(_source(file), Profile)


def read_rules(files: Iterable[Path]) -> tuple[RegistryFolder, list[Problem]]:
    """Read automation rules from files of any name, each of which holds one.

    Returns:
        What is well, as if it stood in a folder, and what is wrong.
    """
    read = RegistryFolder(Path())
    problems: list[Problem] = []
    for file in files:
        try:
            source = _source(file)
            rule = _document(source, AutomationRule)
        except DocumentError as error:
            problems += error.problems
            continue
        if rule.id in read.rules:
            message = f'the rule "{rule.id}" is in {read.rule_files[rule.id]} too'
            problems.append(source.problem(("id",), "duplicate-automation", message))
        read.rules[rule.id] = rule
        read.rule_files[rule.id] = file
    return read, problems


def write_registry_folder(
    path: Path,
    profiles: Iterable[Profile],
    devices: Mapping[str, Iterable[Device]],
    rules: Iterable[AutomationRule] = (),
) -> list[Path]:
    """Write a folder; files whose contents stay the same are left alone.

    Args:
        path: The folder; made if it is missing.
        profiles: Profiles.
        devices: Devices by the id of their profile.
        rules: Automation rules.

    Returns:
        Files of the folder that are not written any more, because what they hold is gone.

    Raises:
        OSError: The folder cannot be written.
    """
    texts = {path / PROFILES / f"{profile.id}{_SUFFIX}": profile_json(profile) for profile in profiles}
    texts |= {rule_file(path, rule.id): rule_json(rule) for rule in rules}
    for profile, members in devices.items():
        entries = {device.id: device for device in members}
        if entries:
            texts[path / DEVICES / f"{profile}{_SUFFIX}"] = write_json(
                {id: _entry(DeviceEntry.of(entries[id])) for id in sorted(entries)}
            )
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        if not file.exists() or file.read_bytes() != data:
            write_atomically(file, data)
    return [file for file in registry_files(path) if file not in texts]


def rule_file(path: Path, id: str) -> Path:
    """Return the file of an automation rule in a folder."""
    return path / AUTOMATION / f"{id}{_SUFFIX}"


def registry_files(path: Path) -> list[Path]:
    """Return the files of a folder that are the registry's."""
    return [file for part in _PARTS for file in _files(path / part)]


def profile_json(profile: Profile) -> str:
    """Return a profile as a file holds it."""
    return write_json(profile_value(profile), one_per_line=_ONE_PER_LINE)


def rule_json(rule: AutomationRule) -> str:
    """Return an automation rule as a file holds it."""
    return write_json(rule_value(rule))


def rule_value(rule: AutomationRule) -> dict[str, Any]:
    """Return an automation rule as JSON, without what is as the defaults are."""
    # A default written as text, such as a duration, never equals its value: what was never said is left out, too.
    return rule.model_dump(mode="json", exclude_defaults=True, exclude_unset=True)


def profile_value(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON, without what is as the defaults are."""
    value = profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    # A default that is written as text, such as a template, is equal only once it is text again.
    return {name: said for name, said in value.items() if name == "id" or said != _defaults()[name]}


@cache
def _defaults() -> dict[str, Any]:
    return Profile(id="any").model_dump(mode="json", by_alias=True)


def _entry(entry: DeviceEntry) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_defaults=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _source(file: Path) -> Source:
    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise DocumentError([Problem(code="unreadable-file", message=message, file=str(file))]) from None
    return Source(data, file=str(file))


def _document(source: Source, model: type[M]) -> M:
    if not isinstance(source.value, dict):
        message = f"{_NOUNS[model]} is an object, not {kind_of(source.value)}"
        raise DocumentError([source.problem((), "wrong-type", message)])
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        raise DocumentError(source.problem(*fault) for fault in faults(error, model)) from None


def _read_document(file: Path, model: type[M], into: dict[str, M]) -> Iterable[Problem]:
    try:
        source = _source(file)
        document = _document(source, model)
    except DocumentError as error:
        return error.problems
    if document.id != file.stem:
        message = f'the id is "{document.id}", but the file is named {file.name}'
        return [source.problem(("id",), "wrong-id", message)]
    into[document.id] = document
    return ()


def _read_devices(file: Path, folder: RegistryFolder) -> Iterable[Problem]:
    try:
        source = _source(file)
    except DocumentError as error:
        return error.problems
    if not isinstance(source.value, dict):
        message = f"devices stand in an object by their ids, not in {kind_of(source.value)}"
        return [source.problem((), "wrong-type", message)]
    return [problem for id, value in source.value.items() for problem in _read_device(id, value, file, source, folder)]


def _read_device(id: str, value: Any, file: Path, source: Source, folder: RegistryFolder) -> Iterator[Problem]:
    if not is_device_id(id):
        error = BadDeviceIdError(id)
        yield source.problem((id,), error.code, str(error))
        return
    if id in folder.devices:
        yield source.problem((id,), "duplicate-device", f'the device "{id}" is in {folder.devices[id].source.file} too')
        return
    try:
        said = DeviceEntry.model_validate(value)
    except ValidationError as error:
        for fault in faults(error, DeviceEntry):
            yield source.problem((id, *fault.path), *fault[1:])
        return
    folder.devices[id] = Entry(file.stem, said, source)


def _same_serials(folder: RegistryFolder) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for id, entry in folder.devices.items():
        serial = entry.said.serial or id
        owner = owners.setdefault(serial, id)
        if owner != id:
            message = f'the device "{owner}" in {folder.devices[owner].source.file} has the serial "{serial}" too'
            yield entry.problem(id, "serial", "duplicate-serial", message)
