"""Log lines of our programs, as text or as JSON."""

import logging
import sys
from pathlib import Path

import msgspec

from ward.clock import SECOND, format_instant
from ward.ids import printable

_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": format_instant(round(record.created * SECOND)), "level": record.levelname.lower(),
            "logger": record.name, "message": record.getMessage(),
        }  # fmt: skip
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class TextLines(logging.Formatter):
    """One line a record, with its traceback below. Line breaks inside a message are escaped."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = printable(record.message, 4000)
        return super().formatMessage(record)


def _rotated(file: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    class LogFile(RotatingFileHandler):
        """Lines that a full disk does not take are left out: an error about each would fill the terminal."""

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
            if not isinstance(sys.exc_info()[1], OSError):
                super().handleError(record)

    return LogFile(file, maxBytes=5_000_000, backupCount=2)


def set_up_logging(level: str, form: str, file: Path | None = None) -> None:
    """Send log lines to standard error, or to a file that is rotated at 5 MB."""
    handler = logging.StreamHandler() if file is None else _rotated(file)
    handler.setFormatter(JsonLines() if form == "json" else TextLines(_TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("apprise").setLevel(logging.ERROR)
    logging.getLogger("mail.log").setLevel(logging.WARNING)
