"""A way to a server that can fall silent like a machine without power: no answer, and nothing acknowledged either."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import threading
from pathlib import Path

SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27


class Way:
    """Leads from a port of loopback to a unix socket."""

    def __init__(self, to: Path) -> None:
        self._to = str(to)
        self._listener = socket.create_server(('127.0.0.1', 0))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def fall_silent(self) -> None:
        """Drop all that comes before the kernel sees it, also who knocks."""
        nothing = ctypes.create_string_buffer(struct.pack('HBBI', 0x06, 0, 0, 0))  # BPF: return 0 bytes
        program = struct.pack('HL', 1, ctypes.addressof(nothing))
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def come_back(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self._open += [near, far]
                far.connect(self._to)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
