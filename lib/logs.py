"""Logging: one line for each record, whatever a torrent, a user or a path is called; a file only we can read."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
from typing import Any

from lib.texts import CONTROLS, LINE_SEPARATORS

_ODD = re.compile(rf'[{CONTROLS}{LINE_SEPARATORS}\u202a-\u202e\u2066-\u2069]')
MAX_LINE = 2000
FORMAT = '%(asctime)s %(levelname)s %(name)s: %(message)s'


class OneLine(logging.Formatter):
    """Escapes control and bidirectional characters, so that no record can forge another; tracebacks stay readable."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _plain(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have left a traceback in its own words there
        return super().format(record)

    def formatException(self, ei: Any) -> str:
        # Indented, since the text of an exception may quote a visitor who wrote line breaks.
        return '\n'.join(f'  {_plain(line)}' for line in super().formatException(ei).splitlines())


def _plain(text: str) -> str:
    line = _ODD.sub(lambda match: ascii(match[0])[1:-1], text)
    return line if len(line) <= MAX_LINE else line[:MAX_LINE] + '…'


def set_up(file: str, level: str) -> None:
    """Send the log to ``file`` (made with mode 0600) or, where it is ``''``, to standard error."""
    handler: logging.Handler
    if file:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        # Reopened when logrotate has moved it away.
        handler = logging.handlers.WatchedFileHandler(file)
    else:
        handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
