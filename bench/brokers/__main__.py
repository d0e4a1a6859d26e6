"""Run the checks.

    python -m bench.brokers                     every broker that is installed here
    python -m bench.brokers mosquitto iotcore   only these

Mosquitto is the proof that the checks ask for the right thing. See docs/decisions/0002-embedded-broker.md.
"""

import os
import subprocess
import sys

from bench.brokers import load_checks, message_checks, session_checks
from bench.brokers.broker import Broker, installed
from bench.brokers.check import Check


def outcome(name: str, function: Check) -> str:
    """Run one check on a fresh broker, so that none suffers from what an earlier one did to it."""
    try:
        with Broker(name) as broker:
            return f"yes {function(broker)}".strip()
    except (AssertionError, OSError, subprocess.TimeoutExpired, TimeoutError, ExceptionGroup) as problem:
        return f"NO  {problem or type(problem).__name__}"


def main() -> None:
    chosen = sys.argv[1:] or list(installed())
    for title, function in (*session_checks.check, *message_checks.check, *load_checks.check):
        print(title, flush=True)
        for name in chosen:
            print(f"    {name:10} {outcome(name, function)}", flush=True)
    sys.stdout.flush()
    # paho's threads of clients that were refused may linger.
    os._exit(0)


if __name__ == "__main__":
    main()
