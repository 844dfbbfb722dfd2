"""What the servers of these tests have in common: a port on loopback, and a thread for each connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

SILENCE = 60.0  # seconds


class Loopback:
    """Listens until it is closed.

    :param handle: called with each connection, in a thread of its own.
    """

    def __init__(self, handle: Callable[[socket.socket], None], host: str = '127.0.0.1') -> None:
        self._handle = handle
        self._listener = socket.create_server((host, 0), backlog=128)
        self._listener.settimeout(0.2)
        self._closing = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._closing = True
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(SILENCE)
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()
