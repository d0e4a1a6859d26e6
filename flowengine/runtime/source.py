"""Keep a source running."""

from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.node import Node
from flowengine.runtime.context import CellContext

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0


async def run_source(node: Node[Any], context: CellContext) -> None:
    """Run a source until cancelled; one that fails is shown, and started again after a growing wait.

    Args:
        node: The source.
        context: Its world.
    """
    wait = FIRST_WAIT
    while True:
        began = context.clock.monotonic()
        try:
            await node.run()
        except FlowEngineError as error:
            context.log.error("the source starts again in %g s: %s", wait, error)  # noqa: TRY400 - the sentence says it
            context.status(str(error), "error")
        except Exception as error:
            context.log.exception("the source failed; it starts again in %g s", wait)
            context.status(str(error) or type(error).__name__, "error")
        else:
            return
        # A source that ran for a good while before it failed is not failing for ever: begin the waits anew.
        if context.clock.monotonic() - began > LONGEST_WAIT:
            wait = FIRST_WAIT
        await context.clock.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
