"""Ports for programs that have to be told one."""

from __future__ import annotations

import random
import socket

# Below those that the system gives away itself, for connections and for port 0 (from 32768), and rTorrent's (20000).
PORTS = range(10_000, 20_000)
# Hypothesis seeds the common generator, in each worker alike.
_CHOICE = random.SystemRandom()


def free_port() -> int:
    """A port of loopback on which nobody listens, and nobody will by chance."""
    while True:
        port = _CHOICE.choice(PORTS)
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(('127.0.0.1', port))
            except OSError:
                continue
        return port
