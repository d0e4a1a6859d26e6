"""Random documents: tests draw them with ``st.from_type(FlowDocument)`` and the like."""

from typing import Any

from hypothesis import strategies as st

from flowengine.flow.document import (
    Box,
    ErrorPolicy,
    FlowDocument,
    GroupDocument,
    LayoutDocument,
    NodeDocument,
    ResourceDocument,
    ResourcesDocument,
    RetryPolicy,
    StageOptions,
    SubflowInput,
    SubflowOutput,
    Viewport,
)

ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,6}", fullmatch=True)
ports = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,4}", fullmatch=True)
endpoints = ids | st.builds("{}.{}".format, ids, ports)
texts = st.text(st.characters(codec="utf-8"), max_size=12)
env = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,4}", fullmatch=True), texts, max_size=3)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
config = st.dictionaries(texts, json_values, max_size=3)
schema_uri = st.none() | st.just("../flow.schema.json")
lengths = st.floats(-1e6, 1e6)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


stages = st.builds(StageOptions, workers=some(st.integers(1, 9)), queue=some(st.integers(1, 9)), order=some(texts))
nodes = st.builds(
    NodeDocument,
    type=ids,
    name=texts,
    description=texts,
    disabled=st.booleans(),
    config=config,
    stage=stages,
    wires=st.dictionaries(ports, st.lists(endpoints, max_size=3), max_size=2),
)
retries = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 9),
    initial=st.floats(0, 10),
    maximum=st.floats(10, 1e6),
    jitter=st.booleans(),
)
policies = st.builds(ErrorPolicy, retry=retries, then=st.sampled_from(["dead-letter", "drop"]))
inputs = st.builds(SubflowInput, targets=st.lists(endpoints, max_size=2), description=texts)
outputs = st.builds(SubflowOutput, sources=st.lists(endpoints, max_size=2), description=texts)
groups = st.builds(GroupDocument, name=texts, nodes=st.lists(ids, max_size=3), env=env)
flows = st.builds(
    FlowDocument,
    schema_uri=schema_uri,
    flowengine=st.just(1),
    id=ids,
    name=texts,
    description=texts,
    disabled=st.booleans(),
    env=env,
    errors=st.just(ErrorPolicy()) | policies,
    inputs=st.dictionaries(ports, inputs, max_size=2),
    outputs=st.dictionaries(ports, outputs, max_size=2),
    groups=st.dictionaries(ids, groups, max_size=2),
    nodes=st.dictionaries(ids, nodes, max_size=4),
)
resources = st.builds(
    ResourcesDocument,
    schema_uri=schema_uri,
    flowengine=st.just(1),
    resources=st.dictionaries(
        ids, st.builds(ResourceDocument, type=ids, name=texts, description=texts, config=config), max_size=4
    ),
)
colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
boxes = st.builds(Box, x=lengths, y=lengths, width=some(lengths), height=some(lengths), colour=some(colours))
layouts = st.builds(
    LayoutDocument,
    flowengine=st.just(1),
    viewport=st.builds(Viewport, x=lengths, y=lengths, zoom=st.floats(0.01, 10)),
    groups=st.dictionaries(ids, boxes, max_size=2),
    nodes=st.dictionaries(ids, boxes, max_size=4),
)

st.register_type_strategy(NodeDocument, nodes)
st.register_type_strategy(FlowDocument, flows)
st.register_type_strategy(ResourcesDocument, resources)
st.register_type_strategy(LayoutDocument, layouts)
