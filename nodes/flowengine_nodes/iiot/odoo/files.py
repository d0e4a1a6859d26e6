"""Brings the files of firmware from Odoo into the stores of the bridge."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from flowengine.errors import FlowEngineError
from flowengine.node import Clock, NodeError, TransientError, within
from flowengine_nodes.iiot.odoo.bridge import Bridge
from flowengine_nodes.iiot.odoo.firmware import OdooFirmware
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.firmware import Firmware

AGAIN: Final = 30.0
"""Seconds until what could not be brought is tried again."""


class FileBringer:
    """Bring each file that a store lacks.

    Args:
        bridge: Asks Odoo.
        firmwares: What there is.
        clock: Measures the wait before the next try.
        news: Rings when there may be more to bring.
        told: Told what is wrong with a firmware, or that nothing is any more.
    """

    def __init__(
        self, bridge: Bridge, firmwares: OdooFirmware, clock: Clock, news: Bell, told: Callable[[str, str], object]
    ) -> None:
        self._bridge = bridge
        self._firmwares = firmwares
        self._clock = clock
        self._told = told
        self._intakes: list[FirmwareIntake] = []
        self._news = news

    def use(self, intake: FirmwareIntake) -> None:
        """Bring files into a store."""
        self._intakes.append(intake)
        self._news.ring()

    def leave(self, intake: FirmwareIntake) -> None:
        """Bring no more files into a store; harmless for one that gets none."""
        if intake in self._intakes:
            self._intakes.remove(intake)

    async def run(self) -> None:
        """Bring what is lacking, until cancelled."""
        while True:
            rung = self._news.next
            await self._bring_all()
            try:
                await within(self._clock, AGAIN, rung.wait())
            except TimeoutError:
                continue

    async def _bring_all(self) -> None:
        for firmware in await self._firmwares.list():
            for intake in tuple(self._intakes):
                try:
                    await self._bring(firmware, intake)
                except asyncio.CancelledError:
                    raise
                except TransientError as error:
                    self._told(firmware.id, str(error))
                except (NodeError, FlowEngineError) as error:
                    self._told(firmware.id, f"the firmware {firmware.id} is not for devices: {error}")
                else:
                    self._told(firmware.id, "")

    async def _bring(self, firmware: Firmware, intake: FirmwareIntake) -> None:
        signed = await intake.signed(firmware)
        if signed != firmware:
            await self._firmwares.sign(signed)
        if await intake.lacks(firmware):
            async with self._bridge.firmware(firmware.id) as parts, aclosing(parts):
                await intake.bring(firmware, parts)
