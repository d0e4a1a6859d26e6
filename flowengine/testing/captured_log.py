"""What a flow says while a case runs: kept for the case's result, and out of the log of the process."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST: Final = 100


class CapturedLog(logging.Filter):
    """Take what one thread logs.

    Attributes:
        lines: What it has logged, from warnings on, oldest first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep a record here if it comes from the thread, and let all others pass."""
        if record.thread != self._thread:
            return True
        if record.levelno >= logging.WARNING and len(self.lines) < MOST:
            node = getattr(record, "node", "")
            line = f"{record.levelname.lower()}: {f'{node}: ' if node else ''}{record.getMessage()}"
            if record.exc_info:
                line += "\n" + logging.Formatter().formatException(record.exc_info)
            self.lines.append(line)
        return False


@contextmanager
def captured_log() -> Iterator[CapturedLog]:
    """Take what the engine and its nodes log in this thread while the ``with`` lasts."""
    captured = CapturedLog()
    # A filter sees only what is logged to its own logger, and not what comes up from below.
    loggers = [
        logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if name.startswith("flowengine")
    ]
    for logger in loggers:
        logger.addFilter(captured)
    try:
        yield captured
    finally:
        for logger in loggers:
            logger.removeFilter(captured)
