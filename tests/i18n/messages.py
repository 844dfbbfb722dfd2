"""What there is to translate: read from the sources, and brought into the catalogues by ``make messages``.

python -m tests.i18n.messages          update every catalogue
python -m tests.i18n.messages fr       begin a new one
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

from lib import catalogue
from lib.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
#: Besides gettext's own names. An error's sentence is a text for people, so that it needs no other mark.
KEYWORDS = [
    'said:1',
    'said_n:1,2',
    't:1',
    'tn:1,2',
    'tp:1c,2',
    'BadLogin:1',
    'Busy:1',
    'Conflict:1',
    'ConnectError:1',
    'ConnectionRefused:1',
    'Denied:1',
    'FetchError:1',
    'NoSocket:1',
    'NotFound:1',
    'NotPermitted:1',
    'QueryError:1',
    'RequestTooLarge:1',
    'TimedOut:1',
    'TooLarge:1',
    'TooManyAttempts:1',
    'Unauthorized:1',
    '_wrong:1',
    'wrong:1',
    'UnknownName:1',
    'UsageError:1',
]


def extract() -> Catalog:
    """All texts of the sources, as pyproject.toml says where they are."""
    with tempfile.TemporaryDirectory() as place:
        pot = Path(place, 'pyrotorrent.pot')
        keywords = [word for keyword in KEYWORDS for word in ('-k', keyword)]
        with chdir(ROOT):
            CommandLineInterface().run(
                [
                    *('pybabel', '-q', 'extract', '-F', 'pyproject.toml', *keywords),
                    *('--add-location=file', '--sort-by-file', '--output', str(pot), '.'),
                ]
            )
        with pot.open('rb') as file:
            return read_po(file)


def update(code: str, found: Catalog) -> None:
    """Bring a catalogue up to date: new texts come in untranslated, those that are gone go."""
    path = catalogue.path_of(code)
    if path.exists():
        with path.open('rb') as file:
            known = read_po(file, locale=code)
    else:
        path.parent.mkdir(parents=True)
        known = Catalog(
            locale=code, project='pyroTorrent', header_comment='# pyroTorrent in another language.'
        )
    now = datetime.now(UTC)
    before = {(message.id, message.context) for message in known}
    known.update(found, no_fuzzy_matching=True)
    known.obsolete.clear()
    if before != {(message.id, message.context) for message in known}:
        known.revision_date = now
    known.creation_date = known.revision_date
    known.project, known.version = 'pyroTorrent', VERSION
    known.last_translator = known.language_team = known.msgid_bugs_address = 'pyroTorrent'
    with path.open('wb') as file:
        write_po(file, known, width=110, sort_by_file=True, include_lineno=False)


def main() -> None:
    """Update all catalogues, or begin the one named."""
    found = extract()
    for code in sys.argv[1:] or catalogue.languages()[1:]:
        update(code, found)


if __name__ == '__main__':
    main()
