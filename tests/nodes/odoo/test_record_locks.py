import asyncio

from flowengine_nodes.odoo.record_locks import RecordLocks


async def test_locks_let_calls_for_one_record_come_one_after_the_other() -> None:
    locks = RecordLocks()
    order: list[str] = []
    go = {name: asyncio.Event() for name in "abcd"}
    entered = {name: asyncio.Event() for name in "abcd"}

    async def call(name: str, records: set[tuple[str, int]]) -> None:
        async with locks.hold(records):
            order.append(name)
            entered[name].set()
            await go[name].wait()
            order.append(name.upper())

    async with asyncio.TaskGroup() as group:
        for name, ids in (("a", {1, 2}), ("b", {2, 3}), ("c", {3}), ("d", {9})):
            group.create_task(call(name, {("m", id) for id in ids}))
            await asyncio.sleep(0)
        assert order == ["a", "d"]
        # c waits for b, though nobody is at its record: else b might wait for ever.
        go["a"].set()
        await entered["b"].wait()
        assert order == ["a", "d", "A", "b"]
        go["b"].set()
        go["c"].set()
        go["d"].set()
    assert order[-2:] == ["c", "C"] or order[-1] in {"C", "D"}
    assert order.index("B") < order.index("c")
