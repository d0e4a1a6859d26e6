"""What a check is: it returns what it saw, or raises."""

from collections.abc import Callable

from bench.brokers.broker import Broker

Check = Callable[[Broker], str]


class Checks(list[tuple[str, Check]]):
    """Checks in their order, each with its title; as a decorator it adds one."""

    def __call__(self, title: str) -> Callable[[Check], Check]:
        def add(function: Check) -> Check:
            self.append((title, function))
            return function

        return add


def expect(condition: object, sentence: str) -> None:
    if not condition:
        raise AssertionError(sentence)
