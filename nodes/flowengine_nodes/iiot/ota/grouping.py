"""Which device of a rollout is in which group."""

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence

from flowengine_nodes.iiot.registry.rollout import RolloutGroup


def grouped(
    rollout: str, devices: Collection[str], groups: Sequence[RolloutGroup], members: Mapping[str, Collection[str]]
) -> list[list[str]]:
    """Share devices out among the groups of a rollout.

    Their order has nothing to do with their ids, and is another one in each rollout, so that the first group is not
    always the same devices.

    Args:
        rollout: Id of the rollout.
        devices: Ids of all devices.
        groups: The groups; the last one takes all that are left.
        members: Devices by the name of their group of devices.

    Returns:
        The devices of each group, in the order in which they begin.
    """
    left = sorted(devices, key=lambda device: hashlib.sha256(f"{rollout}\n{device}".encode()).digest())
    shared: list[list[str]] = []
    for group in groups:
        fitting = left
        if group.device_group is not None:
            wanted = set(members.get(group.device_group, ()))
            fitting = [id for id in left if id in wanted]
        # Up, so that a small group has a device as long as there is one.
        taken = fitting[: math.ceil(len(fitting) * group.percent / 100)]
        gone = set(taken)
        left = [id for id in left if id not in gone]
        shared.append(taken)
    return shared
