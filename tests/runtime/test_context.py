import gc

from tests.runtime.stand import Sink, Stand, node, plan


async def test_work_that_is_cancelled_before_it_began_leaves_nothing_behind(stand: Stand) -> None:
    await stand.deploy(plan(node(Sink, "sink")))
    begun = []

    async def work() -> None:
        begun.append(1)

    task = stand["sink"].context.spawn(work(), "work")
    task.cancel()
    await stand.settle()
    # A coroutine that was never awaited warns when it is collected, and warnings are errors.
    gc.collect()
    assert task.cancelled()
    assert begun == []
