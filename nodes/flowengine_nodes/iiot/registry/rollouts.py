"""Where rollouts are kept."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.rollout import GroupCounts, Rollout, RolloutAction, RolloutPlan, RolloutState


class RolloutStateError(NodeError):
    """A rollout is in a state in which this cannot be done.

    Args:
        rollout: Its id.
        state: Its state.
        action: What was to be done.
    """

    code = "wrong-state"

    def __init__(self, rollout: str, state: RolloutState, action: RolloutAction) -> None:
        super().__init__(f"the rollout {rollout} is {state}, so {action} is not possible")
        self.rollout = rollout
        self.state = state
        self.action = action


class EmptyRolloutError(NodeError):
    """A rollout would have no device."""

    code = "no-devices"

    def __init__(self) -> None:
        super().__init__("no device is as the rollout wants them; look at its choice of devices")


class RolloutStatus(NamedTuple):
    """A rollout and how its devices stand.

    Args:
        rollout: The rollout.
        groups: How the devices of each group stand.
        left_out: How many devices were left out, by reason.
    """

    rollout: Rollout
    groups: Sequence[GroupCounts]
    left_out: dict[str, int]


class Rollouts(Protocol):
    """All rollouts.

    Attributes:
        bell: Rings whenever somebody starts a rollout, or acts on one, in this process.
    """

    bell: Bell

    async def get(self, id: str) -> RolloutStatus:
        """Return a rollout and how its devices stand.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def find(self, who: str, key: str) -> Rollout | None:
        """Return the newest rollout that somebody asked for with an idempotency key.

        Args:
            who: Who asked; with a colon at its end, anybody whose name begins so, such as any user of ``odoo:``.
            key: The key.
        """
        ...

    async def list(self, *, before: str = "", limit: int = 100) -> Sequence[Rollout]:
        """Return rollouts, newest first.

        Args:
            before: Id of the last rollout of the page before.
            limit: How many at most.
        """
        ...

    async def start(self, plan: RolloutPlan, who: str, key: str | None = None, *, id: str = "") -> Rollout:
        """Begin a rollout with the devices that are there now.

        Args:
            plan: What it does.
            who: Who wants it.
            key: Idempotency key: a second request of the same caller with the same key gets the first one's rollout.
            id: Its id, where a flow test chooses it.

        Raises:
            UnknownRecordError: There is no such firmware.
            EmptyRolloutError: There is no device for it.
        """
        ...

    async def act(self, id: str, action: RolloutAction, who: str) -> Rollout:
        """Pause, resume, cancel or roll back a rollout; return it, or the new one that takes its devices back.

        Raises:
            UnknownRecordError: There is none.
            RolloutStateError: It is in a state in which this is not possible.
            EmptyRolloutError: It is to be rolled back, and no device has begun.
        """
        ...

    async def running(self) -> Sequence[str]:
        """Return the ids of the rollouts that run."""
        ...

    async def rest(self) -> float:
        """Return the seconds for which there is nothing to do, unless the bell rings before: at least one."""
        ...

    async def step(self, id: str) -> bool:
        """Do what a rollout does next, in one transaction; return whether there is more to be done at once."""
        ...

    async def untold(self, limit: int) -> Sequence[Rollout]:
        """Return rollouts whose state nobody was told of."""
        ...

    async def told(self, rollouts: Sequence[Rollout]) -> None:
        """Note that the state of rollouts was told."""
        ...
