"""What flows may refer to of the resources they share, and the check of every reference."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from flowengine.flow.scanner import ValuePath
from flowengine.linting.check import Check, Finding
from flowengine.linting.suggestion import did_you_mean

READ_SAMPLE: Final = (
    '{"nodes": {"read": {"type": "mqtt-in", "config": {"broker": "%s", "topic": "a/b"}, "wires": {"out": ["show"]}},'
    ' "show": {"type": "debug"}}}'
)
MAIN_SAMPLE: Final = '{"resources": {"main": {"type": "mqtt-broker", "config": {"host": "mqtt.example"}}}}'

MISSING_RESOURCE: Final = Check(
    code="missing-resource",
    title="There is no such resource",
    explanation=(
        "A field refers by its id to a resource (a broker, a server, a registry) that `resources.json` does not"
        " have. Add it there, or choose one that is there."
    ),
    wrong={"resources.json": MAIN_SAMPLE, "example.flow.json": READ_SAMPLE % "mian"},
    right={"resources.json": MAIN_SAMPLE, "example.flow.json": READ_SAMPLE % "main"},
)
WRONG_RESOURCE_TYPE: Final = Check(
    code="wrong-resource-type",
    title="The resource is of another type than the field takes",
    explanation=(
        "The field takes resources of certain types only, an MQTT node for example a broker, and the id it names"
        " belongs to something else."
    ),
    wrong={
        "resources.json": '{"resources": {"main": {"type": "odoo-server", "config": {"url": "http://erp.example"}}}}',
        "example.flow.json": READ_SAMPLE % "main",
    },
    right={"resources.json": MAIN_SAMPLE, "example.flow.json": READ_SAMPLE % "main"},
)
BROKEN_RESOURCE: Final = Check(
    code="broken-resource",
    title="The resource has errors of its own",
    explanation=(
        "The resource that the field refers to has errors in `resources.json`, or that file cannot be read, so"
        " nothing that needs it can run. Put the resource right; its own problems are listed beside this one."
    ),
    wrong={
        "resources.json": '{"resources": {"main": {"type": "mqtt-broker", "config": {"port": 123456}}}}',
        "example.flow.json": READ_SAMPLE % "main",
    },
    right={"resources.json": MAIN_SAMPLE, "example.flow.json": READ_SAMPLE % "main"},
)


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A field that refers to a resource.

    Attributes:
        path: Where it is in its document.
        id: Id of the resource.
        types: Types that the resource may have; empty for any.
    """

    path: ValuePath
    id: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceBook:
    """What there is to refer to.

    Attributes:
        types: Name of each resource's type, by its id.
        broken: Ids of the resources with errors.
        readable: Whether the file with the resources could be read.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    readable: bool = True

    def check(self, uses: Iterable[ResourceUse]) -> Iterator[Finding]:
        """Yield what is wrong with references to resources."""
        for use in uses:
            found = self._check(use)
            if found is not None:
                yield found

    def _check(self, use: ResourceUse) -> Finding | None:
        if not self.readable:
            return BROKEN_RESOURCE.at(use.path, "the resources cannot be read, their file has errors")
        type_ = self.types.get(use.id)
        if type_ is None:
            fitting = [id_ for id_, name in self.types.items() if not use.types or name in use.types]
            hint = did_you_mean(use.id, fitting) or "add it to resources.json, or choose one that is there"
            message = f'there is no resource "{use.id}"' if use.id else "no resource is chosen"
            return MISSING_RESOURCE.at(use.path, message, hint)
        if use.types and type_ not in use.types:
            expected = " or ".join(use.types)
            return WRONG_RESOURCE_TYPE.at(use.path, f'the resource "{use.id}" is a {type_}; it must be a {expected}')
        if use.id in self.broken:
            return BROKEN_RESOURCE.at(use.path, f'the resource "{use.id}" has errors')
        return None
