"""What instances of subflows are held to."""

from typing import Final

from flowengine.linting.check import Check

_CLEAN: Final = (
    '{"env": {"PATH": "", "UNIT": "C"}, "inputs": {"in": {"targets": ["read"]}},'
    ' "outputs": {"out": {"sources": ["read"]}},'
    ' "nodes": {"read": {"type": "filter", "config": {"path": "${PATH}"}}}}'
)
_USE: Final = (
    '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["%(to)s"]}},'
    ' "c": {"type": "%(type)s", "config": %(config)s, "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}'
)
_RIGHT_USE: Final = _USE % {"to": "c", "type": "subflow:clean", "config": '{"PATH": "$.payload"}'}

UNKNOWN_SUBFLOW: Final = Check(
    code="unknown-subflow",
    title="There is no such subflow",
    explanation=(
        "A node whose type is `subflow:ID` is an instance of the flow with that id. There is no flow of that id in"
        " the folder; the name may be mistyped, or the file missing."
    ),
    wrong={
        "clean.flow.json": _CLEAN,
        "example.flow.json": _USE % {"to": "c", "type": "subflow:claen", "config": "{}"},
    },
    right={"clean.flow.json": _CLEAN, "example.flow.json": _RIGHT_USE},
)
NOT_A_SUBFLOW: Final = Check(
    code="not-a-subflow",
    title="The flow cannot be used as a node",
    explanation=(
        "Only a flow with `inputs` or `outputs` can be used as a node of another flow: they are the ports of the"
        " instance. Give the flow ports. A subflow that is disabled cannot be used either."
    ),
    wrong={
        "clean.flow.json": '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["show"]}},'
        ' "show": {"type": "debug"}}}',
        "example.flow.json": _USE % {"to": "c", "type": "subflow:clean", "config": "{}"},
    },
    right={"clean.flow.json": _CLEAN, "example.flow.json": _RIGHT_USE},
)
SUBFLOW_RECURSION: Final = Check(
    code="subflow-recursion",
    title="A subflow contains itself",
    explanation=(
        "Subflows are laid open before a flow runs: each instance is replaced by the nodes within. A subflow that"
        " contains itself, directly or through others, would never end. For a loop, lead a wire back instead."
    ),
    wrong={
        "clean.flow.json": '{"inputs": {"in": {"targets": ["again"]}}, "nodes": {"again": {"type": "subflow:clean"}}}'
    },
    right={"clean.flow.json": '{"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": {"type": "debug"}}}'},
)
BROKEN_SUBFLOW: Final = Check(
    code="broken-subflow",
    title="The subflow has errors of its own",
    explanation=(
        "The subflow that the node is an instance of has errors, so flows that use it cannot run. Put it right;"
        " its problems are listed once, at its own file."
    ),
    wrong={
        "clean.flow.json": '{"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": {"type": "debgu"}}}',
        "example.flow.json": '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["c"]}},'
        ' "c": {"type": "subflow:clean"}}}',
    },
    right={
        "clean.flow.json": '{"inputs": {"in": {"targets": ["show"]}}, "nodes": {"show": {"type": "debug"}}}',
        "example.flow.json": '{"nodes": {"tick": {"type": "inject", "wires": {"out": ["c"]}},'
        ' "c": {"type": "subflow:clean"}}}',
    },
)
UNKNOWN_SUBFLOW_VARIABLE: Final = Check(
    code="unknown-subflow-variable",
    title="The subflow has no such variable",
    explanation=(
        "The `config` of an instance gives values for the variables in the subflow's `env`, and for no others."
        " Rename the entry, or add the variable to the subflow."
    ),
    wrong={
        "clean.flow.json": _CLEAN,
        "example.flow.json": _USE
        % {"to": "c", "type": "subflow:clean", "config": '{"PATH": "$.payload", "UNTI": "K"}'},
    },
    right={"clean.flow.json": _CLEAN, "example.flow.json": _RIGHT_USE},
)
MISSING_SUBFLOW_VARIABLE: Final = Check(
    code="missing-subflow-variable",
    title="The instance does not give a variable that the subflow needs",
    explanation=(
        "A variable whose text in the subflow's `env` is empty has no default: each instance gives a value for it"
        " in its `config`, be it an empty text."
    ),
    wrong={
        "clean.flow.json": _CLEAN,
        "example.flow.json": _USE % {"to": "c", "type": "subflow:clean", "config": "{}"},
    },
    right={"clean.flow.json": _CLEAN, "example.flow.json": _RIGHT_USE},
)
