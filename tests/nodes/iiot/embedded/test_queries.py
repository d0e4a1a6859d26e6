import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import sqlite

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.embedded.device_rows import chosen, device
from flowengine_nodes.iiot.embedded.schema import metadata
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from tests.nodes.iiot.registries import running_registry


@pytest.mark.parametrize(
    "which",
    [
        DeviceFilter(),
        DeviceFilter(profile="boiler"),
        DeviceFilter(lifecycle=Lifecycle.ACTIVE),
        DeviceFilter(firmware="1.0"),
        DeviceFilter(group="canary"),
        DeviceFilter(online=True),
        DeviceFilter(online=False),
        DeviceFilter(text="x"),
    ],
    ids=str,
)
async def test_a_page_of_devices_is_found_by_an_index_and_in_its_order(
    which: DeviceFilter, clock: VirtualClock
) -> None:
    query = chosen(select(device), which).where(device.c.id > "a").order_by(device.c.id).limit(100)
    statement = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    store = await Store.in_memory(clock.time)

    def plan(connection: Connection) -> list[str]:
        return [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))]

    async with running_registry(store, clock) as registry:
        assert isinstance(registry, EmbeddedRegistry)
        steps = await store.tables.read(plan)
    await store.close()
    assert not [step for step in steps if step.startswith("SCAN") or "ORDER BY" in step], steps


def test_every_reference_has_an_index_so_that_a_removal_finds_what_goes_with_it() -> None:
    missing = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.foreign_keys
        and column is not next(iter(table.primary_key.columns))
        and not any(
            next(iter(index.columns)) is column and index.dialect_options["sqlite"]["where"] is None
            for index in table.indexes
            if len(index.columns)
        )
    ]
    assert missing == []
