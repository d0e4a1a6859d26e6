"""Telling Odoo what the bridge knew before Odoo became its master."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, select

from flowengine.node import Database, NodeError, TransientError
from flowengine.node.context import NodeLogger
from flowengine_nodes.iiot.embedded.automation import rule_table
from flowengine_nodes.iiot.embedded.device_rows import device, device_of
from flowengine_nodes.iiot.embedded.firmware import firmware, firmware_of
from flowengine_nodes.iiot.embedded.profiles import profile_table
from flowengine_nodes.iiot.odoo.bridge import Bridge
from flowengine_nodes.iiot.odoo.records import Item, device_document, firmware_document
from flowengine_nodes.iiot.registry.device import Lifecycle

WHO: Final = "move to Odoo"


class _Call(NamedTuple):
    kind: str
    id: str
    method: str
    named: Mapping[str, Any]


class Adoption:
    """Tell Odoo of profiles, devices, firmware and rules that it does not know.

    What has paired stays paired: where Odoo has only just heard of a device, it is told how far the device is.

    Args:
        bridge: Asks Odoo.
        database: Where the records are.
        log: Hears what Odoo did not want.
    """

    def __init__(self, bridge: Bridge, database: Database, log: NodeLogger) -> None:
        self._bridge = bridge
        self._database = database
        self._log = log

    async def run(self, items: Sequence[Item]) -> list[Item]:
        """Tell Odoo, and return what it has then.

        Args:
            items: All that it has.

        Raises:
            TransientError: Odoo is away; what it was told it has then, and the rest is told the next time.
        """
        known = {(item.kind, item.id): item for item in items}
        calls = await self._database.read(lambda connection: _calls(connection, known))
        told = 0
        for call in calls:
            try:
                await self._bridge.ask(call.method, who=WHO, **call.named)
            except TransientError:
                raise
            except NodeError as error:
                self._log.error("Odoo did not take over the %s %s: %s", call.kind, call.id, error)
            else:
                told += 1
                if call.method == "change_device":
                    item = known["device", call.id]
                    known["device", call.id] = item._replace(document={**(item.document or {}), **call.named["values"]})
        if calls:
            self._log.info("Odoo was told of %d records that only the bridge had", told)
        return list(known.values())


def _calls(connection: Connection, known: Mapping[tuple[str, str], Item]) -> list[_Call]:
    calls = [
        _Call("profile", row.id, "save_profile", {"document": orjson.loads(row.document)})
        for row in connection.execute(select(profile_table).order_by(profile_table.c.id))
        if ("profile", row.id) not in known
    ]
    for one in map(device_of, connection.execute(select(device).order_by(device.c.id))):
        item = known.get(("device", one.id))
        if item is None:
            calls.append(_Call("device", one.id, "add_device", {"document": device_document(one)}))
        elif (item.document or {}).get("lifecycle") == "draft" and one.lifecycle in {
            Lifecycle.PAIRED,
            Lifecycle.ACTIVE,
        }:
            values = {"lifecycle": one.lifecycle.value}
            calls.append(_Call("device", one.id, "change_device", {"id": one.id, "values": values}))
    calls += [
        _Call("firmware", one.id, "add_firmware", {"document": firmware_document(one)})
        for one in map(firmware_of, connection.execute(select(firmware).order_by(firmware.c.id)))
        if ("firmware", one.id) not in known
    ]
    calls += [
        _Call("rule", row.id, "save_rule", {"document": orjson.loads(row.document)})
        for row in connection.execute(select(rule_table).order_by(rule_table.c.id))
        if ("rule", row.id) not in known
    ]
    return calls
