"""Simulated devices in the registry, as an operator would have entered them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle
from flowengine_nodes.iiot.registry.devices import Devices
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.profiles import Profiles
from flowengine_nodes.iiot.registry.tokens import Tokens
from flowengine_nodes.iiot.simulator.machines import KINDS
from flowengine_nodes.iiot.simulator.pairing import Applicant

SEQUENCE_FIELD = "x_sequence"
MODEL = "maintenance.equipment"
WHO = "simulator"
TOKEN_SECONDS = 3600.0
# How many records are on their way to the store at a time: they share a commit.
PORTION = 500


class Groups(Protocol):
    """The parts of a registry that this needs."""

    @property
    def profiles(self) -> Profiles:
        """Device profiles."""
        ...

    @property
    def devices(self) -> Devices:
        """Devices."""
        ...

    @property
    def tokens(self) -> Tokens:
        """Tokens that devices pair with."""
        ...


def names(count: int, kinds: Sequence[str] = tuple(KINDS), prefix: str = "") -> list[str]:
    """Return the ids of so many devices: kinds in turn, each numbered.

    Args:
        count: How many.
        kinds: Kinds of machines.
        prefix: What each id begins with.
    """
    width = max(2, len(str(-(-count // len(kinds)))))
    return [f"{prefix}{kinds[number % len(kinds)]}-{number // len(kinds) + 1:0{width}d}" for number in range(count)]


def kind_of(name: str) -> str:
    """Return the kind of machine that a device's id names."""
    stem = name.rpartition("-")[0]
    return next(kind for kind in KINDS if stem.endswith(kind))


def applicants(ids: Sequence[str]) -> list[Applicant]:
    """Return devices that need no pairing."""
    return [Applicant(serial=id, kind=kind_of(id)) for id in ids]


async def enrol(registry: Groups, ids: Sequence[str], *, pair: bool) -> list[Applicant]:
    """Enter a profile for each kind of machine, and the devices; those that are there already stay as they are.

    Args:
        registry: Where to.
        ids: Ids of the devices, which are their serial numbers too.
        pair: Whether they are to pair; else they are taken for paired.

    Returns:
        The devices, with their tokens if they are to pair.
    """
    for kind in KINDS:
        await registry.profiles.save(profile_of(kind), WHO)

    async def one(number: int, id: str) -> Applicant:
        device = Device(
            id=id,
            serial=id,
            profile=kind_of(id),
            lifecycle=Lifecycle.DRAFT if pair else Lifecycle.ACTIVE,
            business=BusinessObject(MODEL, number),
        )
        with suppress(DuplicateRecordError):
            await registry.devices.add(device, WHO)
        token = (await registry.tokens.issue(id, TOKEN_SECONDS, WHO)).text if pair else ""
        return Applicant(serial=id, kind=kind_of(id), token=token)

    made: list[Applicant] = []
    for at in range(0, len(ids), PORTION):
        portion = enumerate(ids[at : at + PORTION], at + 1)
        made += await asyncio.gather(*(one(number, id) for number, id in portion))
    return made


def profile_of(kind: str) -> Profile:
    """Return the profile of a kind of machine: each value goes to a field of the equipment."""
    rules = [{"path": "$.sequence", "field": SEQUENCE_FIELD, "on_missing": "fail"}]
    rules += [{"path": f"$.{channel.name}", "field": f"x_{channel.name}"} for channel in KINDS[kind]]
    profile = {"id": kind, "name": kind.capitalize(), "rules": rules, "reading": {"time": "$.time"}}
    return Profile.model_validate(profile)
