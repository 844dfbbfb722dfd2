"""Write docs/backends.rst from the tables in model/backends: ``python -m docs.generate_backends``; a test checks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from model.actions import VERBS
from model.backends.base import CAPABILITIES
from model.backends.client import (
    FILE,
    MORE,
    OPTIONAL,
    PEER,
    REQUIRED,
    TORRENT,
    TRACKER,
    Key,
    Method,
)
from model.backends.conformance import Check, checks
from model.backends.foreign import MOST_CALLS, WRITING
from model.backends.rtorrent import LACKS
from model.backends.simple_values import MAX_ITEMS, MAX_TEXT
from model.backends.transmission import CAPABILITIES as OF_TRANSMISSION

HEAD = """\
.. This file is written by generate_backends.py from the tables in model/backends.

=============
Other clients
=============

Besides rTorrent and Transmission, pyroTorrent shows any client that somebody writes a class for: in the same list, with
the same search, events and webhooks. What the class can do is offered; what it cannot is hidden, and said where it was
asked for all the same.

A class of your own
===================

Five methods are enough; they are those of dTorrent:

.. code-block:: python

    # mine.py, beside config.py
    class Mine:
        def __init__(self, word):
            self.client = connect(word)

        def list(self):
            return [torrent.hash for torrent in self.client]

        def get_torrent(self, hash):
            torrent = self.client[hash]
            return {
                'hash': hash, 'name': torrent.name, 'active': torrent.runs, 'downloaded': torrent.done,
                'uploaded': torrent.sent, 'length': torrent.size, 'path': '',
            }

        def pause(self, hash): self.client.pause(hash)
        def resume(self, hash): self.client.resume(hash)
        def remove(self, hash): self.client.forget(hash)

.. code-block:: python

    # config.py
    rtorrent_config = {
        'home': {'url': 'scgi:///run/rtorrent.sock'},
        'other': {'client': 'mine:Mine', 'options': {'word': '…'}, 'interval': 5},
    }

``client`` is ``'module:Class'`` or the class itself. The module lies beside ``config.py``, or is installed where
pyroTorrent is. The class is made with ``options`` as keywords. ``interval`` is the number of seconds between two looks
while somebody looks at the list. ``model.backends.client.Client`` may be the base of the class, and need not.

``pyrotorrent.py check`` says whether the class can be used and answers; ``pyrotorrent.py conform other`` whether it
keeps its promises. ``docs/examples/aria2.py`` is a whole one, for Debian's aria2, in 170 lines.

How it is called
----------------

* The object is made and called by one thread, one call at a time, and needs no locks. Make the methods quick: who asks
  waits for those before it. A call may take ``RPC_TIMEOUT`` seconds; then whoever waits is told that it hangs, and
  nobody calls it again before it comes back.
* Connect when you are called, not when you are made: an ``__init__`` that raises ends the start of pyroTorrent, with a
  sentence that says why. A connection that is refused (an ``OSError``) does not; it is tried again.
* Whatever a method raises is shown as an error of this client, with the line it came from, and the client is asked
  again after 1, 2, 4 … 30 seconds. Values of options whose names sound like secrets (``password``, ``token``, ``key``,
  ``secret`` …) are masked in messages and in ``pyrotorrent.py config``.
* Errors of ``lib.errors`` are told as they are: ``Conflict('The disk is full.')`` for what cannot be done now,
  ``NotFound`` for a torrent that is not there. ``KeyError`` from ``get_torrent`` means the latter too.
* Everything that is returned is checked. A wrong type, a missing key, a hash that is none, a torrent twice: the error
  names the class, the method, what it returned and what to return instead. Texts are cleaned of control characters and
  cut at {most} characters, since names come from strangers.
* A method that does something may return anything; ``False`` means that it was not done.

"""

WHOLE = """
A backend that does it all
==========================

A class that derives from ``model.backends.base.Backend`` is made with the client's name and the options: rows as
tuples, its own way to follow changes, settings, pieces. The docstrings of that module are its contract, and
``model/backends/transmission.py`` is an example. ``kind``, ``capabilities`` and ``choices`` are read once, when it is
made.

* It is called by several threads at once. A call that reads may take ``RPC_TIMEOUT`` seconds, one that writes
  {writing}; then whoever waits is told that it hangs. {calls} calls may hang; until one of them comes back it is
  asked nothing else. Its watch is called by one thread, which waits however long a tick takes.
* It raises ``NotFound``, ``Conflict`` or the ``WireError`` tree of ``lib.errors``, each with a sentence. Any other
  exception is shown as an error of this client, with the line it came from.
* Everything that it answers is checked, and made anew of Python's own types: what has to be a number is one from 0 to
  2⁶², a share is from 0 to 1, lists are lists of at most {items} items that count their ``index`` from 0, ``extra``
  holds what JSON has. A wrong value makes an error in the place of that answer: ``odd: Odd.detail() returned with
  files[0].size = '7' (str); it has to be a whole number (int) from 0 to 2⁶².`` The page of that torrent, or
  the program that asked, gets the sentence with status 502; administrators see all of it, others that something makes
  no sense. The log has each sentence once. What became of a verb whose answer cannot be understood is told as not
  known.

Every class runs inside pyroTorrent, with all its rights; use none that you would not run yourself.

Capabilities
============

