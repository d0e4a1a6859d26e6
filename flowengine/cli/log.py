"""How the command writes its log."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
_FACTS = ("flow", "node", "message_id", "code")


class TextLine(logging.Formatter):
    """One line for people: time, level, place, sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        place = "/".join(str(getattr(record, name)) for name in ("flow", "node") if getattr(record, name, ""))
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        line = f"{time} {record.levelname.lower():7} {place + ': ' if place else ''}{record.getMessage()}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class JsonLine(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        facts |= {name: getattr(record, name) for name in _FACTS if getattr(record, name, "")}
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(facts, default=str).decode()


def set_up_log(kind: LogFormat, level: LogLevel) -> None:
    """Write the log to standard error.

    Args:
        kind: For people or for programs.
        level: Lowest level to write.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if kind == "json" else TextLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("watchfiles.main", "uvicorn.access", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
