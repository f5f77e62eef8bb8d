"""Log lines: a fixed sentence, then the facts as ``key=value``; never passwords, tokens or contents of files."""

from __future__ import annotations

import logging

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class FactsFormatter(logging.Formatter):
    """Time, level, logger, sentence, facts given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the traceback below it when there is one."""
        line = super().format(record)
        facts = [f"{key}={value}" for key, value in record.__dict__.items() if key not in _STANDARD]
        head, newline, rest = line.partition("\n")
        return " ".join([head, *facts]) + newline + rest


def configure_logging() -> None:
    """Send the portal's log lines to standard error, unless the process has decided otherwise already."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for talkative in ("alembic", "resumable_upload"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
