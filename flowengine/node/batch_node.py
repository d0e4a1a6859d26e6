"""A node that is handed many messages at once."""

from collections.abc import Sequence

from flowengine.message import Message
from flowengine.node.node import C, Node


class BatchNode(Node[C]):
    """Work on many messages in one call, where one by one costs more: a request, a transaction.

    It is a stage. Its plan says how many messages a call gets at most (``batch``) and how long it waits for as many
    (``linger``). Messages of a call are in the order in which they came.
    """

    async def receive_batch(self, messages: Sequence[Message]) -> Sequence[BaseException | None] | None:
        """Work on messages.

        What is raised fails all of them.

        Args:
            messages: One or more.

        Returns:
            What went wrong with each, in their order, ``None`` for those that went well; or ``None`` if all did.
        """
        raise NotImplementedError

    async def receive(self, message: Message) -> None:
        """Work on one message, as a batch of one."""
        for error in await self.receive_batch([message]) or ():
            if error is not None:
                raise error
