"""One call to a private rTorrent over its unix socket.

Deliberately apart from ``lib.wire``: the demo must start without a configured target, and the tests check ``lib.wire``
against this.
"""

from __future__ import annotations

import socket
import xmlrpc.client
from typing import Any


def call(path: str, method: str, *params: Any, timeout: float = 30.0) -> Any:
    """Call an rTorrent command.

    :param path: of the unix socket.
    :param timeout: seconds for connecting and for each read.
    :raises OSError: nobody answers.
    :raises xmlrpc.client.Fault: rTorrent refused.
    """
    body = xmlrpc.client.dumps(params, method).encode()
    headers = f'CONTENT_LENGTH\0{len(body)}\0SCGI\0001\0'.encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        connection.sendall(b'%d:%b,%b' % (len(headers), headers, body))
        reply = b''.join(iter(lambda: connection.recv(65536), b''))
    if not reply:
        raise ConnectionResetError(f'The rTorrent at {path} closed the connection without a reply.')
    return xmlrpc.client.loads(reply.partition(b'\r\n\r\n')[2])[0][0]
