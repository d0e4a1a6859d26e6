from flowengine.runtime.hand import WINDOW_BYTES, Hand
from flowengine.storage import Claimed


def row(id: int, size: int = 1, crashes: int = 0) -> Claimed:
    return Claimed(id, "", bytes(size), b"", 0.0, 0, None, crashes)


def test_hand_has_room_for_so_many_rows_and_bytes() -> None:
    hand = Hand(3)
    assert hand.room_for([1] * 5) == 3
    assert hand.room_for([WINDOW_BYTES, 1]) == 1
    big = row(1, WINDOW_BYTES - 1)
    hand.take(big)
    assert hand.room_for([1, 1]) == 1
    hand.drop(big)
    assert hand.room_for([1, 1, 1, 1]) == 3


def test_hand_keeps_a_row_that_was_claimed_anew() -> None:
    hand = Hand(3)
    old, new = row(1), row(1)
    hand.take(old)
    assert hand.drop(old)
    assert not hand.drop(old)
    hand.take(new)
    assert not hand.drop(old)
    assert len(hand) == 1


def test_hand_takes_few_others_beside_a_row_that_a_process_died_of() -> None:
    hand = Hand(100)
    once, often = row(1, crashes=1), row(2, crashes=9)
    hand.take(once)
    assert hand.most == 25
    hand.take(often)
    assert hand.most == 1
    assert hand.room_for([1]) == 0
    hand.drop(often)
    assert hand.most == 25
    assert hand.empty() == [1]
    assert hand.most == 100
