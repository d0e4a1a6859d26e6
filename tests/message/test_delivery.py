from hypothesis import given
from hypothesis import strategies as st

from flowengine.message import Account, Delivery, JointDelivery, Message, Outcome


def test_delivery_closes_once_when_the_last_hold_is_released() -> None:
    account, closed = Account(), list[Delivery]()
    delivery = Delivery(account, closed.append)
    delivery.hold()
    delivery.hold()
    delivery.release()
    delivery.release()
    assert (closed, account.in_flight) == ([], 1)
    delivery.release()
    assert (closed, account.in_flight, account.settled) == ([delivery], 0, 1)


def test_delivery_that_failed_on_one_branch_has_failed_whatever_the_others_did() -> None:
    account = Account()
    delivery = Delivery(account)
    delivery.drop("late")
    delivery.fail("bad")
    delivery.drop("later")
    delivery.release()
    assert (delivery.outcome, delivery.reason, account.failed, account.dropped.total()) == (
        Outcome.FAILED,
        "bad",
        1,
        0,
    )


def test_joint_delivery_passes_its_outcome_on_to_each_parent() -> None:
    account = Account()
    parents = [Delivery(account) for _ in range(3)]
    joint = JointDelivery(parents)
    joint.fail("bad")
    assert account.in_flight == 3
    joint.release()
    assert (account.failed, account.in_flight) == (3, 0)


def test_account_tells_when_nothing_is_in_flight_even_if_the_source_fails_on_its_answer() -> None:
    account, idle = Account(), list[bool]()
    account.on_idle = lambda: idle.append(True)

    def fail(_: Delivery) -> None:
        raise RuntimeError("the source is gone")

    try:
        Delivery(account, fail).release()
    except RuntimeError:
        idle.append(False)
    assert idle == [True, False]


def test_message_shares_what_did_not_change() -> None:
    message = Message({"payload": {"a": [1]}, "topic": "t"}, Delivery())
    changed = message.replace(topic="u")
    assert changed.fields == {"payload": {"a": [1]}, "topic": "u"}
    assert changed.payload is message.payload
    assert message.topic == "t"
    assert changed.without("payload").fields == {"topic": "u"}
    assert changed.id == message.id


ACTIONS = st.lists(st.sampled_from(["hold", "release", "fail", "drop"]), max_size=30)


@given(st.lists(ACTIONS, max_size=5))
def test_account_always_balances(lives: list[list[str]]) -> None:
    account = Account()
    for life in lives:
        delivery = Delivery(account)
        for action in life:
            if delivery.pending == 0:
                break
            getattr(delivery, action)(*(["why"] if action in {"fail", "drop"} else []))
        closed = account.settled + account.failed + account.dropped.total()
        assert account.received == closed + account.in_flight
        assert account.in_flight >= (delivery.pending > 0)
