"""An update that is wanted elsewhere, by whatever is the master of the records."""

from typing import Any

from pydantic import BaseModel


class WantedUpdate(BaseModel):
    """An order for an update, and who gives it.

    Attributes:
        idempotency_key: Its key: it may come here by another way too.
        device: Id of the device.
        firmware: Id of the firmware.
        policy: How patient it is.
        again: Whether a device that has the version already gets it again.
        who: Who wants it.
    """

    idempotency_key: str
    device: str
    firmware: str
    policy: dict[str, Any] = {}
    again: bool = False
    who: str

    @property
    def order(self) -> dict[str, Any]:
        """What an update-request node takes."""
        return self.model_dump(exclude={"who"})
