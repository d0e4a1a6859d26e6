"""What can be wrong with a question to the registry."""

from flowengine.node import NodeError


class UnknownRecordError(NodeError):
    """The registry has no record of this kind with this id.

    Args:
        kind: What it would be, in a user's words: "device", "profile".
        id: Its id.
    """

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f'there is no {kind} "{id}" in the registry', code=f"unknown-{kind.replace(' ', '-')}")
        self.kind = kind
        self.id = id


class DuplicateRecordError(NodeError):
    """The registry has such a record already.

    Args:
        kind: What it is, in a user's words.
        field: What must be its own: "id", "serial".
        value: The value that another one has.
    """

    def __init__(self, kind: str, field: str, value: str) -> None:
        super().__init__(f'there is already a {kind} with the {field} "{value}"', code=f"duplicate-{kind}")
        self.kind = kind
        self.field = field
        self.value = value


class BadDeviceIdError(NodeError):
    """A text cannot be the id of a device.

    Args:
        id: The text.
    """

    def __init__(self, id: str) -> None:
        super().__init__(
            f'"{id}" cannot be the id of a device: it is one level of a topic, of 1 to 128 characters without "/", "+" '
            'and "#"',
            code="bad-device-id",
        )
        self.id = id


class RecordInUseError(NodeError):
    """A record cannot be removed: another one refers to it.

    Args:
        kind: What it is, in a user's words.
        id: Its id.
        user_kind: What refers to it.
        user: Id of one that does.
    """

    def __init__(self, kind: str, id: str, user_kind: str, user: str) -> None:
        super().__init__(
            f'the {kind} "{id}" is in use, by the {user_kind} "{user}" for one; change or remove what uses it first',
            code=f"{kind}-in-use",
        )
        self.kind = kind
        self.id = id
        self.user_kind = user_kind
        self.user = user


class UnfitRuleError(NodeError):
    """An automation rule does not fit to the profile whose devices it is for.

    Args:
        id: Id of the rule.
        place: Where in it.
        why: Why, as a sentence.
    """

    code = "unfit-automation"

    def __init__(self, id: str, place: str, why: str) -> None:
        super().__init__(f'the automation rule "{id}" cannot be, {place}: {why}', detail={"location": place})
        self.id = id
        self.place = place
        self.why = why


class BadRecordError(NodeError):
    """A record in the registry is not valid any more: this version knows rules that it breaks.

    Args:
        kind: What it is, in a user's words.
        id: Its id.
        place: Where in it something is wrong.
        why: What is wrong there.
    """

    def __init__(self, kind: str, id: str, place: str, why: str) -> None:
        where = f", {place}" if place else ""
        super().__init__(
            f'the {kind} "{id}" in the registry is not valid any more{where}: {why}; save a right one in its place',
            code=f"bad-{kind}",
        )
        self.kind = kind
        self.id = id
        self.place = place
        self.why = why