What a client can do. Programs find the words in ``capabilities`` of each client in ``GET /api/v1/targets`` and in every
window of the list.

"""

KIT = """
The conformance kit
===================

``pyrotorrent.py conform NAME`` runs the checks below that only look. With ``--write``, and after it has asked, it also
adds a stopped torrent of its own, whose data exists nowhere, does to that what the class claims it can do, and removes
it; an empty directory ``pyrotorrent-check`` may stay behind. For a class that cannot add, ``--torrent HASH`` names one
that may be changed and removed. No other torrent is touched. rTorrent 0.9.8 and 0.16, Transmission and the example pass
all that applies to them.

With pytest, run where ``PYTHONPATH`` has the directories of pyroTorrent and of the class:

.. code-block:: python

    import pytest
    from lib.targetspecs import TargetSpec
    from model.backends.conformance import Kit, checks
    from model.backends.load import make_backend
    from mine import Mine

    @pytest.fixture
    def kit():
        spec = TargetSpec('mine', 'client', client=Mine, options={'word': '…'})
        with Kit(make_backend(spec)) as kit:
            yield kit

    @pytest.mark.parametrize('check', checks(write=True), ids=str)
    def test_it_conforms(check, kit):
        check(kit)

Checks of what the class does not claim are skipped. What pages would refuse breaks the check that comes upon it, in the
words in which they tell it.

"""

READS = {
    'add': 'Take .torrent files.',
    'magnet': 'Take magnet links.',
    'add_directory': 'Be told where the data of a torrent goes when it is added.',
    'settings': 'Have its limits set; the settings page shows what it tells.',
    'encryption': 'Have its encryption policy set.',
    'files': 'Tell the files of a torrent.',
    'peers': 'Tell its peers.',
    'trackers': 'Tell its trackers.',
    'pieces': 'Tell which pieces are there.',
    'metainfo': 'Keep the .torrent files in its session directory, for getting them.',
    'queue': 'Move a torrent in the queue.',
}


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of rows, the first of which are the heads."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = '  '.join('=' * width for width in widths)
    lines = [
        '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return '\n'.join([rule, lines[0], rule, *lines[1:], rule]) + '\n'


def title(text: str, line: str) -> str:
    return f'\n{text}\n{line * len(text)}\n\n'


def code(text: str) -> str:
    return f'``{text}``' if text else ''


def _methods(methods: Iterable[Method]) -> str:
    rows = [('method', 'what it does', 'returns', 'capability')]
    for method in methods:
        named = ''.join(f', {name}=' for name in method.optional)
        call = f'{method.name}({", ".join(method.args)}{named})'
        returns = method.returns.replace(
            "{'down': bytes a second, 0 = none, 'up': …}", 'as ``rates``; 0 means none'
        )
        returns = returns.replace(
            "{'down': bytes a second, 'up': …}", "``{'down': …, 'up': …}``, bytes a second"
        )
        rows.append((code(call), method.help, returns, code(method.capability)))
    return table(rows)


def _keys(keys: Iterable[Key]) -> str:
    return table([('key', 'type', 'meaning'), *((code(key.name), key.kind, key.help) for key in keys)])


def _capabilities() -> str:
    helps = {verb.capability or verb.name: verb.help or f'{verb.label}.' for verb in VERBS.values()} | READS
    yes = {True: 'yes', False: ''}
    rows = [('word', 'meaning', 'rTorrent', 'Transmission')]
    rows += [
        (code(word), str(helps[word]), yes[word not in LACKS], yes[word in OF_TRANSMISSION])
        for word in sorted(CAPABILITIES)
    ]
    return table(rows)


def _checks(found: Iterable[Check]) -> str:
    return table([('check', 'needs', 'why'), *((each.name, code(each.needs), each.why) for each in found)])


def page() -> str:
    """The whole text of backends.rst."""
    optional = 'Each lets the class do more. Arguments with ``=`` are given to a method that takes them.'
    given = [key for key in TORRENT if key.required]
    more = [key for key in (*TORRENT, *MORE) if not key.required]
    return ''.join(
        [
            HEAD.replace('{most}', f'{MAX_TEXT:,}'),
            title('Methods every class has', '-').lstrip(),
            _methods(REQUIRED),
            title('More that it may have', '-'),
            f'{optional}\n\n',
            _methods(OPTIONAL),
            title('A torrent', '-'),
            'What ``get_torrent`` returns needs these keys:\n\n',
            _keys(given),
            '\nand may have these; None means that it is not known. Others are ignored.\n\n',
            _keys(more),
            title('Files, peers and trackers', '-'),
            'A file (its ``path``, ``size`` and ``done`` are needed):\n\n',
            _keys(FILE),
            '\nA peer (its ``address`` is needed):\n\n',
            _keys(PEER),
            '\nA tracker (its ``url`` is needed):\n\n',
            _keys(TRACKER),
            WHOLE.format(writing=f'{WRITING:g}', calls=MOST_CALLS, items=f'{MAX_ITEMS:,}'),
            _capabilities(),
            KIT,
            'Checks that look:\n\n',
            _checks(check for check in checks() if not check.writes),
            '\nChecks that write:\n\n',
            _checks(check for check in checks(write=True) if check.writes),
        ]
    )


if __name__ == '__main__':
    Path(__file__).with_name('backends.rst').write_text(page(), encoding='utf-8')
