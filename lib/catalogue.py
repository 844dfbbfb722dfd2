"""The translations: one file ``lib/locale/<language>/LC_MESSAGES/pyrotorrent.po`` each, read as it lies there.

There is no compiled copy that could be stale: a .po file is read once per process, when its language is first asked
for. What it says is believed only as far as it cannot do harm: a translation has the placeholders and the markup of
its original, or it is left out.
"""

from __future__ import annotations

import gettext
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

log = logging.getLogger(__name__)

LOCALES = Path(__file__).resolve().parent / 'locale'
SOURCE = 'en'  # what the texts in the code are written in
_NAME = re.compile(r'[a-z]{2,3}(_[A-Z]{2})?')
# %(name)s as Python fills it in, {name} as i18n.js does; and the markup of a page's sentence.
_PLACES = re.compile(r'%\((\w+)\)(.)|%%|(\{\w+\})')
_STRAY = re.compile(r'%(?!\(\w+\)s)')
_MARKUP = re.compile(r'</?[a-zA-Z][^<>]*>|&\w+;')


@dataclass(frozen=True)
class Catalogue:
    """:ivar texts: the translations.
    :ivar browser: what the scripts say: by original, or by context, ``\\x04`` and original, a text, or texts by CLDR
        category (``one``, ``other``…).
    """

    texts: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)
    browser: dict[str, str | dict[str, str]] = field(default_factory=dict)


def languages() -> list[str]:
    """The codes of all languages there are, the source's first."""
    found = sorted(path.parent.parent.name for path in LOCALES.glob('*/LC_MESSAGES/pyrotorrent.po'))
    return [SOURCE, *(name for name in found if _NAME.fullmatch(name) and name != SOURCE)]


def path_of(code: str) -> Path:
    """Where the translations of a language are."""
    return LOCALES / code / 'LC_MESSAGES' / 'pyrotorrent.po'


def load(code: str) -> Catalogue:
    """The translations of one of :func:`languages`."""
    if code == SOURCE:
        return Catalogue()
    with path_of(code).open('rb') as file:
        catalog = read_po(file, locale=code)
    for message in list(catalog):
        if message.id and (message.fuzzy or not is_sound(message)):
            log.warning('%s: the translation of %r is left out', path_of(code).name, message.id)
            catalog.delete(message.id, message.context)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    texts = gettext.GNUTranslations(compiled)
    return Catalogue(texts, _for_browser(catalog, texts))


def is_sound(message: Message) -> bool:
    """Whether a translation holds what its original holds; of one that is missing nothing is asked."""
    originals = [message.id] if isinstance(message.id, str) else list(message.id)
    given = [message.string] if isinstance(message.string, str) else list(message.string or ())
    wanted = [_parts(original) for original in originals]
    return all(
        not text
        or (_parts(text) in wanted and not (_STRAY.search(text.replace('%%', '')) and '%(' in originals[0]))
        for text in given
    )


def _parts(text: str) -> tuple[Counter[str], Counter[str]]:
    places = Counter(match[0] for match in _PLACES.finditer(text) if match[0] != '%%')
    return places, Counter(_MARKUP.findall(text)) + Counter({'<': text.count('<'), '&': text.count('&')})


def _for_browser(catalog: Catalog, texts: gettext.NullTranslations) -> dict[str, str | dict[str, str]]:
    """The part of a catalogue that stands in static/js."""
    plural_of = Locale.parse(catalog.locale_identifier or SOURCE).plural_form
    samples: dict[str, int] = {}
    for number in range(200):
        samples.setdefault(plural_of(number), number)
    found: dict[str, str | dict[str, str]] = {}
    for message in catalog:
        if message.string and any(str(file).startswith('static/') for file, _ in message.locations):
            found[_key(message)] = _forms(message, texts, samples)
    return found


def _key(message: Message) -> str:
    original = message.id if isinstance(message.id, str) else message.id[0]
    return f'{message.context}\x04{original}' if message.context else original


def _forms(message: Message, texts: Any, samples: dict[str, int]) -> str | dict[str, str]:
    if isinstance(message.id, str):
        return str(message.string)
    one, many = message.id
    return {category: texts.ngettext(one, many, number) for category, number in samples.items()}
