"""Writes docs/methods.rst from the method tables: ``python -m docs.generate_methods``.

``--check`` only says whether it is fresh.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from lib.calls import columns
from lib.methods import TABLES, Method, arguments

PAGE = Path(__file__).with_name('methods.rst')

HEAD = """\
.. This page is made by docs/generate_methods.py from lib/methods/. Change the tables, not the page.

Methods
=======

Everything that can be asked of rTorrent, and done to it, from a program: with the models of ``model/``, with the
query builders of ``lib/``, and as attributes in the :doc:`JSON API <api>`. What is not on this page does not exist
for any of them.

``read`` and ``write`` say whether a method needs the right to write. *list* marks what can be asked of a whole list
at once. A name of rTorrent's in the last column is tried after the one before it, where a version lacks that.
Flags are 0 or 1, times Unix seconds, sizes bytes, rates bytes per second.
"""

TITLES = {
    'rtorrent': 'rTorrent: ``RTorrent``, ``RTorrentQuery``',
    'torrent': 'Torrents: ``Torrent``, ``TorrentQuery``, ``TorrentRequester``',
    'file': 'Files: ``TorrentFile``, ``TorrentFileQuery``, ``TorrentFileRequester``',
    'peer': 'Peers: ``Peer``, ``PeerQuery``, ``PeerRequester``',
    'tracker': 'Trackers: ``Tracker``, ``TrackerQuery``, ``TrackerRequester``',
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind, title in TITLES.items():
        parts.append(f'\n{title}\n{"-" * len(title)}\n\n')
        parts.append('.. list-table::\n   :header-rows: 1\n   :widths: 30 8 40 32\n\n')
        parts.extend(_row('Method', '', 'Meaning', 'rTorrent'))
        in_lists = columns(kind) if kind != 'rtorrent' else {}
        for method in TABLES[kind].values():
            access = 'write' if method.write else 'read, *list*' if method.name in in_lists else 'read'
            names = ', '.join(f'``{command}``' for command in method.commands)
            parts.extend(_row(f'``{signature(method)}``', access, meaning(method), names))
    parts.append('\nArguments\n---------\n\n')
    parts.extend(f'``{name}``\n    {text}\n' for name, (_, text) in arguments.TYPES.items())
    return ''.join(parts)


def signature(method: Method) -> str:
    """The name with the types of its arguments; constants of the table are not shown."""
    return f'{method.name}({", ".join(kind for kind in method.args if not kind.startswith("="))})'


def meaning(method: Method) -> str:
    """The sentence and, of a reader, the type of the answer."""
    return method.doc if method.write else f'{method.doc} ({method.result})'


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f'   {"  -" if number else "* -"} {cell}'.rstrip() + '\n'


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it; 1 if it is stale."""
    made = page()
    if arguments == ['--check']:
        fresh = PAGE.is_file() and PAGE.read_text(encoding='utf-8') == made
        if not fresh:
            print('docs/methods.rst is stale. Run: python -m docs.generate_methods', file=sys.stderr)
        return 0 if fresh else 1
    PAGE.write_text(made, encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
