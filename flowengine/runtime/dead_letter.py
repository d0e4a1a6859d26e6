"""The way of a given-up message into the store."""

from functools import partial

from flowengine.message import Message, encode_whatever
from flowengine.node import Clock
from flowengine.runtime.insistence import Insistence
from flowengine.runtime.provenance import encode_provenance
from flowengine.runtime.retry import attempt_of
from flowengine.storage import Failure, NewLetter, Store


class DeadLetterBox:
    """Store dead letters, however long it takes.

    A message counts as failed, and its delivery may close, only once the letter is durable. While the store cannot
    take it, the delivery stays open, so that the source does not acknowledge.

    Args:
        store: Where the letters go.
        clock: Times the tries.

    Attributes:
        waiting: Letters not yet durable.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.waiting = 0

    def put(self, flow: str, node: str, message: Message, error: BaseException) -> None:
        """Store a message that failed; holds its delivery until that is done.

        Args:
            flow: Id of the flow.
            node: Id of the node that failed.
            message: The message as the node got it.
            error: What the node said.
        """
        message.delivery.hold()
        self.waiting += 1
        letter = NewLetter(
            flow=flow,
            node=node,
            message=encode_whatever(message.fields),
            failure=Failure.of(error),
            source_id=message.id,
            attempts=attempt_of(message),
            meta=encode_provenance(message.delivery),
        )
        Insistence(
            partial(self._store.dead_letters.put_nowait, letter),
            partial(self._stored, letter, message),
            self._clock,
            f"a dead letter of {flow}/{node}",
        ).begin()

    def _stored(self, letter: NewLetter, message: Message) -> None:
        self.waiting -= 1
        message.delivery.fail(letter.failure.code)
        message.delivery.release()
