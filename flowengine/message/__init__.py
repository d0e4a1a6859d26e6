"""Messages and the deliveries that account for them."""

from flowengine.message.account import Account
from flowengine.message.codec import UnencodableMessageError, decode_fields, encode_fields, encode_whatever
from flowengine.message.comparison import same_json
from flowengine.message.copying import copy_json
from flowengine.message.delivery import Delivery, JointDelivery, Outcome
from flowengine.message.excerpt import excerpt
from flowengine.message.message import Message
from flowengine.message.trace_context import TraceContext

__all__ = [
    "Account",
    "Delivery",
    "JointDelivery",
    "Message",
    "Outcome",
    "TraceContext",
    "UnencodableMessageError",
    "copy_json",
    "decode_fields",
    "encode_fields",
    "encode_whatever",
    "excerpt",
    "same_json",
]
