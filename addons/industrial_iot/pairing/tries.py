"""Count wrong tries to pair, so that a flood of them costs little.

A limit never concerns a right token: it passes at any time, so nobody can lock a device out by guessing in its name.
What the limits spare are answers and lines of the audit trail. Each process of Odoo counts for itself: a token has 130
random bits, so that a few times as many tries do not matter.
"""

import math
import threading
import time
from collections import OrderedDict

PER_SERIAL = 10
PER_SOURCE = 100
WINDOW = 15 * 60
CAPACITY = 10_000


class Tries:
    """Wrong tries of the last while, by claimed serial number and by source; the oldest are forgotten first.

    Args:
        clock: Returns seconds of a clock that is never set.
    """

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._windows = OrderedDict()
        self._lock = threading.Lock()

    def count(self, database, serial, source):
        """Count a wrong try; return after how many seconds the next one is answered again, 0 for at once.

        Args:
            database: Name of the database.
            serial: Serial number that was claimed; empty for none.
            source: Where it came from.
        """
        keys = [
            ((database, "source", source), PER_SOURCE),
            *([((database, "serial", serial), PER_SERIAL)] if serial else []),
        ]
        now = self._clock()
        wait = 0
        with self._lock:
            for key, limit in keys:
                began, tries = self._windows.get(key, (now, 0))
                if began + WINDOW <= now:
                    began, tries = now, 0
                self._windows[key] = began, tries + 1
                self._windows.move_to_end(key)
                if tries >= limit:
                    wait = max(wait, math.ceil(began + WINDOW - now))
            while len(self._windows) > CAPACITY:
                self._windows.popitem(last=False)
        return wait
