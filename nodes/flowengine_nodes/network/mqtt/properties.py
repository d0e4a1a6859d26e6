"""Properties that travel with an MQTT 5 message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """The properties of a PUBLISH that concern its sender and receiver (MQTT 5.0 §3.3.2.3).

    Attributes:
        payload_is_text: The payload is UTF-8 text (Payload Format Indicator 1).
        message_expiry: Seconds after which nobody wants the message; None means never.
        content_type: MIME type or any name both sides know.
        response_topic: Where an answer is expected.
        correlation_data: Tells the asker which question an answer belongs to.
        user_properties: Pairs of name and value; names may repeat, order is kept.
    """

    payload_is_text: bool = False
    message_expiry: int | None = None
    content_type: str | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user_properties: tuple[tuple[str, str], ...] = ()


NO_PROPERTIES = Properties()
