"""Why a value, or a whole payload, cannot be used."""


class BadValueError(Exception):
    """A value is not what it must be.

    Args:
        code: Stable word code.
        value: The value.
        reason: What it is not, to follow the value: "is no number".
    """

    def __init__(self, code, value, reason):
        text = repr(value)
        super().__init__(f"{text if len(text) <= 60 else text[:59] + '…'} {reason}")
        self.code = code
