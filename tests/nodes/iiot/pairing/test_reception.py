import asyncio
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.pairing.reception import REPEAT_WITHIN, Admitted, Asking, Reception
from flowengine_nodes.iiot.pairing.refusal import Refusal
from flowengine_nodes.iiot.pairing.request import PairingRequest, claimed, read_request
from flowengine_nodes.iiot.pairing.token_text import ALPHABET, SYMBOLS
from flowengine_nodes.iiot.registry.device import Lifecycle
from tests.nodes.iiot.registries import add_device

SERIAL = "SN-boiler-1"


class Desk:
    """A reception, and the token of a device that comes to it."""

    def __init__(self, registry: EmbeddedRegistry, clock: VirtualClock, text: str) -> None:
        self.registry = registry
        self.text = text
        self._reception = Reception(registry.tokens, clock)
        self._messages = iter(range(1_000_000))

    async def ask(
        self,
        *,
        serial: str = SERIAL,
        token: str = "",
        request_id: str = "",
        duplicate: bool = False,
        message: str = "",
    ) -> Admitted | Refusal:
        request = read_request({"serial": serial, "token": token or self.text, "request_id": request_id})
        assert isinstance(request, PairingRequest)
        asking = Asking(source="test", message=message or str(next(self._messages)), duplicate=duplicate)
        return await self._reception.receive(request, asking)


@pytest.fixture
async def desk(memory_registry: EmbeddedRegistry, clock: VirtualClock) -> Desk:
    await add_device(memory_registry)
    issued = await memory_registry.tokens.issue(SERIAL, 900, "test")
    return Desk(memory_registry, clock, issued.text)


async def test_right_token_admits_its_device(desk: Desk) -> None:
    admitted = await desk.ask()
    assert isinstance(admitted, Admitted)
    assert (admitted.device.id, admitted.device.lifecycle, admitted.repeated) == ("boiler-1", Lifecycle.PAIRED, False)


async def test_wrong_serial_number_and_unknown_token_are_refused(desk: Desk) -> None:
    guess = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    assert await desk.ask(token=guess) is Refusal.TOKEN_UNKNOWN
    assert await desk.ask(token=guess, serial="SN-9") is Refusal.TOKEN_UNKNOWN
    assert await desk.ask(serial="SN-9") is Refusal.WRONG_SERIAL
    assert isinstance(await desk.ask(), Admitted)


async def test_real_token_whose_serial_number_is_guessed_is_void_in_the_end(desk: Desk) -> None:
    for number in range(5):
        assert await desk.ask(serial=f"SN-{number}") is Refusal.WRONG_SERIAL
    assert await desk.ask() is Refusal.TOKEN_VOID


async def test_ten_thousand_guesses_never_succeed_and_lock_nobody_out(desk: Desk) -> None:
    for _ in range(10_000):
        guess = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
        assert await desk.ask(token=guess) is Refusal.TOKEN_UNKNOWN
    assert isinstance(await desk.ask(), Admitted)


async def test_same_request_is_admitted_again_for_a_day(desk: Desk, clock: VirtualClock) -> None:
    first = await desk.ask(request_id="one")
    again = await desk.ask(request_id="one")
    assert isinstance(first, Admitted)
    assert isinstance(again, Admitted)
    assert (again.token.id, again.repeated) == (first.token.id, True)
    assert await desk.ask(request_id="two") is Refusal.TOKEN_USED
    assert await desk.ask() is Refusal.TOKEN_USED
    await clock.advance(REPEAT_WITHIN - 1)
    assert isinstance(await desk.ask(request_id="one"), Admitted)
    await clock.advance(1)
    assert await desk.ask(request_id="one") is Refusal.TOKEN_USED


async def test_request_without_an_id_is_known_by_its_message_or_the_brokers_word(desk: Desk) -> None:
    assert isinstance(await desk.ask(message="m1"), Admitted)
    assert isinstance(await desk.ask(message="m1"), Admitted)
    assert isinstance(await desk.ask(message="m2", duplicate=True), Admitted)
    assert await desk.ask(message="m2") is Refusal.TOKEN_USED
    assert await desk.ask(request_id="one", duplicate=True) is Refusal.TOKEN_USED


async def test_request_with_an_id_is_not_repeated_by_one_without(desk: Desk) -> None:
    assert isinstance(await desk.ask(request_id="one"), Admitted)
    assert await desk.ask(duplicate=True) is Refusal.TOKEN_USED


async def test_newer_token_ends_the_repeats_of_the_older(desk: Desk) -> None:
    assert isinstance(await desk.ask(request_id="one"), Admitted)
    await desk.registry.tokens.issue(SERIAL, 900, "test")
    assert await desk.ask(request_id="one") is Refusal.TOKEN_VOID


async def test_token_that_is_too_old_is_refused(desk: Desk, clock: VirtualClock) -> None:
    await clock.advance(900)
    assert await desk.ask() is Refusal.TOKEN_EXPIRED


@pytest.mark.parametrize(
    ("lifecycle", "refusal"),
    [(Lifecycle.SUSPENDED, Refusal.DEVICE_SUSPENDED), (Lifecycle.RETIRED, Refusal.DEVICE_RETIRED)],
)
async def test_device_that_takes_no_part_is_refused(desk: Desk, lifecycle: Lifecycle, refusal: Refusal) -> None:
    await desk.registry.devices.change("boiler-1", {"lifecycle": lifecycle}, "test")
    assert await desk.ask() is refusal


async def test_suspended_device_gets_no_repeat_either(desk: Desk) -> None:
    assert isinstance(await desk.ask(request_id="one"), Admitted)
    await desk.registry.devices.change("boiler-1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    assert await desk.ask(request_id="one") is Refusal.DEVICE_SUSPENDED


async def test_of_requests_at_once_one_is_admitted(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask(request_id=str(number)) for number in range(20)))
    assert sum(isinstance(answer, Admitted) for answer in answers) == 1
    assert sum(answer is Refusal.TOKEN_USED for answer in answers) == 19


async def test_same_request_twice_at_once_is_admitted_twice(desk: Desk) -> None:
    one, other = await asyncio.gather(desk.ask(request_id="one"), desk.ask(request_id="one"))
    assert isinstance(one, Admitted)
    assert isinstance(other, Admitted)
    assert one.token.id == other.token.id


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=200), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(["serial", "token", "request_id", "reply_to", "hardware", "x"]), JSON) | JSON)
def test_any_payload_is_a_request_or_refused(payload: Any) -> None:
    read = read_request(payload)
    assert isinstance(read, PairingRequest | Refusal)
    said = claimed(payload, "serial")
    assert len(said) <= 128
    assert said.isprintable()


def test_text_with_control_characters_is_no_serial_number() -> None:
    payload = {"serial": "a\x00b", "token": "0" * SYMBOLS}
    assert read_request(payload) is Refusal.REQUEST_MALFORMED
    assert claimed(payload, "serial") == "a?b"
