import pytest

from flowengine.node import NodeType
from flowengine.registry import Registry, load_node_packs
from flowengine.testing.conformance import conform

REGISTRY = Registry()
ERRORS = load_node_packs(REGISTRY)


def test_node_packs_load_without_errors() -> None:
    assert [str(error) for error in ERRORS] == []


@pytest.mark.parametrize("declared", REGISTRY, ids=lambda declared: declared.name)
async def test_node_type_conforms(declared: NodeType) -> None:
    await conform(declared)
