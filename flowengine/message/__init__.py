"""Messages and the deliveries that account for them."""

from flowengine.message.account import Account
from flowengine.message.codec import UnencodableMessageError, decode_fields, encode_fields, encode_whatever
from flowengine.message.delivery import Delivery, JointDelivery, Outcome
from flowengine.message.message import Message

__all__ = [
    "Account",
    "Delivery",
    "JointDelivery",
    "Message",
    "Outcome",
    "UnencodableMessageError",
    "decode_fields",
    "encode_fields",
    "encode_whatever",
]
