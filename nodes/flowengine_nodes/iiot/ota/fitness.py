"""Whether a firmware fits a device."""

from typing import NamedTuple

from flowengine_nodes.iiot.ota.version import Version
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.firmware import Firmware


class Misfit(NamedTuple):
    """Why a device is not updated.

    Args:
        code: As a word code.
        message: As a sentence.
    """

    code: str
    message: str


def misfit(firmware: Firmware, device: Device, *, again: bool = False) -> Misfit | None:
    """Return why a firmware is not for a device, or ``None`` if it is.

    Args:
        firmware: The firmware.
        device: The device.
        again: Whether a device that has the version already gets it again.
    """
    if device.lifecycle in {Lifecycle.SUSPENDED, Lifecycle.RETIRED}:
        return Misfit("not-in-service", f"the device {device.id} is {device.lifecycle}")
    if firmware.hardware and device.hardware not in firmware.hardware:
        fits = ", ".join(firmware.hardware)
        return Misfit(
            "wrong-hardware",
            f'the firmware {firmware.id} is for {fits}, but the device {device.id} is "{device.hardware}"',
        )
    if firmware.min_version and Version(device.firmware) < Version(firmware.min_version):
        return Misfit(
            "version-too-old",
            f"the firmware {firmware.id} needs version {firmware.min_version} to begin with, but the device"
            f' {device.id} has "{device.firmware}"',
        )
    if device.firmware == firmware.version and not again:
        return Misfit("has-version", f"the device {device.id} has version {firmware.version} already")
    return None
