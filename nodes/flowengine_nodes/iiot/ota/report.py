"""What a device says of an update, on its topic for that."""

from dataclasses import dataclass
from typing import Any, Final

from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.update import UpdateState

_LONGEST: Final = 500
STATES: Final = {
    state.value: state
    for state in (
        UpdateState.DOWNLOADING,
        UpdateState.DOWNLOADED,
        UpdateState.VERIFIED,
        UpdateState.INSTALLING,
        UpdateState.REBOOTING,
        UpdateState.SUCCEEDED,
        UpdateState.FAILED,
        UpdateState.ROLLED_BACK,
    )
}
"""States that a device may report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReport:
    """A report of a device.

    Args:
        device: Id of the device, from the topic.
        update: Id of the update; empty in the report that a device without a memory sends when it has started.
        attempt: The attempt that it speaks of.
        state: How far the device is; ``None`` when it only says which version it runs.
        expected: What it reported before, so that an old report is known as one.
        version: Version that it runs.
        progress: How much of the file it has, in percent.
        error_code: What was wrong: a word code.
        error: The same as a sentence.
        permanent: Whether trying again is of no use, as far as the device knows.
    """

    device: str
    update: str = ""
    attempt: int = 1
    state: UpdateState | None = None
    expected: UpdateState | None = None
    version: str = ""
    progress: int | None = None
    error_code: str = ""
    error: str = ""
    permanent: bool = False


def read_report(device: str, payload: Any) -> UpdateReport:
    """Read the JSON object that a device has sent.

    Raises:
        NodeError: It is no report (``bad-report``); the error says what is wrong with it.
    """
    if not isinstance(payload, dict):
        raise _bad("it must be a JSON object")
    state = _state(payload, "state")
    if state is not None and state not in STATES.values():
        raise _bad(f'its state must be one of {", ".join(STATES)}, not "{state}"')
    version = _text(payload, "version")
    if state is None and not version:
        raise _bad("it has neither a state nor the version that the device runs")
    update = _text(payload, "update")
    if state is not None and not update:
        raise _bad("it must name its update")
    attempt = payload.get("attempt", 1)
    if isinstance(attempt, bool) or not isinstance(attempt, int) or not 0 < attempt < 1_000:
        raise _bad("its attempt must be a number from 1")
    error = payload.get("error") or {}
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, dict):
        raise _bad("its error must be an object or a text")
    return UpdateReport(
        device=device,
        update=update,
        attempt=attempt,
        state=state,
        expected=_state(payload, "expected"),
        version=version,
        progress=_progress(payload.get("progress")),
        error_code=_text(error, "code"),
        error=_text(error, "message"),
        permanent=error.get("permanent") is True,
    )


def _state(payload: dict[str, Any], name: str) -> UpdateState | None:
    text = _text(payload, name)
    if not text:
        return None
    try:
        return UpdateState(text.lower())
    except ValueError:
        raise _bad(f'its {name} "{text}" is no state of an update') from None


def _text(payload: dict[str, Any], name: str) -> str:
    value = payload.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _bad(f"its {name} must be a text")
    return value[:_LONGEST]


def _progress(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise _bad("its progress must be a number from 0 to 100")
    return int(value)


def _bad(reason: str) -> NodeError:
    return NodeError(f"the device's report of an update is not right: {reason}", code="bad-report")
