"""What every node type must keep to; node packs run it on their own types.

A pack's test file needs no more than this::

    @pytest.mark.parametrize("kind", [MyNode], ids=str)
    async def test_node_conforms(kind):
        await conform(kind.__node_type__)
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from flowengine.message import same_json
from flowengine.node import Example, NodeType
from flowengine.testing.harness import NodeHarness


class ConformanceError(AssertionError):
    """A node type does not keep to the rules.

    Args:
        type: Name of the node type.
        problems: Sentences, one for each rule that is broken.
    """

    def __init__(self, type: str, problems: list[str]) -> None:
        super().__init__(type, problems)
        self.type = type
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(f'node type "{self.type}": {problem}' for problem in self.problems)


async def conform(declared: NodeType) -> None:
    """Check a node type: help, settings, schema, ports, and each of its examples.

    Args:
        declared: The node type.

    Raises:
        ConformanceError: It breaks rules; all of them are named.
    """
    problems = [*_help(declared), *_settings(declared)]
    # A node alone has no resource, so one that needs one is tested in flows.
    runs_alone = not (declared.is_resource or declared.outside or "x-resource-types" in str(declared.schema()))
    if not declared.examples and runs_alone:
        problems.append("it has no examples")
    for example in declared.examples:
        problems += [f'the example "{example.title}" {problem}' for problem in _configuration(declared, example)]
    if not problems and runs_alone:
        for example in declared.examples:
            problems += [f'the example "{example.title}" {problem}' for problem in await run_example(declared, example)]
    if problems:
        raise ConformanceError(declared.name, problems)


async def run_example(declared: NodeType, example: Example) -> list[str]:
    """Run an example and return what is not as it says.

    Args:
        declared: The node type.
        example: One of its examples.
    """
    async with NodeHarness(declared.cls, example.config) as harness:
        for fields in example.messages:
            harness.receive(fields)
            await harness.settle()
        sent = await harness.advance(example.advance)
        problems = []
        codes = [error.code for error in harness.errors]
        if codes != ([example.error] if example.error else []):
            problems.append(f"fails with {codes or 'nothing'}, not with {example.error or 'nothing'}")
        if len(sent) != len(example.expect):
            problems.append(f"sends {len(sent)} messages, not {len(example.expect)}: {sent}")
        for (port, fields), (expected_port, expected) in zip(sent, example.expect, strict=False):
            if port != expected_port or not _has(fields, expected):
                problems.append(f"sends {dict(fields)} by {port}, not {dict(expected)} by {expected_port}")
        # A message that failed may be waiting for its next try.
        if harness.account.in_flight and not declared.holds and not example.error:
            problems.append(f"leaves {harness.account.in_flight} messages in flight")
        if harness.account.in_flight < 0:
            problems.append("ends a message more than once")
    return problems


def _help(declared: NodeType) -> Iterator[str]:
    if not declared.summary.endswith("."):
        yield "the first line of its docstring is no sentence"
    lines = declared.help.splitlines()
    if len(lines) > 1 and lines[1].strip():
        yield "an empty line must follow the first line of its docstring"
    for port in declared.cls.declared_ports():
        if not port.description:
            yield f'the port "{port.name}" has no description'


def _settings(declared: NodeType) -> Iterator[str]:
    schema = declared.schema()
    Draft202012Validator.check_schema(schema)
    for where, properties in _objects(schema):
        for name, about in properties.items():
            missing = [word for word in ("title", "description", "x-widget") if not about.get(word)]
            if missing:
                yield f'the field "{where}{name}" has no {" and no ".join(missing)}'


def _objects(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "", schema.get("properties", {})
    for name, part in schema.get("$defs", {}).items():
        properties = part.get("properties", {})
        # Where no field has a widget, a widget of the whole part takes their place: the editor's for typed values.
        if any("x-widget" in about for about in properties.values()):
            yield f"{name}.", properties


def _configuration(declared: NodeType, example: Example) -> Iterator[str]:
    if not declared.is_valid(example.config):
        yield "has no valid configuration"
        return
    config = declared.validate(example.config)
    written = config.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if declared.validate(written) != config:
        yield "has a configuration that is not the same when it is written and read again"
    schema = Draft202012Validator(declared.schema())
    for error in schema.iter_errors(written):
        yield f"has a configuration that its schema refuses: {error.message}"
    ports = {port.name for port in declared.ports(config)}
    if any(not port.description for port in declared.ports(config)):
        yield "has a port without a description"
    yield from (f'expects a message at "{port}", which is no port' for port, _ in example.expect if port not in ports)


def _has(fields: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    return all(name in fields and same_json(fields[name], value) for name, value in expected.items())
