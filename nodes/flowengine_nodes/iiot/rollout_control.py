"""The rollout-control node."""

from functools import partial
from typing import Final

from flowengine.node import Config, Context, Delivery, Field, Node, Output, node_type, within
from flowengine_nodes.iiot.ota.description import describe_status
from flowengine_nodes.iiot.registry.registry import Registry, RegistryId
from flowengine_nodes.iiot.registry.rollout import Rollout

_MANY: Final = 100


class RolloutControlConfig(Config):
    """Run rollouts."""

    registry: RegistryId = Field("registry", description="Registry that keeps the rollouts.")


@node_type("rollout-control", category="iiot", label="Rollout control", icon="rollout")
class RolloutControl(Node[RolloutControlConfig]):
    """Let the devices of rollouts begin, group by group, and stop rollouts that go wrong.

    Each second it looks at how the devices of each rollout stand, and does what the plan says: let as many devices
    begin as the rate allows, go on to the next group when enough of this one have succeeded, pause when too many of
    those that ended have failed (a device that takes too long has failed too), or when a group cannot succeed any
    more. A device that is being updated already waits; one that the firmware does not fit, or that has the version, is
    left out. All of it is in the registry, so that a rollout goes on after a restart where it was.

    By `changed` leaves a rollout whose state has changed, as the payload, with how its devices stand. It counts as told
    when its delivery has ended.

    With several workers only one of them decides.
    """

    changed = Output("A rollout whose state has changed.")

    def __init__(self, config: RolloutControlConfig, context: Context) -> None:
        super().__init__(config, context)
        self._telling: dict[str, Rollout] = {}
        self._told: list[Rollout] = []

    async def start(self) -> None:
        """Find the registry."""
        self._rollouts = self.context.resource(self.config.registry, Registry).rollouts

    async def run(self) -> None:
        """Decide from second to second."""
        async with self.context.alone():
            while True:
                changed = self._rollouts.bell.next
                await self._look()
                try:
                    await within(self.context.clock, await self._rollouts.rest(), changed.wait())
                except TimeoutError:
                    continue

    async def stop(self) -> None:
        """Store what was told."""
        await self._save()

    async def _look(self) -> None:
        await self._save()
        for id in await self._rollouts.running():
            while await self._rollouts.step(id):
                pass
        for rollout in await self._rollouts.untold(_MANY):
            if self._telling.get(rollout.id) != rollout:
                self._telling[rollout.id] = rollout
                fields = {"payload": describe_status(await self._rollouts.get(rollout.id)), "topic": "rollout"}
                self.emit(self.changed, fields, on_closed=partial(self._has_told, rollout))

    async def _save(self) -> None:
        told = self._told[:]
        if told:
            await self._rollouts.told(told)
            del self._told[: len(told)]
            for one in told:
                if self._telling.get(one.id) == one:
                    del self._telling[one.id]

    def _has_told(self, rollout: Rollout, _closed: Delivery) -> None:
        self._told.append(rollout)
        self._rollouts.bell.ring()
