"""Check the stage options of a node, and merge them with what its type chooses."""

from dataclasses import replace
from typing import Final

from flowengine.expressions import ExpressionError, compile_path
from flowengine.flow.document import StageOptions
from flowengine.flow.problem import Severity
from flowengine.flow.scanner import Place, ValuePath
from flowengine.linting.check import Check, Finding
from flowengine.node import StagePlan

UNUSED_STAGE: Final = Check(
    code="unused-stage",
    severity=Severity.WARNING,
    title="Stage options on a node that receives nothing",
    explanation=(
        "`stage` gives a node a queue and workers, in memory or in the outbox: messages wait there for the node. A"
        " node that receives no messages has nothing to queue, so the options have no effect. Take them away, or put"
        " them on the node that its messages go to."
    ),
    wrong='{"nodes": {"order": {"type": "http-in", "config": {"path": "/order"}, "stage": {"workers": 4},'
    ' "wires": {"out": ["show"]}}, "show": {"type": "debug"}}}',
    right='{"nodes": {"every-minute": {"type": "inject", "wires": {"out": ["send"]}},'
    ' "send": {"type": "http-request", "config": {"url": "http://erp.example"}, "stage": {"workers": 4}}}}',
)


def merge_stage(options: StageOptions, chosen: StagePlan) -> StagePlan:
    """Return the plan of a stage: the flow's options, and the node type's choice where the flow has none."""
    given = {name: getattr(options, name) for name in options.model_fields_set}
    given = {name: value for name, value in given.items() if value is not None}
    return replace(chosen, **given) if given else chosen


def check_stage(options: StageOptions, path: ValuePath, *, has_input: bool) -> Finding | None:
    """Return what is wrong with a node's stage options.

    Args:
        options: The options.
        path: Where they are.
        has_input: Whether the node receives messages.
    """
    if not options.model_fields_set:
        return None
    if not has_input:
        return UNUSED_STAGE.at(path, "the node receives no messages, so these options have no effect")
    if options.order:
        try:
            compile_path(options.order)
        except ExpressionError as error:
            return Finding((*path, "order"), error.code, str(error), None, Place(error.line, error.column))
    return None
