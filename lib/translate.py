"""The language of whoever is being answered, and texts in it.

The language is bound to the running thread (a context variable) while a request is answered; outside of requests, in
logs and on the command line, it is English.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale

from lib import catalogue, figures
from lib.figures import Figures
from lib.words import Said

SOURCE = catalogue.SOURCE


@dataclass(frozen=True)
class Language:
    """:ivar code: as in ``lang`` of HTML, e.g. ``de`` or ``pt-BR``.
    :ivar name: what the language calls itself.
    :ivar locale: Babel's data of it.
    :ivar script: the texts of the browser's scripts as JSON, ``''`` for the source language; ``version`` is a hash.
    """

    code: str
    name: str
    locale: Locale
    figures: Figures
    texts: Any = field(repr=False)
    script: str = field(repr=False)
    version: str


@cache
def codes() -> tuple[str, ...]:
    """The languages there are, as codes of HTML; English is the first."""
    return tuple(name.replace('_', '-') for name in catalogue.languages())


@cache
def name_of(code: str) -> str:
    """What the language of that code calls itself."""
    return (Locale.parse(code, sep='-').display_name or code).capitalize()


@cache
def language(code: str) -> Language:
    """The language of that code; English where there is none."""
    if code not in codes():
        return language(SOURCE)
    locale = Locale.parse(code, sep='-')
    found = catalogue.load(code.replace('-', '_'))
    script = json.dumps(found.browser, ensure_ascii=False, sort_keys=True) if found.browser else ''
    version = hashlib.sha256(script.encode()).hexdigest()[:12]
    shapes = figures.of(locale, found.texts.pgettext)
    return Language(code, name_of(code), locale, shapes, found.texts, script, version)


_current: ContextVar[Language | None] = ContextVar('language', default=None)


def current() -> Language:
    """The language of the request that this thread answers."""
    return _current.get() or language(SOURCE)


@contextmanager
def using(chosen: Language) -> Iterator[Language]:
    """Speak this language for a while, in this thread."""
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)


def words(text: str) -> str:
    """``text`` in the current language: a :class:`Said` with its values, any other as it is in the catalogue."""
    if not text:
        return ''
    texts = current().texts
    if not isinstance(text, Said):
        return str(texts.gettext(text))
    params = {name: _value(value) for name, value in text.params.items()}
    if text.plural:
        return str(texts.ngettext(text.msgid, text.plural, text.number) % params)
    return str(texts.gettext(text.msgid) % params)


def message_of(error: Exception) -> str:
    """The sentence of an error in the current language."""
    text = error.args[0] if error.args else ''
    return words(text if isinstance(text, str) else str(text))


def _value(value: Any) -> Any:
    """A value within a text is translated where we made it, which foreign text never is."""
    if isinstance(value, Exception):
        return message_of(value)
    return words(value) if isinstance(value, Said) else value


def gettext(msgid: str, /) -> str:
    """``msgid`` in the current language."""
    return str(current().texts.gettext(msgid))


def ngettext(one: str, many: str, count: int, /) -> str:
    """The form for ``count`` in the current language; nothing is filled in."""
    return str(current().texts.ngettext(one, many, count))


def pgettext(context: str, msgid: str, /) -> str:
    """``msgid`` in the current language, where it means what ``context`` says."""
    return str(current().texts.pgettext(context, msgid))


def npgettext(context: str, one: str, many: str, count: int, /) -> str:
    """Both."""
    return str(current().texts.npgettext(context, one, many, count))
