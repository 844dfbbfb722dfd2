"""Texts for people, made in English and remembered so that a page can say them in another language.

What is made deep inside (an error, a label in a table) does not know who will read it. It stays an English ``str`` for
logs and programs, and carries its parts along for :func:`lib.translate.words`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class Said(str):
    """An English text with the sentence and the values that it was made of.

    :ivar msgid: the sentence with ``%(name)s`` where values go, as catalogues know it.
    :ivar plural: the sentence for several, ``''`` where there is none; ``number`` then decides.
    :ivar params: the values by name; one may be such a text itself.
    """

    msgid: str
    plural: str
    number: int
    params: dict[str, Any]


def said(msgid: str, /, **params: Any) -> Said:
    """``msgid`` with its values filled in. It has to be a literal: what is extracted for translators is the source."""
    return _made(msgid, '', 1, params)


def said_n(one: str, many: str, number: int, /, **params: Any) -> Said:
    """``one`` or ``many`` with its values filled in, among them ``num``, the number."""
    return _made(one, many, number, {'num': f'{number:,}', **params})


def _made(msgid: str, plural: str, number: int, params: dict[str, Any]) -> Said:
    text = Said((plural if plural and number != 1 else msgid) % params)
    text.msgid, text.plural, text.number, text.params = msgid, plural, number, params
    return text


def N_(text: str) -> str:
    """Mark a literal for translators; :func:`lib.translate.words` says it where it is shown."""
    return text


def named(text: str) -> Said:
    """A text that was marked elsewhere, such as a label, as a value of another: it is translated along."""
    return text if isinstance(text, Said) else _made(text.replace('%', '%%'), '', 1, {})


def packed(text: str, clean: Callable[[str], str] = str) -> str:
    """A text as it is stored, so that it can be said in another language when it is read (:func:`unpacked`).

    :param clean: applied to each foreign text in it.
    """
    if isinstance(text, Said):
        return json.dumps(_parts(text, clean))
    text = clean(text)
    # What looks like one of ours and is none must not be taken for one.
    return packed(named(text)) if text.startswith(_SIGN) else text


def unpacked(stored: str) -> str:
    """The way back."""
    return _whole(json.loads(stored)) if stored.startswith(_SIGN) else stored


_SIGN = '{"msgid": '


def _parts(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, Exception):
        value = value.args[0] if value.args else ''
    if isinstance(value, Said):
        params = {name: _parts(each, clean) for name, each in value.params.items()}
        return {'msgid': value.msgid, 'plural': value.plural, 'number': value.number, 'params': params}
    return value if isinstance(value, int | float) else clean(str(value))


def _whole(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    params = {name: _whole(each) for name, each in value['params'].items()}
    return _made(value['msgid'], value['plural'], value['number'], params)
