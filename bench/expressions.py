"""Print what one evaluation of each language costs, and hold simple paths to a tenth of the library's cost."""

import sys
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jsonpath_ng.ext.parser import parse

from flowengine.expressions import MISSING, compile_jsonata, compile_path, compile_template

MESSAGE: dict[str, Any] = {
    "payload": {"temperature": 21.5, "readings": [{"v": 1}, {"v": 2}], "unit": "C"},
    "topic": "telemetry/b1/data",
    "device": "b1",
}
PATHS = ["$.topic", "$.payload.temperature", "$.payload.readings[-1].v"]
ROUNDS = 7


class Scope:
    def env(self, name: str) -> Any:
        return MISSING

    def state(self, scope: str, key: str) -> Any:
        return MISSING

    def now(self) -> datetime:
        return datetime.now(UTC)


def nanoseconds(work: Callable[[], object]) -> float:
    """Return the cost of one call: the best of some rounds, as the machine has other work too."""
    timer = timeit.Timer(work)
    number, _ = timer.autorange()
    return min(timer.repeat(ROUNDS, max(number // 4, 1))) / max(number // 4, 1) * 1e9


def main() -> int:
    scope = Scope()
    failed = False
    print(f"{'expression':58} {'ns':>9}")
    for text in PATHS:
        path, library = compile_path(text), parse(text)
        ours = nanoseconds(partial(path.first, MESSAGE))
        theirs = nanoseconds(partial(library.find, MESSAGE))
        failed |= ours * 10 > theirs
        print(f"{'path ' + text:58} {ours:9.0f}")
        print(f"{'  jsonpath-ng':58} {theirs:9.0f}   {theirs / ours:.0f} times as much")
    change = compile_path("$.payload.temperature")
    print(f"{'set $.payload.temperature':58} {nanoseconds(lambda: change.set(MESSAGE, 22)):9.0f}")
    jsonata = compile_jsonata("payload.temperature * 2")
    print(f"{'jsonata payload.temperature * 2':58} {nanoseconds(lambda: jsonata.evaluate(MESSAGE, scope)):9.0f}")
    label = compile_template("{{ device }}: {{ payload.temperature }} {{ payload.unit }}")
    print(f"{'template, text, three values':58} {nanoseconds(lambda: label.render(MESSAGE, scope)):9.0f}")
    command = compile_template('{"action": "{{ device }}", "params": {{ payload | tojson }}}', "json")
    print(f"{'template, JSON, the default command':58} {nanoseconds(lambda: command.render(MESSAGE, scope)):9.0f}")
    if failed:
        print("a simple path costs more than a tenth of what it costs jsonpath-ng", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
