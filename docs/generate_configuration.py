"""Write docs/configuration.rst from the settings table: ``python -m docs.generate_configuration``; a test checks it."""

from __future__ import annotations

from dataclasses import Field
from pathlib import Path
from typing import Any

from lib import config

HEAD = """\
.. This file is written by generate_configuration.py from the settings table in lib/config.py.

=============
Configuration
=============

``config.py`` is Python. It is looked for, in this order, where ``--config`` says, where the environment variable
``PYROTORRENT_CONFIG`` says, beside ``pyrotorrent.py``, and as ``~/.config/pyrotorrent/config.py``. A name in capital
letters that is not in the table below is refused, with the nearest one that is. ``pyrotorrent.py config`` prints what
is in force, with secrets masked. Start from ``config.py.example``.

Clients
=======

``rtorrent_config`` names the clients. For one of them behind a web server, as pyroTorrent always had it:

.. code-block:: python

    rtorrent_config = {'host': '192.168.1.70', 'port': 80, 'url': ''}

An empty ``url`` means ``/RPC2``; this client is called ``rtorrent``. For several, or without a web server between, give
each a name and one way to reach it:

.. code-block:: python

    rtorrent_config = {
        'home': {'scgi': {'unix-socket': '/run/rtorrent/rpc.socket'}},
        'lan': {'scgi': {'host': '192.168.1.70', 'port': 5000}},
        'web': {'http': {'host': '192.168.1.71', 'port': 80, 'url': '/RPC2'}},
        'seedbox': {'url': 'https://me:secret@seedbox.example.org/RPC2'},
        'tr': {'transmission': {'host': '127.0.0.1', 'port': 9091, 'user': 'me', 'password': 'secret'}},
        'away': {'url': 'transmission+https://me:secret@tr.example.org', 'interval': 10},
        'other': {'client': 'mine:Mine', 'options': {'word': 'secret'}},
    }

A ``url`` is ``scgi:///path/of/socket``, ``scgi://host:port`` or ``http(s)://[user:password@]host[:port]/path``. Prefer
the unix socket: whoever reaches rTorrent's remote control can run programs as its user, and a socket file has
permissions.

``transmission`` takes ``host``, ``port`` (9091), ``path`` (``/transmission/rpc``), ``user``, ``password`` and ``tls``;
the same as a URL is ``transmission://`` or ``transmission+https://``. ``client`` names a class of your own, see
:doc:`backends`. Any client may have an ``interval``: seconds between two looks at it while somebody looks at the
list, 0.2 to 3600; 1 if it has none.

Settings
========
"""


def page() -> str:
    """The whole text of configuration.rst."""
    return HEAD + ''.join(_entry(field) for field in config.table()).rstrip() + '\n'


def _entry(field: Field[Any]) -> str:
    default = config.written(field.name, getattr(config.Config(), field.name))
    kind = 'str' if str(field.type).startswith('Literal') else str(field.type)
    help_text = field.metadata['help']
    return f'\n``{field.name}`` ({kind})\n    {help_text} Default: ``{default}``.\n'


if __name__ == '__main__':
    Path(__file__).with_name('configuration.rst').write_text(page())
